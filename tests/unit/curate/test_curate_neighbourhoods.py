"""Lacks in an embedding: found where something is missing, silent where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.curate.neighbourhoods import ALARMS, lacking_places
from ringroad.domain.errors import InputError


def walks(draw: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Recordings of 30 frames, half of them near one place of the recording's own."""
    vectors = []
    for _ in range(count):
        own = draw.normal(0, 1, 6)
        vectors += [own + draw.normal(0, 0.3, (15, 6)), draw.normal(0, 1, (15, 6))]
    return np.concatenate(vectors), np.repeat(np.arange(count), 30)


def test_an_emptied_region_is_told_with_frames_of_it() -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    there, there_units = walks(draw, 200)
    here, here_units = walks(draw, 150)
    emptied = np.quantile(np.linalg.norm(there - 0.5, axis=1), 0.08)
    kept = np.linalg.norm(here - 0.5, axis=1) > emptied
    places = lacking_places(here[kept], here_units[kept], there, there_units, seed=3, centres=200)
    assert places
    assert places[0].p <= ALARMS
    assert places[0].share < places[0].reference
    inside = np.linalg.norm(there[places[0].members] - 0.5, axis=1) <= emptied
    assert inside.mean() > 0.5
    assert places[0].members[0] == places[0].centre


def test_nothing_is_told_where_nothing_is_missing() -> None:
    told = 0
    for seed in range(12):
        draw = np.random.Generator(np.random.PCG64([2, seed]))
        here, here_units = walks(draw, 25)
        there, there_units = walks(draw, 30)
        told += bool(lacking_places(here, here_units, there, there_units, seed=seed, centres=80))
    assert told <= 1  # `ALARMS` is one in forty


def test_few_recordings_tell_nothing_and_nan_is_refused() -> None:
    draw = np.random.Generator(np.random.PCG64(5))
    here, here_units = walks(draw, 2)
    there, there_units = walks(draw, 2)
    assert not lacking_places(here, here_units, there + 9, there_units, seed=0)
    assert not lacking_places(here[:0], here_units[:0], there, there_units, seed=0)
    there[3, 2] = np.nan
    with pytest.raises(InputError, match="not numbers"):
        lacking_places(here, here_units, there, there_units, seed=0)
