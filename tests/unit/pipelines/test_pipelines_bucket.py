"""Recordings in a bucket, here a folder behind the same interface; tests/real has a real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import DigestMismatch, RingroadError
from ringroad.media.arrow import from_bytes
from ringroad.media.frames import read_decoded
from ringroad.pipelines.recordings.collect import Collected, collect
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.objects import ObjectEntry, Objects
from ringroad.simulate.recording import RecordingSpec, simulate_recording
from ringroad.workflow.bench import SilentTracker


class Counting:
    """A bucket that counts what it is asked for."""

    def __init__(self, inner: Objects) -> None:
        self.inner = inner
        self.reads: list[int] = []
        self.fetched = 0

    def entries(self, url: str) -> Iterator[ObjectEntry]:
        return self.inner.entries(url)

    def read_range(self, url: str, offset: int, length: int) -> bytes:
        self.reads.append(length)
        return self.inner.read_range(url, offset, length)

    def fetch(self, url: str, path: Path) -> str:
        self.fetched += 1
        return self.inner.fetch(url, path)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket" / "day 1"
    folder.mkdir(parents=True)
    for seed in (1, 2):
        spec = RecordingSpec(
            name=f"r{seed}", vehicle="car", condition="day", seed=seed, duration_s=1.0,
            rate_hz=10.0, start_ns=0, width=160, height=96,
        )  # fmt: skip
        (folder / f"r{seed}.mcap").write_bytes(simulate_recording(spec).mcap)
    (folder / "notes.txt").write_text("beside")
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    return tmp_path / "bucket"


def opened(folder: Path) -> tuple[Workspace, Counting]:
    create_workspace(folder)
    parts = open_parts(Settings(folder=folder))
    counting = Counting(parts.objects)
    parts = replace(parts, objects=counting, sandbox=InlineSandbox())
    tracker = SilentTracker()
    workspace = join(
        folder, parts, tracker=tracker, listener=lambda _: None, say=lambda _: None
    )  # fmt: skip
    return workspace, counting


def frame(workspace: Workspace, found: Collected, number: int) -> np.ndarray:
    rows = from_bytes(workspace.blobs.get(found.taken[0].frames.digest))
    pixels: np.ndarray = read_decoded(workspace.sources, InlineSandbox(), rows, [number])[0]
    return pixels


def test_a_bucket_gives_the_digests_that_a_folder_gives(bucket: Path, tmp_path: Path) -> None:
    here, _ = opened(tmp_path / "here")
    there, counting = opened(tmp_path / "there")
    local = collect(here, [bucket], vehicle="car", copy=False)
    remote = collect(there, [bucket.as_uri()], vehicle="car", copy=False)
    assert len(remote.taken) == 2
    assert remote.taken == local.taken
    assert [item.uri for item in remote.refused] == [f"{bucket.as_uri()}/day%201/broken.mp4"]
    assert there.catalog.refusals()[0].uri.startswith("object:file://")
    assert counting.fetched == 3
    assert not list(there.near.iterdir()), "what was fetched is gone again"
    before = len(counting.reads)
    pixels = frame(there, remote, 3)
    np.testing.assert_array_equal(pixels, frame(here, local, 3))
    assert len(counting.reads) == before + 1, "one picture, one request"
    again = collect(there, [bucket.as_uri()], vehicle="car", copy=False)
    assert again.taken == remote.taken
    assert counting.fetched == 3, "where size and time are equal, nothing is fetched"


def test_a_bucket_can_be_copied_in(bucket: Path, tmp_path: Path) -> None:
    workspace, _ = opened(tmp_path / "w")
    found = collect(workspace, [bucket.as_uri()], vehicle="car", copy=True)
    expected = frame(workspace, found, 2)
    for path in bucket.rglob("*.mcap"):
        path.unlink()
    again, counting = opened(tmp_path / "w")
    np.testing.assert_array_equal(frame(again, found, 2), expected)
    assert not counting.reads


def test_an_object_that_changed_is_found_out_by_its_bytes(bucket: Path, tmp_path: Path) -> None:
    workspace, _ = opened(tmp_path / "w")
    found = collect(workspace, [bucket.as_uri()], vehicle="car", copy=False)
    path = bucket / "day 1" / "r1.mcap"
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(byte ^ 1 for byte in data))
    with pytest.raises(DigestMismatch, match="not those that were indexed"):
        frame(workspace, found, 2)


@pytest.mark.parametrize(
    "layout", ["nuscenes_keyframe", "comma2k19", "radiate_tiny_foggy", "camvid"]
)
@pytest.mark.parametrize("copy", [False, True])
def test_folders_of_a_bucket_are_recordings_as_on_a_disk(
    layout: str, copy: bool, test_data: Path, tmp_path: Path
) -> None:
    if layout == "camvid":  # pictures without a layout: two folders of them are enough
        for part, at in (("a", 0), ("b 2", 3)):
            (tmp_path / layout / part).mkdir(parents=True)
            for picture in sorted((test_data / "camvid").rglob("*.jp*g"))[at : at + 3]:
                (tmp_path / layout / part / picture.name).write_bytes(picture.read_bytes())
        folder = tmp_path / layout
    else:
        folder = test_data / layout
    here, _ = opened(tmp_path / "here")
    there, counting = opened(tmp_path / "there")
    local = collect(here, [folder], vehicle="car", copy=copy, rate_hz=10.0)
    remote = collect(there, [folder.as_uri()], vehicle="car", copy=copy, rate_hz=10.0)
    assert local.taken
    assert remote.taken == local.taken
    assert not list(there.near.iterdir()), "what was fetched is gone again"
    rows = from_bytes(there.blobs.get(remote.taken[0].frames.digest))
    if rows.num_rows:
        first = rows.slice(0, 1)
        mine, theirs = (
            read_decoded(w.sources, InlineSandbox(), first, [first["sequence"][0].as_py()])
            for w in (there, here)
        )
        np.testing.assert_array_equal(mine, theirs)
    fetched = counting.fetched
    again = collect(there, [folder.as_uri()], vehicle="car", copy=copy, rate_hz=10.0)
    assert again.taken == remote.taken
    assert copy or counting.fetched == fetched, "where size and time are equal, nothing is fetched"
    here.close()
    there.close()


@pytest.mark.parametrize("url", ["file:///no/such/bucket", "gopher://x/y"])
def test_what_is_not_there_is_one_refusal(url: str, tmp_path: Path) -> None:
    workspace, _ = opened(tmp_path / "w")
    found = collect(workspace, [url], vehicle="car", copy=False)
    assert not found.taken
    (refusal,) = found.refused
    assert refusal.uri == url
    assert refusal.remedy
    assert not issubclass(type(refusal), RingroadError)
