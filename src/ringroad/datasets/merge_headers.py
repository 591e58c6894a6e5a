"""Three-way merge of what versions claim. A claim that would become false is a conflict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ringroad.domain.dataset import DatasetHeader

FIELDS = ("categories", "tasks", "unit")
CLAIMS = ("categories", "tasks")
"""What holds for every frame of a version: it was looked for in each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderConflict:
    """One field of the header that cannot be merged by itself."""

    field: str
    base: object
    """None where there is no common ancestor, or the ancestors disagree."""
    ours: object
    theirs: object


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedHeader:
    """Ours with what theirs changed, and what is left to decide."""

    header: DatasetHeader
    conflicts: tuple[HeaderConflict, ...]

    def settled(self, choices: Mapping[str, str]) -> DatasetHeader:
        """The header once every conflict takes `ours` or `theirs`."""
        values = {c.field: getattr(c, choices[c.field]) for c in self.conflicts}
        return replace(self.header, **values)


def merge_headers(
    base: DatasetHeader | None,
    ours: DatasetHeader,
    theirs: DatasetHeader,
    *,
    crossed: Collection[str] = (),
    labelled: tuple[bool, bool],
) -> MergedHeader:
    """Merge theirs into ours.

    The name stays ours; what is synthetic or locked on one side is so afterwards. Categories and
    tasks speak of every frame: where one side widens them while the other brought frames under
    the narrower claim, nobody looked for the new ones there, and that is a conflict.

    Args:
        base: of the common ancestor, or None.
        ours: to merge into.
        theirs: to merge.
        crossed: fields on which several common ancestors disagree.
        labelled: whether ours, and theirs, brought frames or annotations.
    """
    values: dict[str, object] = {}
    conflicts = []
    for name in FIELDS:
        known = base is not None and name not in crossed
        old = getattr(base, name) if known else None
        mine, other = getattr(ours, name), getattr(theirs, name)
        if mine == other or (known and old == other and _holds(name, mine, other, labelled[1])):
            continue
        if known and old == mine and _holds(name, other, mine, labelled[0]):
            values[name] = other
        else:
            conflicts.append(HeaderConflict(field=name, base=old, ours=mine, theirs=other))
    header = replace(
        ours,
        synthetic=ours.synthetic or theirs.synthetic,
        locked=ours.locked or theirs.locked,
        **values,  # type: ignore[arg-type]  # of their own fields
    )
    return MergedHeader(header=header, conflicts=tuple(conflicts))


def _holds(name: str, claim: object, before: object, labelled: bool) -> bool:
    """Whether a side that still claims `before` may come under a new claim."""
    if name not in CLAIMS or not labelled:
        return True
    return set(claim) <= set(before)  # type: ignore[call-overload, no-any-return]  # both tuples
