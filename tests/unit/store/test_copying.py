from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.errors import SourceChanged, StorageFull
from ringroad.domain.ids import Digest, digest_of
from ringroad.store.copying import _bounds, copy_folder, copy_in
from ringroad.store.identify import identify_folder
from ringroad.testing.faults import Faults, faulty_blobs, full

MIB = 1 << 20


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "long.mp4"
    path.write_bytes(bytes(range(250)) * (5 * MIB // 250))
    return path


def test_chunks_lie_at_cuts_and_concatenate(blobs: LocalBlobs, file: Path) -> None:
    size = file.stat().st_size
    copied = copy_in(blobs, file, cuts=[100, MIB, MIB + 5, 3 * MIB, size - 3], smallest=MIB)
    entries = json.loads(copied.manifest)
    assert [entry["offset"] for entry in entries] == [0, MIB, 3 * MIB]
    whole = b"".join(blobs.get(entry["digest"]) for entry in entries)
    assert whole == file.read_bytes()
    assert copied.digest == digest_of(whole)
    assert blobs.get(copied.chunks) == copied.manifest


def test_a_small_file_is_one_chunk(blobs: LocalBlobs, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.write_bytes(b"few")
    copied = copy_in(blobs, small, cuts=[1, 2])
    assert json.loads(copied.manifest) == [
        {"digest": copied.digest, "length": 3, "offset": 0},
    ]


def test_an_empty_file_can_be_copied(blobs: LocalBlobs, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert copy_in(blobs, tmp_path / "empty").size_bytes == 0


def test_a_copy_again_is_the_same(blobs: LocalBlobs, file: Path) -> None:
    first = copy_in(blobs, file, cuts=[2 * MIB])
    held = sorted(blobs.digests())
    assert copy_in(blobs, file, cuts=[2 * MIB]) == first
    assert sorted(blobs.digests()) == held


def test_bytes_other_than_expected_are_refused(blobs: LocalBlobs, file: Path) -> None:
    with pytest.raises(SourceChanged, match=r"long\.mp4"):
        copy_in(blobs, file, expected=digest_of(b"another"))


def test_a_changed_file_of_a_folder_is_refused(blobs: LocalBlobs, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"pixels")
    digest, manifest, _ = identify_folder(tmp_path, ["a.png"])
    (tmp_path / "a.png").write_bytes(b"PIXELS")
    with pytest.raises(SourceChanged, match=r"a\.png"):
        copy_folder(blobs, tmp_path, manifest, digest=digest)


def test_a_full_store_stops_the_copy_which_can_go_on(blobs: LocalBlobs, file: Path) -> None:
    limited = faulty_blobs(blobs, Faults.parse("blob:before#3", full))
    with pytest.raises(StorageFull):
        copy_in(limited, file, largest=MIB)
    assert copy_in(blobs, file, largest=MIB).digest == digest_of(file.read_bytes())


def test_a_file_that_is_known_must_stand_still(blobs: LocalBlobs, file: Path) -> None:
    digest = digest_of(file.read_bytes())
    assert copy_in(blobs, file, known=digest, largest=MIB) == copy_in(blobs, file, largest=MIB)

    class Touching(LocalBlobs):
        def put(self, data: bytes | memoryview | BinaryIO) -> Digest:
            os.utime(file, ns=(1, 1))
            return super().put(data)

    with pytest.raises(SourceChanged, match=r"long\.mp4"):
        copy_in(Touching(blobs.root), file, known=digest)


@given(
    cuts=st.lists(st.integers(0, 1000)).map(sorted),
    size=st.integers(0, 1000),
    smallest=st.integers(1, 100),
    largest=st.integers(200, 600),
)
def test_chunks_are_neither_too_small_nor_too_large(
    cuts: list[int], size: int, smallest: int, largest: int
) -> None:
    bounds = list(_bounds(cuts, size, smallest, largest))
    assert bounds[0] == 0
    assert bounds[-1] == size
    lengths = [end - start for start, end in pairwise(bounds)]
    assert len(lengths) == 1 or min(lengths) >= smallest
    assert max(lengths) <= largest
