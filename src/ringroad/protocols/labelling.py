"""What the catalog holds of labelling: orders, tasks with their leases and log, revisions.

Every move of a task, lot or order is one `TaskMove`, `LotMove` or `OrderMove`: the noun as it
becomes, checked against the version it came from, and one line of a log that is only ever added
to. Rules stand in `label/`; a backend knows compare-and-set, leases, and the order of a queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import LabelLot, LabelOrder
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.domain.task import LabelEvent, LabelTask

if TYPE_CHECKING:
    from ringroad.protocols.catalog import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCount:
    """Tasks of one kind in one state."""

    kind: str
    state: str
    tasks: int
    marks: int
    """Annotations in their answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCount:
    """Frames of an order or lot, and those of them on which nothing is left to draw."""

    frames: int
    settled: int
    looks: int = 0
    """Answers to the settled ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one person did to tasks of one kind, by the event that it ended with."""

    actor: str
    kind: str
    event: str
    times: int
    marks: int
    active_ns: int
    first_ns: int
    last_ns: int


class Orders(Protocol):
    """Labelling orders, their lots, and the log. Safe to call from threads."""

    def order(self, name: str) -> LabelOrder:
        """One order by name or id. Raises UnknownName."""
        ...

    def orders(self) -> Sequence[LabelOrder]:
        """All orders, oldest first."""
        ...

    def lots(self, order: str) -> Sequence[LabelLot]:
        """The lots of an order by number."""
        ...

    def frame_count(self, order: str, *, lot: int | None = None) -> FrameCount:
        """How many frames an order, or one lot of it, has, and how many are settled."""
        ...

    def work(self, *, order: str = "", since_ns: int = 0) -> Sequence[Work]:
        """What people did to tasks of one order, or of all, from a time on; by actor."""
        ...

    def label_log(
        self, *, order: str = "", task: str = "", after: int = -1, limit: int = 1000
    ) -> Sequence[LabelEvent]:
        """Lines of the log behind a position, oldest first."""
        ...


class Tasks(Protocol):
    """Labelling tasks as they are now. Safe to call from threads."""

    def task(self, id: str) -> LabelTask:
        """One task; a unique prefix of its id is enough. Raises UnknownName."""
        ...

    def tasks(
        self,
        *,
        order: str = "",
        frame: FrameId | None = None,
        lot: int | None = None,
        kind: str = "",
        state: str = "",
        annotator: str = "",
        limit: int | None = None,
    ) -> Sequence[LabelTask]:
        """Tasks for which all of it holds, as they were opened; all where nothing is given."""
        ...

    def task_counts(self, *, order: str = "", lot: int | None = None) -> Sequence[TaskCount]:
        """How many tasks there are by kind and state."""
        ...

    def scores(self, *, order: str = "") -> Mapping[str, tuple[int, float]]:
        """Annotator -> honeypots answered, and their mean score."""
        ...

    def seen_by(self, annotator: str) -> frozenset[FrameId]:
        """Frames for which this annotator holds or answered any task, or is kept from one."""
        ...


class Queue(Protocol):
    """Tasks change hands. Each call is one transaction that nobody else writes beside.

    A lease has a token; tokens of one task only ever grow. A lease that expired is good until
    somebody else takes the task: late work is lost to nobody unless another was asked for it.
    """

    def take_task(
        self,
        annotator: str,
        *,
        kinds: Iterable[str],
        orders: Iterable[str] | None = None,
        now_ns: int,
        ttl_ns: int,
    ) -> LabelTask | None:
        """Lease the task of highest priority that this annotator may have; None: there is none.

        A task that the annotator holds already comes back, with the token it had and a lease
        that is long again. Out of active orders, or those of them that are named, comes an open
        task of one of the kinds that nobody holds, that is assigned to nobody else, and from
        which the annotator is not barred; of equal priorities the one that was opened first.
        """
        ...

    def beat_task(
        self, task: str, token: int, *, now_ns: int, ttl_ns: int, idle_ns: int
    ) -> LabelTask:
        """Say that work goes on. Time since the last sign of life counts, up to `idle_ns`.

        Raises:
            LeaseLost: the task is done or gone, or somebody else has it; says who.
        """
        ...

    def change_labels(
        self,
        records: Iterable[Record],
        *,
        artifacts: Iterable[Artifact] = (),
        batches: Mapping[ArtifactId, str] | None = None,
        now_ns: int,
    ) -> None:
        """Write moves, revisions and gold answers together, or none of them.

        Raises:
            TaskMoved: a task, lot or order is not at the version before.
            LeaseLost: a move asks for a lease that does not stand.
            StaleRevision: the annotations of a frame are not at the revision before.
        """
        ...


class Revisions(Protocol):
    """The annotations of each frame, now and at any time before. The newest is its head."""

    def head(self, frame: FrameId) -> Revision | None:
        """The current annotations of a frame, or None where it has none."""
        ...

    def heads(self, frames: Iterable[FrameId]) -> Mapping[FrameId, Revision]:
        """The same of many frames; frames without any are left out."""
        ...

    def revisions(self, frame: FrameId) -> Sequence[Revision]:
        """All revisions of a frame, oldest first."""
        ...

    def gold(self) -> Mapping[FrameId, GoldAnswer]:
        """Frames with an answer that a person declared right, by frame."""
        ...
