"""The AP50 of two model versions on one test split, and the interval of their difference.

Compares scores, not answers: which boxes differ, frame by frame, is `resimulate`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.kpi import Kpi
from ringroad.evaluate.columns import ALL, scene
from ringroad.evaluate.score import check_sampling
from ringroad.metrics.intervals import paired_difference

DIFFERENCE = "AP50 difference"


def difference(
    truth: pa.Table,
    before: pa.Table,
    after: pa.Table,
    manifest: pa.Table,
    *,
    annotated: Sequence[str],
    categories: Sequence[str],
    condition: str = ALL,
    unit: str,
    confidence: float,
    replicates: int,
    seed: int,
) -> Kpi:
    """AP50 of `after` less that of `before`, mean over the categories that have truths.

    Both are resampled together, unit by unit, so what makes a unit hard for both cancels. An
    interval that lies above 0 says that `after` is better.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        before: rows of `schemas.PREDICTIONS` of the one model version, the champion.
        after: of the other, the candidate.
        manifest: rows of `schemas.MANIFEST`, those of the split to evaluate.
        annotated: categories that the annotators looked for.
        categories: categories to compare; one gives its difference, several the mean.
        condition: only frames of this condition; `all` for every frame.
        unit: what a unit of the manifest is, in words.
        confidence: of the interval, between 0 and 1.
        replicates: resamplings of units.
        seed: of the resampling.

    Raises:
        UsageError: a confidence outside 0 to 1, or no replicates.
        InputError: the manifest names a frame twice.
    """
    check_sampling(confidence, replicates)
    known = tuple(name for name in dict.fromkeys(categories) if name in annotated)
    part = scene(truth, manifest, categories=known).part(condition)
    old, new = (part.matches(part.detections(rows)) for rows in (before, after))
    found = paired_difference(
        list(old.values()),
        list(new.values()),
        units=part.count,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
    )
    return Kpi(
        metric=DIFFERENCE,
        category=categories[0] if len(categories) == 1 else ALL,
        slice=condition,
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=confidence,
        units=part.count,
        unit=unit,
        truths=len(part.truths),
        frames=len(part.frames),
    )
