"""What of an annotation travels as attributes, in formats that have attributes and little else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ringroad.label.formats.drawn import Drawn

ID, TRACK, KEY, GUIDELINE, LIGHT = (
    "annotation_id",
    "track_id",
    "keyframe",
    "guideline",
    "light_state",
)
RESERVED = frozenset({ID, TRACK, KEY, GUIDELINE, LIGHT})
FIELDS = frozenset({"annotation_id", "track_id", "attributes", "light_state", "key", "guideline"})
"""Fields of `outgoing.FIELDS` that a format of attributes holds this way."""


def carried(drawn: Drawn, *, track: bool = True) -> dict[str, str]:
    """Attributes to write: its own, and what the format has no other place for."""
    found = dict(drawn.attributes)
    found[ID] = drawn.id
    if track and drawn.track:
        found[TRACK] = drawn.track
    if not drawn.key:
        found[KEY] = "false"
    if drawn.guideline:
        found[GUIDELINE] = drawn.guideline
    if drawn.light_state:
        found[LIGHT] = drawn.light_state
    return found


def take_back(drawn: Drawn, attributes: Mapping[str, Any]) -> None:
    """Undo `carried`; values become text. The state of a light is left to the intake."""
    if len(attributes) == 1 and type(attributes.get(ID)) is str:  # a plain box of ours
        drawn.id = attributes[ID] or drawn.id
        return
    own = {name: text_of(value) for name, value in attributes.items()}
    drawn.id = own.pop(ID, "") or drawn.id
    drawn.track = own.pop(TRACK, "") or drawn.track
    drawn.key = own.pop(KEY, "true").lower() != "false" and drawn.key
    drawn.guideline = own.pop(GUIDELINE, "") or drawn.guideline
    drawn.attributes |= own


def text_of(value: Any) -> str:
    """An attribute's value as text: true and false in small letters, lists as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    except (ValueError, RecursionError):
        return str(value)
