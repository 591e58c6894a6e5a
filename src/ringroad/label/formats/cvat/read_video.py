"""Reads CVAT XML for video 1.1: tracks with key frames, as a stream."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringroad.label.formats.craft.xml_stream import Element, elements
from ringroad.label.formats.cvat.read_images import SHAPES
from ringroad.label.formats.cvat.shapes import YES, shape_of
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

LOOKED = "looked_at"
"""Element of the task in which an export lists its frames: `0,10,20-29`."""
MOST_FRAMES = 10_000_000


def read_cvat_video(files: LabelFiles, intake: Intake) -> None:
    """Frames count in one channel: that of the import, or the one that the task is named after.

    Frames between key frames count where the file holds them, as CVAT's own exports do; where it
    leaves them out they are not made up. Raises InvalidAnnotations.
    """
    for name in files.of_kind(".xml"):
        reader = _Video(intake, name)
        with files.open(name) as file:
            for found in elements(file, frozenset({"meta", "track"}), subject=files.subject(name)):
                if found.name == "meta":
                    reader.meta(found)
                else:
                    reader.track(found)


class _Video:
    """One file."""

    def __init__(self, intake: Intake, name: str) -> None:
        self.intake = intake
        self.channel = intake.channel or PurePosixPath(name).stem.replace("+", "/")

    def meta(self, found: Element) -> None:
        task = found.child("task") or found.child("job") or found
        if not self.intake.channel and "/" in task.said("name"):
            self.channel = task.said("name")
        for number in _frames(task):
            row = self.intake.pictures.find_number(self.channel, number)
            if row != UNKNOWN:
                self.intake.look(row, place=f"frame {number}")

    def track(self, found: Element) -> None:
        label = found.attributes.get("label", "")
        ours = found.attributes.get("id", "")
        gap = -1
        for item in found.children:
            at = f"line {item.line}, track {ours}"
            if item.name not in SHAPES:
                self.intake.losses.add(
                    item.name, "no annotation here has this shape", examples=[at]
                )
                continue
            number = item.attributes.get("frame", "")
            if not number.isdecimal() or not label:
                self.intake.refuse("no-frame", at, "it has no frame, or its track no label")
                continue
            if 0 <= gap < int(number) - 1:
                self.intake.losses.add(
                    "frames between key frames", "the file leaves them out", examples=[at]
                )
            gap = -1 if item.attributes.get("outside", "0") in YES else int(number)
            if gap >= 0:
                self._shape(item, label, ours, int(number), at)

    def _shape(self, item: Element, label: str, ours: str, number: int, at: str) -> None:
        row = self.intake.pictures.find_number(self.channel, number)
        if row == UNKNOWN:
            self.intake.refuse(
                "unknown-frame",
                at,
                f"{self.channel} has no frame {number}",
                "say whose frames the file counts: --channel RECORDING/CHANNEL",
            )
            return
        row = self.intake.look(row, place=at)
        try:
            drawn = shape_of(item, label, self.intake.size(row))
        except RowRefused as error:
            self.intake.refuse(error.code, at, error.what, error.remedy, row)
            return
        drawn.track = "" if drawn.attributes.pop("no_track", "") else drawn.track or f"cvat-{ours}"
        drawn.key = item.attributes.get("keyframe", "1") in YES
        self.intake.add(row, drawn, f"{ours}-{number}", at)


def _frames(task: Element) -> list[int]:
    """Frames that were looked at, as far as the task says."""
    if said := task.said(LOOKED):
        found: list[int] = []
        for word in said.split(","):
            first, _, last = word.partition("-")
            if not first.isdecimal() or (last and not last.isdecimal()):
                return []
            found += range(int(first), min(int(last or first), MOST_FRAMES) + 1)
        return found
    first, last = task.said("start_frame") or "0", task.said("stop_frame")
    if not (first.isdecimal() and last.isdecimal()):
        return []
    return list(range(int(first), min(int(last), MOST_FRAMES) + 1))


def is_cvat_video(files: LabelFiles) -> bool:
    """XML with `annotations` of tracks."""
    head = files.head(".xml")
    return b"<annotations>" in head and (b"<track" in head or b"<mode>interpolation" in head)
