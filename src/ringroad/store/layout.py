"""Where the parts of a source lie: a file, the files of a folder, an object, chunks, or a blob.

A folder source is the concatenation of its files in a given order. Its digest is the SHA-256 of
its manifest, which is stored as a blob under that digest; a chunk manifest is a blob as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import DigestMismatch, SourceChanged, SourceMissing
from ringroad.domain.ids import Digest, digest_of
from ringroad.domain.recording import Location
from ringroad.protocols.blobs import Blobs

FILE = "file"
FOLDER = "folder"
CHUNKS = "chunks"
OBJECT, OBJECTS = "object", "objects"
FAR = (OBJECT, OBJECTS)
"""Kinds of places in the user's buckets."""
REMEDY = "put the file back as it was, or run `ringroad ingest` on it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A file in place, as it was when it was ingested."""

    path: Path
    length: int
    modified_ns: int
    exact: bool
    """Whether the time must be equal; the files of a folder share the newest one."""

    def check(self) -> os.stat_result:
        """The file's state now.

        Raises:
            SourceMissing: the file is gone.
            SourceChanged: its size or time is another.
        """
        try:
            state = self.path.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise SourceMissing(
                "the file is no longer there", subject=str(self.path), remedy=REMEDY
            ) from error
        if state.st_size != self.length:
            raise self.changed(f"it had {self.length} bytes and has {state.st_size}")
        newer = state.st_mtime_ns > self.modified_ns
        if newer or (self.exact and state.st_mtime_ns != self.modified_ns):
            raise self.changed("it was written to after it was ingested")
        return state

    def changed(self, what: str) -> SourceChanged:
        """The error for this file."""
        return SourceChanged(what, subject=str(self.path), remedy=REMEDY)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPart:
    """Bytes held in the blobs."""

    digest: Digest
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPart:
    """An object of the user's bucket, as long as it was when it was ingested.

    Whether its bytes are still the same, the XXH3 of each range tells.
    """

    url: str
    length: int


Part = FilePart | BlobPart | ObjectPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The parts of one source in order; `starts` holds the offset of each."""

    source: Digest
    parts: tuple[Part, ...]
    starts: tuple[int, ...]
    size_bytes: int


def layout_of(blobs: Blobs, source: Digest, location: Location | None) -> Layout:
    """Lay a source out by its location, or as a blob where it has none.

    Raises:
        SourceMissing: there is no location and no blob.
        DigestMismatch: a manifest does not say what a manifest says.
    """
    if location is None:
        return _laid(source, [_blob_part(blobs, source)])
    kind, _, rest = location.uri.partition(":")
    match kind:
        case "file":
            return _laid(source, [_file_part(location)])
        case "folder":
            return _laid(source, _folder_parts(blobs, location))
        case "object":
            return _laid(source, [ObjectPart(url=rest, length=location.size_bytes)])
        case "objects":
            return _laid(source, _object_parts(blobs, location))
        case "chunks":
            return _laid(source, chunk_parts(blobs.get(Digest(rest)), rest))
    raise SourceMissing(
        f"nothing reads a location like {location.uri!r}", subject=source, remedy=REMEDY
    )


def uri_of(kind: str, path: Path) -> str:
    """`file:///...` or `folder:///...` of an absolute path."""
    return f"{kind}:{path.absolute().as_uri().removeprefix('file:')}"


def path_of(uri: str) -> Path:
    """The path that `uri_of` named."""
    return Path(unquote(uri.partition("://")[2]))


def manifest_bytes(entries: Iterable[dict[str, object]]) -> bytes:
    """A manifest: the parts in order, each with its `offset`, as canonical JSON."""
    return canonical_json(list(entries))


def chunk_parts(manifest: bytes, subject: str) -> list[BlobPart]:
    """The chunks that a chunk manifest names."""
    return [
        BlobPart(digest=Digest(str(entry["digest"])), length=entry["length"])
        for entry in parsed(manifest, subject, ("digest", "length"))
    ]


def parsed(manifest: bytes, subject: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Entries of a manifest that have these names.

    Raises:
        DigestMismatch: it is none.
    """
    try:
        entries = json.loads(manifest)
        if isinstance(entries, list) and all({*names} <= {*entry} for entry in entries):
            return entries
    except (ValueError, TypeError):
        pass
    raise DigestMismatch("is no manifest of parts", subject=subject, remedy="ingest it again")


def _laid(source: Digest, parts: Sequence[Part]) -> Layout:
    ends = list(accumulate((part.length for part in parts), initial=0))
    return Layout(source=source, parts=tuple(parts), starts=tuple(ends[:-1]), size_bytes=ends[-1])


def _blob_part(blobs: Blobs, source: Digest) -> BlobPart:
    size = blobs.size(source)
    if size is None:
        raise SourceMissing(
            "the bytes of this recording are nowhere known", subject=source, remedy=REMEDY
        )
    return BlobPart(digest=source, length=size)


def _file_part(location: Location) -> FilePart:
    return FilePart(
        path=path_of(location.uri),
        length=location.size_bytes,
        modified_ns=location.modified_ns,
        exact=True,
    )


def objects_uri(url: str, files: Sequence[str]) -> str:
    """`objects:` of a folder in a bucket; a folder may hold several recordings' files."""
    return f"{OBJECTS}:{url}#{digest_of(canonical_json(list(files)))[:16]}"


def _object_parts(blobs: Blobs, location: Location) -> list[ObjectPart]:
    url = location.uri.partition(":")[2].rpartition("#")[0]
    return [
        ObjectPart(url=f"{url}/{quote(entry['name'])}", length=entry["size"])
        for entry in parsed(blobs.get(location.digest), location.digest, ("name", "size"))
    ]


def _folder_parts(blobs: Blobs, location: Location) -> list[FilePart]:
    folder = path_of(location.uri)
    return [
        FilePart(
            path=folder / entry["name"],
            length=entry["size"],
            modified_ns=location.modified_ns,
            exact=False,
        )
        for entry in parsed(blobs.get(location.digest), location.digest, ("name", "size"))
    ]
