"""Embeddings on a plane: the main axes, equal for equal vectors."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.curate.plane import directions, evenly, places_on


def drawn(count: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(4))
    spread = np.array([9.0, 4.0, 0.5, 0.1, 0.1])
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    return (rng.standard_normal((count, 5)) * spread @ turn + 3).astype(np.float32)


def test_the_axes_are_those_of_a_singular_value_decomposition():
    vectors = drawn(4000)
    middle, towards, shares = directions(vectors)
    _, values, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    assert np.abs(np.abs(towards.T @ axes[:2].T) - np.eye(2)).max() < 1e-3
    assert shares == pytest.approx(values[:2] ** 2 / (values**2).sum(), abs=1e-4)
    places = places_on(len(vectors), lambda some: vectors[some], middle, towards)
    assert places.shape == (4000, 2)
    assert places.std(axis=0) == pytest.approx([9, 4], rel=0.06)


def test_equal_vectors_give_equal_pictures_whatever_their_order():
    vectors = drawn(500)
    one, other = directions(vectors)[1], directions(vectors[::-1])[1]
    assert np.abs(one - other).max() < 1e-4


def test_vectors_of_one_number_still_have_two_places():
    places = directions(np.arange(6, dtype=np.float32)[:, None])
    assert places[1].shape == (1, 2)
    assert places[2].tolist() == pytest.approx([1, 0])


def test_numbers_are_even_and_never_twice():
    assert evenly(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert evenly(101, 5).tolist() == [0, 25, 50, 75, 100]
