"""Finds near-duplicates among vectors, and among new ones against all that came before.

Vectors are compared with those that were kept, earliest first: of a row of like frames the first
stays and stands for the others. Cells around centres make that cheap without losing a pair: a
vector within a distance of another, in another cell, lies within that distance of the plane
between the two cells, so only cells whose plane is that near are looked into. That is exact, not
a hash: what is missed is missed by rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ringroad.domain.errors import InputError

ROWS_AT_ONCE = 65_536
_SMALL = 8_192
_ITERATIONS = 6
_SAMPLE_PER_CELL = 32
_SLACK = 1e-4
"""Planes are taken to be so much nearer than they are: distances are rounded to float32."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What was kept so far: all that new vectors are compared with.

    Attributes:
        radius: vectors this near or nearer are duplicates (L2; unit vectors: 2 - 2 cosine squared).
        centres: (k, d) float32 of the cells.
        vectors: (m, d) float32 kept, in the order in which they came.
        cells: (m,) int32 cell of each.
        groups: (m,) int64 group of each; duplicates are looked for within a group.
    """

    radius: float
    centres: np.ndarray
    vectors: np.ndarray
    cells: np.ndarray
    groups: np.ndarray

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays, to be stored."""
        names = ("centres", "vectors", "cells", "groups")
        return {name: getattr(self, name) for name in names} | {"radius": np.array(self.radius)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Kept:
        """What `to_arrays` told."""
        told = {name: arrays[name] for name in ("centres", "vectors", "cells", "groups")}
        return cls(radius=float(arrays["radius"]), **told)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duplicates:
    """What became of new vectors.

    Attributes:
        stands_for: (n,) int64 number of the kept vector that stands for each; its own where it
            was kept. Kept vectors are numbered in the order in which they came.
        distance: (n,) float32 to that vector; 0 where it was kept.
    """

    stands_for: np.ndarray
    distance: np.ndarray
    kept: np.ndarray


def begin(sample: np.ndarray, *, radius: float, expected: int, seed: int) -> Kept:
    """Nothing kept yet; cells as the sample lies.

    Args:
        sample: (n, d) vectors like those that will come.
        radius: vectors this near or nearer are duplicates.
        expected: about how many will be kept: it sets how many cells there are.
        seed: of the centres.

    Raises:
        InputError: the radius is no distance, or the sample is empty or holds no numbers.
    """
    if not 0 < radius < 2 or not len(sample):
        raise InputError(
            f"a radius of {radius} over {len(sample)} vectors",
            remedy="the radius lies between 0 and 2, and there is at least one vector",
        )
    _check(sample)
    cells = int(min(np.clip(expected // 600, 1, 4096), len(sample)))
    dimension = sample.shape[1]
    return Kept(
        radius=radius,
        centres=_centres(sample, cells, seed),
        vectors=np.empty((0, dimension), np.float32),
        cells=np.empty(0, np.int32),
        groups=np.empty(0, np.int64),
    )


def hold(
    before: Kept,
    vectors: np.ndarray,
    *,
    cells: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Kept:
    """Keep vectors as they are, compared with nothing: what came before and stands.

    Args:
        before: what was kept; it is not changed.
        vectors: (n, d).
        cells: (n,) cell of each, where an earlier time found it; found now otherwise.
        groups: as of `extend`.

    Raises:
        InputError: as `extend`.
    """
    _check_length(before, vectors)
    grown = _Grown(before, len(vectors))
    of = np.zeros(len(vectors), np.int64) if groups is None else np.asarray(groups, np.int64)
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        rows = slice(start, min(len(vectors), start + ROWS_AT_ONCE))
        block = np.asarray(vectors[rows], np.float32)
        _check(block)
        home = _homes(grown, block) if cells is None else np.asarray(cells[rows], np.int32)
        grown.add(block, home, of[rows])
    return replace(
        before,
        vectors=grown.vectors[: grown.count],
        cells=grown.cells[: grown.count],
        groups=grown.groups[: grown.count],
    )


def look(
    before: Kept, vectors: np.ndarray, *, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) number of the nearest kept vector within the radius of each, -1 for none; distances.

    Nothing is kept, and the vectors are not compared with each other.

    Raises:
        InputError: as `extend`.
    """
    _check_length(before, vectors)
    grown = _Grown(before, 0)
    of = np.zeros(len(vectors), np.int64) if groups is None else np.asarray(groups, np.int64)
    found = np.full(len(vectors), -1, np.int64)
    distance = np.zeros(len(vectors), np.float32)
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        rows = slice(start, min(len(vectors), start + ROWS_AT_ONCE))
        block = np.asarray(vectors[rows], np.float32)
        _check(block)
        _, asked, cells = _probes(grown, block)
        found[rows], distance[rows] = _against(
            block, of[rows], asked, cells, grown.vectors, grown.cells, grown.groups, grown.radius
        )
    return found, distance


def extend(
    before: Kept, vectors: np.ndarray, *, groups: np.ndarray | None = None
) -> tuple[Kept, Duplicates]:
    """Compare new vectors, in their order, with all that was kept and with each other.

    Args:
        before: what was kept; it is not changed.
        vectors: (n, d), memory-mapped or not; earlier ones are kept before later ones.
        groups: (n,) such as the number of the recording, where only duplicates within a group
            count; None where all count.

    Raises:
        InputError: vectors of another length, or with values that are not numbers.
    """
    _check_length(before, vectors)
    of = np.zeros(len(vectors), np.int64) if groups is None else np.asarray(groups, np.int64)
    grown = _Grown(before, len(vectors))
    stands_for = np.empty(len(vectors), np.int64)
    distance = np.zeros(len(vectors), np.float32)
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        rows = slice(start, min(len(vectors), start + ROWS_AT_ONCE))
        block = np.asarray(vectors[rows], np.float32)
        _check(block)
        stands_for[rows], distance[rows] = _block(grown, block, of[rows])
    made = replace(
        before,
        vectors=grown.vectors[: grown.count],
        cells=grown.cells[: grown.count],
        groups=grown.groups[: grown.count],
    )
    first = len(before.vectors)
    kept = np.zeros(len(vectors), bool)
    own = stands_for >= first
    seen, at = np.unique(stands_for[own], return_index=True)
    del seen
    kept[np.flatnonzero(own)[at]] = True
    return made, Duplicates(stands_for=stands_for, distance=distance, kept=kept)


class _Grown:
    """Kept vectors with room for new ones."""

    def __init__(self, before: Kept, more: int) -> None:
        self.count = len(before.vectors)
        self.radius = before.radius
        self.centres = before.centres
        room = self.count + more
        self.vectors = np.empty((room, before.centres.shape[1]), np.float32)
        self.cells = np.empty(room, np.int32)
        self.groups = np.empty(room, np.int64)
        self.vectors[: self.count] = before.vectors
        self.cells[: self.count] = before.cells
        self.groups[: self.count] = before.groups
        gaps = _squared(self.centres, self.centres)
        self.between = np.sqrt(gaps)

    def add(self, vectors: np.ndarray, cells: np.ndarray, groups: np.ndarray) -> None:
        """Keep some more."""
        last = self.count + len(vectors)
        self.vectors[self.count : last] = vectors
        self.cells[self.count : last] = cells
        self.groups[self.count : last] = groups
        self.count = last


def _block(grown: _Grown, block: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the kept vector that stands for each of some new ones, and its distance."""
    home, rows, cells = _probes(grown, block)
    stands_for, distance = _against(
        block, groups, rows, cells,
        grown.vectors[: grown.count], grown.cells[: grown.count], grown.groups[: grown.count],
        grown.radius,
    )  # fmt: skip
    fresh = np.flatnonzero(stands_for < 0)
    again = np.isin(rows, fresh)
    place = np.full(len(block), -1)
    place[fresh] = np.arange(len(fresh))
    one, other, apart = _pairs(
        block[fresh], groups[fresh], home[fresh], place[rows[again]], cells[again], grown.radius
    )
    leader, near = _lead(len(fresh), one, other, apart)
    own = leader == np.arange(len(fresh))
    number = np.full(len(fresh), -1, np.int64)
    number[own] = grown.count + np.arange(int(own.sum()))
    grown.add(block[fresh[own]], home[fresh[own]], groups[fresh[own]])
    stands_for[fresh] = number[leader]
    distance[fresh] = near
    return stands_for, distance


def _homes(grown: _Grown, block: np.ndarray) -> np.ndarray:
    """(n,) int32 cell of each row."""
    parts = [
        _squared(block[at : at + _SMALL], grown.centres).argmin(axis=1)
        for at in range(0, len(block), _SMALL)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int32)


def _probes(grown: _Grown, block: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Home cell of each row, and all pairs of a row and a cell that it has to look into."""
    home = np.empty(len(block), np.int32)
    rows, cells = [], []
    for start in range(0, len(block), _SMALL):
        part = block[start : start + _SMALL]
        apart = _squared(part, grown.centres)
        own = apart.argmin(axis=1)
        home[start : start + len(part)] = own
        nearest = apart[np.arange(len(part)), own]
        # Twice the distance to the plane between two cells, times the distance of their centres.
        reach = 2 * (grown.radius + _SLACK) * grown.between[own]
        row, cell = np.nonzero(apart - nearest[:, None] <= reach)
        rows.append(row + start)
        cells.append(cell)
    return home, np.concatenate(rows), np.concatenate(cells).astype(np.int32)


def _against(
    block: np.ndarray,
    groups: np.ndarray,
    rows: np.ndarray,
    cells: np.ndarray,
    vectors: np.ndarray,
    homes: np.ndarray,
    owners: np.ndarray,
    radius: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest kept vector within the radius of each row; -1 where there is none."""
    found = np.full(len(block), -1, np.int64)
    best = np.full(len(block), np.inf, np.float32)
    for asked, members in _meetings(rows, cells, homes):
        apart = _squared(block[asked], vectors[members])
        apart[groups[asked][:, None] != owners[members][None, :]] = np.inf
        at = apart.argmin(axis=1)
        near = apart[np.arange(len(asked)), at]
        better = (near <= radius**2) & (near < best[asked])
        found[asked[better]] = members[at[better]]
        best[asked[better]] = near[better]
    return found, np.sqrt(np.where(found >= 0, best, 0)).astype(np.float32)


def _pairs(
    fresh: np.ndarray,
    groups: np.ndarray,
    homes: np.ndarray,
    rows: np.ndarray,
    cells: np.ndarray,
    radius: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of new vectors within the radius: the later one, the earlier one, the distance."""
    later, earlier, distances = [], [], []
    for asked, members in _meetings(rows, cells, homes):
        apart = _squared(fresh[asked], fresh[members])
        near = (apart <= radius**2) & (members[None, :] < asked[:, None])
        near &= groups[asked][:, None] == groups[members][None, :]
        one, other = np.nonzero(near)
        later.append(asked[one])
        earlier.append(members[other])
        distances.append(np.sqrt(apart[one, other]))
    none = np.empty(0, np.int64)
    return (
        np.concatenate([none, *later]),
        np.concatenate([none, *earlier]),
        np.concatenate([np.empty(0, np.float32), *distances]).astype(np.float32),
    )


def _meetings(
    rows: np.ndarray, cells: np.ndarray, homes: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cell by cell: the rows that look into it, and the members it has; parts of a size."""
    asked_order = np.argsort(cells, kind="stable")
    member_order = np.argsort(homes, kind="stable")
    asked_cells, member_cells = cells[asked_order], homes[member_order]
    found = []
    for cell in np.unique(asked_cells):
        low, high = np.searchsorted(asked_cells, [cell, cell + 1])
        first, last = np.searchsorted(member_cells, [cell, cell + 1])
        members = member_order[first:last]
        if not len(members):
            continue
        asked = rows[asked_order[low:high]]
        found += [
            (asked[a : a + _SMALL], members[b : b + _SMALL])
            for a in range(0, len(asked), _SMALL)
            for b in range(0, len(members), _SMALL)
        ]
    return found


def _lead(
    count: int, later: np.ndarray, earlier: np.ndarray, apart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Go through new vectors in order: each stands for itself unless a leader is near enough.

    Of several leaders the nearest one stands for it, the earlier one where they tie.
    """
    leader = np.arange(count)
    near = np.zeros(count, np.float32)
    order = np.lexsort((earlier, apart, later))
    later, earlier, apart = later[order], earlier[order], apart[order]
    if not len(later):
        return leader, near
    cuts = np.flatnonzero(np.append(True, later[1:] != later[:-1]))
    for low, high in zip(cuts.tolist(), [*cuts[1:].tolist(), len(later)], strict=True):
        one = later[low]
        for at in range(low, high):
            if leader[earlier[at]] == earlier[at]:
                leader[one], near[one] = earlier[at], apart[at]
                break
    return leader, near


def _centres(sample: np.ndarray, cells: int, seed: int) -> np.ndarray:
    """(cells, d) float32 by Lloyd's algorithm over part of the sample (S. Lloyd, 1982)."""
    draw = np.random.Generator(np.random.PCG64(seed))
    most = min(len(sample), _SAMPLE_PER_CELL * cells)
    part = np.asarray(sample[np.sort(draw.permutation(len(sample))[:most])], np.float32)
    centres = part[np.sort(draw.permutation(len(part))[:cells])].copy()
    for _ in range(_ITERATIONS if cells > 1 else 1):
        own = np.concatenate(
            [
                _squared(part[at : at + _SMALL], centres).argmin(axis=1)
                for at in range(0, len(part), _SMALL)
            ]
        )
        order = np.argsort(own, kind="stable")
        held, first = np.unique(own[order], return_index=True)
        sums = np.add.reduceat(part[order], first, axis=0)
        counts = np.diff(np.append(first, len(order)))[:, None]
        centres[held] = sums / counts
    return centres


def _squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, d), (m, d) float32 -> (n, m) squared L2 by one matrix product, at least 0."""
    apart: np.ndarray = points @ others.T
    apart *= -2
    apart += np.einsum("nd,nd->n", points, points)[:, None]
    apart += np.einsum("md,md->m", others, others)[None, :]
    np.maximum(apart, 0, out=apart)
    return apart


def _check_length(before: Kept, vectors: np.ndarray) -> None:
    if vectors.ndim != 2 or vectors.shape[1] != before.centres.shape[1]:
        raise InputError(
            f"vectors are {vectors.shape}, kept ones (n, {before.centres.shape[1]})",
            remedy="compare vectors of one embedder",
        )


def _check(vectors: np.ndarray) -> None:
    bad = ~np.isfinite(vectors).all(axis=1)
    if bad.any():
        raise InputError(
            f"{int(bad.sum())} of {len(vectors)} vectors hold a value that is not a number",
            remedy="leave these frames out, or embed them again",
        )
