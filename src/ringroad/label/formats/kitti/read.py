"""Reads KITTI object labels: a box, and a cuboid in the camera's coordinates, per line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from ringroad.domain.annotation import CUBOID
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.label.geometry import quaternion_of

CAMERA = "camera"
"""Coordinates of the cuboids: metres from the rectified camera 0, x right, y down, z ahead."""
THING = "thing"
"""Attribute that a box and a cuboid of one line share."""
ON_BOX = ("truncated", "occluded", "alpha")
_WORDS = (15, 16)


def read_kitti(files: LabelFiles, intake: Intake) -> None:
    """Each line becomes a box; one with a size in metres a cuboid too, with the same `thing`."""
    for name in files.of_kind(".txt"):
        stem = PurePosixPath(name).stem
        picture = intake.picture(f"image_2/{stem}", stem, place=name, stem=True)
        if picture == UNKNOWN:
            continue
        lines = files.read(name).decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines):
            words = line.split()
            if words:
                _line(words, number, picture, f"{name}, line {number + 1}", intake)


def _line(words: Sequence[str], number: int, picture: int, place: str, intake: Intake) -> None:
    try:
        values = [float(word) for word in words[1:]]
    except ValueError:
        values = []
    if len(words) not in _WORDS or len(values) != len(words) - 1:
        intake.refuse(
            "wrong-count",
            place,
            f"{len(words)} words; a line has a category and 14 numbers, and perhaps a score",
            "it is damaged, or of another format",
            picture,
        )
        return
    left, top, right, bottom = values[3:7]
    attributes = {name: words[place] for place, name in enumerate(ON_BOX, start=1)}
    attributes |= {THING: str(number)} | ({"score": words[15]} if len(words) > 15 else {})
    box = Drawn(
        category=words[0], x=left, y=top, w=right - left, h=bottom - top, attributes=attributes
    )
    solid_too = min(values[7:10]) > 0
    if right > left or bottom > top or not solid_too:
        intake.add(picture, box, f"{number}", place)
    if solid_too:
        solid = Drawn(
            category=words[0],
            shape=CUBOID,
            x=box.x,
            y=box.y,
            w=box.w,
            h=box.h,
            points=_cuboid(values[7:14]),
            space=CAMERA,
            attributes={THING: str(number)},
        )
        intake.add(picture, solid, f"{number}-3d", place)


def _cuboid(values: Sequence[float]) -> list[float]:
    """Height, width, length, x, y, z of the middle of the bottom, turn about y, as a cuboid."""
    height, width, length, x, y, z, turn = values
    cos, sin = math.cos(turn), math.sin(turn)
    axes = np.array([[cos, sin, 0.0], [0.0, 0.0, -1.0], [-sin, cos, 0.0]])
    return [x, y - height / 2, z, length, width, height, *quaternion_of(axes)]


def is_kitti(files: LabelFiles) -> bool:
    """Text files whose first line is a word and 14 or 15 numbers."""
    for name in [name for name in files.names() if name.endswith(".txt")][:50]:
        words = files.read(name).decode("utf-8", "replace").partition("\n")[0].split()
        if words:
            try:
                return len(words) in _WORDS and bool([float(word) for word in words[1:]])
            except ValueError:
                return False
    return False
