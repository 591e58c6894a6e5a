"""Recordings in a bucket of Ceph's RADOS gateway: read where they lie, with equal digests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import obstore
import pytest
from obstore.store import S3Store

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.backends.objects_obstore import ObstoreObjects
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import InputError
from ringroad.media.arrow import from_bytes
from ringroad.media.frames import read_decoded
from ringroad.pipelines.recordings.collect import Taken, collect
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

pytestmark = pytest.mark.real
SCRIPT = Path(__file__).parents[2] / "tools" / "radosgw.sh"
BUCKET = "depot"


class Counting(ObstoreObjects):
    """Counts requests and bytes of ranged reads."""

    reads: list[int] = []  # noqa: RUF012 (one bucket, one test at a time)

    def read_range(self, url: str, offset: int, length: int) -> bytes:
        self.reads.append(length)
        return super().read_range(url, offset, length)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    if shutil.which("radosgw") is None:
        pytest.skip("radosgw is not installed: tools/radosgw.sh install")
    folder = tmp_path_factory.mktemp("radosgw")
    started = subprocess.run([SCRIPT, "start", folder], capture_output=True, text=True)
    assert started.returncode == 0, started.stderr
    told = [line for line in started.stdout.splitlines() if line.startswith("AWS_")]
    before = dict(os.environ)
    os.environ |= dict(line.split("=", 1) for line in told)
    yield dict(line.split("=", 1) for line in told) | {"folder": str(folder)}
    os.environ.clear()
    os.environ |= before
    subprocess.run([SCRIPT, "stop", folder], check=True)


@pytest.fixture(scope="module")
def bucket(gateway: dict[str, str], test_data: Path) -> str:
    subprocess.run([SCRIPT, "bucket", gateway["folder"], BUCKET], check=True)
    store = S3Store(BUCKET, client_options={"allow_http": True})
    for clip in clips_of(test_data):
        obstore.put(store, f"drives/{clip.name}", clip)
    obstore.put(store, "drives/broken.mp4", b"\0\0\0\x18ftypmp42" + bytes(99))
    return f"s3://{BUCKET}/drives"


def clips_of(test_data: Path) -> list[Path]:
    return sorted((test_data / "video").glob("*.mp4"))


def opened(folder: Path) -> Workspace:
    create_workspace(folder)
    parts = replace(open_parts(Settings(folder=folder)), objects=Counting())
    tracker = SilentTracker()
    return join(folder, parts, tracker=tracker, listener=lambda _: None, say=lambda _: None)


def some(workspace: Workspace, taken: Taken) -> np.ndarray:
    rows = from_bytes(workspace.blobs.get(taken.frames.digest))
    return read_decoded(workspace.sources, InlineSandbox(), rows, [3, 17, 30])


def test_in_place_over_s3_gives_the_digests_of_the_folder(
    bucket: str, test_data: Path, tmp_path: Path
) -> None:
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there")
    local = collect(here, clips_of(test_data), vehicle="car", copy=False)
    remote = collect(there, [bucket], vehicle="car", copy=False)
    assert remote.taken == local.taken
    assert len(remote.taken) == 3
    (refusal,) = remote.refused
    assert refusal.uri.endswith("broken.mp4")
    for mine, theirs in zip(remote.taken, local.taken, strict=True):
        Counting.reads.clear()
        np.testing.assert_array_equal(some(there, mine), some(here, theirs))
        print(f"{mine.recording.source_key}: {len(Counting.reads)} requests, "
              f"{sum(Counting.reads)} bytes for 3 frames")  # fmt: skip
        assert len(Counting.reads) <= 3
    here.close()
    there.close()


@pytest.mark.parametrize("layout", ["nuscenes_keyframe", "comma2k19", "driveai"])
def test_folders_over_s3_are_the_recordings_of_the_disk(
    bucket: str, layout: str, test_data: Path, tmp_path: Path
) -> None:
    store = S3Store(BUCKET, client_options={"allow_http": True})
    for path in sorted((test_data / layout).rglob("*")):
        if path.is_file():
            key = path.relative_to(test_data).as_posix()
            obstore.put(store, f"sets/{key}", path)
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there")
    local = collect(here, [test_data / layout], vehicle="car", copy=False, rate_hz=10.0)
    remote = collect(there, [f"s3://{BUCKET}/sets/{layout}"], vehicle="car", copy=False,
                     rate_hz=10.0)  # fmt: skip
    assert local.taken
    assert remote.taken == local.taken
    here.close()
    there.close()


def test_wrong_credentials_are_one_clear_refusal(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ringroad.backends import objects_obstore

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    objects_obstore._store.cache_clear()
    workspace = opened(tmp_path / "w")
    (refusal,) = collect(workspace, [bucket], vehicle="car", copy=False).refused
    objects_obstore._store.cache_clear()
    workspace.close()
    assert refusal.code == InputError.code
    assert "credentials" in refusal.remedy
