"""Judges of boxes for the ranking of label errors: each asked only about labels it never saw."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.label.errors import BLOCK, FOLDS, Labelled, folds_of
from ringroad.label.rows import boxes_of
from ringroad.models.backbone import SIDE
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.mine.features import BackboneConfig, features_of
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace
from ringroad.train.box_judge import (
    BoxJudge,
    Examples,
    JudgeConfig,
    examples,
    fit_judge,
    judge_boxes,
    pooled,
)

PROPOSED = 30
"""Detections of a frame that are learned from, surest first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Features of one frame, and how its pixels lie on them.

    Attributes:
        cells: (rows, columns, channels).
        scale: cells per pixel across and down.
        shift: the cell that the frame's left top corner lies at.
    """

    cells: np.ndarray
    scale: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)

    def boxes(self, marks: np.ndarray) -> np.ndarray:
        """(n, 4) x, y, w, h in pixels -> in cells."""
        boxes = np.asarray(marks, np.float64).reshape(-1, 4)
        scaled = boxes * np.array([*self.scale, *self.scale])
        found: np.ndarray = scaled + np.array([*self.shift, 0.0, 0.0])
        return found


def cells_of(workspace: Workspace, what: str, network: Path) -> dict[FrameId, Cells]:
    """Features of the frames of a name, by a network such as FastestDet (`models.backbone`).

    Args:
        workspace: where.
        what: as `scope.scope_of`.
        network: an ONNX file.

    Raises:
        InputError: there is no such network, or it has other tensors.
    """
    seen = seen_of(workspace, scope_of(workspace, what).taken, width=SIDE, height=SIDE)
    found: dict[FrameId, Cells] = {}
    for made in features_of(workspace, seen, BackboneConfig(network=str(network)), network):
        table = table_of(workspace, made["frames"])
        maps = np.load(io.BytesIO(workspace.blobs.get(made["features"].digest)), allow_pickle=False)
        columns = (table[name].to_pylist() for name in ("frame_id", "width", "height"))
        for at, (frame, width, height) in enumerate(zip(*columns, strict=True)):
            rows, across = maps[at].shape[:2]
            scale = (across / width, rows / height)
            found[FrameId(frame)] = Cells(cells=maps[at], scale=scale)
    return found


def judges_of(
    workspace: Workspace, what: str, network: Path, *, seed: int
) -> Callable[[Labelled], Labelled]:
    """What adds judges to labels of a name, taught by the features of a network."""
    return lambda labelled: with_judges(cells_of(workspace, what, network), labelled, seed=seed)


def with_judges(
    frames: Mapping[FrameId, Cells],
    labelled: Labelled,
    *,
    seed: int,
    config: JudgeConfig | None = None,
) -> Labelled:
    """Labels with judges to ask, each fitted on all folds but one; the frame says who is asked.

    Args:
        frames: features of every frame that has labels.
        labelled: the labels, and detections of any network.
        seed: of weights and draws.
        config: how judges are fitted.

    Raises:
        InputError: there is but one block of frames, or features of one are missing.
    """
    how = config or JudgeConfig()
    folds = folds_of(sorted(labelled.marks))
    if lost := sorted(set(folds) - set(frames)):
        raise InputError("has labels, and no picture that could be decoded", subject=lost[0])
    rng = np.random.Generator(np.random.PCG64(seed))
    every = np.concatenate([frames[at].boxes(boxes_of(labelled.marks[at])) for at in folds])
    lessons: dict[int, list[Examples]] = {fold: [] for fold in range(FOLDS)}
    for frame, fold in folds.items():
        lessons[fold].append(_lesson(frames[frame], frame, labelled, every, how, rng))
    judges: dict[int, BoxJudge] = {}
    for fold in sorted(set(folds.values())):
        others = [part for at, parts in lessons.items() if at != fold for part in parts]
        if not others:
            raise InputError(
                f"{len(folds)} frames lie too near to one another to judge some by the others",
                remedy=f"name more labels: other recordings, or more than {BLOCK} frames of one",
            )
        judges[fold] = fit_judge(others, len(labelled.categories), how, seed=seed + fold)

    def opinion(frame: FrameId, boxes: np.ndarray) -> np.ndarray:
        at = frames[frame]
        return judge_boxes(judges[folds[frame]], pooled(at.cells, at.boxes(boxes)))

    return replace(labelled, opinion=opinion)


def _lesson(
    cells: Cells,
    frame: FrameId,
    labelled: Labelled,
    every: np.ndarray,
    how: JudgeConfig,
    rng: np.random.Generator,
) -> Examples:
    seen = labelled.predictions.get(frame, ())
    surest = sorted(seen, key=lambda item: -item.score)[:PROPOSED]
    categories = labelled.categories
    known = [mark for mark in labelled.marks[frame] if mark.category in categories]
    return examples(
        cells.cells,
        cells.boxes(boxes_of(known)),
        np.array([categories.index(mark.category) for mark in known], np.int64),
        cells.boxes(boxes_of([item.mark for item in surest])),
        every,
        categories=len(categories),
        config=how,
        rng=rng,
    )
