"""Networks for the benchmarks of label quality: NanoDet as published, and a head fitted here.

The head learns from labels on features of NanoDet's towers; it is fitted on blocks of 20
consecutive frames and asked about the other blocks, three ways, so that it never answers about a
frame whose labels it has seen. Neighbouring blocks look alike: it knows the streets, not the
labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from label_truths import CATEGORIES, Truth
from PIL import Image

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.domain.ids import FrameId
from ringroad.label.identity import recording_of
from ringroad.label.matching import iou
from ringroad.label.observed import Predicted
from ringroad.label.rows import Mark
from ringroad.models.backbone import with_outputs
from ringroad.models.config import NetworkConfig
from ringroad.models.decode import decode
from ringroad.models.nanodet import DEVIATION, MEAN, NanoDet, letterbox
from ringroad.pipelines.label.judging import Cells
from ringroad.train.dense import HeadConfig, ask, fit_head

TOWERS = ("785", "807", "829")
SIDE, GRID = 416, 52
BLOCK, FOLDS = 20, 3
AXES = 96
NETWORK = NetworkConfig(width=SIDE, height=SIDE, stride=8, categories=CATEGORIES)
HEAD = HeadConfig(hidden=96, steps=600, drop=0.3)


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Of all frames of a truth, in its order.

    Attributes:
        maps: (n, 52, 52, 288) float16.
        placed: n times scale x, scale y, left, top of the frame within the square.
    """

    maps: np.ndarray
    placed: list[tuple[float, float, int, int]]


def published(
    truth: Truth, data: Path, *, threshold: float = 0.05
) -> dict[FrameId, list[Predicted]]:
    """What NanoDet-m sees, trained by others on other pictures."""
    session = OnnxRuntime().load(data / "models" / "nanodet_m.onnx", threads=1)
    network = NanoDet(session, threshold=threshold)
    found = {}
    for frame, path in truth.pictures.items():
        (seen,) = network.predict(np.asarray(Image.open(path).convert("RGB"))[None])
        found[frame] = [
            Predicted(mark=_mark(box, category), score=float(score))
            for box, score, category in zip(seen.boxes, seen.scores, seen.categories, strict=True)
            if category in CATEGORIES
        ]
    return found


def features_of(truth: Truth, data: Path) -> Features:
    """The last maps of NanoDet's three towers, coarse ones repeated."""
    network = with_outputs((data / "models" / "nanodet_m.onnx").read_bytes(), TOWERS)
    session = OnnxRuntime().load(network, threads=1)
    (name,) = session.inputs
    maps, placed = [], []
    for frame in truth.marks:
        fitted, scale, left, top = letterbox(
            np.asarray(Image.open(truth.pictures[frame]).convert("RGB"))
        )
        feed = ((fitted - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
        answers = session.run({name: np.ascontiguousarray(feed, dtype=np.float32)})
        parts = [answers[tower][0] for tower in TOWERS]
        whole = [part.repeat(GRID // part.shape[1], 1).repeat(GRID // part.shape[1], 2)
                 for part in parts]  # fmt: skip
        maps.append(np.moveaxis(np.concatenate(whole), 0, -1).astype(np.float16))
        placed.append((float(scale[0]), float(scale[1]), left, top))
    return Features(maps=np.stack(maps), placed=placed)


def out_of_sample(
    truth: Truth,
    features: Features,
    labels: Mapping[FrameId, Sequence[Mark]],
    *,
    seed: int,
    threshold: float = 0.05,
) -> dict[FrameId, list[Predicted]]:
    """What heads see that were fitted to the labels of the other folds."""
    frames = list(truth.marks)
    folds = blocks(frames)
    boxes, categories = [], []
    for frame, (sx, sy, left, top) in zip(frames, features.placed, strict=True):
        rows = [(m.x * sx + left, m.y * sy + top, m.w * sx, m.h * sy) for m in labels[frame]]
        boxes.append(np.array(rows, np.float32).reshape(-1, 4))
        categories.append(np.array([CATEGORIES.index(m.category) for m in labels[frame]], np.int64))
    found: dict[FrameId, list[Predicted]] = {}
    nothing = np.zeros((4, GRID, GRID), np.float32)
    for fold in range(FOLDS):
        learnt, asked = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        head = fit_head(
            NETWORK,
            HEAD,
            features.maps[learnt],
            [boxes[at] for at in learnt],
            [categories[at] for at in learnt],
            seed=seed,
        )
        for start in range(0, len(asked), 16):
            part = asked[start : start + 16]
            heat, sides = ask(head, features.maps[part])
            for row, at in enumerate(part.tolist()):
                seen = decode(NETWORK, heat[row], sides[row], nothing, np.zeros(1, np.float32),
                              scale=(1.0, 1.0), threshold=threshold)  # fmt: skip
                sx, sy, left, top = features.placed[at]
                shift, scale = np.array([left, top, 0, 0]), np.array([sx, sy, sx, sy])
                found[frames[at]] = [
                    Predicted(mark=_mark((box - shift) / scale, category), score=float(score))
                    for box, score, category in zip(
                        seen.boxes, seen.scores, seen.categories, strict=True
                    )
                ]
    return found


def blocks(frames: Sequence[FrameId]) -> np.ndarray:
    """(n,) the fold of each frame: blocks of consecutive frames of a drive, dealt out."""
    folds, block, count, last = [], -1, 0, ""
    for frame in frames:
        recording = recording_of(frame)
        if count % BLOCK == 0 or recording != last:
            block, count = block + 1, 0
        folds.append(block % FOLDS)
        count, last = count + 1, recording
    return np.array(folds)


def pooled(
    first: Mapping[FrameId, Sequence[Predicted]], second: Mapping[FrameId, Sequence[Predicted]]
) -> dict[FrameId, list[Predicted]]:
    """Two networks as one: the better score of each place, an agreement raised."""
    found = {}
    for frame in first:
        kept = [*first[frame]]
        for item in second[frame]:
            same = [at for at, other in enumerate(kept) if iou(item.mark, other.mark) >= 0.5
                    and other.mark.category == item.mark.category]  # fmt: skip
            if same:
                at = max(same, key=lambda place: iou(item.mark, kept[place].mark))
                both = 1.0 - (1.0 - kept[at].score) * (1.0 - item.score)
                kept[at] = replace(kept[at], score=both)
            else:
                kept.append(item)
        found[frame] = kept
    return found


def _mark(box: np.ndarray, category: str) -> Mark:
    x, y, w, h = (float(side) for side in box)
    return Mark(category=category, x=x, y=y, w=w, h=h)


def reduced(maps: np.ndarray, *, axes: int = AXES, cells: int = 20_000) -> np.ndarray:
    """(n, rows, columns, channels) along the main axes of some cells, float16."""
    rng = np.random.default_rng(0)
    flat = maps.reshape(-1, maps.shape[-1])
    some = flat[np.sort(rng.choice(len(flat), cells, replace=False))].astype(np.float64)
    middle, spread = some.mean(axis=0), some.std(axis=0) + 1e-3
    scaled = (some - middle) / spread
    values, turn = np.linalg.eigh(scaled.T @ scaled / cells)
    main = np.argsort(-values)[:axes]
    turn = turn[:, main] / np.sqrt(values[main] + 1e-6)
    found = [
        (((one.astype(np.float32) - middle) / spread) @ turn).astype(np.float16) for one in maps
    ]
    return np.stack(found)


def cells_of(truth: Truth, maps: np.ndarray, features: Features) -> dict[FrameId, Cells]:
    """Each frame's features, and where its pixels lie on them."""
    side = SIDE / GRID
    return {
        frame: Cells(cells=maps[at], scale=(sx / side, sy / side), shift=(left / side, top / side))
        for at, (frame, (sx, sy, left, top)) in enumerate(
            zip(truth.marks, features.placed, strict=True)
        )
    }
