from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.points.sweep import decode_points, point_bytes


@pytest.mark.parametrize(("encoding", "columns"), [("f32-xyzi", 4), ("f32-xyzir", 5)])
def test_packed_points_keep_every_bit(encoding, columns):
    values = np.random.default_rng(0).normal(size=(7, columns)).astype("<f4")
    found = decode_points(encoding, values.tobytes())
    assert found.values.dtype == np.float32
    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_array_equal(found.xyz, values[:, :3])
    assert point_bytes(encoding) * 7 == values.nbytes


def test_lines_are_points():
    found = decode_points("csv-xyzir", b"-0.45903,-0.28572,-0.075989,0,17\n1,2,3,4,5\n")
    np.testing.assert_array_equal(
        found.values,
        np.array([[-0.45903, -0.28572, -0.075989, 0, 17], [1, 2, 3, 4, 5]], np.float32),
    )
    assert found.columns == ("x", "y", "z", "intensity", "ring")


@pytest.mark.parametrize("encoding", ["f32-xyzi", "f32-xyzir", "csv-xyzir"])
def test_a_sweep_may_hold_no_point(encoding):
    assert decode_points(encoding, b"").values.shape[0] == 0


@pytest.mark.parametrize(
    ("encoding", "data", "said"),
    [
        ("f32-xyzi", bytes(17), "17 bytes are not whole points of 16"),
        ("f32-xyzir", bytes(16), "not whole points of 20"),
        ("csv-xyzir", b"1,2,3,4\n", "no table of 5 numbers"),
        ("csv-xyzir", b"1,2,x,4,5\n", "no table of 5 numbers"),
        ("tape", b"", "'tape' are not read"),
    ],
)
def test_what_is_no_sweep_is_refused(encoding, data, said):
    with pytest.raises(UnreadableSource, match=said):
        decode_points(encoding, data)


@given(st.binary(max_size=200), st.sampled_from(["f32-xyzi", "f32-xyzir", "csv-xyzir"]))
def test_any_bytes_are_points_or_one_error(data, encoding):
    try:
        found = decode_points(encoding, data)
    except UnreadableSource:
        return
    assert found.values.shape[1] == len(found.columns)


def test_real_sweeps_look_like_the_world(test_data):
    data = (test_data / "kitti_object/training/velodyne/000010.bin").read_bytes()
    kitti = decode_points("f32-xyzi", data)
    assert len(kitti.values) == len(data) // 16
    assert 60 < np.abs(kitti.xyz[:, :2]).max() < 130
    assert kitti.values[:, 3].min() >= 0
    assert kitti.values[:, 3].max() <= 1
    csv = (test_data / "radiate_tiny_foggy/velo_lidar/000001.csv").read_bytes()
    radiate = decode_points("csv-xyzir", csv)
    assert len(radiate.values) == csv.count(b"\n")
    assert set(np.unique(radiate.values[:, 4])) <= set(range(32))
