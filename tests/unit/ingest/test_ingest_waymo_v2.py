from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import xxhash

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.poses import matrix_of
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image, encode_jpeg

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

SEGMENT = "10017090168044687777_6380_000_6400_000"
START_US = 1_550_083_467_346_370
OVERFLOW = {"dictionary_pagesize_limit": 4000, "write_batch_size": 2}
TURNED = np.array([[0.0, -1, 0, 1.5], [1, 0, 0, 0.1], [0, 0, 1, 2.1], [0, 0, 0, 1]])


def picture(number: int) -> bytes:
    noise = np.random.default_rng(number).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return encode_jpeg(noise)


def write(path: Path, columns: dict, **how) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pa.table(columns), path, **how)


def segment(folder: Path, *, images=None, steps: int = 6, **how) -> Path:
    """Two cameras; by default written as pandas would write it."""
    rows = [(START_US + step * 100_000, camera) for step in range(steps) for camera in (1, 4)]
    keys = {
        "key.segment_context_name": [SEGMENT] * len(rows),
        "key.frame_timestamp_micros": [time for time, _ in rows],
        "key.camera_name": pa.array([camera for _, camera in rows], pa.int8()),
    }
    found = images or [picture(number) for number in range(len(rows))]
    column = {"[CameraImageComponent].image": pa.array(found, pa.binary())}
    name = f"{SEGMENT}.parquet"
    write(folder / "camera_image" / name, keys | column, data_page_size=3000, **how)
    lens = "[CameraCalibrationComponent].intrinsic."
    write(
        folder / "camera_calibration" / name,
        {
            "key.camera_name": pa.array([1, 4], pa.int8()),
            "[CameraCalibrationComponent].extrinsic.transform": [TURNED.ravel().tolist()] * 2,
            **{f"{lens}{part}": [2055.5, 0.0] for part in ("f_u", "f_v", "c_u", "c_v")},
            **{f"{lens}{part}": [0.03, 0.0] for part in ("k1", "k2", "p1", "p2", "k3")},
        },
    )
    write(
        folder / "vehicle_pose" / name,
        {
            "key.frame_timestamp_micros": [START_US, START_US + 100_000, None],
            "[VehiclePoseComponent].world_from_vehicle.transform": [TURNED.ravel().tolist()] * 3,
        },
    )
    return folder


class Files:
    """Sources over what a folder was read from."""

    def __init__(self, found) -> None:
        names = found.source.files
        self.data = b"".join((found.source.path / name).read_bytes() for name in names)

    def read_range(self, source, offset, length, *, xxh3=None):
        data = self.data[offset : offset + length]
        assert xxh3 is None or xxhash.xxh3_64_intdigest(data) == xxh3
        return data


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_segment_is_a_recording_and_its_pictures_decode_where_they_lie(tmp_path, compression):
    segment(tmp_path / "training", compression=compression)
    (found,) = read_folder(tmp_path)
    reading = found.reading
    assert (found.source.reader, found.source.source_key) == ("waymo-v2", f"training/{SEGMENT}")
    assert [channel.name for channel in reading.recording.channels] == [
        "FRONT",
        "SIDE_LEFT",
        "vehicle_pose",
    ]
    times = [(START_US + step * 100_000) * 1000 for step in range(6)]
    assert reading.frames["time_ns"].to_pylist() == times * 2
    front = reading.frames.slice(0, 6)
    pixels = read_decoded(Files(found), InlineSandbox(), front, [5, 0])
    np.testing.assert_array_equal(pixels, [decode_image(picture(number)) for number in (10, 0)])


def test_pictures_of_a_dictionary_that_overflows_are_found(tmp_path):
    segment(tmp_path, steps=8, compression="snappy", **OVERFLOW)
    (found,) = read_folder(tmp_path)
    side = found.reading.frames.slice(8, 8)
    assert len({*side["chunk_offset"].to_pylist()}) > 1
    pixels = read_decoded(Files(found), InlineSandbox(), side, list(range(8)))
    for number, seen in enumerate(pixels):
        np.testing.assert_array_equal(seen, decode_image(picture(2 * number + 1)))


def test_poses_and_calibrations_come_along_in_our_axes(tmp_path):
    (found,) = read_folder(segment(tmp_path))
    reading = found.reading
    (front,) = reading.recording.calibrations
    assert front.intrinsics == (2055.5,) * 4
    assert front.distortion == (0.03,) * 5
    assert front.translation_m == (1.5, 0.1, 2.1)
    ahead, right = matrix_of(front.rotation) @ [0, 0, 1], matrix_of(front.rotation) @ [1, 0, 0]
    np.testing.assert_allclose(ahead, [0, 1, 0], atol=1e-12)  # turned to the left
    np.testing.assert_allclose(right, [1, 0, 0], atol=1e-12)
    assert reading.signals.num_rows == 14
    assert "SIDE_LEFT: its calibration is none" in "\n".join(reading.notes)
    assert "1 rows of vehicle_pose" in "\n".join(reading.notes)


def test_what_is_no_picture_is_left_out(tmp_path):
    images = [picture(0), None, b"", b"none", *(picture(number) for number in range(4, 12))]
    (found,) = read_folder(segment(tmp_path, images=images))
    assert found.reading.frames.num_rows == 9
    assert "3 files of camera_image" in "\n".join(found.reading.notes)


def test_a_segment_without_its_other_parts_is_read(tmp_path):
    segment(tmp_path)
    name = f"{SEGMENT}.parquet"
    (tmp_path / "vehicle_pose" / name).write_bytes(b"PAR1")
    (tmp_path / "camera_calibration" / name).unlink()
    (found,) = read_folder(tmp_path)
    assert found.reading.frames.num_rows == 12
    told = "\n".join(found.reading.notes)
    assert "damaged Parquet file" in told
    assert "there is no camera_calibration" in told


def test_a_compression_that_hides_places_is_refused_with_a_remedy(tmp_path):
    segment(tmp_path, compression="gzip")
    with pytest.raises(UnreadableSource, match="compressed as GZIP") as raised:
        read_folder(tmp_path)
    assert "write it again" in raised.value.remedy
    assert raised.value.place == f"camera_image/{SEGMENT}.parquet"
