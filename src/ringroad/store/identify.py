"""What a source is: the digest of a file, folder or object, and where it was found."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ringroad.domain.errors import SourceChanged, SourceMissing
from ringroad.domain.ids import Digest, digest_of
from ringroad.domain.recording import Location
from ringroad.protocols.objects import ObjectEntry, Objects
from ringroad.store.layout import FILE, FOLDER, OBJECT, manifest_bytes, objects_uri, uri_of

PIECE_BYTES = 1 << 20


def identify(
    path: Path, known: Callable[[str], Location | None] = lambda _: None
) -> tuple[Digest, Location]:
    """Digest and location of a file.

    `known` maps a uri to what was found there before: where size and time are equal, the file
    is not read again.

    Raises:
        SourceMissing: there is no such file.
        SourceChanged: it was written to while it was read.
    """
    uri, state = uri_of(FILE, path), _state(path)
    before = known(uri)
    if before and (before.size_bytes, before.modified_ns) == (state.st_size, state.st_mtime_ns):
        return before.digest, before
    digest = _hashed(path, state)
    return digest, Location(
        digest=digest, uri=uri, size_bytes=state.st_size, modified_ns=state.st_mtime_ns
    )


def identify_folder(path: Path, files: Sequence[str]) -> tuple[Digest, bytes, Location]:
    """Digest, manifest and location of a folder's files in the order given.

    The digest is that of the manifest, which the caller stores as a blob. Errors as `identify`.
    """
    entries, newest, offset = [], 0, 0
    for name in files:
        state = _state(path / name)
        digest = _hashed(path / name, state)
        entries.append({"name": name, "offset": offset, "sha256": digest, "size": state.st_size})
        newest, offset = max(newest, state.st_mtime_ns), offset + state.st_size
    manifest = manifest_bytes(entries)
    digest = digest_of(manifest)
    location = Location(
        digest=digest, uri=uri_of(FOLDER, path), size_bytes=offset, modified_ns=newest
    )
    return digest, manifest, location


def identify_object(
    objects: Objects,
    entry: ObjectEntry,
    near: Path,
    known: Callable[[str], Location | None] = lambda _: None,
) -> Location:
    """Digest and location of an object, as `identify`.

    An object that has to be read is left in the folder `near` under its digest, so that indexing
    it reads nothing from the bucket again; the caller removes it.
    """
    uri = f"{OBJECT}:{entry.url}"
    before = known(uri)
    if before and (before.size_bytes, before.modified_ns) == (entry.size_bytes, entry.modified_ns):
        return before
    near.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=near, suffix=".part", delete=False) as file:
        path = Path(file.name)
    try:
        digest = objects.fetch(entry.url, path)
        if path.stat().st_size != entry.size_bytes:
            raise _written_to(entry.url)
        path.rename(near / digest)
    finally:
        path.unlink(missing_ok=True)
    return Location(
        digest=digest, uri=uri, size_bytes=entry.size_bytes, modified_ns=entry.modified_ns
    )


def identify_objects(
    objects: Objects,
    url: str,
    files: Sequence[str],
    entries: Sequence[ObjectEntry],
    near: Path,
    known: Callable[[str], Location | None] = lambda _: None,
) -> tuple[bytes, Location]:
    """Manifest and location of a folder in a bucket, as `identify_folder` gives them for a disk.

    The manifest is empty where the folder is known. What has to be read is left in a folder below
    `near` under the source's digest; the caller removes it.

    Args:
        objects: the bucket.
        url: of the folder.
        files: names below it, in order.
        entries: of each file.
        near: a folder.
        known: as in `identify`.
    """
    uri = objects_uri(url, files)
    size, newest = sum(e.size_bytes for e in entries), max(e.modified_ns for e in entries)
    before = known(uri)
    if before and (before.size_bytes, before.modified_ns) == (size, newest):
        return b"", before
    near.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=near, suffix=".part") as scratch:
        folder = Path(scratch, "files")
        told, offset = [], 0
        for name, entry in zip(files, entries, strict=True):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            digest = objects.fetch(entry.url, path)
            if path.stat().st_size != entry.size_bytes:
                raise _written_to(entry.url)
            told.append(
                {"name": name, "offset": offset, "sha256": digest, "size": entry.size_bytes}
            )
            offset += entry.size_bytes
        manifest = manifest_bytes(told)
        digest = digest_of(manifest)
        if not (near / digest).exists():
            folder.rename(near / digest)
    return manifest, Location(digest=digest, uri=uri, size_bytes=size, modified_ns=newest)


def _written_to(url: str) -> SourceChanged:
    return SourceChanged(
        "it was written to while it was read",
        subject=url,
        remedy="let the writer finish, then ingest it again",
    )


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, one MiB after the other."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMissing(
            "there is no such file", subject=str(path), remedy="check the path"
        ) from error


def _hashed(path: Path, state: os.stat_result) -> Digest:
    sha = hashlib.sha256()
    for piece in pieces(path):
        sha.update(piece)
    after = _state(path)
    if (after.st_size, after.st_mtime_ns) != (state.st_size, state.st_mtime_ns):
        raise SourceChanged(
            "it was written to while it was read",
            subject=str(path),
            remedy="let the writer finish, then ingest it again",
        )
    return Digest(sha.hexdigest())
