"""What an order becomes: its id, and the tasks and lots that it opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import FrameId, digest_of
from ringroad.domain.order import LabelLot, LabelOrder, LotMove
from ringroad.domain.task import DRAW, LabelTask, TaskMove


def identified(order: LabelOrder) -> LabelOrder:
    """The order under the id that follows from what was ordered: 128 bits of a digest."""
    content = asdict(order)
    for name in ("id", "state", "created_ns"):
        del content[name]
    return replace(order, id=digest_of(canonical_json(content))[:32])


def task_id(
    order: str, frame: FrameId, kind: str, *, look: int = 0, round: int = 0, who: str = ""
) -> str:
    """The first 128 bits of a digest over what makes the task."""
    return digest_of(canonical_json([order, frame, kind, look, round, who]))[:32]


def opening(
    order: LabelOrder,
    frames: Sequence[FrameId],
    *,
    first: int,
    priorities: Mapping[FrameId, float] | None = None,
    assigned: Mapping[FrameId, Sequence[str]] | None = None,
) -> list[TaskMove]:
    """`first` tasks to draw for each frame, in the order of the frames.

    Frames without a priority have 0. `assigned` names who has which look; anybody where it
    names nobody. Equal arguments give equal ids.
    """
    size = order.lots.size if order.lots else 0
    return [
        TaskMove(
            task=LabelTask(
                id=task_id(order.id, frame, DRAW, look=look),
                order=order.id,
                frame=frame,
                look=look,
                lot=place // size if size else -1,
                priority=(priorities or {}).get(frame, 0.0),
                assigned=assigned[frame][look] if assigned else "",
            ),
            event="opened",
            at_ns=0,
        )
        for place, frame in enumerate(frames)
        for look in range(first)
    ]


def lots_of(order: LabelOrder, frames: Sequence[FrameId]) -> list[LotMove]:
    """The lots that the frames fall into, one after the other; none where none were ordered."""
    if order.lots is None:
        return []
    size = order.lots.size
    return [
        LotMove(
            lot=LabelLot(
                order=order.id, number=start // size, frames=min(size, len(frames) - start)
            ),
            event="opened",
            at_ns=0,
        )
        for start in range(0, len(frames), size)
    ]


def in_turns(
    frames: Sequence[FrameId], annotators: Sequence[str], *, looks: int
) -> dict[FrameId, tuple[str, ...]]:
    """Frame -> who looks at it.

    All groups of `looks` annotators take turns, so that the work is even and each meets each.

    Raises:
        UsageError: there are fewer different annotators than looks.
    """
    pool = sorted(set(annotators))
    if not 1 <= looks <= len(pool):
        raise UsageError(
            f"{looks} looks per frame by {len(pool)} annotators",
            remedy="name at least as many different annotators as looks",
        )
    groups = list(combinations(pool, looks))
    return {frame: groups[turn % len(groups)] for turn, frame in enumerate(frames)}
