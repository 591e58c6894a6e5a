"""KPIs of a model version on a test split, by category and condition, each with its interval.

Compares with truth only: two model versions beside each other are `compare` and `resimulate`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.kpi import Kpi
from ringroad.evaluate.columns import ALL, Scene, scene
from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.detection import average_precision
from ringroad.metrics.intervals import Interval, interval
from ringroad.metrics.matching import MOST, greedy

AP50 = "AP50"
AP = "AP"
CONFIDENT = 0.3
"""A false detection of at least this score counts against a frame."""
NOT_EVALUATED = Interval(value=None, low=None, high=None)


def score(
    truth: pa.Table,
    predictions: pa.Table,
    manifest: pa.Table,
    *,
    annotated: Sequence[str],
    categories: Sequence[str],
    conditions: Sequence[str],
    unit: str,
    confidence: float,
    replicates: int,
    seed: int,
) -> tuple[Kpi, ...]:
    """AP50 with its interval, then AP, for each category and `all`, in each slice.

    `all` is the mean over those of `categories` that have truths in the slice. A value of None
    means not evaluated. Frames without a row in `truth` were not looked at and do not count.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        predictions: rows of `schemas.PREDICTIONS` of one model version.
        manifest: rows of `schemas.MANIFEST`, those of the split to evaluate.
        annotated: categories that the annotators looked for; predictions of others are ignored.
        categories: categories to report.
        conditions: slices beside `all`.
        unit: what a unit of the manifest is, in words.
        confidence: of the intervals, between 0 and 1.
        replicates: resamplings of units per interval.
        seed: of the resampling.

    Raises:
        UsageError: a confidence outside 0 to 1, or no replicates.
        InputError: the manifest names a frame twice.
    """
    check_sampling(confidence, replicates)
    known = tuple(name for name in dict.fromkeys(categories) if name in annotated)
    whole = scene(truth, manifest, categories=known)
    found: list[Kpi] = []
    for condition in dict.fromkeys((ALL, *conditions)):
        part = whole.part(condition)
        detections = part.detections(predictions)
        spread = _intervals(part, detections, confidence, replicates, seed)
        plain = _values(part, detections)
        for name in dict.fromkeys((*categories, ALL)):
            for metric, values in ((AP50, spread), (AP, plain)):
                one = values.get(name, NOT_EVALUATED)
                found.append(
                    Kpi(
                        metric=metric,
                        category=name,
                        slice=condition,
                        value=one.value,
                        low=one.low,
                        high=one.high,
                        confidence=confidence,
                        units=part.count,
                        unit=unit,
                        truths=_truths(part, name),
                        frames=len(part.frames),
                    )
                )
    return tuple(found)


def check_sampling(confidence: float, replicates: int) -> None:
    """Refuse what gives no interval.

    Raises:
        UsageError: a confidence outside 0 to 1, or no replicates.
    """
    if not 0.0 < confidence < 1.0:
        raise UsageError(f"confidence {confidence}", remedy="give one between 0 and 1, as 0.95")
    if replicates < 1:
        raise UsageError(f"{replicates} replicates", remedy="give at least 1; 1000 is usual")


def worst_frames(
    truth: pa.Table,
    predictions: pa.Table,
    manifest: pa.Table,
    *,
    categories: Sequence[str],
    condition: str = ALL,
    limit: int,
) -> tuple[FrameId, ...]:
    """The frames with the most missed truths and confident false detections, worst first.

    A truth is missed where no detection of at least `CONFIDENT` stands on it, at IoU 0.5; a
    detection of such a score that stands on none is false. Frames without an error are not
    among them; equal ones stand in order of their ids.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        predictions: rows of `schemas.PREDICTIONS` of one model version.
        manifest: rows of `schemas.MANIFEST`.
        categories: those that were annotated and count.
        condition: only frames of this condition; `all` for every frame.
        limit: at most so many frames.
    """
    part = scene(truth, manifest, categories=categories).part(condition)
    seen = part.detections(predictions)
    errors = _errors(part, seen.take(seen.scores >= CONFIDENT))
    order = np.argsort(-errors, kind="stable")[:limit]
    return tuple(FrameId(part.frames[int(at)].as_py()) for at in order if errors[at] > 0)


def _intervals(
    part: Scene, detections: FlatBoxes, confidence: float, replicates: int, seed: int
) -> dict[str, Interval]:
    """AP50 of the categories that have truths, and of `all`."""
    matches = part.matches(detections)
    groups = {name: [one] for name, one in matches.items()} | {ALL: list(matches.values())}
    return {
        name: interval(
            group, units=part.count, confidence=confidence, replicates=replicates, seed=seed
        )
        for name, group in groups.items()
    }


def _values(part: Scene, detections: FlatBoxes) -> dict[str, Interval]:
    """AP of the categories that have truths, and of `all`."""
    each = average_precision(
        part.truths, detections, frames=len(part.frames), categories=range(len(part.categories))
    )
    known = {part.categories[number]: one.ap for number, one in each.items() if one is not None}
    if known:
        known[ALL] = float(np.mean(list(known.values())))
    return {name: Interval(value=ap, low=None, high=None) for name, ap in known.items()}


def _truths(part: Scene, category: str) -> int:
    if category == ALL:
        return len(part.truths)
    if category not in part.categories:
        return 0
    return int((part.truths.categories == part.categories.index(category)).sum())


def _errors(part: Scene, seen: FlatBoxes) -> np.ndarray:
    """(frames,) missed truths and false detections."""
    size, base = len(part.frames), max(len(part.categories), 1)
    errors = np.bincount(part.truths.frames, minlength=size)
    errors += np.bincount(seen.frames, minlength=size)
    truth_group = part.truths.frames * base + part.truths.categories
    seen_group = seen.frames * base + seen.categories
    for group in np.intersect1d(truth_group, seen_group):
        at = np.nonzero(seen_group == group)[0]
        best = at[np.argsort(-seen.scores[at], kind="stable")][:MOST]
        given = greedy(seen.boxes[best], part.truths.boxes[truth_group == group], iou=0.5)
        errors[group // base] -= 2 * int((given >= 0).sum())
    return errors
