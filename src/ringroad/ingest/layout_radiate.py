"""Reads a sequence of RADIATE: cameras, a scanning radar, a lidar, and GNSS with IMU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import LIDAR, RADAR
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.folder_files import Placed, Shot, below, placed, shots, text
from ringroad.ingest.folder_rows import Lane, folder_reading, picture_lane, sweep_lane
from ringroad.ingest.navigation_records import read_records
from ringroad.ingest.radiate_calibration import parse_radiate, radiate_calibrations
from ringroad.ingest.radiate_records import RECORDS, extrapolated, frame_times
from ringroad.ingest.rows import Signal
from ringroad.media.pictures.images import PNG, encoding_of, size_of
from ringroad.media.points.sweep import XYZIR
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CAMERAS = ("zed_left", "zed_right")
RADARS = ("Navtech_Polar", "Navtech_Cartesian")
LIDARS = ("velo_lidar",)
PICTURES = (".png", ".jpg", ".jpeg")
PARTS = {
    **dict.fromkeys(CAMERAS, PICTURES),
    **dict.fromkeys(RADARS, (".png",)),
    **dict.fromkeys(LIDARS, (".csv",)),
    RECORDS.name: (".txt",),
}
"""Folders, beside each of which a file of times lies -> of what kind their files are."""
CALIBRATION = "config/default-calib.yaml"
POINTS = "csv-xyzir"
APART_NS = SECOND_NS
"""A channel that lies so far beside all others in time is told."""


def _picture(data: bytes) -> tuple[int, int]:
    """Of a sweep that is a picture."""
    if encoding_of(data) != PNG:
        raise UnreadableSource("is no PNG")
    size_of(data)
    return -1, len(data)


def _lines(data: bytes) -> tuple[int, int]:
    """Of a sweep of lines: one that was cut off may end within its last."""
    head, tail = data[:512].partition(b"\n")[0], data.rpartition(b"\n")[2]
    if data and head.count(b",") != len(XYZIR) - 1:
        raise UnreadableSource(f"its lines are not {len(XYZIR)} numbers")
    return data.count(b"\n"), len(data) - len(tail)


RANGING = {
    **dict.fromkeys(RADARS, (RADAR, PNG, _picture)),
    **dict.fromkeys(LIDARS, (LIDAR, POINTS, _lines)),
}
"""Channel -> sensor, encoding, and what measures a sweep."""


class RadiateLayout:
    """A sequence is a recording; its annotations are imported apart."""

    name = "radiate"
    verified = "a sequence of the data set itself, in fog"

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder with one of the sensors' folders and the file of its times."""
        sensors = [part for part in sorted(PARTS) if (folder / part).is_dir()]
        if not any((folder / f"{part}.txt").is_file() for part in sensors):
            return ()
        files = [CALIBRATION] if (folder / CALIBRATION).is_file() else []
        for part in sensors:
            files += [f"{part}.txt"] if (folder / f"{part}.txt").is_file() else []
            files += [
                f"{part}/{path.name}"
                for path in sorted((folder / part).glob("[!.]*"))
                if path.suffix.lower() in PARTS[part]
            ]
        return (FoundFolder(key="", files=tuple(files)),)

    def read(self, request: ReadRequest) -> Reading:
        """Index one sequence. Raises UnreadableSource."""
        files = placed(request)
        notes: list[str] = []
        taken = {part: _shots(request, files, part, notes) for part in PARTS}
        cameras = [picture_lane(request, part, taken[part]) for part in CAMERAS]
        ranging = [
            sweep_lane(
                request, part, taken[part], sensor=sensor, encoding=encoding, measure=measure
            )
            for part, (sensor, encoding, measure) in RANGING.items()
        ]
        signals, channels, bad = read_records(request, taken[RECORDS.name], RECORDS)
        notes += [*bad, *_apart([*cameras, *ranging], signals)]
        return folder_reading(
            request,
            container=self.name,
            clock="recorded",
            cameras=cameras,
            ranging=ranging,
            signals=signals,
            signal_channels=channels,
            calibrations=_calibrations(request, files, notes),
            notes=notes,
        )


def _shots(
    request: ReadRequest, files: Mapping[str, Placed], part: str, notes: list[str]
) -> list[Shot]:
    """Files of one sensor at their times."""
    mine = below(files, part)
    stamps = files.get(f"{part}.txt")
    times: dict[int, int] = {}
    if stamps is not None:
        try:
            times, bad = frame_times(text(request, stamps))
            notes += [f"{stamps.name}: {bad} lines are no times"] if bad else []
        except UnreadableSource as error:
            notes.append(f"{stamps.name}: {error.what}; left out")
    found, left = shots(mine, extrapolated(times))
    notes += left
    guessed = [shot for shot in found if shot.sequence not in times]
    if guessed:
        notes.append(
            f"{part}: {len(guessed)} files have no time in {part}.txt, {guessed[0].file.name} the "
            f"first; theirs are extrapolated from frames {min(times)} to {max(times)}"
        )
    return found


def _apart(lanes: Sequence[Lane], signals: Sequence[Signal]) -> list[str]:
    """Whether the records were made at another time than all else."""
    spans = [lane.rows["time_ns"].to_numpy() for lane in lanes if len(lane.rows)]
    if not spans or not signals:
        return []
    own = signals[0].time_ns
    late = int(own.min()) - max(int(times.max()) for times in spans)
    early = min(int(times.min()) for times in spans) - int(own.max())
    if max(late, early) < APART_NS:
        return []
    where = "behind" if late > early else "before"
    away = f"{max(late, early) / SECOND_NS:.1f} s {where} those of all others"
    return [f"{RECORDS.name}: its times lie {away}: another clock, or another stretch of the drive"]


def _calibrations(
    request: ReadRequest, files: Mapping[str, Placed], notes: list[str]
) -> list[Calibration]:
    if CALIBRATION not in files:
        notes.append(f"no {CALIBRATION}")
        return []
    try:
        sections = parse_radiate(text(request, files[CALIBRATION]))
        return radiate_calibrations(sections, origin=CALIBRATION)
    except (KeyError, ValueError, UnreadableSource) as error:
        notes.append(f"{CALIBRATION} is no calibration of RADIATE: {error}")
        return []
