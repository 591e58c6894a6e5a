from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.errors import DigestMismatch, SourceChanged, SourceMissing, UsageError
from ringroad.domain.ids import Digest, digest_of
from ringroad.domain.recording import Location
from ringroad.store.copying import copy_folder, copy_in
from ringroad.store.identify import identify, identify_folder
from ringroad.store.layout import path_of, uri_of
from ringroad.store.sources import PlacedSources

SECOND = 1_000_000_000
NAMES = ("b.bin", "sub dir/empty", "ä #%.bin")


class Places(dict[Digest, Location]):
    """Locations by digest; pickles, as a catalog's method does."""

    def put(self, location: Location) -> Digest:
        self[location.digest] = location
        return location.digest


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "drive one" / "front #1.mp4"
    path.parent.mkdir()
    path.write_bytes(bytes(range(256)) * 4)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "sub dir").mkdir(parents=True)
    for name, data in zip(NAMES, (b"0123456789", b"", b"abcdef"), strict=True):
        (folder / name).write_bytes(data)
    return folder


def test_a_file_in_place_is_read_by_ranges(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    assert source == digest_of(file.read_bytes())
    assert sources.read_range(source, 254, 4) == b"\xfe\xff\x00\x01"
    assert sources.read_range(source, 1024, 0) == b""
    assert list(blobs.digests()) == []


def test_what_was_indexed_is_what_is_read(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    right = xxhash.xxh3_64_intdigest(file.read_bytes()[10:20])
    assert sources.read_range(source, 10, 10, xxh3=right) == file.read_bytes()[10:20]
    with pytest.raises(DigestMismatch, match="10 to 20"):
        sources.read_range(source, 10, 10, xxh3=right ^ 1)


def test_a_changed_file_is_told_at_every_read(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    sources.read_range(source, 0, 4)
    file.write_bytes(file.read_bytes() + b"more")
    for _ in range(2):
        with pytest.raises(SourceChanged, match="1024 bytes and has 1028") as raised:
            sources.read_range(source, 0, 4)
        assert str(file) in str(raised.value)
        assert "ringroad ingest" in raised.value.remedy


def test_a_file_of_equal_size_and_other_time_has_changed(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    for shift in (SECOND, -SECOND):
        os.utime(file, ns=(0, places[source].modified_ns + shift))
        with pytest.raises(SourceChanged, match="written to"):
            PlacedSources(blobs, places.get).read_range(source, 0, 4)


def test_a_file_replaced_by_another_is_opened_anew(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    assert sources.read_range(source, 0, 2) == b"\x00\x01"
    other = file.with_suffix(".new")
    other.write_bytes(b"xy" + file.read_bytes()[2:])
    os.utime(other, ns=(0, places[source].modified_ns))
    other.rename(file)
    assert sources.read_range(source, 0, 2) == b"xy"  # an XXH3 would refuse it


def test_a_missing_file_is_told_and_found_where_it_went(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    sources.read_range(source, 0, 4)
    moved = file.with_name("moved.mp4")
    file.rename(moved)
    with pytest.raises(SourceMissing, match="front #1"):
        sources.read_range(source, 0, 4)
    places.put(identify(moved)[1])
    assert sources.read_range(source, 0, 2) == b"\x00\x01"


def test_a_folder_is_its_files_in_order(blobs: LocalBlobs, folder: Path) -> None:
    places = Places()
    source, manifest, location = identify_folder(folder, NAMES)
    assert blobs.put(manifest) == source == places.put(location)
    sources = PlacedSources(blobs, places.get)
    assert sources.read_range(source, 0, 16) == b"0123456789abcdef"
    assert sources.read_range(source, 9, 2) == b"9a"
    assert sources.read_range(source, 10, 6) == b"abcdef"
    (folder / NAMES[2]).write_bytes(b"ABCDEF")
    os.utime(folder / NAMES[2], ns=(0, location.modified_ns + 1))
    assert sources.read_range(source, 0, 10) == b"0123456789"
    with pytest.raises(SourceChanged, match="ä #%"):
        sources.read_range(source, 9, 2)


def test_a_folder_has_one_digest_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    here, manifest, _ = identify_folder(folder, NAMES)
    moved = folder.rename(tmp_path / "elsewhere")
    assert identify_folder(moved, NAMES)[:2] == (here, manifest)
    assert identify_folder(moved, NAMES[::-1])[0] != here


def test_a_copied_folder_reads_like_the_one_in_place(blobs: LocalBlobs, folder: Path) -> None:
    places = Places()
    source, manifest, _ = identify_folder(folder, NAMES)
    copied = copy_folder(blobs, folder, manifest, digest=source)
    assert places.put(copied.location()) == source
    for name in NAMES:
        (folder / name).unlink()
    assert PlacedSources(blobs, places.get).read_range(source, 8, 4) == b"89ab"


def test_a_source_without_a_place_is_its_own_blob(blobs: LocalBlobs) -> None:
    source = blobs.put(b"a whole recording")
    assert PlacedSources(blobs, Places().get).read_range(source, 2, 5) == b"whole"


def test_a_source_nobody_knows_is_missing(blobs: LocalBlobs) -> None:
    with pytest.raises(SourceMissing):
        PlacedSources(blobs, Places().get).read_range(digest_of(b"?"), 0, 1)


@pytest.mark.parametrize("uri", ["chunks:{}", "ftp://somewhere/else"])
def test_a_location_that_leads_nowhere(blobs: LocalBlobs, uri: str) -> None:
    no_manifest = blobs.put(b'{"not": "a manifest"}')
    location = Location(
        digest=digest_of(b"?"), uri=uri.format(no_manifest), size_bytes=1, modified_ns=0
    )
    places = Places()
    with pytest.raises((DigestMismatch, SourceMissing)):
        PlacedSources(blobs, places.get).read_range(places.put(location), 0, 1)


def test_ranges_outside_are_refused(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = PlacedSources(blobs, places.get)
    with pytest.raises(DigestMismatch, match="holds 1024 bytes"):
        sources.read_range(source, 1020, 5)
    with pytest.raises(UsageError):
        sources.read_range(source, -1, 5)


def open_now(below: Path) -> int:
    """How many files of this folder the process has open."""
    names = [os.path.realpath(path) for path in Path("/proc/self/fd").iterdir()]
    return sum(name.startswith(f"{os.path.realpath(below)}/") for name in names)


def test_few_files_stay_open(blobs: LocalBlobs, tmp_path: Path) -> None:
    places = Places()
    for number in range(12):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(bytes([number]))
        places.put(identify(path)[1])
    sources = PlacedSources(blobs, places.get, open_files=3)
    for source in [*places, *places]:
        assert digest_of(sources.read_range(source, 0, 1)) == source
    assert open_now(tmp_path) == 3
    sources.close()
    assert open_now(tmp_path) == 0
    assert sources.read_range(next(iter(places)), 0, 1) == b"\x00"


def again(sources: PlacedSources) -> PlacedSources:
    other: PlacedSources = pickle.loads(pickle.dumps(sources))  # noqa: S301 (our own bytes)
    return other


def test_threads_and_other_processes(blobs: LocalBlobs, file: Path) -> None:
    places = Places()
    source = places.put(identify(file)[1])
    sources = again(PlacedSources(blobs, places.get))
    with ThreadPoolExecutor(4) as threads:
        read = threads.map(lambda at: sources.read_range(source, at, 4), range(0, 1000, 4))
        assert b"".join(read) == file.read_bytes()[:1000]


@given(
    data=st.binary(min_size=1, max_size=300),
    cuts=st.lists(st.integers(1, 300), max_size=8),
    smallest=st.integers(1, 40),
    where=st.tuples(st.integers(0, 300), st.integers(0, 300)),
)
def test_chunks_read_like_the_original(
    tmp_path_factory: pytest.TempPathFactory,
    data: bytes,
    cuts: list[int],
    smallest: int,
    where: tuple[int, int],
) -> None:
    root = tmp_path_factory.mktemp("chunks")
    (root / "source").write_bytes(data)
    blobs, places = LocalBlobs(root / "blobs"), Places()
    copied = copy_in(blobs, root / "source", cuts=sorted(cuts), smallest=smallest)
    assert (copied.digest, copied.size_bytes) == (digest_of(data), len(data))
    sources = PlacedSources(blobs, places.get)
    start, end = sorted(min(side, len(data)) for side in where)
    assert sources.read_range(places.put(copied.location()), start, end - start) == data[start:end]


def test_equal_size_and_time_are_not_read_again(file: Path) -> None:
    digest, location = identify(file)
    claimed = replace(location, digest=digest_of(b"remembered"))
    assert identify(file, {location.uri: claimed}.get) == (claimed.digest, claimed)
    os.utime(file, ns=(0, location.modified_ns + 1))
    assert identify(file, {location.uri: claimed}.get)[0] == digest


def test_identifying_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        identify(tmp_path / "nowhere.mp4")
    with pytest.raises(SourceMissing):
        identify_folder(tmp_path, ["nowhere.png"])


def test_a_file_that_grows_while_it_is_hashed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def growing(path: Path, *args: str) -> object:
        with real(path, "ab") as end:
            end.write(b"more")
        return real(path, *args)

    monkeypatch.setattr(Path, "open", growing)
    with pytest.raises(SourceChanged, match="while it was read"):
        identify(file)


@given(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=20))
def test_uris_name_paths(name: str) -> None:
    path = Path("/data") / name
    assert path_of(uri_of("file", path)) == path
    assert uri_of("folder", path).startswith("folder:///data")


def test_real_clips_read_back(blobs: LocalBlobs, test_data: Path) -> None:
    for clip in sorted(test_data.glob("video/*.mp4")):
        data, places = clip.read_bytes(), Places()
        copied = copy_in(blobs, clip, cuts=range(50_000, len(data), 50_000))
        in_place = PlacedSources(blobs, {copied.digest: identify(clip)[1]}.get)
        source = places.put(copied.location())
        out_of_chunks = PlacedSources(blobs, places.get)
        for offset in range(0, len(data) - 70_000, 65_000):
            expected = data[offset : offset + 70_000]
            check = xxhash.xxh3_64_intdigest(expected)
            assert in_place.read_range(source, offset, 70_000, xxh3=check) == expected
            assert out_of_chunks.read_range(source, offset, 70_000, xxh3=check) == expected
