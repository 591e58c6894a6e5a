"""Which boxes of each frame are right: truth that was found or missed, detections that stand on it.

Counts what `score.worst_frames` ranks by, box by box; computes no KPI.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.evaluate.columns import ALL, Scene, scene
from ringroad.evaluate.score import CONFIDENT
from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.matching import MOST, greedy

MISSED, FOUND, RIGHT, FALSE = "missed", "found", "right", "false"
IOU = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """Boxes of some frames, and what each came to.

    Attributes:
        part: the frames and the truth on them.
        seen: detections of at least the threshold.
        found: (truths,) bool, whether a detection stands on it.
        right: (seen,) bool, whether it stands on a truth of its category.
    """

    part: Scene
    seen: FlatBoxes
    found: np.ndarray
    right: np.ndarray


def settle(
    truth: pa.Table,
    predictions: pa.Table,
    manifest: pa.Table,
    *,
    categories: Sequence[str],
    condition: str = ALL,
    threshold: float = CONFIDENT,
) -> Settled:
    """Give each detection the truth it stands on, as COCO does, at IoU 0.5.

    Args:
        truth: rows of `schemas.ANNOTATIONS`.
        predictions: rows of `schemas.PREDICTIONS` of one model version.
        manifest: rows of `schemas.MANIFEST`; frames that nobody looked at fall out.
        categories: those that were annotated and count.
        condition: only frames of this condition; `all` for every frame.
        threshold: detections of a lower score are not looked at.
    """
    part = scene(truth, manifest, categories=categories).part(condition)
    detections = part.detections(predictions)
    seen = detections.take(detections.scores >= threshold)
    found, right = np.zeros(len(part.truths), bool), np.zeros(len(seen), bool)
    base = max(len(part.categories), 1)
    truth_group = part.truths.frames * base + part.truths.categories
    seen_group = seen.frames * base + seen.categories
    for group in np.intersect1d(truth_group, seen_group):
        at = np.nonzero(seen_group == group)[0]
        best = at[np.argsort(-seen.scores[at], kind="stable")][:MOST]
        there = np.nonzero(truth_group == group)[0]
        given = greedy(seen.boxes[best], part.truths.boxes[there], iou=IOU)
        right[best[given >= 0]] = True
        found[there[given[given >= 0]]] = True
    return Settled(part=part, seen=seen, found=found, right=right)


def counted(settled: Settled) -> pa.Table:
    """One row per frame: truths, how many were missed, false detections; most errors first."""
    part, size = settled.part, len(settled.part.frames)
    truths = np.bincount(part.truths.frames, minlength=size)
    missed = np.bincount(part.truths.frames[~settled.found], minlength=size)
    false = np.bincount(settled.seen.frames[~settled.right], minlength=size)
    rows = pa.table(
        {
            "frame_id": part.frames,
            "condition": pa.array(part.conditions.tolist(), pa.string()),
            "truths": pa.array(truths, pa.int64()),
            "missed": pa.array(missed, pa.int64()),
            "false": pa.array(false, pa.int64()),
            "errors": pa.array(missed + false, pa.int64()),
        }
    )
    return rows.sort_by([("errors", "descending"), ("frame_id", "ascending")])


def boxes_of(settled: Settled) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Truths and detections as plain values, each with its frame and what it came to."""
    part, seen = settled.part, settled.seen
    words = ((MISSED, FOUND), (FALSE, RIGHT))
    return (
        _plain(part, part.truths, settled.found, words[0]),
        _plain(part, seen, settled.right, words[1], scored=True),
    )


def _plain(
    part: Scene, boxes: FlatBoxes, good: np.ndarray, words: tuple[str, str], *, scored: bool = False
) -> list[dict[str, object]]:
    rows = []
    for place in range(len(boxes)):
        row: dict[str, object] = {
            "frame_id": part.frames[int(boxes.frames[place])].as_py(),
            "category": part.categories[int(boxes.categories[place])],
            **dict(zip("xywh", boxes.boxes[place].tolist(), strict=True)),
            "came_to": words[int(good[place])],
        }
        rows.append(row | {"score": float(boxes.scores[place])} if scored else row)
    return rows
