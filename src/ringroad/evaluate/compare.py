"""AP50 of a candidate less that of the champion on one test split, each with its interval.

Compares scores, not answers: which boxes differ, frame by frame, is `resimulate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.domain.kpi import Kpi
from ringroad.evaluate.columns import ALL, Scene, scene
from ringroad.evaluate.frame_errors import counted, settle
from ringroad.evaluate.gate import LEAST_UNITS
from ringroad.evaluate.score import check_sampling
from ringroad.metrics.intervals import Interval, paired_difference
from ringroad.metrics.matching import Matches

DIFFERENCE = "AP50 difference"
BETTER, WORSE, OPEN, TOO_FEW = "better", "worse", "not decided", "too few units"
NOT_EVALUATED = Interval(value=None, low=None, high=None)


def differences(
    truth: pa.Table,
    champion: pa.Table,
    candidate: pa.Table,
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
    """AP50 of the candidate less that of the champion: each category and `all`, in each slice.

    Both are resampled together, unit by unit, so what makes a unit hard for both cancels (a
    paired bootstrap). An interval that lies above 0 says that the candidate is better. `all` is
    the difference of the means over the categories that have truths in the slice. A value of None
    means not evaluated.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        champion: rows of `schemas.PREDICTIONS` of the one model version.
        candidate: of the other.
        manifest: rows of `schemas.MANIFEST`, those of the split to evaluate.
        annotated: categories that the annotators looked for; others are not evaluated.
        categories: categories to report.
        conditions: slices beside `all`.
        unit: what a unit of the manifest is, in words.
        confidence: of the intervals, between 0 and 1.
        replicates: resamplings of units.
        seed: of the resampling.

    Raises:
        UsageError: a confidence outside 0 to 1, or no replicates.
        InputError: the manifest names a frame twice.
    """
    check_sampling(confidence, replicates)
    known = tuple(name for name in dict.fromkeys(categories) if name in annotated)
    whole = scene(truth, manifest, categories=known)

    def found() -> Iterator[Kpi]:
        for condition in dict.fromkeys((ALL, *conditions)):
            part = whole.part(condition)
            old, new = (part.matches(part.detections(rows)) for rows in (champion, candidate))
            groups = {name: ([old[name]], [new[name]]) for name in old}
            groups[ALL] = (list(old.values()), list(new.values()))
            for name in dict.fromkeys((*categories, ALL)):
                pair = groups.get(name, ([], []))
                value = (
                    paired_difference(
                        *pair,
                        units=part.count,
                        confidence=confidence,
                        replicates=replicates,
                        seed=seed,
                    )
                    if pair[0]
                    else NOT_EVALUATED
                )
                yield _kpi(part, old, name, condition, value, unit=unit, confidence=confidence)

    return tuple(found())


def standing(kpi: Kpi) -> str:
    """What a difference says of the candidate; as for gates, a few units decide nothing."""
    if kpi.low is None or kpi.high is None or kpi.units < LEAST_UNITS:
        return TOO_FEW if kpi.value is not None else ""
    if kpi.low > 0:
        return BETTER
    return WORSE if kpi.high < 0 else OPEN


def worsened_frames(
    truth: pa.Table,
    champion: pa.Table,
    candidate: pa.Table,
    manifest: pa.Table,
    *,
    categories: Sequence[str],
    condition: str = ALL,
    limit: int,
) -> tuple[FrameId, ...]:
    """The frames on which the candidate makes more errors than the champion, worst first.

    Errors are counted as by `frame_errors.counted`: truths missed, and confident detections that
    stand on none. Equal ones stand in order of their ids.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        champion: rows of `schemas.PREDICTIONS` of the one model version.
        candidate: of the other.
        manifest: rows of `schemas.MANIFEST`.
        categories: those that were annotated and count.
        condition: only frames of this condition; `all` for every frame.
        limit: at most so many frames.
    """
    old, new = (
        _errors(counted(settle(truth, rows, manifest, categories=categories, condition=condition)))
        for rows in (champion, candidate)
    )
    more = {frame: errors - old[frame] for frame, errors in new.items()}
    worse = sorted((frame for frame in more if more[frame] > 0), key=lambda at: (-more[at], at))
    return tuple(FrameId(frame) for frame in worse[:limit])


def _errors(rows: pa.Table) -> dict[str, int]:
    return dict(zip(rows["frame_id"].to_pylist(), rows["errors"].to_pylist(), strict=True))


def _kpi(
    part: Scene,
    with_truth: Mapping[str, Matches],
    category: str,
    condition: str,
    value: Interval,
    *,
    unit: str,
    confidence: float,
) -> Kpi:
    number = part.categories.index(category) if category in with_truth else -1
    truths = len(part.truths) if category == ALL else int((part.truths.categories == number).sum())
    return Kpi(
        metric=DIFFERENCE,
        category=category,
        slice=condition,
        value=value.value,
        low=value.low,
        high=value.high,
        confidence=confidence,
        units=part.count,
        unit=unit,
        truths=truths,
        frames=len(part.frames),
    )
