"""How well found intervals match true ones: one to one, at an overlap of at least a half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.testing.traffic_hours import Hour

OVERLAP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of one atom."""

    hits: int
    found: int
    true: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was hit."""
        return 2 * self.hits / max(1, self.found + self.true)

    def __add__(self, other: Score) -> Score:
        return Score(
            hits=self.hits + other.hits,
            found=self.found + other.found,
            true=self.true + other.true,
        )


def scores(hour: Hour, rows: pa.Table) -> dict[str, Score]:
    """Per atom of which the script knows the truth; `rows` are those of `schemas.INTERVALS`."""
    atoms = np.asarray(rows["atom"].to_pylist(), dtype=object)
    tracks = np.array([int(name[1:]) if name else -1 for name in rows["track_id"].to_pylist()])
    spans = np.stack([rows["start_ns"].to_numpy(), rows["end_ns"].to_numpy()], axis=1)
    found = {}
    for atom, true in hour.truth.items():
        mine = atoms == atom
        hits = _hits(tracks[mine], spans[mine], true)
        found[atom] = Score(hits=hits, found=int(mine.sum()), true=len(true))
    return found


def _hits(tracks: np.ndarray, spans: np.ndarray, true: np.ndarray) -> int:
    """How many pairs of one track overlap enough, where each is in one pair only."""
    used: set[int] = set()
    for track, start, end in true:
        places = np.flatnonzero(tracks == track)
        mine = spans[places]
        both = np.minimum(mine[:, 1], end) - np.maximum(mine[:, 0], start)
        either = np.maximum(mine[:, 1], end) - np.minimum(mine[:, 0], start)
        used.update(places[both >= OVERLAP * either][:1].tolist())
    return len(used)
