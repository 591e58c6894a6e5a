"""Reads drives of KITTI raw: pictures or a video, sweeps of the lidar, and its GNSS with IMU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import IMU, LIDAR
from ringroad.ingest.clock_text import calendar_ns
from ringroad.ingest.folder_files import Placed, at_rate, below, placed, shots, text
from ringroad.ingest.folder_rows import Lane, folder_reading, picture_lane, sweep_lane, video_lane
from ringroad.ingest.kitti_calibration import kitti_calibrations, parse_kitti, rigid_calibration
from ringroad.ingest.kitti_oxts import OXTS
from ringroad.ingest.navigation_records import read_records
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CAMERAS = ("image_02", "image_00", "image_01", "image_03")
"""Poses lead to the first one that is there: the left colour camera, where there is a choice."""
SWEEPS = "velodyne_points"
PARTS = {**dict.fromkeys(CAMERAS, ".png"), SWEEPS: ".bin", OXTS.name: ".txt"}
"""Folders of a drive, and of what kind the files in their `data` are."""
CAM_TO_CAM, VELO_TO_CAM, IMU_TO_VELO = (
    f"calib_{name}.txt" for name in ("cam_to_cam", "velo_to_cam", "imu_to_velo")
)
CALIBRATIONS = (CAM_TO_CAM, IMU_TO_VELO, VELO_TO_CAM)
VIDEO = ".mp4"
RATE_HZ = 10.0
"""What the data set's own sensors are triggered at."""
TimeOf = Callable[[int], int | None]
Files = Mapping[str, Placed]
"""By their names in the drive; calibrations by their own."""


class KittiRawLayout:
    """A drive is a recording, named alone or below its day, whose calibrations come along.

    Synchronised drives count all sensors alike: where a sensor has no times of its own, it has
    those of another. A video called `image_02*.mp4` stands for that camera's pictures.
    """

    name = "kitti-raw"
    verified = ""
    """Sweeps were read of the data set itself; pictures, times and oxts of files made after its
    documentation."""

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A drive, or the drives of a day."""
        beside = tuple(name for name in CALIBRATIONS if (folder / name).is_file())
        if _is_drive(folder):
            return (FoundFolder(key="", files=(*beside, *_files(folder, ""))),)
        return tuple(
            FoundFolder(key=drive.name, files=(*beside, *_files(drive, f"{drive.name}/")))
            for drive in sorted(folder.glob("*_drive_*"))
            if _is_drive(drive)
        )

    def read(self, request: ReadRequest) -> Reading:
        """Index one drive. Raises UnreadableSource."""
        files = _own(placed(request))
        clocks, notes = _clocks(request, files)
        usual = next(iter(clocks.values()), at_rate(request, RATE_HZ))
        cameras, left = _cameras(request, files, clocks, usual)
        present = [name for name, lane in cameras.items() if len(lane.rows)]
        taken, nameless = shots(below(files, f"{SWEEPS}/data"), clocks.get(SWEEPS, usual))
        sweeps = sweep_lane(request, SWEEPS, taken, sensor=LIDAR, encoding="f32-xyzi")
        records, timeless = shots(below(files, f"{OXTS.name}/data"), clocks.get(OXTS.name, usual))
        signals, channels, bad = read_records(request, records, OXTS)
        calibrations, doubts = _calibrations(request, files, present)
        return folder_reading(
            request,
            container=self.name,
            clock="recorded" if clocks else "declared",
            cameras=[*cameras.values()],
            ranging=[sweeps],
            signals=signals,
            signal_channels=channels,
            calibrations=calibrations,
            notes=(*notes, *left, *nameless, *timeless, *bad, *doubts),
        )


def _is_drive(folder: Path) -> bool:
    return any((folder / part / "data").is_dir() for part in PARTS)


def _files(drive: Path, prefix: str) -> list[str]:
    """Files of a drive in order, below `prefix`."""
    found = []
    for part, suffix in sorted(PARTS.items()):
        found += [f"{part}/{path.name}" for path in sorted((drive / part).glob("timestamps.txt"))]
        inside = sorted((drive / part / "data").glob(f"[!.]*{suffix}"))
        found += [f"{part}/data/{path.name}" for path in inside]
    found += sorted(path.name for path in drive.glob(f"image_0*{VIDEO}"))
    return [f"{prefix}{name}" for name in found]


def _own(files: Files) -> Files:
    """The files by their names in the drive."""
    inner = [name for name in files if name not in CALIBRATIONS]
    first = inner[0].partition("/")[0] if inner else ""
    prefix = "" if first in PARTS or first.endswith(VIDEO) else f"{first}/"
    return {name.removeprefix(prefix): file for name, file in files.items()}


def _clocks(request: ReadRequest, files: Files) -> tuple[dict[str, TimeOf], list[str]]:
    """When each number of a sensor was taken, of those whose times are written down."""
    found: dict[str, TimeOf] = {}
    notes = []
    for part in PARTS:
        file = files.get(f"{part}/timestamps.txt")
        if file is None:
            continue
        try:
            lines = text(request, file).splitlines()
        except UnreadableSource as error:
            notes.append(f"{file.name}: {error.what}; left out")
            continue
        times = {number: _time(line) for number, line in enumerate(lines)}
        bad = sum(line.strip() != "" and times[number] is None for number, line in enumerate(lines))
        if bad:
            notes.append(f"{file.name}: {bad} lines are no times")
        if bad < len(lines):
            found[part] = times.get
    without = [part for part in PARTS if part not in found and below(files, f"{part}/data")]
    if not found:
        rate = request.rate_hz or RATE_HZ
        notes.append(f"no timestamps.txt: {rate:g} frames per second are assumed")
    elif without:
        notes.append(f"{', '.join(without)}: no timestamps.txt; those of another sensor are taken")
    else:
        notes.append("timestamps.txt names no time zone: taken for UTC")
    return found, notes


def _time(line: str) -> int | None:
    try:
        return calendar_ns(line)
    except ValueError:
        return None


def _cameras(
    request: ReadRequest, files: Files, clocks: Mapping[str, TimeOf], usual: TimeOf
) -> tuple[dict[str, Lane], list[str]]:
    """Cameras by name. Rows tell one decoder: pictures need none, of videos the first is read."""
    found: dict[str, Lane] = {}
    notes: list[str] = []
    videos = {name: file for name, file in files.items() if name.endswith(VIDEO)}
    for name in CAMERAS:
        time_of = clocks.get(name, usual)
        taken, left = shots(below(files, f"{name}/data"), time_of)
        notes += left
        if taken:
            found[name] = picture_lane(request, name, taken)
            continue
        mine = next((key for key in videos if key.startswith(name)), None)
        if mine is None or any(lane.rows.schema.metadata for lane in found.values()):
            continue
        file = videos.pop(mine)
        try:
            found[name] = video_lane(request, name, file, time_of)
        except UnreadableSource as error:
            notes.append(f"{file.name}: {error.what}; left out")
    notes += [f"{file.name}: left out, a video of this drive is read" for file in videos.values()]
    return found, notes


def _calibrations(
    request: ReadRequest, files: Files, cameras: Sequence[str]
) -> tuple[list[Calibration], list[str]]:
    """Of rectified pictures, which only synchronised drives hold."""
    if not any(name in files for name in CALIBRATIONS):
        return [], ["no calibration lies beside or above the drive"]
    if request.source_key.endswith("_extract"):
        return [], ["pictures are not rectified: the calibration is left out"]
    values = {}
    try:
        for name in CALIBRATIONS:
            values[name] = parse_kitti(text(request, files[name])) if name in files else {}
        velo, imu, cam = (values[name] for name in (VELO_TO_CAM, IMU_TO_VELO, CAM_TO_CAM))
        found = kitti_calibrations(
            {name: cam[f"P_rect_{name[-2:]}"] for name in cameras},
            turned=cam.get("R_rect_00", ()),
            lidar=SWEEPS,
            lidar_to_first=_rows(velo["R"], velo["T"]) if velo else (),
            origin=f"{CAM_TO_CAM}, {VELO_TO_CAM}",
        )
        if imu:
            pose = rigid_calibration(
                OXTS.channel(IMU),
                SWEEPS,
                rotation=imu["R"],
                translation=imu["T"],
                origin=IMU_TO_VELO,
            )
            found.append(pose)
    except (KeyError, ValueError, UnreadableSource) as error:
        return [], [f"the calibration is none of KITTI: {error}"]
    return found, []


def _rows(rotation: Sequence[float], translation: Sequence[float]) -> tuple[float, ...]:
    """[R | t] by rows."""
    return tuple(
        number
        for row, last in enumerate(translation)
        for number in (*rotation[3 * row : 3 * row + 3], last)
    )
