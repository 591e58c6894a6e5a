"""The algebra of intervals, against a reference that looks at every moment by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.curate.scenario.intervals import (
    VEHICLE,
    Intervals,
    at_least,
    complement,
    contains,
    drop_tracks,
    intersect,
    intervals,
    none,
    then,
    union,
    widen,
)

MOMENTS = 24
Row = tuple[int, int, int, int]
Held = dict[tuple[int, int], set[int]]

ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(-1, 2), st.integers(0, MOMENTS - 1), st.integers(0, 6)
    ),
    max_size=12,
)


def build(rows: list[Row], *, scale: int = 1) -> Intervals:
    """Intervals out of recording, track, start and length."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    start = columns[2] * scale
    return intervals(columns[0], columns[1], start, start + columns[3] * scale)


def moments(held: Intervals) -> Held:
    """Every moment, by recording and track."""
    found: Held = {}
    for recording, track, start, end in zip(
        held.recording.tolist(), held.track.tolist(), held.start_ns.tolist(),
        held.end_ns.tolist(), strict=True,
    ):  # fmt: skip
        found.setdefault((recording, track), set()).update(range(start, end + 1))
    return found


def together(held: Held) -> Held:
    """Without tracks."""
    found: Held = {}
    for (recording, _), times in held.items():
        found.setdefault((recording, VEHICLE), set()).update(times)
    return found


def combined(first: Held, second: Held, join: Callable[[set[int], set[int]], set[int]]) -> Held:
    """One by one; what is empty is left out."""
    keys = {*first, *second}
    made = {key: join(first.get(key, set()), second.get(key, set())) for key in keys}
    return {key: times for key, times in made.items() if times}


def test_order_is_by_recording_track_and_start() -> None:
    held = build([(1, 0, 5, 1), (0, 2, 9, 1), (0, -1, 9, 1), (0, 2, 1, 2)])
    assert list(zip(held.recording, held.track, held.start_ns, strict=True)) == [
        (0, -1, 9), (0, 2, 1), (0, 2, 9), (1, 0, 5),
    ]  # fmt: skip


def test_touching_ones_of_a_track_are_one_and_keep_the_largest_value() -> None:
    held = intervals(
        np.zeros(3), np.zeros(3), np.array([0, 4, 9]), np.array([3, 6, 9]),
        np.array([1.0, np.nan, 2.0]),
    )  # fmt: skip
    assert held.start_ns.tolist() == [0, 9]
    assert held.end_ns.tolist() == [6, 9]
    assert held.value.tolist() == [1.0, 2.0]


def test_an_end_before_its_start_is_nothing() -> None:
    assert len(intervals(np.zeros(1), np.zeros(1), np.array([5]), np.array([4]))) == 0


def test_one_inside_another_does_not_cut_it() -> None:
    held = build([(0, 0, 0, 6), (0, 0, 1, 1), (0, 0, 5, 3)])
    assert (held.start_ns.tolist(), held.end_ns.tolist()) == ([0], [8])


@given(ROWS, ROWS)
def test_union(first: list[Row], second: list[Row]) -> None:
    made = moments(union(build(first), build(second)))
    assert made == combined(moments(build(first)), moments(build(second)), set.union)


@given(ROWS, ROWS)
def test_intersection_of_one_track(first: list[Row], second: list[Row]) -> None:
    made = moments(intersect(build(first), build(second), same_track=True))
    assert made == combined(moments(build(first)), moments(build(second)), set.intersection)


@given(ROWS, ROWS)
def test_intersection_of_any_tracks(first: list[Row], second: list[Row]) -> None:
    made = moments(intersect(build(first), build(second), same_track=False))
    ours, theirs = together(moments(build(first))), together(moments(build(second)))
    assert made == combined(ours, theirs, set.intersection)


@given(ROWS, ROWS)
def test_complement_within_spans(held: list[Row], spans: list[Row]) -> None:
    made = moments(complement(build(held), build(spans)))
    assert made == combined(moments(build(spans)), moments(build(held)), set.difference)


@given(ROWS, st.integers(0, 5))
def test_duration(rows: list[Row], least: int) -> None:
    held = build(rows)
    kept = at_least(held, least)
    assert len(kept) == sum(e - s >= least for s, e in zip(held.start_ns, held.end_ns, strict=True))


@given(ROWS, st.integers(0, 3), st.integers(0, 3))
def test_widening(rows: list[Row], before: int, after: int) -> None:
    made = moments(widen(build(rows), before, after))
    wanted: Held = {}
    for key, times in moments(build(rows)).items():
        wanted[key] = {t + d for t in times for d in range(-before, after + 1)}
    assert made == wanted


@given(ROWS)
def test_dropping_tracks(rows: list[Row]) -> None:
    assert moments(drop_tracks(build(rows))) == together(moments(build(rows)))


@given(ROWS, ROWS, st.integers(0, 6), st.booleans())
def test_sequences(first: list[Row], second: list[Row], within: int, same: bool) -> None:
    one, two = build(first), build(second)
    made = then(one, two, within_ns=within, same_track=same)
    if not same:
        one, two = drop_tracks(one), drop_tracks(two)
    wanted: Held = {}
    for r, t, s, e in zip(one.recording, one.track, one.start_ns, one.end_ns, strict=True):
        mine = (two.recording == r) & (two.track == t)
        after = mine & (two.start_ns > s) & (two.start_ns <= e + within)
        if after.any():
            at = np.flatnonzero(after)[0]
            last = max(int(e), int(two.end_ns[at]))
            wanted.setdefault((int(r), int(t)), set()).update(range(int(s), last + 1))
    assert moments(made) == wanted


@given(ROWS, st.lists(st.tuples(st.integers(0, 3), st.integers(-2, MOMENTS + 8)), max_size=20))
def test_moments_inside(rows: list[Row], asked: list[tuple[int, int]]) -> None:
    held = build(rows)
    at = np.array(asked, dtype=np.int64).reshape(-1, 2)
    inside = together(moments(held))
    assert contains(held, at[:, 0], at[:, 1]).tolist() == [
        t in inside.get((r, VEHICLE), set()) for r, t in asked
    ]


@pytest.mark.parametrize("scale", [1, 10**15])
def test_times_of_any_size(scale: int) -> None:
    first = build([(0, 0, 1, 5), (70_000, 90_000, 3, 4)], scale=scale)
    second = build([(0, 0, 4, 9), (70_000, 90_000, 1, 3)], scale=scale)
    made = intersect(first, second, same_track=True)
    assert (made.start_ns // scale).tolist() == [4, 3]
    assert (made.end_ns // scale).tolist() == [6, 4]


def test_nothing_with_anything() -> None:
    some = build([(0, 0, 1, 5)])
    for made in (
        intersect(none(), some, same_track=True),
        intersect(some, none(), same_track=False),
        then(none(), some, within_ns=5, same_track=True),
        complement(some, none()),
        widen(none(), 1, 1),
    ):
        assert len(made) == 0
    assert moments(complement(none(), some)) == moments(some)
    assert moments(union(none(), some)) == moments(some)
    assert contains(none(), np.array([0]), np.array([1])).tolist() == [False]
