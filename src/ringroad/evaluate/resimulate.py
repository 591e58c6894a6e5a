"""A candidate beside the champion on the same recordings: where they differ, and how much.

The disagreement of a frame is the sum over its differences of

    missing or extra box     its score
    other category           the higher of the two scores
    other light state        the higher of the two scores
    moved box                1 - IoU
    other score              the distance of the scores

so a frame of 2.0 differs by about two certain boxes that only one network saw. The frames that
differ most are what mining looks at next. The same plan beside itself is `replay`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import CATEGORIES
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.evaluate.difference import (
    CANDIDATE,
    CHAMPION,
    KINDS,
    NOTHING,
    Boxes,
    Difference,
    Tolerances,
    differences,
)

DIFFERENCES = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # one of KINDS
        pa.field("champion", pa.string()),  # what it answered: category, or light state
        pa.field("candidate", pa.string()),
        pa.field("champion_score", pa.float32()),
        pa.field("candidate_score", pa.float32()),
        pa.field("iou", pa.float32()),  # of the two boxes; null where there is only one
        pa.field("x", pa.float32(), nullable=False),  # the champion's box, else the candidate's
        pa.field("y", pa.float32(), nullable=False),
        pa.field("w", pa.float32(), nullable=False),
        pa.field("h", pa.float32(), nullable=False),
        pa.field("weight", pa.float32(), nullable=False),
        pa.field("right", pa.string(), nullable=False),  # champion, candidate, both, neither, ""
    ]
)
"""One row per difference: the frame that differs most first, its heaviest difference first."""

COMPARED = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),
        pa.field("champion_boxes", pa.int32(), nullable=False),
        pa.field("candidate_boxes", pa.int32(), nullable=False),
        *(pa.field(kind, pa.int32(), nullable=False) for kind in KINDS),
        pa.field("champion_right", pa.int32(), nullable=False),
        pa.field("candidate_right", pa.int32(), nullable=False),
        pa.field("disagreement", pa.float32(), nullable=False),
    ]
)
"""One row per frame compared, by frame id; frames that agree are among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSummary:
    """All frames of one condition, or of `all`."""

    condition: str
    frames: int
    disagreeing: int
    """Frames with at least one difference."""
    champion_boxes: int
    candidate_boxes: int
    kinds: Mapping[str, int]
    """How many differences of each kind."""
    champion_right: int
    candidate_right: int
    mean_disagreement: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resimulation:
    """What a comparison found: rows of `DIFFERENCES` and of `COMPARED`, and their sums."""

    differences: pa.Table
    frames: pa.Table
    summary: tuple[ConditionSummary, ...]

    def disagreeing_frames(self, limit: int) -> tuple[FrameId, ...]:
        """The frames that differ most, worst first; equal ones by id."""
        worst = self.frames.filter(pc.greater(self.frames["disagreement"], 0))
        order = [("disagreement", "descending"), ("frame_id", "ascending")]
        names = worst.sort_by(order)["frame_id"].slice(0, limit)
        return tuple(FrameId(name) for name in names.to_pylist())


def compare(
    champion: pa.Table,
    candidate: pa.Table,
    *,
    conditions: Mapping[FrameId, str],
    tolerances: Tolerances | None = None,
    truth: pa.Table | None = None,
    annotated: Collection[str] = CATEGORIES,
) -> Resimulation:
    """Compare two tables of `schemas.PREDICTIONS` over the same frames.

    Args:
        champion: what is deployed now.
        candidate: what may follow it.
        conditions: every frame that both looked at, and its condition.
        tolerances: what counts as the same.
        truth: `schemas.ANNOTATIONS`; frames without a row there have no known truth.
        annotated: categories that truth speaks about; of others it cannot say who was right.

    Raises:
        InputError: predictions on frames that are not in `conditions`.
    """
    limits = tolerances or Tolerances()
    old = _predicted(champion, limits.threshold, conditions)
    new = _predicted(candidate, limits.threshold, conditions)
    real = {} if truth is None else _annotated(truth)
    known = frozenset(annotated)
    found, compared = [], []
    for frame in sorted(conditions):
        a, b = old.get(frame, NOTHING), new.get(frame, NOTHING)
        rows = differences(a, b, limits, truth=real.get(frame), annotated=known)
        head = {"frame_id": frame, "condition": conditions[frame]}
        counts = _counts(a, b, rows)
        compared.append({**head, **counts})
        found += [
            (counts["disagreement"], frame, row.weight, {**head, **_row(row)}) for row in rows
        ]
    found.sort(key=lambda entry: (-entry[0], entry[1], -entry[2]))
    return Resimulation(
        differences=pa.Table.from_pylist([entry[3] for entry in found], schema=DIFFERENCES),
        frames=pa.Table.from_pylist(compared, schema=COMPARED),
        summary=_summaries(pa.Table.from_pylist(compared, schema=COMPARED)),
    )


def _row(difference: Difference) -> dict[str, object]:
    plain = ("kind", "champion", "candidate", "champion_score", "candidate_score", "iou")
    return {
        **{name: getattr(difference, name) for name in (*plain, "weight", "right")},
        **dict(zip("xywh", difference.box.tolist(), strict=True)),
    }


def _counts(old: Boxes, new: Boxes, rows: list[Difference]) -> dict[str, float]:
    kinds = [row.kind for row in rows]
    right = [row.right for row in rows]
    return {
        "champion_boxes": len(old.boxes),
        "candidate_boxes": len(new.boxes),
        **{kind: kinds.count(kind) for kind in KINDS},
        "champion_right": right.count(CHAMPION),
        "candidate_right": right.count(CANDIDATE),
        "disagreement": sum(row.weight for row in rows),
    }


def _predicted(
    table: pa.Table, threshold: float, conditions: Mapping[FrameId, str]
) -> dict[str, Boxes]:
    """Boxes over the threshold by frame, best first."""
    strange = sorted(set(table["frame_id"].unique().to_pylist()) - set(conditions))
    if strange:
        raise InputError(
            f"predictions on {len(strange)} frames that are not compared, {strange[0]} first",
            remedy="predict with both networks on the same selection",
        )
    over = table.filter(pc.greater_equal(table["score"], pa.scalar(threshold, pa.float32())))
    order = [("frame_id", "ascending"), ("score", "descending"), ("prediction_id", "ascending")]
    rows = over.sort_by(order)
    return _by_frame(rows, rows["score"].to_numpy().astype(np.float64))


def _annotated(table: pa.Table) -> dict[str, Boxes]:
    rows = table.sort_by([("frame_id", "ascending"), ("annotation_id", "ascending")])
    return _by_frame(rows, np.ones(len(rows)))


def _by_frame(rows: pa.Table, scores: np.ndarray) -> dict[str, Boxes]:
    """Cut rows, sorted by frame, into frames; rows without a category say "looked at, empty"."""
    frames, categories, states = (
        np.array(rows[name].to_pylist(), object) for name in ("frame_id", "category", "light_state")
    )
    boxes = np.stack([rows[name].to_numpy() for name in "xywh"], axis=1).astype(np.float64)
    cuts = np.flatnonzero(frames[1:] != frames[:-1]) + 1
    found = {}
    for whole in np.split(np.arange(len(frames)), cuts) if len(frames) else []:
        index = whole[categories[whole] != ""]
        found[str(frames[whole[0]])] = Boxes(
            boxes=boxes[index],
            categories=categories[index],
            scores=scores[index],
            states=states[index],
        )
    return found


def _summaries(frames: pa.Table) -> tuple[ConditionSummary, ...]:
    """`all` first, then each condition by name."""
    named = sorted(set(frames["condition"].to_pylist()) - {""})
    groups = {name: frames.filter(pc.equal(frames["condition"], name)) for name in named}
    return tuple(_summary(name, rows) for name, rows in {"all": frames, **groups}.items())


def _summary(condition: str, rows: pa.Table) -> ConditionSummary:
    def total(name: str) -> int:
        return int(rows[name].to_numpy().sum())

    differs = np.any([rows[kind].to_numpy() > 0 for kind in KINDS], axis=0)
    return ConditionSummary(
        condition=condition,
        frames=len(rows),
        disagreeing=int(differs.sum()),
        champion_boxes=total("champion_boxes"),
        candidate_boxes=total("candidate_boxes"),
        kinds={kind: total(kind) for kind in KINDS},
        champion_right=total("champion_right"),
        candidate_right=total("candidate_right"),
        mean_disagreement=float(rows["disagreement"].to_numpy().mean()) if len(rows) else 0.0,
    )
