"""Intervals over units."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.metrics.agreement import kappas
from ringroad.metrics.resampling import interval_of_sums, share, wilson


def test_the_interval_of_a_share_covers_it() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        hits = rng.random((40, 5)) < 0.7
        sums = np.stack([hits.sum(axis=1), np.full(40, 5)], axis=1).astype(float)
        found = interval_of_sums(sums, share, replicates=400, seed=trial)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.7 <= found.high
    assert 0.90 <= held / 200 <= 1.0


def test_units_that_resemble_widen_the_interval() -> None:
    """Ten recordings of ten like frames say less than a hundred frames."""
    rng = np.random.default_rng(1)
    hits = np.repeat(rng.random(10) < 0.5, 10).astype(float)
    by_frame = np.stack([hits, np.ones(100)], axis=1)
    by_recording = by_frame.reshape(10, 10, 2).sum(axis=1)
    narrow = interval_of_sums(by_frame, share, seed=0)
    wide = interval_of_sums(by_recording, share, seed=0)
    assert narrow.value == wide.value
    assert (wide.high or 0) - (wide.low or 0) > 1.5 * ((narrow.high or 0) - (narrow.low or 0))


def test_few_units_have_no_interval() -> None:
    one = interval_of_sums(np.array([[1.0, 2.0]]), share, seed=0)
    assert (one.value, one.low, one.high) == (0.5, None, None)
    none = interval_of_sums(np.zeros((0, 2)), share, seed=0)
    assert (none.value, none.low) == (None, None)
    assert interval_of_sums(np.zeros((5, 2)), share, seed=0).value is None


def test_tables_are_resampled_whole() -> None:
    tables = np.stack([np.eye(2) * 3, np.array([[2.0, 1.0], [1.0, 2.0]])] * 10)
    found = interval_of_sums(tables, kappas, seed=3)
    assert found.value == pytest.approx(float(kappas(tables.sum(axis=0))))
    assert found.low is not None
    assert found.low < (found.value or 0) < (found.high or 0)
    assert found == interval_of_sums(tables, kappas, seed=3)


def test_wilson_by_hand() -> None:
    """0 of 10 at 95 %: upper end z^2 / (n + z^2)."""
    found = wilson(0, 10)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1.959963984540054**2 / (10 + 1.959963984540054**2))
    assert wilson(0, 0).value is None
