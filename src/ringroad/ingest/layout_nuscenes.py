"""Reads nuScenes: cameras, lidar, radars and poses of a scene; annotations are imported apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import LIDAR, RADAR
from ringroad.ingest.clock_text import LATEST_NS
from ringroad.ingest.folder_files import Placed, Shot, left_out, placed
from ringroad.ingest.folder_rows import Lane, folder_reading, picture_lane, sweep_lane
from ringroad.ingest.nuscenes_known import (
    MICROSECOND_NS,
    TABLES,
    Known,
    from_keyframe,
    from_tables,
    scenes,
)
from ringroad.ingest.pose_signals import pose_signals
from ringroad.media.points.pcd import measure_pcd
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

PARTS = ("samples", "sweeps")
"""Files of keyframes, and those in between."""
KEYFRAME = "keyframe_info.json"
POSES = "ego_pose"
_NAME = re.compile(
    r"(?P<log>[^/]+)__(?P<channel>(?:CAM|LIDAR|RADAR)(?:_[A-Z0-9]+)+)__(?P<time_us>\d{10,16})"
    r"\.(?:jpg|png|pcd\.bin|pcd)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a file's name says."""

    file: Placed
    channel: str
    time_ns: int


class NuScenesLayout:
    """Each scene of the tables `v1.0-*` is a recording; so is a folder with a keyframe's file.

    Which files make up a scene stands in the tables alone, so `find` reads three of them; where
    several versions of them lie in a folder, a scene is taken from the first that knows it. A
    scene holds those of its files that are there: parts of the data set need not be complete.
    Where no table can be read, the files of a log are taken for one recording.
    """

    name = "nuscenes"
    verified = ""
    """A keyframe of the data set itself was read, in MMDetection3D's form. Tables and radar sweeps
    were not: those of the tests are made as public code expects them."""

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """The scenes of a folder with `samples` and tables; or the folder of one keyframe."""
        try:
            if (folder / PARTS[0]).is_dir():
                return _scenes(folder)
            if (folder / KEYFRAME).is_file():
                names = sorted(name for name in _listed(folder) if _NAME.fullmatch(name))
                return (FoundFolder(key="", files=(KEYFRAME, *names)),) if names else ()
        except OSError:
            return ()
        return ()

    def read(self, request: ReadRequest) -> Reading:
        """Index one scene. Raises UnreadableSource."""
        files = placed(request)
        named, notes = _named(files)
        channels = {name: item.channel for name, item in named.items()}
        if KEYFRAME in files:
            times = {name: item.time_ns for name, item in named.items()}
            known = from_keyframe(request, files[KEYFRAME], times, channels)
        else:
            tables = {
                name.rpartition("/")[2].removesuffix(".json"): file
                for name, file in files.items()
                if name not in named
            }
            known = from_tables(request, tables, channels)
        lanes = _lanes(request, named, known)
        signals, pose_channels = pose_signals(POSES, known.pose_ns, known.poses, encoding="json")
        return folder_reading(
            request,
            container=self.name,
            clock="recorded",
            cameras=lanes["CAM"],
            ranging=(*lanes["LIDAR"], *lanes["RADAR"]),
            signals=signals,
            signal_channels=pose_channels,
            calibrations=known.calibrations,
            notes=(*notes, *known.notes),
        )


def _scenes(folder: Path) -> tuple[FoundFolder, ...]:
    present = _present(folder)
    found: dict[str, FoundFolder] = {}
    told: list[str] = []
    for version in sorted(folder.glob("v1.0-*")):
        tables = [f"{version.name}/{name}.json" for name in TABLES]
        there = [name for name in tables if (folder / name).is_file()]
        told = told or there
        try:
            known = scenes(version, present)
        except (OSError, UnreadableSource):
            continue
        for scene, files in sorted(known.items()):
            whole = (*there, *sorted({*files}))
            found.setdefault(scene, FoundFolder(key=scene, files=whole))
    if told and not found:
        logs: dict[str, list[str]] = {}
        for name in sorted(present):
            logs.setdefault(name.rpartition("/")[2].partition("__")[0], []).append(name)
        return tuple(FoundFolder(key=log, files=(*told, *names)) for log, names in logs.items())
    return tuple(found[scene] for scene in sorted(found))


def _present(folder: Path) -> set[str]:
    """Files of sensors that are there, relative to the folder."""
    return {
        f"{part}/{channel}/{name}"
        for part in PARTS
        for channel in (_listed(folder / part) if (folder / part).is_dir() else ())
        if (folder / part / channel).is_dir()
        for name in _listed(folder / part / channel)
        if _NAME.fullmatch(name)
    }


def _listed(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if not entry.name.startswith(".")]


def _named(files: Mapping[str, Placed]) -> tuple[dict[str, _Named], list[str]]:
    """What the names of a sensor's files say, and notes on the others."""
    found: dict[str, _Named] = {}
    other: list[str] = []
    for name, file in files.items():
        match = _NAME.fullmatch(name.rpartition("/")[2])
        if match is None:
            other += [] if name.endswith(".json") else [name]
            continue
        time_ns = int(match["time_us"]) * MICROSECOND_NS
        if time_ns > LATEST_NS:
            other.append(name)
            continue
        found[name] = _Named(file=file, channel=match["channel"], time_ns=time_ns)
    return found, left_out({"are not named as those of nuScenes": other} if other else {})


def _lanes(
    request: ReadRequest, named: Mapping[str, _Named], known: Known
) -> dict[str, list[Lane]]:
    """Lanes by kind of sensor; frames count by their times."""
    taken: dict[str, list[tuple[int, Placed]]] = {}
    for name, item in named.items():
        time_ns = known.times_ns.get(name, item.time_ns)
        taken.setdefault(item.channel, []).append((time_ns, item.file))
    lanes: dict[str, list[Lane]] = {"CAM": [], "LIDAR": [], "RADAR": []}
    for channel in sorted(taken):
        kind = channel.partition("_")[0]
        lanes[kind].append(_lane(request, channel, kind, _in_time(taken[channel])))
    return lanes


def _in_time(files: Sequence[tuple[int, Placed]]) -> list[Shot]:
    ordered = sorted(files, key=lambda item: (item[0], item[1].name))
    return [
        Shot(file=file, sequence=sequence, time_ns=time_ns)
        for sequence, (time_ns, file) in enumerate(ordered)
    ]


def _lane(request: ReadRequest, channel: str, kind: str, taken: Sequence[Shot]) -> Lane:
    if kind == "CAM":
        return picture_lane(request, channel, taken)
    if kind == "LIDAR":
        return sweep_lane(request, channel, taken, sensor=LIDAR, encoding="f32-xyzir")
    return sweep_lane(request, channel, taken, sensor=RADAR, encoding="pcd", measure=measure_pcd)
