"""Sources small enough to be looked through frame by frame, and their vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa

from ringroad.curate.columns import Columns
from ringroad.curate.language.tree import Like
from ringroad.curate.language.vocabulary import AtomWord, Vocabulary, columns_of
from ringroad.curate.scenario.intervals import VEHICLE, Intervals, drop_tracks, intervals
from ringroad.curate.words import rank_words
from ringroad.media.schemas import INDEX, NAME

RECORDINGS, FRAMES = 3, 24
CONDITIONS = ("day", "dusk", "night")
ATOMS = ("occluded", "visible", "cut-in")
STEP_NS = 2
"""Frames lie two nanoseconds apart: a reference can look at each moment there is."""


class SmallSources:
    """`RECORDINGS` recordings of `FRAMES` frames of one camera."""

    def __init__(self, *, seed: int) -> None:
        draw = np.random.Generator(np.random.PCG64(seed))
        count = RECORDINGS * FRAMES
        self.recording = np.repeat(np.arange(RECORDINGS, dtype=np.int32), FRAMES)
        self.alive = draw.random(count) > 0.05
        columns: list[pa.Array] = []
        for field in INDEX:
            if field.name == "frame_id":
                values = [f"car/r{r}/front/{n % FRAMES:06d}" for n, r in enumerate(self.recording)]
                columns.append(pa.array(values))
            elif field.name == "time_ns":
                columns.append(pa.array(np.tile(np.arange(FRAMES) * STEP_NS, RECORDINGS)))
            elif field.name == "speed_mps":
                speeds = draw.integers(0, 30, count).astype(np.float32)
                columns.append(pa.array(speeds, mask=draw.random(count) < 0.2))
            elif field.name == "condition":
                columns.append(_names(draw.choice(CONDITIONS, count)))
            elif field.name == "words":
                columns.append(_names(draw.choice(["", "wet road", "wet", "roundabout"], count)))
            elif field.type == NAME:
                columns.append(_names(np.array(["x"] * count)))
            elif field.nullable:
                columns.append(pa.nulls(count, field.type))
            else:
                columns.append(pa.array(np.ones(count, np.int64)).cast(field.type))
        self.rows = pa.table(columns, schema=INDEX)
        self.atoms = {name: _drawn(draw, tracks=4) for name in ATOMS}
        self.atoms["stopped"] = _drawn(draw, tracks=0)
        self.events = {"hard-brake": _drawn(draw, tracks=0)}
        self.seen = {"pedestrian": _drawn(draw, tracks=4), "": _drawn(draw, tracks=4)}

    def mask(self, sql: str) -> np.ndarray:
        """By the engine that is used in workspaces."""
        return self._columns.mask(sql)

    def in_cell(self, cell: str) -> np.ndarray:
        """Nothing is anywhere."""
        del cell
        return np.zeros(len(self.alive), dtype=bool)

    def spans(self) -> Intervals:
        """Of alive frames."""
        return intervals(np.arange(RECORDINGS), np.full(RECORDINGS, VEHICLE), *self._ends())

    def atom(self, name: str) -> Intervals:
        """As drawn."""
        return self.atoms[name]

    def event(self, name: str) -> Intervals:
        """As drawn."""
        return drop_tracks(self.events[name])

    def category(self, name: str) -> Intervals:
        """As drawn."""
        return self.seen[name]

    def alike(
        self, like: Like, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """By how many frames lie between two in a recording."""
        ids = self.rows["frame_id"].to_pylist()
        own = ids.index(like.example)
        rows = np.flatnonzero(self.alive if among is None else among)
        apart = np.abs(rows - own).astype(np.float32) * (-1 if like.away else 1)
        order = np.lexsort((rows, apart))[:limit]
        return rows[order], np.abs(apart[order]), "exact"

    def worded(
        self, words: str, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """By the ranking that is used in workspaces."""
        counting = self.alive if among is None else among
        return rank_words(self.rows["words"], words, among=counting, limit=limit)

    def notes(self) -> Sequence[str]:
        """Nothing is missing."""
        return ()

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self.rows, alive=self.alive)

    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        times = self.rows["time_ns"].to_numpy()
        held = [times[(self.recording == r) & self.alive] for r in range(RECORDINGS)]
        return np.array([t.min() for t in held]), np.array([t.max() for t in held])


def _names(values: np.ndarray) -> pa.Array:
    return pa.array(values.tolist(), pa.string()).dictionary_encode().cast(NAME)


def _drawn(draw: np.random.Generator, *, tracks: int) -> Intervals:
    """Six stretches, their ends between frames as often as on them."""
    count = 6
    start = draw.integers(0, 2 * FRAMES, count) * (STEP_NS // 2)
    return intervals(
        draw.integers(0, RECORDINGS, count),
        draw.integers(0, tracks, count) if tracks else np.full(count, VEHICLE),
        start,
        start + draw.integers(0, 14, count) * (STEP_NS // 2),
        draw.random(count).astype(np.float32),
    )


@lru_cache(maxsize=64)
def sources_of(seed: int) -> SmallSources:
    """Made once per seed; nothing changes them."""
    return SmallSources(seed=seed)


def small_vocabulary() -> Vocabulary:
    """What the small sources know."""
    tracked = {name: AtomWord(name=name, tracked=True, unit="s") for name in ATOMS}
    return Vocabulary(
        columns=columns_of(SmallSources(seed=0).rows),
        atoms={**tracked, "stopped": AtomWord(name="stopped", tracked=False, unit="s")},
        events={"hard-brake": "m/s2", "near-miss": "s"},
        categories=frozenset({"pedestrian", "Traffic light", "road"}),
        spaces=("layout-64", "shufflenet"),
    )
