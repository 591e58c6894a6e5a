"""Ingest on a file system of 8 MB that fills up: `full_disk_program.py MOUNT SMALL.mp4 LARGE.mp4`.

Runs inside a mount namespace of its own, where it may make the file system larger afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import StorageFull
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.workspace import Workspace
from ringroad.store.doctor import sweep, verify
from ringroad.workflow.bench import SilentTracker


def opened(mount: Path) -> Workspace:
    return open_workspace(
        Settings(folder=mount / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )


def names(workspace: Workspace) -> list[str]:
    return sorted(recording.source_key for recording in workspace.catalog.recordings())


def main() -> None:
    mount, small, large = map(Path, sys.argv[1:])
    workspace = opened(mount)
    assert collect(workspace, [small], vehicle="car", copy=True).taken
    try:
        collect(workspace, [large], vehicle="car", copy=True)
    except StorageFull as error:
        print(error)
    else:
        raise AssertionError("8 MB held more than they can")
    workspace.close()

    workspace = opened(mount)
    leftovers = sweep(workspace.blobs, workspace.catalog, now_ns=time.time_ns(), grace_ns=0)
    print(f"swept {leftovers.leftovers} half-written files")
    found = verify(workspace.blobs, workspace.catalog)
    assert not found.damage, found.damage
    again = collect(workspace, [small], vehicle="car", copy=True)
    assert len(again.taken) == 1, again

    subprocess.run(["mount", "-o", "remount,size=64m", mount], check=True)
    assert len(collect(workspace, [large], vehicle="car", copy=True).taken) == 1
    assert names(workspace) == sorted([small.name, large.name])
    assert not verify(workspace.blobs, workspace.catalog).damage
    workspace.close()


if __name__ == "__main__":
    main()
