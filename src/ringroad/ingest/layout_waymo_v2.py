"""Reads segments of Waymo's Open Dataset 2 (Parquet): pictures, calibrations and poses.

Pictures are JPEG files in a column of bytes. A frame's row names the page that holds it and the
place in that page, so nothing is copied; pages that are plain, snappy or zstd are read. Lidar,
whose range images need Waymo's own projection, and labels are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import xxhash

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, Channel
from ringroad.ingest.clock_text import LATEST_NS
from ringroad.ingest.folder_files import Placed, left_out, placed
from ringroad.ingest.folder_rows import Lane, folder_reading
from ringroad.ingest.pose_signals import pose_signals
from ringroad.ingest.poses import quaternion_of
from ringroad.ingest.rows import frame_rows, rate_hz
from ringroad.media.pictures.images import JPEG, encoding_of, size_of
from ringroad.media.tables.parquet_pages import Stored, stored_values
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

PICTURES, MOUNTS, POSES = "camera_image", "camera_calibration", "vehicle_pose"
TIME, CAMERA_KEY = "key.frame_timestamp_micros", "key.camera_name"
IMAGE = "[CameraImageComponent].image"
LENS = "[CameraCalibrationComponent].intrinsic."
MOUNT = "[CameraCalibrationComponent].extrinsic.transform"
POSE = "[VehiclePoseComponent].world_from_vehicle.transform"
PINHOLE = tuple(f"{LENS}{name}" for name in ("f_u", "f_v", "c_u", "c_v"))
DISTORTION = tuple(f"{LENS}{name}" for name in ("k1", "k2", "p1", "p2", "k3"))
CAMERAS = {1: "FRONT", 2: "FRONT_LEFT", 3: "FRONT_RIGHT", 4: "SIDE_LEFT", 5: "SIDE_RIGHT"}
FROM_OPTICAL = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Waymo's cameras look along x, y to the left, z up; columns are our axes in theirs."""
MICROSECOND_NS = 1000
BATCH_ROWS = 16
MOST_ROWS = 100_000
MOST_BYTES = 4 << 30
"""Of a file of pictures; a segment has some 300 MB."""

Seen = tuple[int, Stored, int, tuple[int, int]]
"""Time in ns, place, XXH3, and width and height of a picture."""


class WaymoV2Layout:
    """A segment is a recording; its files bear its name in a folder for each component.

    Frames are timed by the frame they belong to, in whole microseconds: all cameras alike; times
    of the shutters are not read. No file of Waymo's was at hand: columns are named, and cameras
    numbered, as in public code that reads them.
    """

    name = "waymo-v2"
    verified = ""

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder with `camera_image`, such as `training`."""
        found = []
        for path in sorted((folder / PICTURES).glob("[!.]*.parquet")):
            names = [f"{part}/{path.name}" for part in (PICTURES, MOUNTS, POSES)]
            files = tuple(name for name in names if (folder / name).is_file())
            found.append(FoundFolder(key=path.stem, files=files))
        return tuple(found)

    def read(self, request: ReadRequest) -> Reading:
        """Index one segment. Raises UnreadableSource."""
        files = {name.partition("/")[0]: file for name, file in placed(request).items()}
        notes = ["lidar and labels of the segment are not read"]
        lanes = _lanes(request, files[PICTURES], notes)
        cameras = [lane.channel.name for lane in lanes]
        times, poses = _poses(request, files, notes)
        signals, channels = pose_signals(POSES, times, poses, encoding="parquet")
        return folder_reading(
            request,
            container=self.name,
            clock="recorded",
            cameras=lanes,
            signals=signals,
            signal_channels=channels,
            calibrations=_calibrations(request, files, cameras, notes),
            notes=notes,
        )


def _lanes(request: ReadRequest, file: Placed, notes: list[str]) -> list[Lane]:
    """A lane for each camera, or the reason why there is none."""
    try:
        seen = _pictures(request.path / file.name, file, notes)
    except UnreadableSource as error:
        raise UnreadableSource(
            error.what, subject=str(request.path), place=file.name, remedy=error.remedy
        ) from error
    return [
        _lane(request, _name(camera), file.offset, sorted(taken, key=lambda s: s[0]))
        for camera, taken in sorted(seen.items())
    ]


def _pictures(path: Path, file: Placed, notes: list[str]) -> dict[int, list[Seen]]:
    """Pictures of each camera, where they lie. Raises UnreadableSource."""
    if file.size_bytes > MOST_BYTES:
        raise UnreadableSource(f"has {file.size_bytes} bytes", remedy="split it by segments")
    places: dict[tuple[int, int], Stored] = {}
    for place, value in stored_values(path, IMAGE):
        places.setdefault((xxhash.xxh3_64_intdigest(value), len(value)), place)
    found: dict[int, list[Seen]] = {}
    bad: list[str] = []
    for row, (time_us, camera, value) in enumerate(_rows(path, (TIME, CAMERA_KEY, IMAGE))):
        try:
            time_ns, shape = _time_ns(time_us), _jpeg_size(value)
            digest = xxhash.xxh3_64_intdigest(value)
            place = places[digest, len(value)]
        except (UnreadableSource, KeyError) as error:
            what = error.what if isinstance(error, UnreadableSource) else "in no page"
            bad.append(f"row {row} ({what})")
            continue
        found.setdefault(camera if type(camera) is int else 0, []).append(
            (time_ns, place, digest, shape)
        )
    notes += left_out({f"of {file.name} are no pictures": bad} if bad else {})
    return found


def _name(camera: object) -> str:
    """A camera's number in Waymo's words."""
    number = camera if type(camera) is int else 0
    return CAMERAS.get(number, f"camera_{number}")


def _lane(request: ReadRequest, camera: str, base: int, taken: Sequence[Seen]) -> Lane:
    """`base` is where the file begins in the source."""
    times, places, digests, shapes = zip(*taken, strict=True)
    time_ns = np.array(times, np.int64)
    inside = np.array([place.chunk_offset >= 0 for place in places])
    chunks = np.array([place.chunk_offset for place in places], np.int64)
    offsets = np.array([place.offset for place in places], np.int64)
    columns: dict[str, np.ndarray | Sequence[object]] = {
        "sequence": np.arange(len(taken)),
        "time_ns": time_ns,
        "offset": np.where(inside, offsets, offsets + base),
        "length": np.array([place.length for place in places], np.int64),
        "xxh3": np.array(digests, np.uint64),
        "width": np.array([shape[0] for shape in shapes]),
        "height": np.array([shape[1] for shape in shapes]),
        "compression": [place.compression for place in places],
        "chunk_offset": np.where(inside, chunks + base, -1),
        "chunk_length": np.array([place.chunk_length for place in places], np.int64),
    }
    channel = Channel(
        name=camera,
        sensor=CAMERA,
        encoding=JPEG,
        messages=len(taken),
        width=shapes[0][0],
        height=shapes[0][1],
        rate_hz=rate_hz(len(taken) - 1, int(time_ns[-1] - time_ns[0])),
    )
    return Lane(channel=channel, rows=frame_rows(request, camera, columns, encoding=JPEG))


def _poses(
    request: ReadRequest, files: Mapping[str, Placed], notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Times, and x, y, z, qw, qx, qy, qz in Waymo's world."""
    times: list[int] = []
    values: list[tuple[float, ...]] = []
    bad = 0
    for time_us, matrix in _table(request, files, POSES, (TIME, POSE), notes):
        try:
            turn, place = _rigid(matrix)
            pose = (*place, *quaternion_of(turn))
            times.append(_time_ns(time_us))
            values.append(pose)
        except (UnreadableSource, ValueError, TypeError):
            bad += 1
    notes += [f"{bad} rows of {POSES} are no poses and were left out"] if bad else []
    return np.array(times, np.int64), np.array(values).reshape(-1, 7)


def _calibrations(
    request: ReadRequest, files: Mapping[str, Placed], cameras: Sequence[str], notes: list[str]
) -> list[Calibration]:
    found = []
    columns = (CAMERA_KEY, MOUNT, *PINHOLE, *DISTORTION)
    for camera, matrix, *lens in _table(request, files, MOUNTS, columns, notes):
        name = _name(camera)
        try:
            turn, place = _rigid(matrix)
            numbers = _lens(lens)
            rotation = quaternion_of(turn @ FROM_OPTICAL)
        except (ValueError, TypeError) as error:
            notes.append(f"{name}: its calibration is none: {error}")
            continue
        found.append(
            Calibration(
                channel=name,
                parent=VEHICLE,
                axes=CAMERA_AXES,
                translation_m=place,
                rotation=rotation,
                intrinsics=numbers[:4],
                distortion_model="plumb_bob",
                distortion=numbers[4:],
                origin=files[MOUNTS].name,
            )
        )
    return [item for item in found if item.channel in cameras]


def _rigid(matrix: object) -> tuple[np.ndarray, tuple[float, ...]]:
    """Rotation and translation of 16 numbers by rows. Raises ValueError, TypeError."""
    whole = np.array(matrix, np.float64)
    if whole.shape != (16,) or not np.isfinite(whole).all():
        raise ValueError("a pose is not 16 numbers")
    whole = whole.reshape(4, 4)
    return whole[:3, :3], tuple(whole[:3, 3].tolist())


def _lens(values: Sequence[Any]) -> tuple[float, ...]:
    """Raises ValueError, TypeError."""
    numbers = tuple(float(value) for value in values)
    if not np.isfinite(numbers).all() or min(numbers[:2]) <= 0:
        raise ValueError("its intrinsics project nothing")
    return numbers


def _jpeg_size(value: bytes | None) -> tuple[int, int]:
    if encoding_of(value or b"") != JPEG:
        raise UnreadableSource("is no JPEG")
    return size_of(value or b"")


def _time_ns(time_us: object) -> int:
    if type(time_us) is not int or not 0 <= time_us * MICROSECOND_NS <= LATEST_NS:
        raise UnreadableSource("has no time")
    return time_us * MICROSECOND_NS


def _table(
    request: ReadRequest,
    files: Mapping[str, Placed],
    part: str,
    columns: Sequence[str],
    notes: list[str],
) -> list[tuple[Any, ...]]:
    """Rows of a component; none where it is missing or cannot be read, which is told."""
    if part not in files:
        notes.append(f"there is no {part} of this segment")
        return []
    try:
        return list(_rows(request.path / files[part].name, columns))
    except UnreadableSource as error:
        notes.append(f"{files[part].name}: {error.what}; left out")
        return []


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Columns of a file row by row, some at a time in memory. Raises UnreadableSource."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            missing = [name for name in columns if name not in names]
            if missing:
                raise UnreadableSource(f"has no column {missing[0]}")
            if file.metadata.num_rows > MOST_ROWS:
                raise UnreadableSource(f"claims {file.metadata.num_rows} rows")
            batches = file.iter_batches(BATCH_ROWS, columns=[*columns], use_threads=False)
            for batch in batches:
                lists = [batch.column(name).to_pylist() for name in columns]
                yield from zip(*lists, strict=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0][:200]
        raise UnreadableSource(f"damaged Parquet file: {first}") from error
