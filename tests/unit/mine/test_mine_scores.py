"""Doubt per cell, by hand and against what the definitions promise; cells to frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ringroad.domain.errors import InputError, UnknownName
from ringroad.mine.aggregate import aggregate, checked
from ringroad.mine.scores import (
    bald,
    divergence,
    entropy,
    least_confidence,
    margin,
    softmax_entropy,
    variation,
)

PROBABILITIES = arrays(np.float64, (3, 4, 2), elements=st.floats(0.001, 0.999))


def test_by_hand() -> None:
    assert entropy(np.array([0.5, 0.5])) == pytest.approx(2 * np.log(2))
    assert entropy(np.array([1.0, 0.0])) == pytest.approx(0, abs=1e-5)
    assert softmax_entropy(np.full(4, 0.25)) == pytest.approx(np.log(4))
    assert least_confidence(np.array([0.7, 0.2, 0.1])) == pytest.approx(0.3)
    assert margin(np.array([0.6, 0.4])) == pytest.approx(0.8)
    assert margin(np.array([0.9, 0.1])) == pytest.approx(0.2)
    assert margin(np.array([0.5])) == pytest.approx(1.0)
    sure_and_apart = np.array([[[0.999999]], [[0.000001]]])
    assert bald(sure_and_apart)[0] == pytest.approx(np.log(2), abs=1e-3)
    unsure_and_agreed = np.array([[[0.5]], [[0.5]]])
    assert bald(unsure_and_agreed)[0] == pytest.approx(0.0)
    assert variation(np.array([[[0.9, 0.1]], [[0.8, 0.3]], [[0.2, 0.7]]]))[0] == pytest.approx(
        1 / 3
    )
    assert variation(np.array([[[0.1, 0.1]], [[0.4, 0.3]]]))[0] == 0


@given(PROBABILITIES)
def test_bounds(p: np.ndarray) -> None:
    between = bald(p)
    assert (between >= 0).all()
    assert (between <= entropy(p.mean(axis=0)) + 1e-9).all()
    assert (divergence(p[0], p[0]) == 0).all()
    assert divergence(p[0], p[1]) == pytest.approx(divergence(p[1], p[0]))
    assert divergence(p[0], p[1]) == pytest.approx(bald(p[:2]))
    assert (margin(p) >= 0).all()
    assert (margin(p) <= 1).all()


def test_aggregations_have_names() -> None:
    maps = np.arange(60, dtype=np.float64).reshape(2, 5, 6)
    assert aggregate(maps, "max").tolist() == [29, 59]
    assert aggregate(maps, "sum").tolist() == [435, 1335]
    assert aggregate(maps, "mean").tolist() == [14.5, 44.5]
    assert aggregate(maps, "top-mean").tolist() == [19.5, 49.5]
    assert aggregate(np.zeros((3, 0)), "max").tolist() == [0, 0, 0]
    with pytest.raises(UnknownName, match="top-mean"):
        aggregate(maps, "median")


def test_scores_that_are_no_numbers_name_their_frames() -> None:
    frames = ["a", "b", "c"]
    assert checked(frames, np.array([1.0, 2.0, 3.0]), what="margin").tolist() == [1, 2, 3]
    with pytest.raises(InputError, match=r"2 of 3 frames have a margin.*: a, c"):
        checked(frames, np.array([np.nan, 2.0, np.inf]), what="margin")
