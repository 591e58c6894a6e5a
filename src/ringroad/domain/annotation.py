"""Marks on frames and the categories they carry. By the million they travel as Arrow rows."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import FrameId

CAR = "car"
PEDESTRIAN = "pedestrian"
CYCLIST = "cyclist"
SIGN = "sign"
LIGHT = "light"
CATEGORIES = (CAR, PEDESTRIAN, CYCLIST, SIGN, LIGHT)
"""The categories of the reference network, in the order of its outputs."""

LIGHT_STATES = ("unknown", "red", "amber", "green")
"""States of a traffic light, in the order of the network's outputs."""

SOURCES = ("human", "model", "import", "simulated", "consensus")
"""Who made an annotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Top-left corner and size in pixels of the frame as recorded."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One box on one frame."""

    frame: FrameId
    category: str
    box: Box
    light_state: str = ""
    author: str = ""
    source: str = "import"
