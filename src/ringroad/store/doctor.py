"""Sweeps what nothing refers to, and checks that all that is referred to is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import DigestMismatch, InputError, UsageError
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Catalog
from ringroad.store.identify import pieces
from ringroad.store.layout import CHUNKS, BlobPart, FilePart, chunk_parts, layout_of

CHUNK_MANIFEST = "chunks"
"""Kind of an artifact that is a chunk manifest: its chunks count as referred to."""


class Sweepable(Protocol):
    """Blobs that know when bytes were last put and what a crash left half-written."""

    def discard(self, digest: Digest, *, before_ns: int) -> int | None:
        """Remove bytes last put before a time; return how many, None where kept."""
        ...

    def discard_leftovers(self, *, before_ns: int) -> tuple[int, int]:
        """Remove half-written files older than a time; return how many and their bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    leftovers: int
    leftover_bytes: int
    blobs: int
    blob_bytes: int
    young: int
    """Blobs that nothing refers to yet, put within the grace period: a step may commit them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Bytes that are referred to and cannot be had as they were."""

    subject: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of all bytes found."""

    blobs: int
    blob_bytes: int
    sources: int
    """Recordings in place; their size and time were checked, their bytes are at each read."""
    damage: tuple[Damage, ...]


def sweep(blobs: Blobs, catalog: Catalog, *, now_ns: int, grace_ns: int) -> Swept:
    """Remove leftovers, and blobs to which nothing in the catalog refers, older than the grace.

    The grace must be longer than any step runs, or no step may run.

    Raises:
        UsageError: this kind of blobs cannot be swept.
        DigestMismatch: a chunk manifest is damaged; nothing was removed but leftovers.
    """
    sweepable, before_ns = _sweepable(blobs), now_ns - grace_ns
    leftovers, leftover_bytes = sweepable.discard_leftovers(before_ns=before_ns)
    keep = referred(blobs, catalog)
    unused = [digest for digest in blobs.digests() if digest not in keep]
    freed = [sweepable.discard(digest, before_ns=before_ns) for digest in unused]
    gone = [size for size in freed if size is not None]
    return Swept(
        leftovers=leftovers,
        leftover_bytes=leftover_bytes,
        blobs=len(gone),
        blob_bytes=sum(gone),
        young=len(freed) - len(gone),
    )


def verify(blobs: Blobs, catalog: Catalog) -> Verified:
    """Hash all blobs again, and look for all that the catalog refers to."""
    held, size, damage = 0, 0, list[Damage]()
    for digest in sorted(blobs.digests()):
        held += 1
        size += blobs.size(digest) or 0
        if not _whole(blobs, digest):
            damage.append(_damage(digest, "its bytes no longer hash to its name"))
    sources = 0
    for artifact in catalog.artifacts():
        location = catalog.location(artifact.digest)
        if location is None:
            damage.extend(_absent(blobs, artifact))
        else:
            sources += 1
            damage.extend(_misplaced(blobs, location))
    return Verified(blobs=held, blob_bytes=size, sources=sources, damage=tuple(damage))


def referred(blobs: Blobs, catalog: Catalog) -> frozenset[Digest]:
    """All digests that a sweep must keep.

    Raises:
        DigestMismatch: a chunk manifest that is referred to is damaged.
    """
    artifacts = catalog.artifacts()
    keep = {artifact.digest for artifact in artifacts}
    keep |= {recording.source for recording in catalog.recordings()}
    manifests = {artifact.digest for artifact in artifacts if artifact.kind == CHUNK_MANIFEST}
    for location in filter(None, map(catalog.location, keep)):
        kind, _, rest = location.uri.partition(":")
        if kind == CHUNKS:
            manifests.add(Digest(rest))
    for manifest in manifests:
        if blobs.size(manifest) is not None:
            keep |= {part.digest for part in chunk_parts(blobs.get(manifest), manifest)}
    return frozenset(keep | manifests)


def _sweepable(blobs: Blobs) -> Sweepable:
    if not (hasattr(blobs, "discard") and hasattr(blobs, "discard_leftovers")):
        raise UsageError(
            f"{type(blobs).__name__} cannot be swept", remedy="use the store's own lifecycle rules"
        )
    return cast("Sweepable", blobs)


def _whole(blobs: Blobs, digest: Digest) -> bool:
    path = blobs.path(digest)
    if path is not None:
        sha = hashlib.sha256()
        for piece in pieces(path):
            sha.update(piece)
        return sha.hexdigest() == digest
    try:
        blobs.get(digest)
    except DigestMismatch:
        return False
    return True


def _absent(blobs: Blobs, artifact: Artifact) -> Iterator[Damage]:
    if blobs.size(artifact.digest) is None:
        yield _damage(artifact.id, "its bytes are gone")


def _misplaced(blobs: Blobs, location: Location) -> Iterator[Damage]:
    """What is wrong with the parts of a source, without reading them."""
    try:
        parts = layout_of(blobs, location.digest, location).parts
    except (InputError, UsageError, DigestMismatch) as error:
        yield _damage(location.uri, str(error))
        return
    for part in parts:
        if isinstance(part, FilePart):
            try:
                part.check()
            except InputError as error:
                yield Damage(subject=error.subject, what=error.what, remedy=error.remedy)
        elif isinstance(part, BlobPart) and blobs.size(part.digest) != part.length:
            yield _damage(part.digest, f"this chunk of {location.uri} is gone")


def _damage(subject: str, what: str) -> Damage:
    return Damage(
        subject=subject,
        what=what,
        remedy="run the step that made it again, or ingest the source again",
    )
