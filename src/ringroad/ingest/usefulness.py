"""How much each stretch of a recording is worth keeping, from what is cheap to know.

It says why, and removes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.ids import RecordingId
from ringroad.domain.time import SECOND_NS, from_seconds
from ringroad.ingest.events.found import HARD_BRAKE, NEAR_MISS, SHARP_STEERING, STANDSTILL
from ringroad.ingest.events.spans import runs_of
from ringroad.media.motion import on_grid, signals_of
from ringroad.media.schemas import USEFULNESS

PARKED = "parked"
DUPLICATE = "duplicate"
OCCLUDED = "occluded"
DARK = "dark"
EMPTY = "nothing in view"
FAILED = "failed check"
KEPT = "kept for"
"""Stands before the event that makes a stretch worth all, whatever else is said of it."""

THUMBNAIL = (12, 20)
"""Rows and columns of a tiny picture."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""
MOST_STRETCHES = 100_000
"""Six days; where a damaged clock says more, stretches get longer instead."""
NAMED_FROM = 0.05
"""A reason is named where it takes this much off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsefulnessLimits:
    """What makes a stretch less useful, and what it is worth then. The values are our choice."""

    stretch_s: float = 5.0
    """Scores are given for stretches of this length."""
    parked_s: float = 120.0
    """A standstill beyond this is parked: signals of crossings seldom stay red for longer."""
    parked_worth: float = 0.1
    duplicate_luma: float = 0.006
    """Two tiny pictures in which no cell changes by as much, of 0 to 1: 1.5 grey levels. Noise
    vanishes in the mean of a cell; a light that switches or a pedestrian who crosses does not."""
    duplicate_worth: float = 0.05
    occluded_luma: float = 0.008
    """A cell that changes by less over a stretch, while the vehicle moves, shows no road ..."""
    occluded_share: float = 0.6
    """... and with such a share of cells the lens is covered; sky and bonnet are less."""
    occluded_worth: float = 0.1
    moving_mps: float = 3.0
    dark_luma: float = 0.06
    """No cell is brighter: not even a lamp, or what headlights show."""
    dark_worth: float = 0.1
    empty_s: float = 10.0
    """A network that finds nothing for so long has nothing in view."""
    empty_worth: float = 0.4
    failed_worth: float = 0.3
    """Where a check of severity `error` failed."""
    keep_events: tuple[str, ...] = (NEAR_MISS, HARD_BRAKE, SHARP_STEERING)
    """A stretch with one of these is worth all."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name.endswith(("_worth", "_share", "_luma")) and not 0 <= value <= 1:
                raise ValueError(f"{item.name} lies between 0 and 1, not {value!r}")
            if item.name.endswith("_s") and not value > 0:
                raise ValueError(f"{item.name} is more than 0, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """Tiny pictures of one camera.

    Attributes:
        time_ns: (n,) int64, rising.
        luma: (n, rows, columns) float32, 0 to 1.
    """

    time_ns: np.ndarray
    luma: np.ndarray


def looks_of(time_ns: np.ndarray, pixels: np.ndarray) -> Looks:
    """Make (n, height, width, 3) uint8 pictures tiny: the mean of each cell."""
    order = np.argsort(time_ns, kind="stable")
    luma = np.stack([_tiny(pixels[at]) for at in order]) if len(order) else np.zeros((0, 1, 1))
    return Looks(time_ns=time_ns[order], luma=luma.astype(np.float32))


def usefulness(
    recording: RecordingId,
    span_ns: tuple[int, int],
    *,
    signals: pa.Table,
    events: pa.Table,
    looks: Sequence[Looks] = (),
    boxes: tuple[np.ndarray, np.ndarray] | None = None,
    checks: pa.Table | None = None,
    limits: UsefulnessLimits | None = None,
) -> pa.Table:
    """Rows of `schemas.USEFULNESS` that cover the recording; equal neighbours are one row.

    Every reason takes off its part of the worth, as far as it covers the stretch. With several
    cameras, what is wrong with pictures counts as far as it is wrong with all of them.

    Args:
        recording: whose rows these are.
        span_ns: its first and last time.
        signals: rows of `schemas.SIGNALS`.
        events: rows of `schemas.EVENTS`.
        looks: tiny pictures, one entry per camera.
        boxes: times (n,) int64 and how many things a network found (n,), where one looked.
        checks: rows of `schemas.CHECKS`.
        limits: what counts, and how much.
    """
    rule = limits or UsefulnessLimits()
    edges = _edges(span_ns, rule)
    covers = {PARKED: _cover(_parked(events, rule), edges)}
    covers |= _of_pictures(looks, signals, edges, rule)
    if boxes is not None:
        covers[EMPTY] = _cover(_empty(*boxes, rule), edges)
    if checks is not None:
        covers[FAILED] = _cover(_failed(checks), edges)
    kept = {kind: _holds(events, kind, edges) for kind in rule.keep_events}
    return _rows(recording, edges, _worth(covers, rule), kept)


def _edges(span_ns: tuple[int, int], rule: UsefulnessLimits) -> np.ndarray:
    """(n + 1,) times at which stretches begin and end; the last one is shorter."""
    begin, end = span_ns
    step = max(from_seconds(rule.stretch_s), (end - begin) // MOST_STRETCHES + 1)
    count = max(1, -(-(end - begin) // step))
    edges = begin + np.arange(count + 1) * step
    edges[-1] = max(end, begin + 1)
    return edges


def _worth(covers: Mapping[str, np.ndarray], rule: UsefulnessLimits) -> dict[str, np.ndarray]:
    """Reason -> (n,) what it leaves of each stretch, 0 to 1."""
    worth = {
        PARKED: rule.parked_worth,
        DUPLICATE: rule.duplicate_worth,
        OCCLUDED: rule.occluded_worth,
        DARK: rule.dark_worth,
        EMPTY: rule.empty_worth,
        FAILED: rule.failed_worth,
    }
    return {reason: 1 - cover * (1 - worth[reason]) for reason, cover in covers.items()}


def _rows(
    recording: RecordingId,
    edges: np.ndarray,
    worth: Mapping[str, np.ndarray],
    kept: Mapping[str, np.ndarray],
) -> pa.Table:
    rows: list[dict[str, object]] = []
    for number, (begin, end) in enumerate(
        zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ):
        event = next((kind for kind, holds in kept.items() if holds[number]), "")
        left = {reason: float(values[number]) for reason, values in worth.items()}
        score = 1.0 if event else round(float(np.prod(list(left.values()))), 3)
        named = sorted((part, name) for name, part in left.items() if part <= 1 - NAMED_FROM)
        reason = f"{KEPT} {event}" if event else ", ".join(name for _, name in named)
        if rows and (rows[-1]["score"], rows[-1]["reason"]) == (score, reason):
            rows[-1]["end_ns"] = end
            continue
        rows.append(
            {
                "recording_id": recording,
                "start_ns": begin,
                "end_ns": end,
                "score": score,
                "reason": reason,
            }
        )
    return pa.Table.from_pylist(rows, schema=USEFULNESS)


def _cover(spans: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """(n,) share of each stretch that (k, 2) spans of time cover; spans may overlap."""
    if not len(spans):
        return np.zeros(len(edges) - 1)
    merged = _merged(spans)
    points = (merged.ravel() - edges[0]).astype(np.float64)
    lengths = np.zeros(len(points))
    lengths[1::2] = points[1::2] - points[::2]
    covered = np.interp((edges - edges[0]).astype(np.float64), points, np.cumsum(lengths))
    share: np.ndarray = np.clip(np.diff(covered) / np.diff(edges), 0.0, 1.0)
    return share


def _merged(spans: np.ndarray) -> np.ndarray:
    """Spans by begin, those that touch made one."""
    ordered = spans[np.argsort(spans[:, 0], kind="stable")]
    until = np.maximum.accumulate(ordered[:, 1])
    first = np.concatenate([[True], ordered[1:, 0] > until[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.stack([ordered[first, 0], until[last]], axis=1)


def _times(rows: pa.Table) -> np.ndarray:
    return np.stack([rows["start_ns"].to_numpy(), rows["end_ns"].to_numpy()], axis=1)


def _parked(events: pa.Table, rule: UsefulnessLimits) -> np.ndarray:
    """Standstills that last, without their first part: how the vehicle came to stand is kept."""
    spans = _times(events.filter(pc.equal(events["event"], STANDSTILL)))
    later: np.ndarray = spans + np.array([from_seconds(rule.parked_s), 0])
    lasting: np.ndarray = later[later[:, 1] > later[:, 0]]
    return lasting


def _failed(checks: pa.Table) -> np.ndarray:
    return _times(checks.filter(pc.equal(checks["severity"], "error")))


def _empty(time_ns: np.ndarray, count: np.ndarray, rule: UsefulnessLimits) -> np.ndarray:
    order = np.argsort(time_ns, kind="stable")
    spans = _spans_of(time_ns[order], count[order] == 0)
    long: np.ndarray = spans[spans[:, 1] - spans[:, 0] >= rule.empty_s * SECOND_NS]
    return long


def _holds(events: pa.Table, kind: str, edges: np.ndarray) -> np.ndarray:
    """(n,) whether an event of a kind touches each stretch."""
    held = np.zeros(len(edges) - 1, bool)
    for begin, end in _times(events.filter(pc.equal(events["event"], kind))).tolist():
        held |= (edges[:-1] <= end) & (edges[1:] > begin)
    return held


def _of_pictures(
    looks: Sequence[Looks], signals: pa.Table, edges: np.ndarray, rule: UsefulnessLimits
) -> dict[str, np.ndarray]:
    """What is wrong with all cameras."""
    parts = [
        {
            DUPLICATE: _cover(_duplicates(look, rule), edges),
            DARK: _cover(_spans_of(look.time_ns, _dark(look, rule)), edges),
            OCCLUDED: _occluded(look, signals, edges, rule),
        }
        for look in looks
        if len(look.time_ns) > 1
    ]
    if not parts:
        return {}
    return {reason: np.min([part[reason] for part in parts], axis=0) for reason in parts[0]}


def _tiny(picture: np.ndarray) -> np.ndarray:
    """Mean luma of each cell of one (height, width, 3) uint8 picture."""
    luma = picture.astype(np.float32) @ (LUMA / np.float32(255))
    rows, columns = (min(a, b) for a, b in zip(THUMBNAIL, luma.shape, strict=True))
    high, wide = luma.shape[0] // rows, luma.shape[1] // columns
    cut = luma[: high * rows, : wide * columns]
    mean: np.ndarray = cut.reshape(rows, high, columns, wide).mean(axis=(1, 3))
    return mean


def _duplicates(look: Looks, rule: UsefulnessLimits) -> np.ndarray:
    """From each picture to the next that shows the same."""
    change = np.abs(np.diff(look.luma, axis=0)).max(axis=(1, 2))
    same = np.flatnonzero(change < rule.duplicate_luma)
    return np.stack([look.time_ns[same], look.time_ns[same + 1]], axis=1)


def _dark(look: Looks, rule: UsefulnessLimits) -> np.ndarray:
    found: np.ndarray = look.luma.max(axis=(1, 2)) < rule.dark_luma
    return found


def _spans_of(time_ns: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Stretches of time over which something was true of one picture after the other."""
    runs = runs_of(true)
    ends = np.minimum(runs[:, 1], len(time_ns) - 1)  # until the first of which it is not
    return np.stack([time_ns[runs[:, 0]], time_ns[ends]], axis=1)


def _occluded(
    look: Looks, signals: pa.Table, edges: np.ndarray, rule: UsefulnessLimits
) -> np.ndarray:
    """(n,) 1 for stretches in which most cells never change although the vehicle moves."""
    speed = on_grid(signals_of(signals).speed, look.time_ns, 2.5)
    found = np.zeros(len(edges) - 1)
    bounds = np.searchsorted(look.time_ns, edges)
    for number, (begin, end) in enumerate(pairwise(bounds.tolist())):
        part = look.luma[begin:end]
        if len(part) < 3 or not (speed[begin:end] >= rule.moving_mps).all():
            continue
        still = np.ptp(part, axis=0) < rule.occluded_luma
        found[number] = float(still.mean() >= rule.occluded_share)
    return found
