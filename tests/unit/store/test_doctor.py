from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from small_loop import annotations, commit_rows

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.domain.artifact import Artifact, Execution, ExecutionKey
from ringroad.domain.errors import DigestMismatch, UsageError
from ringroad.domain.ids import Digest, ExecutionId, digest_of
from ringroad.domain.recording import Location
from ringroad.protocols.catalog import Catalog
from ringroad.store.copying import copy_in
from ringroad.store.doctor import CHUNK_MANIFEST, sweep, verify
from ringroad.store.identify import identify, identify_folder
from ringroad.store.sources import PlacedSources

MIB = 1 << 20


def commit_source(catalog: Catalog, location: Location, *more: Artifact) -> None:
    source = Artifact(
        kind="source", digest=location.digest, size_bytes=location.size_bytes, media="video/mp4"
    )
    key = ExecutionKey(step="ingest", code={}, environment={}, inputs={}, parameters={}, seed=0)
    execution = Execution(
        id=ExecutionId(digest_of(location.uri.encode())),
        key=key,
        inputs={},
        outputs={"source": source.id},
        started_ns=1,
        ended_ns=2,
        host="here",
    )
    catalog.commit(execution, [source, *more], [location])


def much_later() -> int:
    return time.time_ns() + 10**12


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(200)) * (3 * MIB // 200))
    return path


def test_what_nothing_refers_to_goes_after_the_grace(catalog: Catalog, blobs: LocalBlobs) -> None:
    kept = commit_rows(catalog, blobs, "one", annotations(["a"], "x"))
    blobs.put(b"of a step that was killed")
    half = blobs.root / "incoming" / "x.part"
    half.write_bytes(b"half")
    now_ns = time.time_ns()
    young = sweep(blobs, catalog, now_ns=now_ns, grace_ns=10**12)
    assert (young.blobs, young.young, young.leftovers) == (0, 1, 0)
    swept = sweep(blobs, catalog, now_ns=now_ns + 10**10, grace_ns=0)
    assert (swept.blobs, swept.blob_bytes, swept.young) == (1, 25, 0)
    assert (swept.leftovers, swept.leftover_bytes) == (1, 4)
    assert list(blobs.digests()) == [kept.digest]


def test_chunks_of_a_copied_source_stay(catalog: Catalog, blobs: LocalBlobs, clip: Path) -> None:
    copied = copy_in(blobs, clip, cuts=[MIB, 2 * MIB], smallest=MIB)
    commit_source(catalog, copied.location())
    before = sorted(blobs.digests())
    assert sweep(blobs, catalog, now_ns=much_later(), grace_ns=0).blobs == 0
    assert sorted(blobs.digests()) == before
    assert len(before) >= 3
    sources = PlacedSources(blobs, catalog.location)
    assert sources.read_range(copied.digest, 0, 3 * MIB // 200 * 200) == clip.read_bytes()


def test_chunks_stay_though_the_source_was_found_in_place_later(
    catalog: Catalog, blobs: LocalBlobs, clip: Path
) -> None:
    copied = copy_in(blobs, clip, cuts=[MIB, 2 * MIB], smallest=MIB)
    manifest = Artifact(
        kind=CHUNK_MANIFEST,
        digest=copied.chunks,
        size_bytes=len(copied.manifest),
        media="application/json",
    )
    commit_source(catalog, copied.location(), manifest)
    catalog.relocate(identify(clip)[1])
    assert sweep(blobs, catalog, now_ns=much_later(), grace_ns=0).blobs == 0


def test_a_damaged_chunk_manifest_stops_the_sweep(
    catalog: Catalog, blobs: LocalBlobs, clip: Path
) -> None:
    copied = copy_in(blobs, clip, cuts=[MIB], smallest=MIB)
    commit_source(catalog, copied.location())
    flip(blobs, copied.chunks)
    before = sorted(blobs.digests())
    with pytest.raises(DigestMismatch):
        sweep(blobs, catalog, now_ns=much_later(), grace_ns=0)
    assert sorted(blobs.digests()) == before
    subjects = {damage.subject for damage in verify(blobs, catalog).damage}
    assert subjects == {copied.chunks, f"chunks:{copied.chunks}"}


def test_all_is_well(catalog: Catalog, blobs: LocalBlobs, clip: Path, tmp_path: Path) -> None:
    commit_rows(catalog, blobs, "one", annotations(["a"], "x"))
    commit_source(catalog, identify(clip)[1])
    (tmp_path / "a.png").write_bytes(b"pixels")
    _, manifest, location = identify_folder(tmp_path, ["a.png"])
    blobs.put(manifest)
    commit_source(catalog, location)
    found = verify(blobs, catalog)
    assert (found.blobs, found.sources, found.damage) == (2, 2, ())
    assert sweep(blobs, catalog, now_ns=much_later(), grace_ns=0).blobs == 0


def test_rot_and_loss_are_found(catalog: Catalog, blobs: LocalBlobs) -> None:
    rotten = commit_rows(catalog, blobs, "one", annotations(["a"], "x"))
    lost = commit_rows(catalog, blobs, "two", annotations(["b"], "x"))
    flip(blobs, rotten.digest)
    blobs.delete(lost.digest)
    subjects = {damage.subject for damage in verify(blobs, catalog).damage}
    assert subjects == {rotten.digest, lost.id}


def test_changed_and_missing_sources_are_found(
    catalog: Catalog, blobs: LocalBlobs, clip: Path
) -> None:
    commit_source(catalog, identify(clip)[1])
    os.utime(clip, ns=(0, 0))
    (changed,) = verify(blobs, catalog).damage
    assert (changed.subject, changed.what) == (str(clip), "it was written to after it was ingested")
    clip.unlink()
    (missing,) = verify(blobs, catalog).damage
    assert "no longer there" in missing.what


def test_a_lost_chunk_is_found(catalog: Catalog, blobs: LocalBlobs, clip: Path) -> None:
    copied = copy_in(blobs, clip, cuts=[MIB], smallest=MIB)
    commit_source(catalog, copied.location())
    chunk = digest_of(clip.read_bytes()[:MIB])
    blobs.delete(chunk)
    (damage,) = verify(blobs, catalog).damage
    assert damage.subject == chunk


def test_blobs_without_ages_are_not_swept(catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="cannot be swept"):
        sweep(object(), catalog, now_ns=0, grace_ns=0)  # type: ignore[arg-type]  # that is it


def flip(blobs: LocalBlobs, digest: Digest) -> None:
    path = blobs.path(digest)
    assert path is not None
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
