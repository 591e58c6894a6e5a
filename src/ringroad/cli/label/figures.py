"""`ringroad labels lots | progress | cost`: how far orders are, and what they cost."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.order import LabelLot
from ringroad.domain.time import to_iso
from ringroad.label.progress import AnnotatorCost, Progress
from ringroad.pipelines.label.progress import costs_of, lots_of, progress_of


@command()
@click.argument("order")
def lots(door: Door, order: str) -> None:
    """The lots of an order: drawn, inspected, accepted, sent back."""
    with opened(door) as workspace:
        found = lots_of(workspace, order)
    value = {"lots": [asdict(item) for item in found]}
    door.give(value, "\n".join(map(_lot, found)) or "the order has no lots; see --lot-size")


@command()
@click.argument("order")
def progress(door: Door, order: str) -> None:
    """How far an order is, and when it ends at the pace of the last day."""
    with opened(door) as workspace:
        found = progress_of(workspace, order)
    door.give(asdict(found), _progress(found))


@command()
@click.argument("order", default="")
@click.option("--per-hour", type=click.FloatRange(0), help="What an hour of work costs.")
def cost(door: Door, order: str, per_hour: float | None) -> None:
    """Time, boxes and money by annotator, for ORDER or for all.

    Time is that between signs of life, of at most two minutes each.
    """
    with opened(door) as workspace:
        found = costs_of(workspace, order, per_hour=per_hour)
    value = {"annotators": [asdict(item) for item in found]}
    door.give(value, "\n".join(map(_cost, found)) or "nobody did anything yet")


def _lot(lot: LabelLot) -> str:
    sample = f", inspected {lot.inspected} of {lot.sample}, {lot.bad} bad, at most {lot.limit}"
    again = f", sent back {lot.round} times" if lot.round else ""
    told = sample if lot.sample else ""
    return f"lot {lot.number}: {lot.state}, {lot.frames} frames{told}{again}"


def _progress(found: Progress) -> str:
    share = found.settled / found.frames if found.frames else 0.0
    lines = [
        (
            f"{found.settled:,} of {found.frames:,} frames settled ({share:.1%}), "
            f"{found.answers:,} answers, {found.marks:,} annotations"
        ),
        (
            f"waiting: {found.waiting:,} to draw, {found.reviews_waiting:,} to review, "
            f"{found.parked:,} parked"
        ),
    ]
    if found.looks_per_frame is not None:
        lines.append(f"{found.looks_per_frame:.2f} answers per settled frame")
    if found.seconds_per_answer is not None and found.hours_left is not None:
        lines.append(
            f"{found.seconds_per_answer:.1f} s per answer; {found.left:,.0f} answers, "
            f"{found.hours_left:,.1f} hours of work left"
        )
    if found.answers_per_hour is not None and found.eta_ns is not None:
        lines.append(
            f"{found.answers_per_hour:,.1f} answers an hour; done {to_iso(found.eta_ns)[:16]}Z"
        )
    return "\n".join(lines)


def _cost(item: AnnotatorCost) -> str:
    each = "" if item.seconds_per_mark is None else f", {item.seconds_per_mark:.1f} s per box"
    score = "" if item.score is None else f", {item.score:.0%} at {item.honeypots} honeypots"
    money = "" if item.cost is None else f", cost {item.cost:.2f}"
    box = "" if item.cost_per_mark is None else f" ({item.cost_per_mark:.3f} per box)"
    lost = f", {item.lost_hours:.2f} h lost" if item.lost_hours else ""
    return (
        f"{item.annotator}: {item.answers} answers, {item.reviews} reviews, {item.marks} boxes "
        f"in {item.hours:.2f} h{each}{lost}{score}{money}{box}; "
        f"{item.skipped} skipped, {item.expired} expired"
    )
