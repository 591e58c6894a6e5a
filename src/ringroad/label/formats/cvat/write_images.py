"""Writes CVAT XML for images 1.1, as a stream."""

from __future__ import annotations

from ringroad.label.formats.craft.xml_text import tag
from ringroad.label.formats.cvat.shapes import labels_text, shape_text
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'


class CvatImagesWriter:
    """Images are numbered from 0 in order; ids and tracks travel as attributes."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """The categories."""
        sink.append(
            f"{HEAD}  <meta>\n    <task>\n      <mode>annotation</mode>\n      <labels>\n"
            f"{labels_text(self._out.categories)}      </labels>\n    </task>\n  </meta>\n".encode()
        )

    def part(self, part: Part, sink: Sink) -> None:
        """Some images."""
        lines: list[str] = []
        for at, picture, items in part.by_picture():
            size = (picture["width"], picture["height"])
            head = tag(
                "image",
                id=at,
                name=picture["name"],
                width=size[0],
                height=size[1],
                frame_id=picture["frame_id"],
            )
            lines.append(f"  {head}>\n")
            lines += [
                shape_text(item, size, indent="    ", label=item.category, source="manual")
                for item in items
            ]
            lines.append("  </image>\n")
        sink.append("".join(lines).encode())

    def end(self, sink: Sink) -> None:
        """Close it."""
        sink.append(b"</annotations>\n")
