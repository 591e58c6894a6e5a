"""A small network that says of any box what is in it, whether it fits, and where it should lie.

It looks at features that were computed once, at points within the box, on its edges and beside it.
Unlike a detector it is asked about a place: it has an opinion of what no detector proposes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ringroad.domain.errors import InputError
from ringroad.models.nms import iou_matrix

_SHARES = (1 / 6, 1 / 2, 5 / 6)
_WITHIN = [(x, y) for y in _SHARES for x in _SHARES]
_EDGES = [(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0)]
_BESIDE = [(-0.25, 0.5), (1.25, 0.5), (0.5, -0.25), (0.5, 1.25)]
POINTS = np.array([*_WITHIN, *_EDGES, *_BESIDE])
"""Where features are taken, in widths and heights of the box."""
SAME, OTHER = 0.5, 0.35
"""Overlap from which on a box is of its category, and below which it is of none."""
NEAR = 0.25
"""Overlap from which on it is learned where a box should lie."""
NOT_SAID = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeConfig:
    """How a judge is fitted."""

    hidden: int = 160
    narrow: int = 64
    drop: float = 0.3
    epochs: int = 8
    batch: int = 256
    learning_rate: float = 4e-3
    weight_decay: float = 0.02
    moved: int = 6
    """Copies of each box, moved and resized, that are learned from."""
    invented: int = 6
    """Boxes of other frames that are put on each, where mostly nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Boxes to learn from.

    Attributes:
        columns: (n, d) float32 as `pooled` makes them.
        kinds: (n,) int64 category, the number of categories for nothing, -1 where it is not said.
        overlaps: (n,) float32 with the box that was drawn there.
        moves: (n, 4) float32 to that box: shift in widths and heights, log of the sides' ratios.
    """

    columns: np.ndarray
    kinds: np.ndarray
    overlaps: np.ndarray
    moves: np.ndarray


class BoxJudge(nn.Module):
    """Two layers, and three answers about each box."""

    def __init__(self, columns: int, categories: int, config: JudgeConfig) -> None:
        super().__init__()
        self.wide = nn.Linear(columns, config.hidden)
        self.narrow = nn.Linear(config.hidden, config.narrow)
        self.drop = nn.Dropout(config.drop)
        self.kinds = nn.Linear(config.narrow, categories + 1)
        self.place = nn.Linear(config.narrow, 5)
        self.register_buffer("middle", torch.zeros(columns))
        self.register_buffer("spread", torch.ones(columns))

    def forward(self, columns: Tensor) -> tuple[Tensor, Tensor]:
        """(n, d) -> logits of categories and nothing (n, k + 1), overlap and moves (n, 5)."""
        scaled = (columns - self.get_buffer("middle")) / self.get_buffer("spread")
        hidden = torch.relu(self.wide(self.drop(scaled)))
        hidden = torch.relu(self.narrow(self.drop(hidden)))
        return self.kinds(hidden), self.place(hidden)


def pooled(cells: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(rows, columns, channels) features, (n, 4) x, y, w, h in cells -> (n, d) float32.

    Features between cells are interpolated; beyond the edge those of the edge hold.
    """
    rows, across = cells.shape[:2]
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    x = boxes[:, :1] + POINTS[:, 0] * boxes[:, 2:3] - 0.5
    y = boxes[:, 1:2] + POINTS[:, 1] * boxes[:, 3:] - 0.5
    x, y = np.clip(x, 0, across - 1.001), np.clip(y, 0, rows - 1.001)
    left, top = x.astype(np.int64), y.astype(np.int64)
    right, low = (x - left)[..., None], (y - top)[..., None]
    upper = cells[top, left] * (1 - right) + cells[top, left + 1] * right
    lower = cells[top + 1, left] * (1 - right) + cells[top + 1, left + 1] * right
    seen = (upper * (1 - low) + lower * low).reshape(len(boxes), len(POINTS) * cells.shape[2])
    return np.concatenate([seen, _place(boxes, rows, across)], axis=1).astype(np.float32)


def _place(boxes: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Size, middle, and whether the box touches an edge."""
    ends = boxes[:, :2] + boxes[:, 2:]
    return np.stack(
        [
            np.log(np.maximum(boxes[:, 2], 0.05)),
            np.log(np.maximum(boxes[:, 3], 0.05)),
            (boxes[:, 0] + boxes[:, 2] / 2) / columns,
            (boxes[:, 1] + boxes[:, 3] / 2) / rows,
            (boxes[:, 0] <= 0.25) * 1.0,
            (ends[:, 0] >= columns - 0.25) * 1.0,
            (ends[:, 1] >= rows - 0.25) * 1.0,
        ],
        axis=1,
    )


def examples(
    cells: np.ndarray,
    drawn: np.ndarray,
    kinds: np.ndarray,
    proposed: np.ndarray,
    elsewhere: np.ndarray,
    *,
    categories: int,
    config: JudgeConfig,
    rng: np.random.Generator,
) -> Examples:
    """What one frame teaches: what was drawn, the same moved, what was not, and is proposed.

    Args:
        cells: (rows, columns, channels) features.
        drawn: (n, 4) boxes in cells.
        kinds: (n,) their categories.
        proposed: (m, 4) detections of any network, in cells.
        elsewhere: (k, 4) boxes of other frames, in cells.
        categories: how many there are.
        config: how much of each.
        rng: of all draws.
    """
    moved = np.repeat(drawn, config.moved, axis=0)
    noise = rng.normal(size=moved.shape) * rng.uniform(0.03, 0.35, (len(moved), 1))
    moved = np.concatenate(
        [moved[:, :2] + noise[:, :2] * moved[:, 2:], moved[:, 2:] * np.exp(noise[:, 2:])], axis=1
    )
    made = elsewhere[rng.integers(len(elsewhere), size=config.invented)].copy()
    made[:, 0] = rng.uniform(0, np.maximum(0.1, cells.shape[1] - made[:, 2]))
    boxes = np.concatenate([drawn, moved, made, proposed])
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 0.25)
    if not len(drawn):
        none = np.zeros(len(boxes), np.float32)
        return Examples(
            columns=pooled(cells, boxes),
            kinds=np.full(len(boxes), categories),
            overlaps=none,
            moves=np.zeros((len(boxes), 4), np.float32),
        )
    overlap = iou_matrix(boxes, drawn)
    which, most = overlap.argmax(axis=1), overlap.max(axis=1)
    said = np.where(most >= SAME, kinds[which], np.where(most < OTHER, categories, NOT_SAID))
    to = drawn[which]
    moves = np.concatenate(
        [(to[:, :2] - boxes[:, :2]) / boxes[:, 2:], np.log(to[:, 2:] / boxes[:, 2:])], axis=1
    )
    return Examples(
        columns=pooled(cells, boxes),
        kinds=said,
        overlaps=most.astype(np.float32),
        moves=np.clip(moves, -1, 1).astype(np.float32),
    )


def fit_judge(
    lessons: Sequence[Examples], categories: int, config: JudgeConfig, *, seed: int
) -> BoxJudge:
    """Fit on one thread; equal arguments give equal weights. Raises InputError without lessons."""
    if not lessons or not any(len(part.kinds) for part in lessons):
        raise InputError("no box is there to learn from", remedy="label some first")
    torch.set_num_threads(1)
    columns = np.concatenate([part.columns for part in lessons])
    kinds = torch.from_numpy(np.concatenate([part.kinds for part in lessons]))
    overlaps = torch.from_numpy(np.concatenate([part.overlaps for part in lessons]))
    moves = torch.from_numpy(np.concatenate([part.moves for part in lessons]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        judge = BoxJudge(columns.shape[1], categories, config)
        judge.middle = torch.from_numpy(columns.mean(axis=0))
        judge.spread = torch.from_numpy(columns.std(axis=0) + 1e-3)
        seen = torch.from_numpy(columns)
        optimiser = torch.optim.AdamW(
            judge.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        steps = max(1, config.epochs * len(seen) // config.batch)
        pace = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, config.learning_rate, total_steps=steps
        )
        for _ in range(steps):
            at = torch.randint(len(seen), (config.batch,))
            loss = _loss(judge(seen[at]), kinds[at], overlaps[at], moves[at])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            pace.step()
    return judge.eval()


def _loss(said: tuple[Tensor, Tensor], kinds: Tensor, overlaps: Tensor, moves: Tensor) -> Tensor:
    logits, place = said
    known, near = kinds >= 0, overlaps >= NEAR
    loss = 2.0 * ((torch.sigmoid(place[:, 0]) - overlaps) ** 2).mean()
    if bool(known.any()):
        loss = loss + functional.cross_entropy(logits[known], kinds[known])
    if bool(near.any()):
        loss = loss + functional.smooth_l1_loss(place[near, 1:], moves[near])
    return loss


def judge_boxes(judge: BoxJudge, columns: np.ndarray) -> np.ndarray:
    """(n, d) as `pooled` -> (n, k + 6): chances of categories and of nothing, overlap, moves."""
    with torch.inference_mode():
        logits, place = judge(torch.from_numpy(columns))
        parts = [torch.softmax(logits, dim=1), torch.sigmoid(place[:, :1]), place[:, 1:]]
        found: np.ndarray = torch.cat(parts, dim=1).numpy().astype(np.float64)
    return found
