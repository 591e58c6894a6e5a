"""Reads drives of KITTI raw: pictures or a video, sweeps of the lidar, and its GNSS with IMU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ringroad.domain.calibration import VEHICLE_AXES, Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import LIDAR, Channel
from ringroad.ingest.clock_text import calendar_ns
from ringroad.ingest.folder_files import Placed, at_rate, below, placed, shots, text
from ringroad.ingest.folder_rows import Lane, folder_reading, picture_lane, sweep_lane, video_lane
from ringroad.ingest.kitti_calibration import kitti_calibrations, parse_kitti, rigid_calibration
from ringroad.ingest.kitti_oxts import GNSS_CHANNEL, IMU_CHANNEL, OXTS, read_oxts
from ringroad.ingest.rows import Signal
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CAMERAS = ("image_02", "image_00", "image_01", "image_03")
"""Poses lead to the first one that is there: the left colour camera, where there is a choice."""
SWEEPS = "velodyne_points"
PARTS = {**dict.fromkeys(CAMERAS, ".png"), SWEEPS: ".bin", OXTS: ".txt"}
"""Folders of a drive, and of what kind the files in their `data` are."""
CAM_TO_CAM, VELO_TO_CAM, IMU_TO_VELO = (
    f"calib_{name}.txt" for name in ("cam_to_cam", "velo_to_cam", "imu_to_velo")
)
VIDEO = ".mp4"
RATE_HZ = 10.0
"""What the data set's own sensors are triggered at."""
TimeOf = Callable[[int], int | None]


class KittiRawLayout:
    """A drive is a recording, named alone or below its day, whose calibration comes along.

    Synchronised drives count all sensors alike: where a sensor has no times of its own, it has
    those of another. A video called `image_02*.mp4` stands for that camera's pictures.
    """

    name = "kitti-raw"
    verified = ""
    """Sweeps were read of the data set itself; pictures, times and oxts of files made after its
    documentation."""

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A drive, or the drives of a day."""
        if _is_drive(folder):
            return (FoundFolder(key="", files=_files(folder, "")),)
        beside = tuple(
            name for name in (CAM_TO_CAM, IMU_TO_VELO, VELO_TO_CAM) if (folder / name).is_file()
        )
        return tuple(
            FoundFolder(key=drive.name, files=(*beside, *_files(drive, f"{drive.name}/")))
            for drive in sorted(folder.glob("*_drive_*"))
            if _is_drive(drive)
        )

    def read(self, request: ReadRequest) -> Reading:
        """Index one drive. Raises UnreadableSource."""
        files = placed(request)
        drive = _drive(request)
        clocks, notes = _clocks(request, files, drive)
        usual = next(iter(clocks.values()), None) or at_rate(request, RATE_HZ)
        lanes: dict[str, Lane] = {}
        for part in (*CAMERAS, SWEEPS):
            time_of = clocks.get(part, usual)
            lane, left = _lane(request, files, drive, part, time_of, with_video=not lanes)
            notes += left
            if lane is not None:
                lanes[part] = lane
        signals, beside, left = _oxts(request, files, drive, clocks.get(OXTS, usual))
        present = [name for name in CAMERAS if name in lanes]
        calibrations, doubts = _calibrations(request, files, drive, present)
        ranging = [lanes[SWEEPS]] if SWEEPS in lanes else []
        return folder_reading(
            request,
            container=self.name,
            clock="recorded" if clocks else "declared",
            cameras=[lanes[name] for name in present],
            ranging=ranging,
            signals=signals,
            signal_channels=beside,
            calibrations=calibrations,
            notes=(*notes, *left, *doubts),
        )
