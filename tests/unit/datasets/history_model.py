"""A model of merge histories in plain dictionaries, written apart from the product.

A version is frame -> row (a tuple of cells). The rules are those of docs/datasets.md, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CELLS = ("recording_id", "unit", "split", "condition", "annotations", "weight")
Cells = tuple[str, str, str, str, str, float]
Rows = dict[str, Cells]
SPLIT, UNIT = CELLS.index("split"), CELLS.index("unit")


@dataclass
class Model:
    """Versions by number, each with its parents."""

    rows: dict[int, Rows] = field(default_factory=dict)
    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    key: dict[int, str] = field(default_factory=dict)
    """What orders common ancestors: the product's ids, which the model cannot know."""

    def ancestors(self, starts) -> set[int]:
        found = set(starts)
        while True:
            more = {p for v in found for p in self.parents[v]} - found
            if not more:
                return found
            found |= more

    def met(self, ours, theirs) -> list[int]:
        common = self.ancestors(ours) & self.ancestors(theirs)
        best = [v for v in common if not any(v in self.ancestors([o]) for o in common - {v})]
        return sorted(best, key=self.key.__getitem__)

    def base(self, ours, theirs) -> tuple[Rows, set[str]]:
        met = self.met(ours, theirs)
        if not met:
            return {}, set()
        rows, undecided = dict(self.rows[met[0]]), set()
        for place, other in enumerate(met[1:], start=1):
            inner, open_ = self.base(met[:place], [other])
            rows, conflicts = merged(inner, open_, rows, self.rows[other])
            undecided |= set(conflicts)
        return rows, undecided

    def merge(self, ours: int, theirs: int) -> tuple[Rows, dict[str, set[str]]]:
        """Rows with the cells of ours where there is a conflict; frame -> cells in conflict."""
        base, undecided = self.base([ours], [theirs])
        return merged(base, undecided, self.rows[ours], self.rows[theirs])


def merged(
    base: Rows, undecided: set[str], ours: Rows, theirs: Rows
) -> tuple[Rows, dict[str, set[str]]]:
    rows: Rows = {}
    conflicts: dict[str, set[str]] = {}
    for frame in base.keys() | ours.keys() | theirs.keys():
        b, o, t = base.get(frame), ours.get(frame), theirs.get(frame)
        kept, fought = one(b, o, t, undecided=frame in undecided)
        if fought:
            conflicts[frame] = fought
        if kept is not None:
            rows[frame] = kept
    return rows, conflicts


def one(b, o, t, *, undecided: bool) -> tuple[Cells | None, set[str]]:
    """The row of one frame, and the cells in conflict."""
    everything = set(CELLS)
    if o == t:
        return o, set()
    if undecided:
        return o, different(o, t) if o and t else everything
    if o == b:
        return t, set()
    if t == b:
        return o, set()
    if o is None or t is None:
        return o, everything
    if b is None:
        return o, different(o, t)
    cells, fought = [], set()
    for name, bc, oc, tc in zip(CELLS, b, o, t, strict=True):
        if oc != tc and bc not in (oc, tc):
            fought.add(name)
        cells.append(tc if oc == bc else oc)
    return tuple(cells), fought


def different(o: Cells, t: Cells) -> set[str]:
    return {name for name, oc, tc in zip(CELLS, o, t, strict=True) if oc != tc}


def resolved(
    rows: Rows, conflicts: dict[str, set[str]], theirs: Rows, side: dict[str, str]
) -> Rows:
    """The merged rows with each conflict taken from a side."""
    made = dict(rows)
    for frame, fought in conflicts.items():
        if side[frame] == "ours":
            continue
        t = theirs.get(frame)
        if t is None:
            made.pop(frame, None)
        elif frame not in rows:
            made[frame] = t
        else:
            made[frame] = tuple(
                tc if name in fought else mc
                for name, mc, tc in zip(CELLS, rows[frame], t, strict=True)
            )
    return made


def torn(rows: Rows) -> set[str]:
    """Units that lie in several splits."""
    splits: dict[str, set[str]] = {}
    for cells in rows.values():
        splits.setdefault(cells[UNIT], set()).add(cells[SPLIT])
    return {unit for unit, found in splits.items() if len(found) > 1}
