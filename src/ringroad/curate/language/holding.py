"""Which frames hold a part of a query: columns first, then places and stretches. Ranks nothing."""

from __future__ import annotations

import numpy as np

from ringroad.curate.language.columns import in_columns, sql_of
from ringroad.curate.language.stretches import over_time, stretches_of
from ringroad.curate.language.tree import And, Cell, Like, Node, Not, Or, Text, format_node
from ringroad.curate.language.work import Work
from ringroad.curate.scenario.intervals import contains
from ringroad.domain.errors import UsageError


def frames_of(rest: Node, work: Work) -> np.ndarray:
    """(n,) bool: alive rows that hold what is left when rankings are taken away."""
    return _all(rest.parts, work) if isinstance(rest, And) else _mask(rest, work)


def _mask(node: Node, work: Work) -> np.ndarray:
    """(n,) bool: alive rows that hold it."""
    sources = work.sources
    if in_columns(node):
        return work.timed(node, "columns", lambda: sources.mask(sql_of(node)))
    if over_time(node):
        return _during(node, work)
    match node:
        case And(parts=parts):
            return work.timed(node, "all of", lambda: _all(parts, work))
        case Or(parts=parts):
            return work.timed(node, "any of", lambda: _any(parts, work))
        case Not(part=part):
            return work.timed(node, "not", lambda: sources.alive & ~_mask(part, work))
        case Cell(cell=cell):
            return work.timed(node, "place", lambda: sources.in_cell(cell) & sources.alive)
    if isinstance(node, Like | Text):
        raise UsageError(
            f"{format_node(node)} orders frames and leaves none out: it cannot stand behind `or` "
            "or `not`",
            remedy="join it by `and` to the rest of the query",
        )
    return _during(node, work)


def _all(parts: tuple[Node, ...], work: Work) -> np.ndarray:
    """The cheapest first; nothing more is looked at once no row is left."""
    first, *others = sorted(_grouped(parts, And), key=_cost)
    mask = _mask(first, work)
    for part in others:
        if mask.any():
            mask = mask & _mask(part, work)
        else:
            work.skip(part, "no frame is left")
    return mask


def _any(parts: tuple[Node, ...], work: Work) -> np.ndarray:
    """The cheapest first; nothing more is looked at once every row holds."""
    first, *others = sorted(_grouped(parts, Or), key=_cost)
    mask = _mask(first, work)
    for part in others:
        if np.array_equal(mask, work.sources.alive):
            work.skip(part, "every frame holds already")
        else:
            mask = mask | _mask(part, work)
    return mask


def _cost(part: Node) -> int:
    """Columns are one pass of an engine, cells one of ours; stretches have to be read first."""
    if in_columns(part):
        return 0
    return 1 if isinstance(part, Cell) else 2 if over_time(part) else 3


def _grouped(parts: tuple[Node, ...], join: type[And | Or]) -> list[Node]:
    """Parts that columns answer together as one, so that the engine is asked once."""
    plain = tuple(part for part in parts if in_columns(part))
    others = [part for part in parts if not in_columns(part)]
    if len(plain) > 1:
        return [join(parts=plain), *others]
    return [*plain, *others]


def _during(node: Node, work: Work) -> np.ndarray:
    """Alive rows whose time lies within a stretch at which it held."""
    sources = work.sources

    def find() -> np.ndarray:
        held = stretches_of(node, sources, lambda part: _mask(part, work), watch=work.watch)
        times = sources.rows["time_ns"].to_numpy()
        return np.asarray(contains(held, sources.recording, times) & sources.alive)

    return work.timed(node, "intervals", find)
