"""Three-way merge of dataset versions: the common ancestor, what is merged, what is left to say.

Where histories crossed there are several common ancestors. They are merged with each other
first, by the same rules, and what they disagree on has no base: there, any difference between
the sides is shown. Nothing in conflict is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pyarrow as pa

from ringroad.datasets.ancestry import meeting_points
from ringroad.datasets.changes import changes
from ringroad.datasets.edits import Edited, edited
from ringroad.datasets.locks import check_lock
from ringroad.datasets.manifest import Version
from ringroad.datasets.merge_headers import MergedHeader, merge_headers
from ringroad.datasets.merge_rows import MergedRows, Row, RowConflict, merge_rows
from ringroad.datasets.stack import Stack
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.errors import InputError, MergeConflict
from ringroad.domain.ids import ArtifactId, Digest, FrameId

Side = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How to reach versions and their layers."""

    version: Callable[[ArtifactId], Version]
    fetch: Callable[[Digest], pa.Table]

    def parents(self, at: ArtifactId) -> tuple[ArtifactId, ...]:
        """The versions that one continues."""
        return self.version(at).parents

    def stack(self, at: ArtifactId) -> Stack:
        """The rows of one."""
        return Stack(self.version(at).layers, self.fetch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is to become of conflicts."""

    default: Side | None = None
    rows: Mapping[FrameId, Side | Row | None] = field(default_factory=dict)
    """Frame -> the side, or its row, or None to remove it."""
    header: Mapping[str, Side] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merge:
    """What merging theirs into ours would do."""

    ours: ArtifactId
    theirs: ArtifactId
    bases: tuple[ArtifactId, ...]
    """Common ancestors; several where histories crossed."""
    rows: MergedRows
    header: MergedHeader

    @property
    def conflicts(self) -> int:
        """How many rows and fields of the header are left to decide."""
        return len(self.rows.conflicts) + len(self.header.conflicts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Base:
    met: tuple[ArtifactId, ...]
    stack: Stack
    header: DatasetHeader | None
    undecided: frozenset[FrameId]
    crossed: frozenset[str]


def merge(
    history: History, ours: ArtifactId, theirs: ArtifactId, *, unrelated: bool = False
) -> Merge:
    """See what merging theirs into ours does. Writes nothing.

    Raises:
        InputError: the two have no common ancestor, and `unrelated` does not allow that.
    """
    base = _base(history, [ours], [theirs])
    if not base.met and not unrelated:
        raise InputError(
            f"has no version in common with {ours[:20]}",
            subject=theirs[:20],
            remedy="say --unrelated to merge them as if both began with nothing",
        )
    rows = merge_rows(
        base.stack,
        history.stack(ours),
        history.stack(theirs),
        undecided=sorted(base.undecided),
    )
    header = merge_headers(
        base.header,
        history.version(ours).header,
        history.version(theirs).header,
        crossed=base.crossed,
        labelled=rows.labelled,
    )
    return Merge(ours=ours, theirs=theirs, bases=base.met, rows=rows, header=header)


def settle(history: History, plan: Merge, choices: Choices, *, query: str) -> Edited:
    """The merged version, once every conflict is decided.

    Raises:
        MergeConflict: some are not.
        InputError: a unit would lie in two splits.
        SplitLocked: test rows would change that are locked on either side.
    """
    rows, fields = _decided(plan, choices)
    header = replace(plan.header.settled(fields), parents=(plan.ours, plan.theirs), query=query)
    ours, theirs = history.version(plan.ours), history.version(plan.theirs)
    layer = plan.rows.edits(rows)
    made = edited(ours, history.stack(plan.ours), layer, header=header)
    if theirs.header.locked:
        merged = history.stack(plan.ours).over(layer)
        check_lock(changes(history.stack(plan.theirs), merged), name=theirs.header.name)
    return made


def taken(conflict: RowConflict, side: Side) -> Row | None:
    """The row of one side, with what the other changed in cells that are not in conflict."""
    row = conflict.ours if side == "ours" else conflict.theirs
    if row is None or conflict.merged is None:
        return row
    return {**conflict.merged, **{name: row[name] for name in conflict.cells}}


def _decided(plan: Merge, choices: Choices) -> tuple[dict[FrameId, Row | None], dict[str, Side]]:
    rows: dict[FrameId, Row | None] = {}
    fields: dict[str, Side] = {}
    for conflict in plan.rows.conflicts:
        if conflict.frame in choices.rows:
            told = choices.rows[conflict.frame]
            rows[conflict.frame] = taken(conflict, told) if isinstance(told, str) else told
        elif choices.default is not None:
            rows[conflict.frame] = taken(conflict, choices.default)
    for claim in plan.header.conflicts:
        side = choices.header.get(claim.field, choices.default)
        if side is not None:
            fields[claim.field] = side
    left = plan.conflicts - len(rows) - len(fields)
    if left:
        first = next((c.frame for c in plan.rows.conflicts if c.frame not in rows), "header")
        raise MergeConflict(
            f"{left} of {plan.conflicts} conflicts are not decided, the first at {first}",
            subject=plan.theirs[:20],
            remedy="decide them: --ours, --theirs, or --resolutions FILE",
        )
    return rows, fields


def _base(history: History, ours: Collection[ArtifactId], theirs: Collection[ArtifactId]) -> _Base:
    """The common ancestor; of several, their merge."""
    met = meeting_points(ours, theirs, history.parents)
    if not met:
        empty = Stack((), history.fetch)
        return _Base(met=(), stack=empty, header=None, undecided=frozenset(), crossed=frozenset())
    stack, header = history.stack(met[0]), history.version(met[0]).header
    undecided: frozenset[FrameId] = frozenset()
    crossed: frozenset[str] = frozenset()
    for place, other in enumerate(met[1:], start=1):
        inner = _base(history, met[:place], [other])
        rows = merge_rows(
            inner.stack, stack, history.stack(other), undecided=sorted(inner.undecided)
        )
        claims = merge_headers(
            inner.header,
            header,
            history.version(other).header,
            crossed=inner.crossed,
            labelled=rows.labelled,
        )
        stack = stack.over(rows.edits({c.frame: c.ours for c in rows.conflicts}))
        header = claims.header
        undecided |= {conflict.frame for conflict in rows.conflicts}
        crossed |= {conflict.field for conflict in claims.conflicts}
    return _Base(met=met, stack=stack, header=header, undecided=undecided, crossed=crossed)
