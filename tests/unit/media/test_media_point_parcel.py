"""Sweeps as pages read them: seven bytes a point, thinned evenly, nothing beyond its reach."""

from __future__ import annotations

import struct

import numpy as np

from ringroad.media.points.compact import MAGIC, packed_points
from ringroad.media.points.sweep import Points


def opened(data: bytes) -> tuple[int, int, np.ndarray, np.ndarray]:
    magic, count, whole = struct.unpack_from("<4sII", data)
    assert magic == MAGIC
    assert len(data) == 12 + 7 * count
    xyz = np.frombuffer(data, "<i2", 3 * count, 12).reshape(3, count).T
    return count, whole, xyz / 100, np.frombuffer(data, np.uint8, count, 12 + 6 * count)


def points(values: np.ndarray, *names: str) -> Points:
    return Points(columns=names, values=values.astype(np.float32))


def test_places_are_kept_to_a_centimetre():
    xyz = np.random.Generator(np.random.PCG64(1)).uniform(-80, 80, (500, 3))
    count, whole, found, strength = opened(packed_points(points(xyz, "x", "y", "z"), most=1000))
    assert count == whole == 500
    assert np.abs(found - xyz).max() <= 0.0051
    assert set(strength.tolist()) == {127}


def test_a_sweep_is_thinned_evenly_and_tells_its_whole_size():
    xyz = np.column_stack([np.arange(1000) / 10, np.zeros(1000), np.zeros(1000)])
    count, whole, found, _ = opened(packed_points(points(xyz, "x", "y", "z"), most=101))
    assert (count, whole) == (101, 1000)
    assert found[0, 0] == 0
    assert found[-1, 0] == 99.9
    assert np.ptp(np.diff(found[:, 0])) <= 0.11


def test_what_is_out_of_reach_or_no_number_is_left_out():
    xyz = np.array([[1, 2, 3], [500, 0, 0], [np.nan, 0, 0], [-327, 0, 0]])
    count, whole, found, _ = opened(packed_points(points(xyz, "x", "y", "z"), most=10))
    assert (count, whole) == (2, 4)
    assert found.tolist() == [[1, 2, 3], [-327, 0, 0]]


def test_strengths_use_the_whole_range_and_survive_what_is_no_number():
    values = np.column_stack([np.zeros((200, 3)), np.linspace(0, 40, 200)])
    values[7, 3] = np.nan
    *_, strength = opened(packed_points(points(values, "x", "y", "z", "intensity"), most=200))
    assert strength[0] == 0
    assert strength[7] == 0
    assert strength[-1] == 255


def test_an_empty_sweep_is_twelve_bytes():
    assert len(packed_points(points(np.zeros((0, 3)), "x", "y", "z"), most=5)) == 12
