from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from ringroad.curate.scenario.track_files import read_tracks
from ringroad.domain.errors import InputError
from ringroad.media.schemas import TRACKS

HEAD = "recording_id,track_id,category,time_ns,x_m,y_m"
ROW = "car/drive,7,car,1000,12.5,-1"


def csv(folder: Path, *lines: str) -> Path:
    path = folder / "tracks.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_a_file_does_not_tell_is_filled_in(tmp_path) -> None:
    rows = read_tracks(csv(tmp_path, HEAD, ROW))
    assert rows.schema.equals(TRACKS)
    (row,) = rows.to_pylist()
    assert (row["track_id"], row["x_m"], row["visible"]) == ("7", 12.5, 1.0)
    assert math.isnan(row["vx_mps"])


def test_an_empty_velocity_is_one_that_nobody_measured(tmp_path) -> None:
    rows = read_tracks(csv(tmp_path, f"{HEAD},vx_mps,vy_mps", f"{ROW},3.5,0", f"{ROW},,"))
    first, second = rows["vx_mps"].to_pylist()
    assert first == 3.5
    assert math.isnan(second)


def test_parquet_is_read_as_csv_is(tmp_path) -> None:
    rows = read_tracks(csv(tmp_path, f"{HEAD},vx_mps,vy_mps", f"{ROW},1,2"))
    pa.parquet.write_table(rows, tmp_path / "tracks.parquet")
    assert read_tracks(tmp_path / "tracks.parquet").equals(rows)


@pytest.mark.parametrize(
    ("extra", "value", "says"),
    [
        ("vx_mps", "inf", "row 2: 'vx_mps' holds no value"),
        ("heading_rad", "nan", "row 2: 'heading_rad' holds no value"),
        ("length_m", "0", "row 2: 'length_m' holds no value"),
        ("width_m", "-2", "row 2: 'width_m' holds no value"),
        ("visible", "1.5", "row 2: 'visible' holds no value"),
        ("visible", "", "row 2: 'visible' holds no value"),
    ],
)
def test_values_that_mean_nothing_are_refused_with_their_row(tmp_path, extra, value, says) -> None:
    path = csv(tmp_path, f"{HEAD},{extra}", f"{ROW},1", f"{ROW},{value}")
    with pytest.raises(InputError) as caught:
        read_tracks(path)
    assert says in str(caught.value)


def test_errors_name_the_file_and_what_it_lacks(tmp_path) -> None:
    path = csv(tmp_path, "recording_id,track_id,category,time_ns,x_m", "car/drive,7,car,1,2")
    with pytest.raises(InputError, match=r"tracks\.csv: has no column 'y_m'"):
        read_tracks(path)
    with pytest.raises(InputError, match="time_ns"):
        read_tracks(csv(tmp_path, HEAD, "car/drive,7,car,soon,1,2"))
    with pytest.raises(InputError, match="--recording"):
        read_tracks(csv(tmp_path, HEAD.removeprefix("recording_id,"), "7,car,1,2,3"))
    other = tmp_path / "tracks.xml"
    other.write_text("")
    with pytest.raises(InputError, match=r"\.parquet"):
        read_tracks(other)
    half = tmp_path / "half.feather"
    pa.feather.write_feather(pa.table({"track_uuid": ["a"]}), half)
    with pytest.raises(InputError, match=r"half\.feather: lacks the columns"):
        read_tracks(half, recording="car/drive")


def test_annotations_of_argoverse_are_tracks(test_data) -> None:
    path = next((test_data / "av2" / "sensor").rglob("annotations.feather"))
    whole = pa.feather.read_table(path)
    rows = read_tracks(path, recording="car/drive")
    assert rows.num_rows == whole.num_rows > 0
    assert set(rows["track_id"].to_pylist()) == set(whole["track_uuid"].to_pylist())
    assert "car" in rows["category"].unique().to_pylist()
    assert rows["x_m"].to_pylist() == pytest.approx(whole["tx_m"].to_pylist(), abs=1e-4)
