"""Reads a split of KITTI object: pictures, sweeps and calibrations; labels are imported apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import LIDAR
from ringroad.ingest.folder_files import Placed, at_rate, below, placed, shots, text
from ringroad.ingest.folder_rows import folder_reading, picture_lane, sweep_lane
from ringroad.ingest.kitti_calibration import kitti_calibrations, parse_kitti
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CAMERAS = {"image_2": "P2", "image_3": "P3"}
"""Folder, which is the channel's name too -> its projection."""
SWEEPS = "velodyne"
CALIBRATIONS = "calib"
BESIDE = (CALIBRATIONS, "label_2", SWEEPS)
"""A folder of pictures counts as KITTI where one of these lies beside it."""
PARTS = {
    **dict.fromkeys(CAMERAS, (".png", ".jpg", ".jpeg")),
    SWEEPS: (".bin",),
    CALIBRATIONS: (".txt",),
}
RATE_HZ = 1.0
ENCODING = "f32-xyzi"


class KittiObjectLayout:
    """`training` or `testing` is one recording, whose pictures are in no order of time."""

    name = "kitti-object"
    verified = "75 pictures and 3 sweeps of the data set itself"

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder that holds `image_2` and one of calib, label_2 and velodyne."""
        if not (folder / "image_2").is_dir() or not any((folder / n).is_dir() for n in BESIDE):
            return ()
        files = tuple(
            f"{part}/{path.name}"
            for part, suffixes in sorted(PARTS.items())
            for path in sorted((folder / part).glob("*"))
            if path.suffix.lower() in suffixes and not path.name.startswith(".")
        )
        return (FoundFolder(key="", files=files),) if files else ()

    def read(self, request: ReadRequest) -> Reading:
        """Index one split. Raises UnreadableSource."""
        files = placed(request)
        time_of = at_rate(request, RATE_HZ)
        lanes, notes = {}, []
        for part in (*CAMERAS, SWEEPS):
            taken, left = shots(below(files, part), time_of)
            notes += left
            lanes[part] = (
                sweep_lane(request, part, taken, sensor=LIDAR, encoding=ENCODING)
                if part == SWEEPS
                else picture_lane(request, part, taken)
            )
        present = [name for name in CAMERAS if len(lanes[name].rows)]
        calibrations, doubts = _calibrations(request, files, present)
        return folder_reading(
            request,
            container=self.name,
            clock="declared",
            cameras=[lanes[name] for name in CAMERAS],
            ranging=[lanes[SWEEPS]],
            calibrations=calibrations,
            notes=(_no_clock(request), *notes, *doubts),
        )


def _calibrations(
    request: ReadRequest, files: Mapping[str, Placed], cameras: list[str]
) -> tuple[list[Calibration], list[str]]:
    """Of the first frame, and how many others differ from it."""
    texts: dict[str, str] = {}
    notes = []
    for file in below(files, CALIBRATIONS):
        try:
            texts[file.name] = text(request, file)
        except UnreadableSource as error:
            notes.append(f"{file.name}: {error.what}; left out")
    if not texts:
        return [], [*notes, "no calibration lies beside the pictures"]
    (first, told), *_ = texts.items()
    values = parse_kitti(told)
    try:
        found = kitti_calibrations(
            {name: values[CAMERAS[name]] for name in cameras},
            turned=values["R0_rect"],
            lidar=SWEEPS,
            lidar_to_first=values.get("Tr_velo_to_cam", ()),
            origin=first,
        )
    except (KeyError, ValueError) as error:
        return [], [*notes, f"{first} is no calibration of KITTI: {error}"]
    same = Counter(texts.values())[told]
    if same < len(texts):
        notes.append(
            f"each frame has a calibration of its own, {len(texts) - same} of {len(texts)} differ "
            f"from the first, which is taken for all: {first}"
        )
    return found, notes


def _no_clock(request: ReadRequest) -> str:
    rate = request.rate_hz or RATE_HZ
    return f"no clock: {rate:g} frames per second are assumed; their order says nothing of time"
