"""Label Studio's JSON."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing import BOUNDED, Holds
from ringroad.label.formats.read_label_studio import is_label_studio, read_label_studio
from ringroad.label.formats.write_label_studio import LabelStudioWriter

LABEL_STUDIO = Format(
    name="label-studio",
    title="Label Studio JSON",
    holds=Holds(
        shapes={BOX: "", ROTATED_BOX: "", POLYGON: "", POLYLINE: "", POINT: "", MASK: BOUNDED},
        fields=FIELDS,
        notes={
            "parts": "a polygon of Label Studio is one ring: parts run into one another",
            "shape mask": "brush strokes of Label Studio are packed in a form of its own",
        },
    ),
    read=read_label_studio,
    writer=LabelStudioWriter,
    recognises=is_label_studio,
    verified="a Label Studio server, over its API",
)
