"""Which state of a traffic light was taken for which; red taken for green stands apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import LIGHT, LIGHT_STATES
from ringroad.domain.ids import FrameId
from ringroad.evaluate.columns import ALL, flat, scene
from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.matching import greedy

UNKNOWN, RED, GREEN = "unknown", "red", "green"
MISSED = "missed"
STATES = tuple(state for state in LIGHT_STATES if state != UNKNOWN)
ANSWERS = (*LIGHT_STATES, MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LightConfusion:
    """Annotated lights by their state and by what the network said.

    Lights annotated without a state, or as `unknown`, have no truth to be held against and are
    not among them.
    """

    counts: tuple[tuple[int, ...], ...]
    """A row per state of `STATES`, a column per answer of `ANSWERS`."""
    red: int
    """Annotated red lights."""
    red_as_green: int
    """Of these, how many the network called green."""
    frames: tuple[FrameId, ...]
    """Where a red light was called green, in order of their ids."""

    @property
    def red_as_green_rate(self) -> float | None:
        """Share of the red lights; None where there is none."""
        return self.red_as_green / self.red if self.red else None

    @property
    def accuracy(self) -> float | None:
        """Share of right answers among lights that were found; None where none was."""
        found = sum(sum(row) - row[ANSWERS.index(MISSED)] for row in self.counts)
        right = sum(
            row[ANSWERS.index(state)] for state, row in zip(STATES, self.counts, strict=True)
        )
        return right / found if found else None


def light_confusion(
    truth: pa.Table,
    predictions: pa.Table,
    manifest: pa.Table,
    *,
    condition: str = ALL,
    threshold: float = 0.3,
    iou: float = 0.5,
) -> LightConfusion:
    """Match lights by their boxes alone, then hold state against state.

    Args:
        truth: rows of `schemas.ANNOTATIONS`, with light states.
        predictions: rows of `schemas.PREDICTIONS` of one model version.
        manifest: rows of `schemas.MANIFEST`, of the frames to evaluate.
        condition: only frames of this condition; `all` for every frame.
        threshold: detections of a lower score are not looked at.
        iou: least overlap of a detection and its truth.

    Raises:
        InputError: the manifest names a frame twice.
    """
    frames = scene(truth, manifest, categories=[LIGHT]).part(condition).frames
    real, states = _lights(truth, frames)
    seen, said = _lights(predictions.filter(pc.field("score") >= threshold), frames, "score")
    answers = np.full(len(real), MISSED, object)
    for frame in np.intersect1d(real.frames, seen.frames):
        there, found = np.nonzero(real.frames == frame)[0], np.nonzero(seen.frames == frame)[0]
        best = found[np.argsort(-seen.scores[found], kind="stable")]
        given = greedy(seen.boxes[best], real.boxes[there], iou=iou)
        answers[there[given[given >= 0]]] = said[best[given >= 0]]
    wrong = (states == RED) & (answers == GREEN)
    return LightConfusion(
        counts=_table(states, answers),
        red=int((states == RED).sum()),
        red_as_green=int(wrong.sum()),
        frames=tuple(
            FrameId(frames[int(number)].as_py()) for number in np.unique(real.frames[wrong])
        ),
    )


def _lights(rows: pa.Table, frames: pa.Array, scores: str = "") -> tuple[FlatBoxes, np.ndarray]:
    """Lights on the frames and their states; no state is `unknown`."""
    kept = rows.filter(
        pc.and_(pc.equal(rows["category"], LIGHT), pc.is_in(rows["frame_id"], value_set=frames))
    )
    states = kept["light_state"].to_numpy(zero_copy_only=False)
    named = np.where(np.isin(states, LIGHT_STATES), states, UNKNOWN)
    return flat(kept, frames, [LIGHT], scores=scores), named


def _table(states: np.ndarray, answers: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Known states in rows, answers in columns."""
    return tuple(
        tuple(int(((states == state) & (answers == answer)).sum()) for answer in ANSWERS)
        for state in STATES
    )
