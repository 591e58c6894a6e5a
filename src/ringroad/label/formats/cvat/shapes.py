"""Shapes as CVAT's XML has them, both ways; images and tracks are other modules' work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import ID, carried, take_back
from ringroad.label.formats.craft.xml_stream import Element
from ringroad.label.formats.craft.xml_text import number, tag, text
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.masks import counts_from, counts_of, pixels_of, text_of

TAGS = {
    BOX: "box",
    ROTATED_BOX: "box",
    POLYGON: "polygon",
    POLYLINE: "polyline",
    POINT: "points",
    MASK: "mask",
}
LINES = {"polygon": POLYGON, "polyline": POLYLINE, "points": POINT}
OCCLUDED, Z_ORDER, GROUP = "occluded", "z_order", "group_id"
YES = frozenset({"1", "true", "yes", "True"})
Size = tuple[float, float]


def shape_of(item: Element, category: str, size: Size) -> Drawn:
    """A shape with its attributes. Raises RowRefused."""
    drawn = Drawn(category=category)
    try:
        if item.name == "box":
            corners = [float(item.attributes[name]) for name in ("xtl", "ytl", "xbr", "ybr")]
            be_box(drawn, corners, float(item.attributes.get("rotation", 0)))
        elif item.name == "mask":
            runs = [int(run) for run in item.attributes["rle"].split(",")]
            crop = [int(item.attributes[name]) for name in ("left", "top", "width", "height")]
            be_mask(drawn, runs, crop, size)
        else:
            pairs = [pair.split(",") for pair in item.attributes["points"].split(";")]
            be_line(drawn, LINES[item.name], [float(value) for pair in pairs for value in pair])
    except (KeyError, ValueError) as error:
        raise RowRefused("no-shape", f"its coordinates cannot be read: {error}") from error
    said = {name: item.attributes.get(name, "") for name in (OCCLUDED, Z_ORDER, GROUP)}
    take_flags(drawn, said)
    take_back(drawn, {one.attributes.get("name", ""): one.text for one in item.all("attribute")})
    return drawn


def take_flags(drawn: Drawn, said: Mapping[str, str]) -> None:
    """What CVAT says of every shape, as attributes where it is not the usual."""
    for name, value in said.items():
        if value not in {"0", ""}:
            drawn.attributes[name] = "true" if name == OCCLUDED else value


def flags_of(own: dict[str, str]) -> tuple[bool, str, str]:
    """Undo `take_flags`: takes out of the attributes whether it is occluded, its depth and group.

    Degrees of occlusion, which CVAT's flag cannot say, stay.
    """
    occluded = own.get(OCCLUDED, "") in YES
    if own.get(OCCLUDED) == "true":
        del own[OCCLUDED]
    return occluded, own.pop(Z_ORDER, "0"), own.pop(GROUP, "")


def be_line(drawn: Drawn, shape: str, points: list[float]) -> None:
    """Points x, y, x, y ... of a polygon, polyline or point. Raises RowRefused."""
    drawn.shape, drawn.points = shape, points
    if shape == POINT and len(points) != 2:
        raise RowRefused(
            "several-points", "annotations here are one point each", "split it in CVAT"
        )


def be_box(drawn: Drawn, corners: Sequence[float], angle: float) -> None:
    """A box from left, top, right, bottom, turned about its middle by so many degrees."""
    left, top, right, bottom = corners
    drawn.x, drawn.y, drawn.w, drawn.h = left, top, right - left, bottom - top
    if angle:
        drawn.shape = ROTATED_BOX
        middle = [(left + right) / 2, (top + bottom) / 2, drawn.w, drawn.h, math.radians(angle)]
        drawn.points = middle
        drawn.x = drawn.y = drawn.w = drawn.h = 0.0


def be_mask(drawn: Drawn, runs: Sequence[int], crop: Sequence[int], size: Size) -> None:
    """A mask from runs along the rows of a crop: left, top, width, height. Raises RowRefused."""
    left, top, w, h = crop
    width, height = int(size[0]), int(size[1])
    if left < 0 or top < 0 or w <= 0 or h <= 0 or left + w > width or top + h > height:
        raise RowRefused("bad-mask", f"it does not lie in {width} by {height} pixels")
    whole = np.zeros((height, width), bool)
    whole[top : top + h, left : left + w] = pixels_of(runs, h, w).T  # theirs go along the rows
    drawn.shape, drawn.mask = MASK, text_of(counts_from(whole))


def shape_text(item: Drawn, size: Size, *, indent: str, **attributes: str | int) -> str:
    """One shape with its attributes, as lines."""
    own = carried(item)
    occluded, place, group = flags_of(own)
    if group:
        attributes["group_id"] = group
    head = tag(
        TAGS[item.shape],
        **attributes,
        occluded=int(occluded),
        **_geometry(item, size),
        z_order=place,
    )
    lines = [f"{indent}{head}>"]
    lines += [
        f"{indent}  {tag('attribute', name=name)}>{text(value)}</attribute>"
        for name, value in sorted(own.items())
    ]
    return "\n".join([*lines, f"{indent}</{TAGS[item.shape]}>\n"])


def _geometry(item: Drawn, size: Size) -> dict[str, str]:
    if item.shape in {BOX, ROTATED_BOX}:
        corners, angle = corners_of(item)
        named = zip(("xtl", "ytl", "xbr", "ybr"), map(number, corners), strict=True)
        turned = {"rotation": number(angle)} if item.shape == ROTATED_BOX else {}
        return {**dict(named), **turned}
    if item.shape == MASK:
        runs, crop = crop_of(item, size)
        sides = zip(("left", "top", "width", "height"), map(str, crop), strict=True)
        return {"rle": ", ".join(map(str, runs)), **dict(sides)}
    pairs = zip(item.points[0::2], item.points[1::2], strict=True)
    return {"points": ";".join(f"{number(x)},{number(y)}" for x, y in pairs)}


def corners_of(item: Drawn) -> tuple[list[float], float]:
    """Undo `be_box`."""
    if item.shape == BOX:
        return [item.x, item.y, item.x + item.w, item.y + item.h], 0.0
    x, y, w, h, angle = item.points
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2], math.degrees(angle) % 360.0


def crop_of(item: Drawn, size: Size) -> tuple[list[int], list[int]]:
    """Undo `be_mask`: runs along the rows of the bounding box, and the box."""
    pixels = pixels_of(counts_of(item.mask), int(size[0]), int(size[1]))
    left, top, w, h = crop = [int(item.x), int(item.y), int(item.w), int(item.h)]
    return list(counts_from(pixels[top : top + h, left : left + w].T)), crop


def labels_text(categories: Sequence[str]) -> str:
    """What CVAT must know of categories to take the file in: all with the attributes carried."""
    attribute = (
        "          <attribute><name>{}</name><mutable>True</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute>\n"
    )
    return "".join(
        f"      <label>\n        <name>{text(name)}</name>\n        <attributes>\n"
        f"{attribute.format(ID)}        </attributes>\n      </label>\n"
        for name in categories
    )
