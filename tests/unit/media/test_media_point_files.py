from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.points.pcd import decode_pcd, measure_pcd
from ringroad.media.points.sweep import decode_points
from ringroad.media.tables import feather
from ringroad.media.tables.feather import read_feather
from ringroad.testing.mutations import mutated

RADAR = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("dyn_prop", "i1"), ("id", "<i2")])


def pcd(records: np.ndarray, *, data: str = "binary", **more: str) -> bytes:
    told = {
        "VERSION": "0.7",
        "FIELDS": " ".join(records.dtype.names),
        "SIZE": "4 4 4 1 2",
        "TYPE": "F F F I I",
        "COUNT": "1 1 1 1 1",
        "WIDTH": str(len(records)),
        "HEIGHT": "1",
        "VIEWPOINT": "0 0 0 1 0 0 0",
        "POINTS": str(len(records)),
        **more,
    }
    head = "".join(f"{name} {value}\n" for name, value in told.items() if value)
    body = records.tobytes()
    if data == "ascii":
        body = "\n".join(" ".join(str(part) for part in row) for row in records.tolist()).encode()
    return f"# .PCD v0.7 - Point Cloud Data file format\n{head}DATA {data}\n".encode() + body


def radar(count: int) -> np.ndarray:
    records = np.zeros(count, RADAR)
    for place, name in enumerate(RADAR.names):
        records[name] = np.arange(count) * (place + 1) - 3
    return records


def table(count: int = 5, **more: pa.Array) -> pa.Table:
    half = np.arange(count).astype(np.float16)
    columns = {"x": half, "y": half + 1, "z": -half, "intensity": np.arange(count, dtype=np.uint8)}
    return pa.table({**columns, "laser_number": np.arange(count, dtype=np.uint8), **more})


def as_feather(rows: pa.Table, **how: object) -> bytes:
    sink = io.BytesIO()
    pyarrow.feather.write_feather(rows, sink, **how)
    return sink.getvalue()


@pytest.mark.parametrize("form", ["binary", "ascii"])
def test_points_of_a_radar_keep_every_field(form):
    records = radar(4)
    found = decode_points("pcd", pcd(records, data=form))
    assert found.columns == RADAR.names
    np.testing.assert_array_equal(found.values[:, 4], records["id"])
    np.testing.assert_array_equal(found.xyz[:, 1], records["y"])


def test_a_measure_ends_with_the_last_point():
    data = pcd(radar(3))
    assert measure_pcd(data + b"trailing") == (3, len(data))
    assert measure_pcd(pcd(radar(0)))[0] == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"data": "binary_compressed"}, "stored as 'binary_compressed'"),
        ({"POINTS": "4"}, "ends within its 4 points"),
        ({"POINTS": "-1"}, "or no points"),
        ({"COUNT": "1 1 1 1 2"}, "several values"),
        ({"SIZE": "4 4 4 1 3"}, "a field of type I 3"),
        ({"SIZE": "4 4 4"}, "do not match"),
        ({"FIELDS": "x y z z id"}, "twice"),
        ({"data": "ascii", "POINTS": "9"}, "15 numbers for 9 points"),
    ],
)
def test_what_is_no_pcd_is_refused(more, said):
    with pytest.raises(UnreadableSource, match=said):
        decode_pcd(pcd(radar(3), **more))


def test_points_without_a_place_are_none():
    with pytest.raises(UnreadableSource, match="has no place"):
        decode_points("pcd", pcd(radar(3), FIELDS="a b c d e"))
    with pytest.raises(UnreadableSource, match="no table of points"):
        decode_points("feather-points", as_feather(table().drop_columns(["z"])))
    with pytest.raises(UnreadableSource, match="no table of points"):
        decode_points("feather-points", as_feather(table(name=pa.array(["a"] * 5))))


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_a_table_of_points_reads_in_any_compression(compression):
    found = decode_points("feather-points", as_feather(table(), compression=compression))
    assert found.columns == ("x", "y", "z", "intensity", "ring")
    np.testing.assert_array_equal(found.xyz, np.array([[n, n + 1, -n] for n in range(5)]))


def test_a_feather_file_gives_the_columns_asked_for(monkeypatch):
    data = as_feather(table(9), chunksize=4)
    assert read_feather(data, ["z", "x"]).column_names == ["z", "x"]
    assert read_feather(data).num_rows == 9
    with pytest.raises(UnreadableSource, match="no column 'w'"):
        read_feather(data, ["w"])
    monkeypatch.setattr(feather, "MOST_VALUES", 8)
    with pytest.raises(UnreadableSource, match="more than 8 values"):
        read_feather(data)


@given(st.integers(0, 10_000), st.sampled_from(["pcd", "feather-points"]))
def test_damaged_sweeps_are_points_or_one_error(seed, encoding):
    whole = pcd(radar(6)) if encoding == "pcd" else as_feather(table(6), compression="lz4")
    try:
        found = decode_points(encoding, mutated(whole, seed))
    except UnreadableSource:
        return
    assert found.values.shape[1] == len(found.columns)


def test_a_real_sweep_of_argoverse_looks_like_the_world(test_data):
    (path,) = (test_data / "av2/sensor").glob("*/sensors/lidar/*.feather")
    found = decode_points("feather-points", path.read_bytes())
    assert found.values.shape == (100_660, 6)
    assert 100 < np.abs(found.xyz[:, :2]).max() < 300
    assert set(np.unique(found.values[:, found.columns.index("ring")])) <= set(range(64))
