"""The effective number of different vectors, where it is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.curate.diversity import SAMPLE, diversity
from ringroad.domain.errors import InputError


def test_copies_count_once() -> None:
    apart = np.eye(6) * 10
    assert diversity(apart, radius=0.1, seed=0).vendi == pytest.approx(6)
    copies = np.repeat(apart, 20, axis=0)
    assert diversity(copies, radius=0.1, seed=0).vendi == pytest.approx(6)
    assert diversity(np.zeros((9, 3)), radius=0.1, seed=0).vendi == pytest.approx(1)
    assert diversity(np.ones((1, 3)), radius=0.1, seed=0).vendi == pytest.approx(1)


def test_uneven_shares_count_less() -> None:
    even = np.repeat(np.eye(2) * 10, [50, 50], axis=0)
    uneven = np.repeat(np.eye(2) * 10, [99, 1], axis=0)
    entropy = -(0.99 * np.log(0.99) + 0.01 * np.log(0.01))
    assert diversity(even, radius=0.1, seed=0).vendi == pytest.approx(2)
    assert diversity(uneven, radius=0.1, seed=0).vendi == pytest.approx(np.exp(entropy))


def test_directions_are_those_in_which_they_differ() -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    flat = np.zeros((4000, 10))
    flat[:, :3] = draw.standard_normal((4000, 3))
    found = diversity(flat, radius=0.5, seed=2)
    assert found.directions == pytest.approx(3, abs=0.1)
    assert found.sample == SAMPLE
    assert found.low <= found.vendi <= found.high < SAMPLE


def test_nothing_has_no_diversity() -> None:
    for vectors, radius in ((np.empty((0, 3)), 0.1), (np.eye(3), 0.0), (np.eye(3) * np.nan, 0.1)):
        with pytest.raises(InputError):
            diversity(vectors, radius=radius, seed=0)
