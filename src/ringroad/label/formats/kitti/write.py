"""Writes KITTI object labels, with two decimals where they say it all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ringroad.domain.annotation import CUBOID
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.kitti.read import CAMERA, THING
from ringroad.label.formats.outgoing.names import stems
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink
from ringroad.label.geometry import matrix_of

_NOWHERE = "-1 -1 -1 -1000 -1000 -1000 -10"
"""What KITTI itself writes where nothing is known in three dimensions."""
_UNKNOWN = {"truncated": "-1", "occluded": "-1", "alpha": "-10"}
_NEAR = 1e-9


class KittiWriter:
    """A box and a cuboid of the same `thing` or track share a line."""

    def __init__(self, out: Outgoing) -> None:
        self._stems = stems(out.pictures)

    def begin(self, sink: Sink) -> None:
        """Nothing."""

    def part(self, part: Part, sink: Sink) -> None:
        """A file for each picture, empty where it holds nothing."""
        for at, _, items in part.by_picture():
            lines = [_line(box, solid) for box, solid in _paired(items) if _says(box, solid)]
            sink.put("".join(lines).encode(), f"label_2/{self._stems[at]}.txt")

    def end(self, sink: Sink) -> None:
        """Nothing."""


def _paired(items: Sequence[Drawn]) -> list[tuple[Drawn, Drawn | None]]:
    """Boxes with the cuboid of their thing, in order of things; lonely cuboids by their box."""
    solids: dict[str, Drawn] = {}
    pairs: list[tuple[str, Drawn, Drawn | None]] = []
    for item in items:
        if item.shape == CUBOID:
            solids[_thing(item)] = item
    pairs += [
        (_thing(item), item, solids.pop(_thing(item), None))
        for item in items
        if item.shape != CUBOID
    ]
    pairs += [(thing, item, item) for thing, item in solids.items()]
    order = sorted(range(len(pairs)), key=lambda n: (_rank(pairs[n][0]), n))
    return [(pairs[n][1], pairs[n][2]) for n in order]


def _says(box: Drawn, solid: Drawn | None) -> bool:
    """Whether a line would say where something is."""
    return box.w > 0 or (solid is not None and solid.space == CAMERA)


def _thing(item: Drawn) -> str:
    return item.attributes.get(THING, "") or item.track or item.id


def _rank(thing: str) -> tuple[int, str]:
    return (int(thing), "") if thing.isdecimal() else (1 << 62, thing)


def _line(box: Drawn, solid: Drawn | None) -> str:
    known = box.attributes
    words = [_word(box.category)]
    words += [_numeral(known.get(name, ""), missing) for name, missing in _UNKNOWN.items()]
    words += _edges(box)
    words.append(_place(solid) if solid is not None and solid.space == CAMERA else _NOWHERE)
    score = _numeral(known.get("score", ""), "")
    return " ".join([*words, *([score] if score else [])]) + "\n"


def _edges(box: Drawn) -> list[str]:
    """Left, top, right, bottom; two decimals where the same float32 come back from them."""
    edges = [box.x, box.y, box.x + box.w, box.y + box.h]
    near = [round(value, 2) for value in edges]
    again = [near[0], near[1], near[2] - near[0], near[3] - near[1]]
    if (np.array(again, np.float32) == np.array([box.x, box.y, box.w, box.h], np.float32)).all():
        return [f"{value + 0.0:.2f}" for value in near]
    return [repr(value) for value in edges]


def _place(solid: Drawn) -> str:
    x, y, z, length, width, height = solid.points[:6]
    axes = matrix_of(solid.points[6:])
    turn = math.atan2(-axes[2, 0], axes[0, 0])
    values = (height, width, length, x, y + height / 2, z, turn)
    return " ".join(
        f"{round(value, 2) + 0.0:.2f}"
        if abs(round(value, 2) - value) < _NEAR
        else repr(float(value))
        for value in values
    )


def _numeral(said: str, missing: str) -> str:
    """An attribute that is a number, as it stands."""
    try:
        return said if math.isfinite(float(said)) else missing
    except ValueError:
        return missing


def _word(category: str) -> str:
    """A category without blanks, which would end the word."""
    return "_".join(category.split())
