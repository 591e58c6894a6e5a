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
from ringroad.store.layout import FILE, FOLDER, OBJECT, manifest_bytes, uri_of

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
            raise SourceChanged(
                "it was written to while it was read",
                subject=entry.url,
                remedy="let the writer finish, then ingest it again",
            )
        path.rename(near / digest)
    finally:
        path.unlink(missing_ok=True)
    return Location(
        digest=digest, uri=uri, size_bytes=entry.size_bytes, modified_ns=entry.modified_ns
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
