"""BDD100K's labels."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.bdd100k.read import is_bdd100k, read_bdd100k
from ringroad.label.formats.bdd100k.write import Bdd100kWriter
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import BOUNDED, Holds

BDD100K = Format(
    name="bdd100k",
    title="BDD100K labels",
    holds=Holds(
        shapes={BOX: "", POLYGON: "", POLYLINE: "", MASK: "", ROTATED_BOX: BOUNDED},
        fields=FIELDS | {"parts"},
    ),
    read=read_bdd100k,
    writer=Bdd100kWriter,
    recognises=is_bdd100k,
    verified="",
)
