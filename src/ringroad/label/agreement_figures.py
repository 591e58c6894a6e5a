"""Agreement of blind answers in figures with intervals: resampled over whole units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.label.identity import recording_of
from ringroad.label.observed import Looks
from ringroad.label.rows import Mark, answers_by_frame
from ringroad.label.things import NOTHING, Thing, check_looks, paired_marks, things
from ringroad.media.annotation_rows import joined
from ringroad.metrics.agreement import fleiss, fleiss_sums, kappas
from ringroad.metrics.intervals import Interval
from ringroad.metrics.krippendorff import alphas, coincidences_of
from ringroad.metrics.resampling import interval_of_sums, share

FEWEST_RECORDINGS = 5
"""With fewer, frames stand in as units, and intervals say nothing of other recordings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of agreement."""

    name: str
    interval: Interval
    counted: int
    """Pairs or things behind it."""
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFigures:
    """All of them, and what was resampled."""

    unit: str
    units: int
    frames: int
    annotators: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    pairs: tuple[tuple[Mark, Mark, float], ...]
    drawn: int
    things: tuple[Thing, ...]
    looked: tuple[str, ...]


def agreement_figures(
    answers: Sequence[pa.Table], *, min_iou: float = 0.5, seed: int = 0
) -> AgreementFigures:
    """Matched share, mean overlap, kappas and alpha, each with an interval of 95 %.

    Units are recordings where there are five or more, else frames; the figures say which.

    Raises:
        InvalidAnnotations: a frame was looked at by fewer than two annotators.
    """
    by_frame = answers_by_frame(joined(answers))
    for frame, by_author in by_frame.items():
        check_looks(frame, by_author)
    return figures_of(by_frame, min_iou=min_iou, seed=seed)


def figures_of(looks: Looks, *, min_iou: float = 0.5, seed: int = 0) -> AgreementFigures:
    """`agreement_figures` over marks."""
    units, unit = units_of(list(looks))
    count = int(units.max(initial=-1)) + 1
    seen = [_frame(by_author, min_iou) for by_author in looks.values()]
    spread = Spread(units=units, count=count, seed=seed)
    pairs = [[(a, b) for a, b, _ in frame.pairs] for frame in seen]
    categories = [[(a.category, b.category) for a, b in part] for part in pairs]
    states = [
        [(a.light_state, b.light_state) for a, b in part if a.light_state and b.light_state]
        for part in pairs
    ]
    figures = [
        spread.figure(
            "matched",
            np.array([(2.0 * len(frame.pairs), frame.drawn) for frame in seen]).reshape(-1, 2),
            share,
            "share of what one drew that the other of the pair drew too",
            counted=sum(frame.drawn for frame in seen),
        ),
        spread.figure(
            "mean IoU",
            np.array(
                [(sum(v for _, _, v in frame.pairs), len(frame.pairs)) for frame in seen]
            ).reshape(-1, 2),
            share,
            "overlap of what both drew",
            counted=sum(len(frame.pairs) for frame in seen),
        ),
        spread.kappa("kappa, category", categories, "categories of what both drew (Cohen)"),
    ]
    if any(states):
        figures.append(spread.kappa("kappa, state", states, "states of lights (Cohen)"))
    for name in sorted({name for part in pairs for a, b in part
                        for name in a.attributes if name in b.attributes}):  # fmt: skip
        told = [
            [(a.attributes[name], b.attributes[name]) for a, b in part
             if name in a.attributes and name in b.attributes]
            for part in pairs
        ]  # fmt: skip
        figures.append(spread.kappa(f"kappa, {name}", told, f"attribute {name} (Cohen)"))
    figures += _over_things(seen, spread)
    return AgreementFigures(
        unit=unit,
        units=count,
        frames=len(seen),
        annotators=len({name for by_author in looks.values() for name in by_author}),
        figures=tuple(figures),
    )


def units_of(frames: Sequence[FrameId]) -> tuple[np.ndarray, str]:
    """(n,) the unit of each frame, and what units are."""
    names = [recording_of(frame) for frame in frames]
    order = {name: at for at, name in enumerate(dict.fromkeys(names))}
    if len(order) >= FEWEST_RECORDINGS:
        return np.array([order[name] for name in names], np.int64), "recording"
    return np.arange(len(frames)), "frame"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Sums frames into units, and resamples these."""

    units: np.ndarray
    count: int
    seed: int

    def figure(
        self,
        name: str,
        rows: np.ndarray,
        statistic: Callable[[np.ndarray], np.ndarray],
        what: str,
        *,
        counted: int,
    ) -> Figure:
        """One figure out of what each frame adds."""
        sums = np.zeros((self.count, *rows.shape[1:]))
        np.add.at(sums, self.units, rows)
        interval = interval_of_sums(sums, statistic, seed=self.seed)
        return Figure(name=name, interval=interval, counted=counted, what=what)

    def kappa(self, name: str, pairs: Sequence[Sequence[tuple[str, str]]], what: str) -> Figure:
        """Cohen's kappa over pairs of values, frame by frame."""
        values = sorted({value for part in pairs for pair in part for value in pair})
        place = {value: at for at, value in enumerate(values)}
        tables = np.zeros((len(pairs), len(values), len(values)))
        for at, part in enumerate(pairs):
            for a, b in part:
                tables[at, place[a], place[b]] += 1.0
        return self.figure(name, tables, kappas, what, counted=sum(map(len, pairs)))


def _frame(by_author: Mapping[str, Sequence[Mark]], min_iou: float) -> _Frame:
    pairs: list[tuple[Mark, Mark, float]] = []
    drawn = 0
    for first, second in combinations(by_author.values(), 2):
        paired = paired_marks(first, second, min_iou=min_iou)
        pairs += [(first[i], second[j], overlap) for i, j, overlap in paired]
        drawn += len(first) + len(second)
    return _Frame(
        pairs=tuple(pairs),
        drawn=drawn,
        things=tuple(things(by_author, min_iou=min_iou)),
        looked=tuple(by_author),
    )


def _over_things(seen: Sequence[_Frame], spread: Spread) -> list[Figure]:
    """Alpha, and Fleiss' kappa over frames with the commonest number of looks."""
    told = [
        [[thing.marks[a].category if a in thing.marks else NOTHING for a in frame.looked]
         for thing in frame.things]
        for frame in seen
    ]  # fmt: skip
    values = sorted({value for frame in told for thing in frame for value in thing})
    place = {value: at for at, value in enumerate(values)}
    looks = [len(frame.looked) for frame in seen]
    usual = max(set(looks), key=looks.count) if looks else 0
    matrices = np.zeros((len(seen), len(values), len(values)))
    sums = np.zeros((len(seen), 2 + len(values)))
    for at, frame in enumerate(told):
        counts = np.zeros((len(frame), len(values)))
        for row, thing in enumerate(frame):
            for value in thing:
                counts[row, place[value]] += 1.0
        matrices[at] = coincidences_of(counts).sum(axis=0)
        if looks[at] == usual:
            sums[at] = fleiss_sums(counts).sum(axis=0)
    count = sum(map(len, told))
    same = sum(len(frame) for frame, number in zip(told, looks, strict=True) if number == usual)
    return [
        spread.figure(
            "alpha",
            matrices,
            lambda found: alphas(found, values),
            "categories of all things, nothing being one (Krippendorff, nominal)",
            counted=count,
        ),
        spread.figure(
            "Fleiss' kappa",
            sums,
            fleiss,
            f"the same over frames with {usual} looks",
            counted=same,
        ),
    ]
