"""Parts of a query that hold over time, as intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ringroad.curate.language.sources import Sources
from ringroad.curate.language.tree import (
    And,
    Around,
    For,
    Held,
    Like,
    Node,
    Not,
    Or,
    Text,
    Then,
    Track,
    format_node,
)
from ringroad.curate.scenario.intervals import (
    VEHICLE,
    Intervals,
    at_least,
    complement,
    drop_tracks,
    intersect,
    intervals,
    then,
    union,
    widen,
)
from ringroad.domain.errors import UsageError

Mask = Callable[[Node], np.ndarray]
"""Rows for which a part holds that is about frames."""
Watch = Callable[[Node, Callable[[], Intervals]], Intervals]
"""Finds when a part held by what it is handed, and may note how that went."""


def over_time(node: Node) -> bool:
    """Whether it is about stretches of time in all its parts."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return all(over_time(part) for part in parts)
        case Not(part=part):
            return over_time(part)
        case _:
            return isinstance(node, Held | Track | Then | For | Around)


def unwatched(node: Node, find: Callable[[], Intervals]) -> Intervals:
    """Find when a part held, and tell nobody."""
    del node
    return find()


def stretches_of(
    node: Node, sources: Sources, mask: Mask, *, tracked: bool = False, watch: Watch = unwatched
) -> Intervals:
    """When a part held. With `tracked`, of which track each time.

    A part about frames, such as `speed > 50 km/h`, held from the first to the last of frames
    that follow each other in one channel and all hold it.

    Args:
        node: the part.
        sources: what is known.
        mask: finds the frames of a part that is about frames.
        tracked: whether it stands in track(...).
        watch: is handed each of its own parts, to find it and to note how that went.

    Raises:
        UsageError: a ranking, or something about the vehicle inside track(...).
    """

    def of(part: Node, *, tracked: bool = tracked) -> Intervals:
        return watch(part, lambda: stretches_of(part, sources, mask, tracked=tracked, watch=watch))

    match node:
        case And(parts=parts):
            found = [of(part) for part in parts]
            return _fold(found, lambda one, two: intersect(one, two, same_track=tracked))
        case Or(parts=parts):
            return _fold([of(part) for part in parts], union)
        case Not(part=part):
            return complement(of(part), sources.category("") if tracked else sources.spans())
        case Then(first=first, second=second, within_ns=within):
            return then(of(first), of(second), within_ns=within, same_track=tracked)
        case For(part=part, duration_ns=length):
            return at_least(of(part), length)
        case Around(part=part, within_ns=within):
            return widen(of(part), within, within)
        case Track(part=part):
            if tracked:
                raise UsageError("track(...) stands inside track(...)", remedy="leave one out")
            return drop_tracks(of(part, tracked=True))
        case Held():
            return _held(node, sources, tracked=tracked)
        case _:
            return _of_frames(node, sources, mask, tracked=tracked)


def _fold(found: list[Intervals], join: Callable[[Intervals, Intervals], Intervals]) -> Intervals:
    whole = found[0]
    for part in found[1:]:
        whole = join(whole, part)
    return whole


def _held(node: Held, sources: Sources, *, tracked: bool) -> Intervals:
    kinds = {"atom": sources.atom, "event": sources.event, "category": sources.category}
    found = kinds[node.kind](node.name)
    if tracked and (node.kind == "event" or _about_vehicle(found)):
        raise UsageError(
            f"{node.name} is about the vehicle, not about a track",
            remedy=f"put it outside: track(...) and {node.name}",
        )
    if node.op:
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
        found = found.take(compare[node.op](found.value, node.value))
    return found if tracked else drop_tracks(found)


def _about_vehicle(found: Intervals) -> bool:
    return len(found) > 0 and bool((found.track == VEHICLE).all())


def _of_frames(node: Node, sources: Sources, mask: Mask, *, tracked: bool) -> Intervals:
    if isinstance(node, Like | Text):
        raise UsageError(
            f"{format_node(node)} orders frames, it does not hold at some times and not at others",
            remedy="join it by `and` to the rest of the query",
        )
    if tracked:
        raise UsageError(
            f"{format_node(node)} is about frames, not about a track",
            remedy="put it outside of track(...) and join the two by `and`",
        )
    return runs(mask(node), sources)


def runs(held: np.ndarray, sources: Sources) -> Intervals:
    """From the first to the last of alive frames in a row, channel by channel."""
    rows = np.flatnonzero(sources.alive)
    time_ns = sources.rows["time_ns"].to_numpy()[rows]
    channel = _codes(sources, rows)
    recording = sources.recording[rows]
    order = np.lexsort((time_ns, channel, recording))
    rows, time_ns, recording, channel = (
        rows[order],
        time_ns[order],
        recording[order],
        channel[order],
    )
    holds = held[rows]
    if not holds.any():
        return intervals(*(np.empty(0) for _ in range(4)))
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (
        (holds[1:] != holds[:-1])
        | (recording[1:] != recording[:-1])
        | (channel[1:] != channel[:-1])
    )
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows)) - 1
    kept = holds[first]
    nobody = np.full(int(kept.sum()), VEHICLE)
    return intervals(recording[first][kept], nobody, time_ns[first][kept], time_ns[last][kept])


def _codes(sources: Sources, rows: np.ndarray) -> np.ndarray:
    """(n,) number of each row's channel."""
    column = sources.rows["channel"].combine_chunks()
    codes: np.ndarray = np.asarray(column.indices)[rows]
    return codes
