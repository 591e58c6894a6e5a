"""RADIATE's tracks; read only."""

from __future__ import annotations

from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import Holds
from ringroad.label.formats.radiate.read import is_radiate, read_radiate

RADIATE = Format(
    name="radiate",
    title="RADIATE",
    holds=Holds(shapes={}),
    read=read_radiate,
    writer=None,
    recognises=is_radiate,
    verified="a sequence of the data set itself",
)
