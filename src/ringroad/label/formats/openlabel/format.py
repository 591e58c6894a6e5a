"""ASAM OpenLABEL 1.0."""

from __future__ import annotations

from ringroad.domain.annotation import SHAPES
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.openlabel.read import is_openlabel, read_openlabel
from ringroad.label.formats.openlabel.write import OpenLabelWriter
from ringroad.label.formats.outgoing.outgoing import Holds

OPENLABEL = Format(
    name="openlabel",
    title="ASAM OpenLABEL 1.0",
    holds=Holds(
        shapes=dict.fromkeys(SHAPES, ""),
        fields=FIELDS | {"space"},
        notes={"parts": "a poly2d is one ring: parts run into one another"},
    ),
    read=read_openlabel,
    writer=OpenLabelWriter,
    recognises=is_openlabel,
    verified="the JSON schema of version 1.0.0",
)
