"""Appends to a dataset again and again: `append_program.py WORKSPACE NAME WHO COUNT [POINT#N]`.

Each append puts five frames of one unit, `WHO-NUMBER`. Prints `ready`, a line for every version it
made and for every one it lost to; with a point, it is killed there.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from version_maker import frames

from ringroad.app import Settings, join, open_parts
from ringroad.domain.errors import VersionMoved
from ringroad.pipelines.datasets.edits import append_rows
from ringroad.testing.faults import Faults, faulty_blobs, faulty_catalog
from ringroad.workflow.bench import SilentTracker

FRAMES = 5


def main() -> None:
    """Append, and start over from the winner where somebody else was first."""
    folder, name, who, count = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    faults = Faults.parse(sys.argv[5]) if len(sys.argv) > 5 else Faults()
    parts = open_parts(Settings(folder=folder))
    parts = replace(
        parts,
        blobs=faulty_blobs(parts.blobs, faults),
        catalog=faulty_catalog(parts.catalog, faults),
    )
    workspace = join(
        folder, parts, tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None
    )
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(count):
        rows = frames(*((f"{who}-{number}/{place}",) for place in range(FRAMES)))
        while True:
            seen = workspace.catalog.resolve(f"dataset:{name}")
            try:
                done = append_rows(workspace, name, rows, expected=seen, query=f"{who} {number}")
            except VersionMoved as moved:
                print(f"lost {seen} {moved.place}", flush=True)
            else:
                print(f"made {seen} {done.version.id}", flush=True)
                break
    workspace.close()


if __name__ == "__main__":
    main()
