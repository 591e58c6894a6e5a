"""Near-duplicates against comparing all with all, at once and piece by piece."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.curate.duplicates import Duplicates, Kept, begin, extend, hold, look
from ringroad.domain.errors import InputError


def cloud(count: int, *, seed: int, spread: float = 0.08, dimension: int = 12) -> np.ndarray:
    """(n, d) float32 of unit length, around a few places."""
    draw = np.random.Generator(np.random.PCG64(seed))
    places = draw.standard_normal((5, dimension))
    points = places[draw.integers(0, 5, count)]
    points = points + spread * draw.standard_normal((count, dimension))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def one_by_one(vectors: np.ndarray, radius: float, groups: np.ndarray) -> np.ndarray:
    """Which are kept, by going through all in order."""
    kept: list[int] = []
    for at, vector in enumerate(vectors):
        same = [k for k in kept if groups[k] == groups[at]]
        apart = np.linalg.norm(vectors[same].astype(np.float64) - vector, axis=1)
        if not (apart <= radius).any():
            kept.append(at)
    return np.isin(np.arange(len(vectors)), kept)


def run(vectors: np.ndarray, radius: float, *, expected: int = 6_000) -> tuple[Kept, Duplicates]:
    """All at once, over ten cells."""
    return extend(begin(vectors, radius=radius, expected=expected, seed=0), vectors)


@given(st.integers(0, 200), st.floats(0.02, 0.5), st.integers(1, 3), st.integers(1, 200))
def test_equal_to_going_through_all_in_order(
    seed: int, radius: float, groups: int, cut: int
) -> None:
    vectors = cloud(200, seed=seed)
    of = np.random.Generator(np.random.PCG64(seed)).integers(0, groups, len(vectors))
    wanted = one_by_one(vectors, radius, of)
    state = begin(vectors, radius=radius, expected=6_000, seed=seed)
    whole, told = extend(state, vectors, groups=of)
    assert told.kept.tolist() == wanted.tolist()
    first, one = extend(state, vectors[:cut], groups=of[:cut])
    second, two = extend(first, vectors[cut:], groups=of[cut:])
    assert [*one.kept, *two.kept] == told.kept.tolist()
    assert np.array_equal(second.vectors, whole.vectors)


@given(st.integers(0, 200), st.floats(0.02, 0.5), st.integers(1, 3))
def test_history_is_held_as_it_is_and_compared_with(seed: int, radius: float, groups: int) -> None:
    vectors = cloud(200, seed=seed)
    of = np.random.Generator(np.random.PCG64(seed)).integers(0, groups, len(vectors))
    old, new = vectors[:120], vectors[120:]
    state = hold(begin(old, radius=radius, expected=6_000, seed=seed), old, groups=of[:120])
    assert np.array_equal(state.vectors, old)  # duplicates of its own stay
    found, distance = look(state, new, groups=of[120:])
    apart = np.linalg.norm(old[None].astype(np.float64) - new[:, None], axis=2)
    apart[of[120:, None] != of[None, :120]] = np.inf
    clear = np.abs(apart.min(axis=1) - radius) > 1e-4
    assert ((found >= 0) == (apart.min(axis=1) <= radius))[clear].all()
    near = np.flatnonzero(found >= 0)
    assert np.allclose(distance[near], apart[near].min(axis=1), atol=1e-3)
    _, told = extend(state, new, groups=of[120:])
    assert not told.kept[near].any()
    again = hold(
        begin(old, radius=radius, expected=6_000, seed=seed),
        old,
        cells=state.cells,
        groups=of[:120],
    )
    assert extend(again, new, groups=of[120:])[1].kept.tolist() == told.kept.tolist()


def test_each_is_told_who_stands_for_it() -> None:
    vectors = cloud(400, seed=3)
    kept, told = run(vectors, 0.2)
    assert 0 < told.kept.sum() < 400
    assert np.array_equal(kept.vectors, vectors[told.kept])
    apart = np.linalg.norm(vectors - kept.vectors[told.stands_for], axis=1)
    assert told.distance == pytest.approx(apart, abs=1e-3)
    assert (told.distance <= 0.2 + 1e-4).all()
    assert (told.distance[told.kept] == 0).all()


def test_history_is_neither_changed_nor_asked_again(tmp_path: object) -> None:
    vectors = cloud(300, seed=5)
    before, _ = run(vectors, 0.15)
    path = f"{tmp_path}/kept.npz"
    np.savez(path, **before.to_arrays())
    with np.load(path) as arrays:
        again = Kept.from_arrays(dict(arrays))
    _, told = extend(again, vectors)
    assert not told.kept.any()
    assert (told.stands_for < len(before.vectors)).all()
    far = -vectors[:3]
    after, told = extend(again, far)
    assert told.kept.any()
    assert np.array_equal(after.vectors[: len(before.vectors)], before.vectors)


def test_equal_vectors_leave_one() -> None:
    vectors = np.repeat(cloud(1, seed=1), 50, axis=0)
    _, told = run(vectors, 0.01)
    assert told.kept.tolist() == [True] + [False] * 49


def test_bad_input_is_one_clear_error() -> None:
    vectors = cloud(20, seed=1)
    broken = vectors.copy()
    broken[3, 2] = np.nan
    state = begin(vectors, radius=0.1, expected=10, seed=0)
    with pytest.raises(InputError, match="1 of 20 vectors"):
        extend(state, broken)
    with pytest.raises(InputError, match="one embedder"):
        extend(state, vectors[:, :5])
    for radius in (0.0, 3.0, float("nan")):
        with pytest.raises(InputError, match="radius"):
            begin(vectors, radius=radius, expected=10, seed=0)
    with pytest.raises(InputError):
        begin(vectors[:0], radius=0.1, expected=10, seed=0)
    _, told = extend(state, vectors[:0])
    assert len(told.kept) == 0
