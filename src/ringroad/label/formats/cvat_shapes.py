"""Shapes as CVAT's XML has them, both ways; images and tracks are other modules' work."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import ID, carried, take_back
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.intake_checks import RowRefused
from ringroad.label.formats.xml_stream import Element
from ringroad.label.formats.xml_text import number, tag, text
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
YES = frozenset({"1", "true", "yes", "True"})
Size = tuple[float, float]


def shape_of(item: Element, category: str, size: Size) -> Drawn:
    """A shape with its attributes. Raises RowRefused."""
    drawn = Drawn(category=category)
    try:
        if item.name == "box":
            _box(drawn, item)
        elif item.name == "mask":
            _mask(drawn, item, size)
        else:
            drawn.shape = LINES[item.name]
            pairs = [pair.split(",") for pair in item.attributes["points"].split(";")]
            drawn.points = [float(value) for pair in pairs for value in pair]
            if drawn.shape == POINT and len(drawn.points) != 2:
                raise RowRefused(
                    "several-points", "annotations here are one point each", "split it in CVAT"
                )
    except (KeyError, ValueError) as error:
        raise RowRefused("no-shape", f"its coordinates cannot be read: {error}") from error
    for key in ("occluded", "z_order", "group_id"):
        said = item.attributes.get(key, "0")
        if said not in {"0", ""}:
            drawn.attributes[key] = "true" if key == "occluded" else said
    take_back(drawn, {one.attributes.get("name", ""): one.text for one in item.all("attribute")})
    return drawn


def _box(drawn: Drawn, item: Element) -> None:
    left, top, right, bottom = (
        float(item.attributes[name]) for name in ("xtl", "ytl", "xbr", "ybr")
    )
    drawn.x, drawn.y, drawn.w, drawn.h = left, top, right - left, bottom - top
    angle = float(item.attributes.get("rotation", 0))
    if angle:
        drawn.shape = ROTATED_BOX
        middle = [(left + right) / 2, (top + bottom) / 2, drawn.w, drawn.h, math.radians(angle)]
        drawn.points = middle
        drawn.x = drawn.y = drawn.w = drawn.h = 0.0


def _mask(drawn: Drawn, item: Element, size: Size) -> None:
    left, top, w, h = (int(item.attributes[name]) for name in ("left", "top", "width", "height"))
    width, height = int(size[0]), int(size[1])
    if left < 0 or top < 0 or w <= 0 or h <= 0 or left + w > width or top + h > height:
        raise RowRefused("bad-mask", f"it does not lie in {width} by {height} pixels")
    runs = [int(run) for run in item.attributes["rle"].split(",")]
    whole = np.zeros((height, width), bool)
    whole[top : top + h, left : left + w] = pixels_of(runs, h, w).T  # theirs go along the rows
    drawn.shape, drawn.mask = MASK, text_of(counts_from(whole))


def shape_text(item: Drawn, size: Size, *, indent: str, **attributes: str | int) -> str:
    """One shape with its attributes, as lines."""
    own = carried(item)
    occluded = own.get("occluded", "") in YES
    if own.get("occluded") == "true":
        del own["occluded"]
    place = own.pop("z_order", "0")
    if group := own.pop("group_id", ""):
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
    if item.shape == BOX:
        return _corners(item.x, item.y, item.w, item.h)
    if item.shape == ROTATED_BOX:
        x, y, w, h, angle = item.points
        turned = number(math.degrees(angle) % 360.0)
        return {**_corners(x - w / 2, y - h / 2, w, h), "rotation": turned}
    if item.shape == MASK:
        return _crop(item, size)
    pairs = zip(item.points[0::2], item.points[1::2], strict=True)
    return {"points": ";".join(f"{number(x)},{number(y)}" for x, y in pairs)}


def _corners(x: float, y: float, w: float, h: float) -> dict[str, str]:
    return {"xtl": number(x), "ytl": number(y), "xbr": number(x + w), "ybr": number(y + h)}


def _crop(item: Drawn, size: Size) -> dict[str, str]:
    pixels = pixels_of(counts_of(item.mask), int(size[0]), int(size[1]))
    left, top, w, h = int(item.x), int(item.y), int(item.w), int(item.h)
    runs: Sequence[int] = counts_from(pixels[top : top + h, left : left + w].T)
    return {
        "rle": ", ".join(map(str, runs)),
        "left": str(left),
        "top": str(top),
        "width": str(w),
        "height": str(h),
    }


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
