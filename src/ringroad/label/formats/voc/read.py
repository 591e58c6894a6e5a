"""Reads Pascal VOC: one XML file per picture, corners of boxes in pixels."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringroad.label.formats.carried import take_back
from ringroad.label.formats.craft.xml_stream import Element, elements
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

ROOT = "annotation"
FLAGS = ("pose", "truncated", "difficult", "occluded")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_PARTS = frozenset({"name", "bndbox", "attributes", *FLAGS})


def read_voc(files: LabelFiles, intake: Intake) -> None:
    """Corners count as points between pixels, from 0, as tools write them today.

    The files of the VOC challenge itself count pixels from 1, to the last one inside: their boxes
    come in half a pixel to the lower right, and one pixel narrower.
    """
    for name in files.of_kind(".xml"):
        with files.open(name) as file:
            for root in elements(file, frozenset({ROOT}), subject=files.subject(name)):
                _picture(root, name, intake)


def _picture(root: Element, name: str, intake: Intake) -> None:
    size = root.child("size")
    sides = (_side(size, "width"), _side(size, "height")) if size is not None else None
    own, file_name = root.said("frame_id"), root.said("filename")
    names = [item for item in (own, f"{root.said('folder')}/{file_name}", file_name) if item]
    picture = (
        intake.picture(*names, place=name, size=sides)
        if intake.pictures.find(*names) != UNKNOWN
        else intake.picture(PurePosixPath(name).stem, place=name, size=sides, stem=True)
    )
    if picture == UNKNOWN:
        return
    for number, item in enumerate(root.all("object")):
        _object(item, number, picture, f"{name}, line {item.line}", intake)


def _side(size: Element, name: str) -> int | None:
    text = size.said(name)
    return int(text) if text.isdecimal() and int(text) else None


def _object(item: Element, number: int, picture: int, place: str, intake: Intake) -> None:
    box = item.child("bndbox")
    try:
        if box is None:
            raise ValueError("no bndbox")  # noqa: TRY301
        left, top, right, bottom = (float(box.said(corner)) for corner in _CORNERS)
    except ValueError:
        intake.refuse("no-box", place, "it has no bndbox of four numbers", "draw it", picture)
        return
    drawn = Drawn(category=item.said("name"), x=left, y=top, w=right - left, h=bottom - top)
    drawn.attributes = {flag: text for flag in FLAGS if (text := item.said(flag))}
    listed = item.child("attributes")
    if listed is not None:
        take_back(drawn, {one.said("name"): one.said("value") for one in listed.all("attribute")})
    for extra in {child.name for child in item.children} - _PARTS:
        intake.losses.add(extra, "annotations here have no such field", examples=[place])
    intake.add(picture, drawn, number, place)


def is_voc(files: LabelFiles) -> bool:
    """XML files that begin with `annotation`."""
    head = files.head(".xml", 512)
    return f"<{ROOT}>".encode() in head or f"<{ROOT} ".encode() in head
