"""How far an order is, when it will be done, and what it costs: arithmetic on counts and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringroad.domain.task import DONE, DRAWN, OPEN, PARKED, REVIEW
from ringroad.domain.time import SECOND_NS
from ringroad.protocols.labelling import FrameCount, TaskCount, Work

HOUR_NS = 3600 * SECOND_NS
ANSWERED, SKIPPED, EXPIRED = "answered", "skipped", "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an order stands. What cannot be said yet is None."""

    frames: int
    settled: int
    answers: int
    """Answers to tasks that frames wait for; reviews and honeypots aside."""
    waiting: int
    """Such tasks that are open."""
    reviews_waiting: int
    parked: int
    """Tasks that were skipped too often, and wait for a person to decide."""
    marks: int
    looks_per_frame: float | None
    """Answers per settled frame."""
    left: float
    """Answers that are still expected: open tasks, and more where frames needed more so far."""
    seconds_per_answer: float | None
    seconds_per_mark: float | None
    hours_left: float | None
    """Of work."""
    answers_per_hour: float | None
    """By the clock, while answers came in: all people together."""
    eta_ns: int | None
    """When it ends at that pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorCost:
    """What one person did, and what it took."""

    annotator: str
    answers: int
    reviews: int
    honeypots: int
    score: float | None
    """Mean at honeypots."""
    marks: int
    skipped: int
    expired: int
    hours: float
    """Work under leases that ended in an answer or review, idle time left out."""
    lost_hours: float
    """Work under leases that ended in a skip or expired."""
    seconds_per_mark: float | None
    cost: float | None
    """Hours, lost ones too, times what an hour costs."""
    cost_per_mark: float | None


def progress(
    frames: FrameCount,
    counts: Iterable[TaskCount],
    work: Sequence[Work],
    recent: Sequence[Work],
    *,
    now_ns: int,
    window_ns: int,
    closed: bool = False,
) -> Progress:
    """Where an order stands.

    Args:
        frames: of the order.
        counts: of its tasks.
        work: on its tasks, all of it.
        recent: the same, since the beginning of the window.
        now_ns: the time.
        window_ns: length of the window that the pace is taken from.
        closed: nobody takes its tasks any more.
    """
    by = {(item.kind, item.state): item for item in counts}
    answers = sum(by[k, DONE].tasks for k in DRAWN if (k, DONE) in by)
    waiting = sum(by[k, OPEN].tasks for k in DRAWN if (k, OPEN) in by)
    marks = sum(by[k, DONE].marks for k in DRAWN if (k, DONE) in by)
    looks = frames.looks / frames.settled if frames.settled else None
    left = float(waiting)
    if looks is not None and frames.settled < frames.frames:
        begun = answers - frames.looks
        left = max(left, looks * (frames.frames - frames.settled) - begun)
    seconds = sum(item.active_ns for item in _answers(work)) / SECOND_NS
    times = sum(item.times for item in _answers(work))
    each = seconds / times if times else None
    pace = _pace(recent, None if closed or not left else now_ns, window_ns)
    return Progress(
        frames=frames.frames,
        settled=frames.settled,
        answers=answers,
        waiting=waiting,
        reviews_waiting=by[REVIEW, OPEN].tasks if (REVIEW, OPEN) in by else 0,
        parked=sum(item.tasks for item in by.values() if item.state == PARKED),
        marks=marks,
        looks_per_frame=looks,
        left=left,
        seconds_per_answer=each,
        seconds_per_mark=seconds / marks if marks else None,
        hours_left=None if each is None else left * each / 3600.0,
        answers_per_hour=pace,
        eta_ns=now_ns + round(left / pace * HOUR_NS) if pace and not closed else None,
    )


def costs(
    work: Sequence[Work],
    scores: Mapping[str, tuple[int, float]],
    *,
    per_hour: float | None = None,
) -> list[AnnotatorCost]:
    """What each person did, by name. `per_hour` is what an hour costs, in any money."""
    people = sorted({item.actor for item in work if item.event in (ANSWERED, SKIPPED, EXPIRED)})
    return [_cost(who, [w for w in work if w.actor == who], scores, per_hour) for who in people]


def _cost(
    who: str,
    work: Sequence[Work],
    scores: Mapping[str, tuple[int, float]],
    per_hour: float | None,
) -> AnnotatorCost:
    answered = [item for item in work if item.event == ANSWERED]
    lost = [item for item in work if item.event in (SKIPPED, EXPIRED)]
    marks = sum(item.marks for item in answered)
    hours = sum(item.active_ns for item in answered) / HOUR_NS
    lost_hours = sum(item.active_ns for item in lost) / HOUR_NS
    drawing = sum(item.active_ns for item in answered if item.kind != REVIEW) / SECOND_NS
    cost = None if per_hour is None else (hours + lost_hours) * per_hour
    honeypots, mean = scores.get(who, (0, 0.0))
    return AnnotatorCost(
        annotator=who,
        answers=_times(answered, DRAWN),
        reviews=_times(answered, (REVIEW,)),
        honeypots=honeypots,
        score=mean if honeypots else None,
        marks=marks,
        skipped=sum(item.times for item in lost if item.event == SKIPPED),
        expired=sum(item.times for item in lost if item.event == EXPIRED),
        hours=hours,
        lost_hours=lost_hours,
        seconds_per_mark=drawing / marks if marks else None,
        cost=cost,
        cost_per_mark=cost / marks if cost is not None and marks else None,
    )


def _answers(work: Iterable[Work]) -> list[Work]:
    return [item for item in work if item.event == ANSWERED and item.kind in DRAWN]


def _times(work: Iterable[Work], kinds: Sequence[str]) -> int:
    return sum(item.times for item in work if item.kind in kinds)


def _pace(recent: Sequence[Work], now_ns: int | None, window_ns: int) -> float | None:
    """Answers an hour from the first sign of work in the window on; None without any.

    Until now, or without it, as when all is done, until the last sign of work. Honeypots take time
    too, and are no progress: they are not counted.
    """
    answers = _answers(recent)
    if not answers:
        return None
    started = min(item.first_ns for item in recent)
    until = max(item.last_ns for item in recent) if now_ns is None else max(now_ns, started + 1)
    if until <= started:
        return None
    return sum(item.times for item in answers) / (min(window_ns, until - started) / HOUR_NS)
