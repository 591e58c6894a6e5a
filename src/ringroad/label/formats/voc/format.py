"""Pascal VOC."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POLYGON, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import BOUNDED, Holds
from ringroad.label.formats.voc.read import is_voc, read_voc
from ringroad.label.formats.voc.write import VocWriter

VOC = Format(
    name="voc",
    title="Pascal VOC",
    holds=Holds(
        shapes={BOX: "", POLYGON: BOUNDED, MASK: BOUNDED, ROTATED_BOX: BOUNDED}, fields=FIELDS
    ),
    read=read_voc,
    writer=VocWriter,
    recognises=is_voc,
    folder=True,
    native=True,
    verified="datumaro, globox",
)
