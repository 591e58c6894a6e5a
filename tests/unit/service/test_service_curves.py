"""Curves keep every stretch's extremes; views without torch agree with those behind it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ringroad.pipelines.evaluate.registry import KINDS
from ringroad.pipelines.histories import MODEL_KINDS
from ringroad.pipelines.recordings.signal_curves import thinned

VALUES = arrays.arrays(
    np.float64, st.integers(0, 300), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))
)


@given(values=VALUES, points=st.integers(2, 60))
def test_extremes_of_every_stretch_are_kept(values: np.ndarray, points: int):
    kept = thinned(values, points)
    assert len(kept) <= max(points, 0) or len(kept) == len(values) <= points
    assert (np.diff(kept) > 0).all()
    known = values[~np.isnan(values)]
    if len(known):
        shown = values[kept]
        assert np.nanmin(shown) == known.min()
        assert np.nanmax(shown) == known.max()


def test_a_spike_of_one_value_in_a_million_is_seen():
    values = np.sin(np.arange(1_000_000) / 1000)
    values[654_321] = 50.0
    kept = thinned(values, 2000)
    assert len(kept) <= 2000
    assert 654_321 in kept


def test_a_short_signal_stays_as_it_is():
    values = np.array([3.0, np.nan, 1.0])
    assert thinned(values, 4).tolist() == [0, 1, 2]
    assert thinned(np.full(10, np.nan), 4).tolist()


def test_kinds_of_model_versions_are_those_of_the_registry():
    assert MODEL_KINDS == KINDS


def test_serving_and_reading_studies_need_neither_torch_nor_optuna():
    code = (
        "import sys, ringroad.cli.service.serve, ringroad.cli.train.studies;"
        " sys.exit(bool({'torch', 'optuna'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
