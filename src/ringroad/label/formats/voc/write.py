"""Writes Pascal VOC: one XML file per picture."""

from __future__ import annotations

from typing import Any

from ringroad.label.formats.carried import carried
from ringroad.label.formats.craft.xml_text import number, text
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.outgoing.names import stems
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink
from ringroad.label.formats.voc.read import FLAGS


class VocWriter:
    """Corners as `read_voc` reads them; what VOC lacks stands in `attributes`, as in CVAT."""

    def __init__(self, out: Outgoing) -> None:
        self._stems = stems(out.pictures)

    def begin(self, sink: Sink) -> None:
        """Nothing."""

    def part(self, part: Part, sink: Sink) -> None:
        """A file for each picture."""
        for at, picture, items in part.by_picture():
            sink.put(_file(picture, items).encode(), f"Annotations/{self._stems[at]}.xml")

    def end(self, sink: Sink) -> None:
        """Nothing."""


def _file(picture: dict[str, Any], items: list[Drawn]) -> str:
    folder, _, name = picture["name"].rpartition("/")
    lines = [
        "<annotation>",
        f"  <folder>{text(folder)}</folder>",
        f"  <filename>{text(name)}</filename>",
        f"  <frame_id>{text(picture['frame_id'])}</frame_id>",
        "  <size>",
        f"    <width>{picture['width']}</width>",
        f"    <height>{picture['height']}</height>",
        "    <depth>3</depth>",
        "  </size>",
        "  <segmented>0</segmented>",
        *(line for item in items for line in _object(item)),
        "</annotation>",
    ]
    return "\n".join(lines) + "\n"


def _object(item: Drawn) -> list[str]:
    own = carried(item)
    flags = [f"    <{flag}>{text(own.pop(flag))}</{flag}>" for flag in FLAGS if flag in own]
    corners = zip(
        ("xmin", "ymin", "xmax", "ymax"),
        (item.x, item.y, item.x + item.w, item.y + item.h),
        strict=True,
    )
    return [
        "  <object>",
        f"    <name>{text(item.category)}</name>",
        *flags,
        "    <bndbox>",
        *(f"      <{name}>{number(value)}</{name}>" for name, value in corners),
        "    </bndbox>",
        "    <attributes>",
        *(
            f"      <attribute><name>{text(name)}</name><value>{text(value)}</value></attribute>"
            for name, value in sorted(own.items())
        ),
        "    </attributes>",
        "  </object>",
    ]
