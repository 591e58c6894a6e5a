"""Reads CVAT XML for images 1.1, as a stream."""

from __future__ import annotations

from ringroad.label.formats.craft.xml_stream import Element, elements
from ringroad.label.formats.cvat.shapes import LINES, shape_of
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

SHAPES = frozenset({"box", "mask", *LINES})


def read_cvat_images(files: LabelFiles, intake: Intake) -> None:
    """Each `image` was looked at. Raises InvalidAnnotations."""
    for name in files.of_kind(".xml"):
        with files.open(name) as file:
            for image in elements(file, frozenset({"image"}), subject=files.subject(name)):
                _image(image, intake)


def _image(image: Element, intake: Intake) -> None:
    said = image.attributes
    place = f"line {image.line}, image {said.get('name', '')!r}"
    names = [said[key] for key in ("frame_id", "name") if said.get(key)]
    sides = [said.get(key, "") for key in ("width", "height")]
    size = (int(sides[0]), int(sides[1])) if all(side.isdecimal() for side in sides) else None
    picture = intake.picture(*(names or [""]), place=place, size=size)
    if picture == UNKNOWN:
        return
    for number, item in enumerate(image.children):
        at = f"line {item.line}, {item.name}"
        if item.name not in SHAPES:
            intake.losses.add(item.name, "no annotation here has this shape", examples=[at])
            continue
        label = item.attributes.get("label", "")
        try:
            if not label:
                raise RowRefused("unknown-category", "it has no label")  # noqa: TRY301
            drawn = shape_of(item, label, intake.size(picture))
        except RowRefused as error:
            intake.refuse(error.code, at, error.what, error.remedy, picture)
            continue
        intake.add(picture, drawn, number, at)


def is_cvat_images(files: LabelFiles) -> bool:
    """XML with `annotations` that is not made of tracks."""
    head = files.head(".xml")
    return b"<annotations>" in head and b"<track" not in head and b"<mode>interpolation" not in head
