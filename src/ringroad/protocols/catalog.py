"""The catalog owns truth. One protocol per noun; one backend class implements them all.

A commit is one transaction: artifacts, the execution with its edges, and every record of it
become visible together or not at all. Reads see committed rows only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ringroad.domain.artifact import (
    AliasMove,
    Artifact,
    Edge,
    Execution,
    Lease,
    Measurement,
)
from ringroad.domain.ids import ArtifactId, Digest, ExecutionId, RecordingId
from ringroad.domain.order import LotMove, OrderMove
from ringroad.domain.recording import Location, Recording, Refusal
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.domain.task import TaskMove
from ringroad.protocols.labelling import Orders, Queue, Revisions, Tasks

Record = (
    Recording
    | Refusal
    | Location
    | Revision
    | GoldAnswer
    | OrderMove
    | TaskMove
    | LotMove
    | Measurement
)
"""Nouns with a home in the catalog that a step may hand in with its outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one table that are committed; `position` orders batches as they were committed."""

    artifact: ArtifactId
    table: str
    position: int


class Artifacts(Protocol):
    """Artifacts, executions and the edges between them. Safe to call from threads."""

    def commit(
        self,
        execution: Execution,
        artifacts: Iterable[Artifact],
        records: Iterable[Record] = (),
        *,
        batches: Mapping[ArtifactId, str] | None = None,
        lease: Lease | None = None,
    ) -> None:
        """Make a finished execution true, with all it brought, in one transaction.

        `batches` names the table each batch artifact belongs to. Committing the same execution
        again changes nothing.

        Raises:
            LeaseLost: `lease` was fenced off or has expired; nothing was written.
            StaleRevision: an annotation head moved; nothing was written.
            TaskMoved: a labelling task, lot or order moved; nothing was written.
        """
        ...

    def execution(self, id: ExecutionId) -> Execution | None:
        """The execution of that key, or None where it never completed."""
        ...

    def executions(self, step: str, *, limit: int = 100) -> Sequence[Execution]:
        """Executions of one step, or of all for an empty name, newest first."""
        ...

    def artifact(self, id: ArtifactId) -> Artifact:
        """One artifact; a unique prefix of the digest is enough. Raises UnknownName."""
        ...

    def artifacts(self, kind: str = "") -> Sequence[Artifact]:
        """All artifacts of a kind, oldest first."""
        ...

    def edges(
        self, *, artifact: ArtifactId | None = None, execution: ExecutionId | None = None
    ) -> Sequence[Edge]:
        """Edges that touch an artifact or an execution; all where neither is given."""
        ...

    def measurements(self, artifact: ArtifactId) -> Sequence[Measurement]:
        """Figures beside an artifact, oldest first."""
        ...

    def note(self, measurements: Iterable[Measurement]) -> None:
        """Add figures that somebody measured outside any step."""
        ...

    def reach(self, artifact: ArtifactId, *, up: bool) -> Sequence[Execution]:
        """Executions an artifact came out of (up), or went into, at any distance; oldest first.

        An artifact that several executions made alike counts for all of them.
        """
        ...


class Aliases(Protocol):
    """Movable names with history."""

    def resolve(self, name: str) -> ArtifactId | None:
        """Where the name points now, or None."""
        ...

    def move(
        self,
        name: str,
        to: ArtifactId,
        *,
        expected: ArtifactId | None,
        now_ns: int,
        reason: str = "",
    ) -> None:
        """Compare-and-set. Moving a name to where it points already changes nothing.

        Raises:
            AliasMoved: the name does not point at `expected`.
        """
        ...

    def history(self, name: str) -> Sequence[AliasMove]:
        """All moves of one name, oldest first."""
        ...

    def names(self, prefix: str = "") -> Mapping[str, ArtifactId]:
        """All names with a prefix and where they point."""
        ...


class Recordings(Protocol):
    """Recordings, refused sources, and where in-place bytes lie."""

    def recording(self, id: RecordingId) -> Recording:
        """One recording. Raises UnknownName."""
        ...

    def recordings(self) -> Sequence[Recording]:
        """All recordings by id."""
        ...

    def recordings_of(self, source: Digest) -> Sequence[Recording]:
        """Recordings that have these bytes, by id."""
        ...

    def adopt(self, recording: Recording) -> None:
        """Say that this is the recording of its id, as a step that hands it in would.

        Raises:
            SourceChanged: the id has other bytes, and not those that the recording replaces.
        """
        ...

    def refusals(self) -> Sequence[Refusal]:
        """All refused sources by uri; a source that was read later is no longer among them."""
        ...

    def location(self, digest: Digest) -> Location | None:
        """Where the bytes of a source lie outside the blobs; the newest where there are several."""
        ...

    def location_at(self, uri: str) -> Location | None:
        """What was last found at a place, or None; where size and time are equal it still is."""
        ...

    def relocate(self, location: Location) -> None:
        """Remember where the bytes of a digest lie now."""
        ...

    def refuse(self, refusal: Refusal) -> None:
        """Remember a source that was set aside, in place of what was known of that uri."""
        ...

    def withdraw(self, uri: str) -> None:
        """Forget that a place was refused; nothing happens where it was not."""
        ...


class Batches(Protocol):
    """Which rows count: the batches committed for each table, and which are indexed already.

    A commit that moves annotation heads to a batch puts it behind all other batches of the
    table `annotations`, not indexed yet, whether it was among them before or not: so the last
    batch of a frame in this order is its head, where it has one.
    """

    def batches(self, table: str, *, after: int = -1) -> Sequence[Batch]:
        """Batches of one table in commit order, those behind a position."""
        ...

    def unindexed(self, table: str) -> Sequence[Batch]:
        """Committed batches that the table does not hold yet, in commit order."""
        ...

    def mark_indexed(self, batches: Iterable[Batch]) -> None:
        """Say that the table holds these batches durably."""
        ...

    def forget_index(self, table: str) -> None:
        """Say that the table holds nothing, before it is made again."""
        ...

    def put_last(self, table: str, artifact: ArtifactId) -> None:
        """Put a batch behind all others of its table, to be indexed again: it counts once more."""
        ...

    def batch_tables(self) -> Sequence[str]:
        """Names of all tables that have batches."""
        ...


class Leases(Protocol):
    """Leases with fencing tokens. Tokens of one key only ever grow."""

    def acquire(self, key: str, owner: str, *, now_ns: int, ttl_ns: int) -> Lease | None:
        """Take the key where it is free or expired; None where it is held, even by `owner`."""
        ...

    def renew(self, lease: Lease, *, now_ns: int, ttl_ns: int) -> Lease:
        """Hold on. Raises LeaseLost where the lease expired and was taken, or was released."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the key back; nothing happens where it was lost already."""
        ...

    def holder(self, key: str) -> Lease | None:
        """The lease that stands for a key, expired or not; None where it is free."""
        ...


class Catalog(
    Artifacts, Aliases, Recordings, Batches, Leases, Orders, Tasks, Queue, Revisions, Protocol
):
    """All nouns together, and the door to close."""

    def close(self) -> None:
        """Give back connections. The catalog is not used again."""
        ...
