"""Boosted trees: calibrated, repeatable, and able to see what columns do together."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.metrics.boosted import BoostConfig, boost, chances


def crossed(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Yes where exactly one of two columns is positive, with noise; a third says nothing."""
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(count, 3))
    yes = (columns[:, 0] > 0) != (columns[:, 1] > 0)
    return columns, np.where(rng.random(count) < 0.1, ~yes, yes)


def test_columns_are_seen_together() -> None:
    columns, yes = crossed(0, 3_000)
    fitted = boost(columns, yes, np.ones(3_000))
    fresh, truth = crossed(1, 2_000)
    assert ((chances(fitted, fresh) > 0.5) == truth).mean() > 0.85  # 0.9 is the most there is


def test_chances_are_chances() -> None:
    columns, yes = crossed(2, 6_000)
    fitted = boost(columns, yes, np.ones(6_000))
    fresh, truth = crossed(3, 6_000)
    chance = chances(fitted, fresh)
    for low, high in ((0.0, 0.2), (0.8, 1.0)):
        some = (chance >= low) & (chance < high)
        assert truth[some].mean() == pytest.approx(chance[some].mean(), abs=0.05)


def test_weights_say_how_common_yes_is() -> None:
    rng = np.random.default_rng(4)
    columns, yes = rng.normal(size=(4_000, 2)), rng.random(4_000) < 0.5
    fitted = boost(columns, yes, np.where(yes, 0.1, 1.0))
    assert chances(fitted, columns).mean() == pytest.approx(0.1 / 1.1, abs=0.02)


def test_equal_arguments_equal_chances() -> None:
    columns, yes = crossed(5, 500)
    config = BoostConfig(trees=10)
    first, second = (boost(columns, yes, np.ones(500), config=config) for _ in range(2))
    assert (chances(first, columns) == chances(second, columns)).all()


def test_nothing_to_learn_is_the_mean() -> None:
    fitted = boost(np.zeros((20, 2)), np.arange(20) < 5, np.ones(20))
    assert chances(fitted, np.zeros((3, 2))) == pytest.approx([0.25] * 3)
