"""Points that lie packed in messages, of whatever fields: ROS's PointCloud2, Foxglove's PointCloud.

The encoding of a sweep says it all: `pointcloud2-16-x:<f4:0,y:<f4:4,z:<f4:8,intensity:<u2:12` is
16 bytes a point, then each field's name, numpy type and place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import shortened

PREFIX = "pointcloud2-"
MOST_FIELDS = 64
MOST_STEP = 4096
TYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
"""Of a field; in the order of `sensor_msgs/PointField`, whose first is 1."""
FOXGLOVE_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8")
"""The same in the order of `foxglove.NumericType`."""
REMEDY = "record points with fields x, y and z of whole numbers or floats"
_FIELD = re.compile(r"([A-Za-z_]\w{0,63}):([<>|])([iuf][1248]):(\d{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the points of a sweep lie.

    Attributes:
        step: bytes of a point.
        fields: name, numpy type with its byte order, and place in a point.
    """

    step: int
    fields: tuple[tuple[str, str, int], ...]

    def __post_init__(self) -> None:
        names = [name for name, _, _ in self.fields]
        if not 0 < self.step <= MOST_STEP or len(names) > MOST_FIELDS:
            raise UnreadableSource(
                f"points of {self.step} bytes with {len(names)} fields", remedy=REMEDY
            )
        if not {"x", "y", "z"} <= {*names} or len({*names}) < len(names):
            raise UnreadableSource(
                f"points have the fields {', '.join(names)[:200]}", remedy=REMEDY
            )
        for name, kind, at in self.fields:
            if at + np.dtype(kind).itemsize > self.step:
                raise UnreadableSource(f"the field {name} lies behind its point", remedy=REMEDY)

    def __str__(self) -> str:
        told = ",".join(f"{name}:{kind}:{at}" for name, kind, at in self.fields)
        return f"{PREFIX}{self.step}-{told}"


def layout_of(
    step: int, fields: Sequence[tuple[str, int, int]], *, types: Sequence[str], order: str = "<"
) -> Layout:
    """The layout that a message tells; fields whose name or type nobody knows are passed over.

    Args:
        step: bytes of a point.
        fields: of each its name, place in the point, and number of its type.
        types: numpy types by that number, whose first is 1.
        order: `<` or `>`.

    Raises:
        UnreadableSource: it has no place in space, or contradicts itself.
    """
    kept = []
    for name, at, number in fields:
        kind = types[number - 1] if 0 < number <= len(types) else ""
        mark = "|" if kind.endswith("1") else order
        if kind and _FIELD.fullmatch(f"{name}:{mark}{kind}:{at}"):
            kept.append((name, mark + kind, at))
    return Layout(step=step, fields=tuple(kept))


def parse_layout(encoding: str) -> Layout:
    """The layout that an encoding tells. Raises UnreadableSource."""
    step, _, told = encoding.removeprefix(PREFIX).partition("-")
    matches = [_FIELD.fullmatch(part) for part in told.split(",", MOST_FIELDS)]
    found = [(m[1], m[2] + m[3], int(m[4])) for m in matches if m and m[3] in TYPES]
    whole = len(found) == len(matches) and re.fullmatch(r"\d{1,4}", step)
    if not encoding.startswith(PREFIX) or not whole:
        raise UnreadableSource(f"{encoding[:200]!r} tells no points", remedy=REMEDY)
    return Layout(step=int(step), fields=tuple(found))


def sweep_encodings(
    told: Iterable[tuple[bool, int, tuple[tuple[str, int, int], ...], str]], types: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our encoding of each sweep, empty text where it is not read, and why.

    Args:
        told: of each whether it holds the points it claims, bytes of a point, its fields as
            `layout_of` takes them, and their byte order.
        types: numpy types by number.
    """
    known: dict[tuple[object, ...], tuple[str, str]] = {}
    found = []
    for row in told:
        if row not in known:
            known[row] = _sweep_encoding(*row, types)
        found.append(known[row])
    return tuple(encoding for encoding, _ in found), shortened(why for _, why in known.values())


def _sweep_encoding(
    whole: bool, step: int, fields: tuple[tuple[str, int, int], ...], order: str,
    types: Sequence[str],
) -> tuple[str, str]:  # fmt: skip
    if not whole:
        return "", "holds other bytes than its rows of points need"
    try:
        return str(layout_of(step, fields, types=types, order=order)), ""
    except UnreadableSource as error:
        return "", error.what


def unpacked(encoding: str, data: bytes) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the fields, and (n, k) float32; whole numbers over 2^24 lose their last digits.

    Raises:
        UnreadableSource: the bytes are not whole points.
    """
    layout = parse_layout(encoding)
    if len(data) % layout.step:
        raise UnreadableSource(
            f"{len(data)} bytes are not whole points of {layout.step}",
            remedy="copy the file again from its origin",
        )
    names, kinds, places = zip(*layout.fields, strict=True)
    packed = np.dtype(
        {"names": names, "formats": kinds, "offsets": places, "itemsize": layout.step}
    )
    points = np.frombuffer(data, packed)
    with np.errstate(over="ignore"):
        columns = [points[name].astype(np.float32) for name in names]
    return tuple(names), np.stack(columns, axis=1)
