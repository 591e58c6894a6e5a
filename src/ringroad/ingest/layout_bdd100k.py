"""Reads BDD100K: videos with what the phone measured, and folders of stills; no annotations."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import Recording
from ringroad.ingest.bdd100k_info import info_signals, parse_info, time_of
from ringroad.ingest.folder_files import Placed, Shot, at_rate, left_out, placed, text
from ringroad.ingest.folder_rows import folder_reading, picture_lane
from ringroad.ingest.read_video import VideoReader
from ringroad.ingest.rows import signal_rows
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

VIDEOS, IMAGES, INFO = "videos", "images", "info/100k"
VIDEO, STILL = ".mov", ".jpg"
CAMERA = "camera"
STILLS_HZ = 1.0
TRACKS_HZ = 5.0
"""Of pictures in folders for tracking."""
_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}(?:-\d{7})?\.(?:mov|jpg)")


class Bdd100kLayout:
    """Each video is a recording, and each folder of stills.

    A video begins at the time that its info states, as GNSS and IMU are timed by the same clock.
    Stills of a split are of as many drives: they have no time and their order says nothing;
    those for tracking follow each other five times a second.
    """

    name = "bdd100k"
    verified = ""
    """Seven stills of the data set itself were read. No video or info was, nor a description of
    the infos: their fields and units (g, rad/s, milliseconds) are as we understand them."""

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder with `videos` or `images` of the data set's names; or nothing but its stills."""
        try:
            found = (*_videos(folder), *_stills(folder))
            return found or _loose(folder)
        except OSError:
            return ()

    def read(self, request: ReadRequest) -> Reading:
        """Index one video or folder of stills. Raises UnreadableSource."""
        files = placed(request)
        first = next(iter(files.values()), None)
        if first is not None and first.name.endswith(VIDEO):
            return _video(request, first, files)
        tracks = any("track" in name.partition("/")[2] for name in files if "/" in name)
        time_of_number = at_rate(request, TRACKS_HZ if tracks else STILLS_HZ)
        taken = [
            Shot(file=file, sequence=number, time_ns=time_ns)
            for number, file in enumerate(files.values())
            if (time_ns := time_of_number(number)) is not None
        ]
        late = [*files][len(taken) :]
        note = "no clock: stills are of many drives, their order says nothing of time"
        return folder_reading(
            request,
            container=self.name,
            clock="declared",
            cameras=[picture_lane(request, CAMERA, taken)],
            notes=(
                "no clock: 5 frames per second are assumed" if tracks else note,
                *left_out({"have no time": late} if late else {}),
            ),
        )


def _videos(folder: Path) -> list[FoundFolder]:
    found = []
    for path in sorted((folder / VIDEOS).glob(f"*/[!.]*{VIDEO}")):
        if not _NAME.fullmatch(path.name):
            continue
        split = path.parent.name
        info = f"{INFO}/{split}/{path.stem}.json"
        video = f"{VIDEOS}/{split}/{path.name}"
        files = (video, info) if (folder / info).is_file() else (video,)
        found.append(FoundFolder(key=f"{VIDEOS}/{split}/{path.stem}", files=files))
    return found


def _stills(folder: Path) -> list[FoundFolder]:
    found = []
    for at, below, names in os.walk(folder / IMAGES):
        below[:] = sorted(name for name in below if not name.startswith("."))
        pictures = sorted(name for name in names if _is_still(name))
        if pictures:
            key = Path(at).relative_to(folder).as_posix()
            found.append(FoundFolder(key=key, files=tuple(f"{key}/{name}" for name in pictures)))
    return found


def _loose(folder: Path) -> tuple[FoundFolder, ...]:
    """A folder of nothing else than stills."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if not names or not all(_is_still(name) for name in names):
        return ()
    return (FoundFolder(key="", files=tuple(names)),)


def _is_still(name: str) -> bool:
    return name.endswith(STILL) and _NAME.fullmatch(name) is not None


def _video(request: ReadRequest, file: Placed, files: Mapping[str, Placed]) -> Reading:
    """A video lies first in its source, so that its own offsets hold; its info lies behind."""
    info, notes = _info(request, files)
    began = time_of(info.get("startTime"))
    start_ns = request.start_ns if began is None else began
    if info and began is None:
        notes.append("the info states no startTime: frames count from 1970")
    try:
        asked = replace(request, path=request.path / file.name, start_ns=start_ns, files=())
        reading = VideoReader().read(asked)
    except UnreadableSource as error:
        place = f"{file.name}, {error.place}" if error.place else file.name
        raise UnreadableSource(
            error.what, subject=str(request.path), place=place, remedy=error.remedy
        ) from error
    signals, channels, bad = info_signals(info)
    rows = signal_rows(request, signals)
    known = reading.recording
    ends_ns = known.start_ns + known.duration_ns
    if len(rows):
        times = rows["time_ns"].to_numpy()
        start_ns, ends_ns = min(start_ns, int(times.min())), max(ends_ns, int(times.max()))
    recording: Recording = replace(
        known,
        container=Bdd100kLayout.name,
        start_ns=start_ns,
        duration_ns=ends_ns - start_ns,
        channels=(*known.channels, *channels),
    )
    told = (*reading.notes, *notes, *bad)
    return replace(reading, recording=recording, signals=rows, notes=told)


def _info(request: ReadRequest, files: Mapping[str, Placed]) -> tuple[Mapping[str, Any], list[str]]:
    file = next((file for name, file in files.items() if name.endswith(".json")), None)
    if file is None:
        return {}, [f"no info lies in {INFO}: without GNSS, IMU and a clock"]
    try:
        return parse_info(text(request, file)), []
    except UnreadableSource as error:
        return {}, [f"{file.name}: {error.what}; left out"]
