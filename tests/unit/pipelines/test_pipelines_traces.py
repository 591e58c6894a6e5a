"""Where a vehicle was: by GNSS before poses, thinned along the way that was driven."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ringroad.media.schemas import SIGNALS
from ringroad.pipelines.recordings.traces import metres_of, places_of, thinned


def signals(**named: np.ndarray) -> pa.Table:
    parts = []
    for name, values in named.items():
        count = len(values)
        columns = {
            "recording_id": ["car/a"] * count,
            "channel": ["any"] * count,
            "time_ns": (np.arange(count) * 10**8).tolist(),
            "name": [name.replace("__", ".")] * count,
            "value": values.astype(float).tolist(),
            "unit": ["m/s" if name == "speed" else ""] * count,
        }
        parts.append(pa.table({n: pa.array(columns[n]).cast(SIGNALS.field(n).type)
                               for n in columns}, schema=SIGNALS))  # fmt: skip
    return pa.concat_tables(parts)


def test_gnss_goes_before_poses_and_brings_the_speed():
    way = np.linspace(48.1, 48.11, 50)
    rows = signals(
        gnss__latitude=way, gnss__longitude=np.full(50, 11.5), speed=np.full(50, 7.0),
        pose__position__x=np.arange(50.0), pose__position__y=np.zeros(50),
    )  # fmt: skip
    places = places_of(rows)
    assert places is not None
    assert places.origin == "GNSS"
    assert places.speed.tolist() == [7.0] * 50
    east, north = metres_of(places)
    assert north[-1] == pytest.approx(1112, abs=1)
    assert np.abs(east).max() < 1e-6


def test_poses_are_metres_as_they_are():
    rows = signals(pose__position__x=np.array([3.0, 4.0]), pose__position__y=np.array([1.0, 1.0]))
    places = places_of(rows)
    assert places is not None
    assert places.origin == "poses"
    assert [part.tolist() for part in metres_of(places)] == [[3.0, 4.0], [1.0, 1.0]]
    assert np.isnan(places.speed).all()


def test_no_place_and_nowhere_at_zero_are_none():
    assert places_of(signals(speed=np.ones(4))) is None
    assert places_of(signals(gnss__latitude=np.zeros(9), gnss__longitude=np.zeros(9))) is None


def test_a_stop_takes_few_of_the_places_that_are_kept():
    standing, driving = np.full(500, 48.1), np.linspace(48.1, 48.12, 100)
    north = np.concatenate([standing, driving])
    places = places_of(signals(gnss__latitude=north, gnss__longitude=np.full(600, 11.5)))
    assert places is not None
    kept = thinned(places, 50)
    assert len(kept) <= 52
    assert kept[0] == 0
    assert kept[-1] == 599
    assert (kept < 500).sum() <= 2
