"""Reads annotations of RADIATE: rotated boxes on the radar's picture, by track and frame."""

from __future__ import annotations

import math
from typing import Any

from ringroad.domain.annotation import ROTATED_BOX
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

CHANNEL = "Navtech_Cartesian"
SIDE = 1152
"""Pixels of the radar's picture, both ways."""


def read_radiate(files: LabelFiles, intake: Intake) -> None:
    """Frames count from 1, in the channel that the import names. Raises InvalidAnnotations.

    Frames of the file that are not here are one loss, not a problem each: its pictures need not
    all be at hand. Angles turn against the clock there.
    """
    channel = intake.channel or _only(intake)
    for name in files.of_kind(".json"):
        with files.open(name) as file:
            stream = JsonStream(file, subject=files.subject(name))
            for number, track in enumerate(stream.items()):
                if isinstance(track, dict) and isinstance(track.get("bboxes"), list):
                    _track(track, f"[{number}], id {track.get('id')!r}", channel, intake)
                else:
                    intake.refuse(
                        "not-an-object", f"[{number}]", "a track with bboxes should stand here"
                    )
            stream.end()


def _track(track: dict[str, Any], place: str, channel: str, intake: Intake) -> None:
    category = str(track.get("class_name") or "")
    for index, box in enumerate(track["bboxes"]):
        at = f"{place}, bboxes[{index}]"
        row = intake.pictures.find_number(channel, index + 1)
        if row == UNKNOWN:
            if box:
                what = "boxes of frames that are not here"
                intake.losses.add(what, f"{channel} has no such frame", examples=[at])
            continue
        row = intake.look(row, place=at)
        if not box:
            continue
        position = box.get("position") if isinstance(box, dict) else None
        numbers = [*position, box.get("rotation", 0)] if isinstance(position, list) else []
        if not category or len(numbers) != 5 or not all(type(n) in {int, float} for n in numbers):
            intake.refuse("no-box", at, "it has no category, position and rotation", "", row)
            continue
        x, y, w, h, turned = map(float, numbers)
        drawn = Drawn(
            category=category,
            shape=ROTATED_BOX,
            points=[x + w / 2, y + h / 2, w, h, -math.radians(turned)],
            track=f"{channel.rpartition('/')[0]}#{track.get('id')}",
        )
        intake.add(row, drawn, f"{track.get('id')}-{index + 1}", at)


def _only(intake: Intake) -> str:
    """The one channel of that name; empty where there is none, or several."""
    suffix = f"/{CHANNEL}"
    found = {frame.rpartition("/")[0] for frame in intake.pictures.frames.to_pylist()}
    mine = sorted(channel for channel in found if channel.endswith(suffix))
    return mine[0] if len(mine) == 1 else ""


def is_radiate(files: LabelFiles) -> bool:
    """A list of tracks with `bboxes`."""
    head = files.head(".json", 4096)
    return head.lstrip().startswith(b"[") and b'"bboxes"' in head and b'"class_name"' in head
