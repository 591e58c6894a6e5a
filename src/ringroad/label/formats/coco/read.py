"""Reads COCO object files as a stream, row by row and without trust."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ringroad.domain.annotation import MASK, POLYGON
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.carried import take_back
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.label.geometry import bounds_of
from ringroad.label.masks import text_of

PARTS = ("images", "categories", "annotations")
OWN = "ringroad"
"""Where a shape stands that COCO lacks."""
MOVED_PX = 0.5
"""A bounding box that differs by more from its shape was moved by another tool."""
_KNOWN = frozenset(
    {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "attributes",
     "annotation_id", OWN}
)  # fmt: skip
_NUMBERS = frozenset({int, float})
_REMEDY = "export the file again as COCO object detection"


def read_coco(files: LabelFiles, intake: Intake) -> None:
    """Read one file, or every JSON file of a folder.

    Images and categories are read before annotations, wherever they stand: a file in another
    order is gone through twice. Raises InvalidAnnotations.
    """
    for name in files.of_kind(".json"):
        intake.count_anew()
        _Coco(files, name, intake).read()


class _Coco:
    """What is known so far of one file."""

    def __init__(self, files: LabelFiles, name: str, intake: Intake) -> None:
        self.files, self.name, self.intake = files, name, intake
        self.images: dict[int | str, int] = {}
        """Image id -> row of the picture; `UNKNOWN` for one that is not ours."""
        self.names: dict[int | str, str] = {}
        self.parents: dict[str, str] = {}

    def read(self) -> None:
        readers: dict[str, Callable[[Mapping[str, Any], str], None]] = {
            "images": self._image,
            "categories": self._category,
            "annotations": self._annotation,
        }
        seen = self._pass(readers, first=True)
        for part in PARTS:
            if part not in seen:
                raise InvalidAnnotations(
                    f"not a COCO file: no list {part!r}",
                    subject=self.files.subject(self.name),
                    remedy=_REMEDY,
                )
        self._check_parents()
        if not seen["annotations"]:
            self._pass(readers, first=False)

    def _pass(
        self, readers: Mapping[str, Callable[[Mapping[str, Any], str], None]], *, first: bool
    ) -> dict[str, bool]:
        """Go through the file once. Returns which lists are there, and whether they were read."""
        seen: dict[str, bool] = {}
        with self.files.open(self.name) as file:
            stream = JsonStream(file, subject=self.files.subject(self.name))
            for key in stream.fields():
                early = key == "annotations" and not {"images", "categories"} <= set(seen)
                wanted = (not early) if first else key == "annotations"
                if key not in PARTS or not wanted:
                    if key in PARTS and stream.peek() != "[":
                        raise stream.wrong(f"{key!r} is no list")
                    stream.skip()
                else:
                    self._each(key, stream.items(), readers[key])
                if key in PARTS:
                    seen[key] = wanted
            stream.end()
        return seen

    def _each(
        self, part: str, rows: Iterable[Any], read: Callable[[Mapping[str, Any], str], None]
    ) -> None:
        """Read each row of one list; a refused one becomes a problem with its place."""
        for index, row in enumerate(rows):
            place = f"{part}[{index}]"
            try:
                if type(row) is not dict:
                    raise RowRefused(  # noqa: TRY301 (one way to refuse a row)
                        "not-an-object",
                        f"a {type(row).__name__} stands where an object should",
                    )
                place = f"{place}, id {row.get('id')!r}"
                read(row, place)
            except RowRefused as error:
                self.intake.refuse(error.code, place, error.what, error.remedy)

    def _image(self, row: Mapping[str, Any], place: str) -> None:
        image = _id(row, "id")
        if image in self.images:
            raise RowRefused("duplicate-image", "another image has this id; the first one counts")
        names = [name for key in ("frame_id", "file_name") if isinstance(name := row.get(key), str)]
        size = (row.get("width"), row.get("height"))
        if not all(type(side) is int for side in size):
            size = (None, None)
        self.images[image] = UNKNOWN
        self.images[image] = self.intake.picture(
            *(names or [repr(row.get("file_name"))]), place=place, size=size
        )

    def _category(self, row: Mapping[str, Any], place: str) -> None:
        del place
        category, name = _id(row, "id"), row.get("name")
        if category in self.names:
            raise RowRefused("duplicate-category", "another category has this id; the first counts")
        if not isinstance(name, str) or not name:
            raise RowRefused("unnamed-category", "the category has no name")
        self.names[category] = name
        parent = row.get("supercategory")
        if isinstance(parent, str) and parent != name:
            self.parents[name] = parent

    def _check_parents(self) -> None:
        """Say where categories are their own parents."""
        for number, name in enumerate(self.parents):
            line, at = [name], self.parents[name]
            while at in self.parents and at not in line:
                line.append(at)
                at = self.parents[at]
            if at == name:
                self.intake.refuse(
                    "cyclic-parents",
                    f"categories[{number}], name {name!r}",
                    f"is its own parent, over {' and '.join(line[1:])}; parents are not kept",
                    "correct supercategory",
                )
                return

    def _annotation(self, row: Mapping[str, Any], place: str) -> None:
        image = _id(row, "image_id")
        picture = self.images.get(image)
        if picture is None:
            raise RowRefused(
                "unknown-image",
                f"image_id {image!r} is not among the images",
                "add the image, or remove the annotation",
            )
        if picture == UNKNOWN:
            return  # which is a problem of the picture, told already
        try:
            their, category = _id(row, "id"), _id(row, "category_id")
            if category not in self.names:
                raise RowRefused(  # noqa: TRY301 (one way to refuse a row)
                    "unknown-category",
                    f"category_id {category!r} is not among the categories",
                    "add the category, or correct the annotation",
                )
            if row.get("iscrowd", 0) not in (0, False):
                raise RowRefused("crowd", "a crowd region is not one object; left out")  # noqa: TRY301
            drawn = self._drawn(row, self.names[category], picture)
        except RowRefused as error:
            self.intake.refuse(error.code, place, error.what, error.remedy, picture)
            return
        if not row.keys() <= _KNOWN:
            self._count_lost(row, place)
        if drawn is None:
            box = _box(row.get("bbox"))
            self.intake.box(picture, self.names[category], box, their, place)
        else:
            self.intake.add(picture, drawn, their, place)

    def _drawn(self, row: Mapping[str, Any], category: str, picture: int) -> Drawn | None:
        """None for a plain box. Raises RowRefused."""
        attributes, outline, own = row.get("attributes"), row.get("segmentation"), row.get(OWN)
        if not attributes and not outline and not own and "annotation_id" not in row:
            if "bbox" not in row:
                raise RowRefused("no-box", "it has neither bbox nor segmentation")
            _box(row["bbox"])
            return None
        drawn = Drawn(category=category)
        if row.get("bbox") is not None or not outline:
            drawn.x, drawn.y, drawn.w, drawn.h = _box(row.get("bbox"))
        if isinstance(row.get("annotation_id"), str):
            drawn.id = row["annotation_id"]
        if isinstance(attributes, dict):
            take_back(drawn, attributes)
        if isinstance(own, dict):
            _own_shape(drawn, own)
        elif outline:
            _outline(drawn, outline, self.intake.size(picture))
        return drawn

    def _count_lost(self, row: Mapping[str, Any], place: str) -> None:
        for key in sorted(row.keys() - _KNOWN):
            self.intake.losses.add(key, "annotations here have no such field", examples=[place])


def _outline(drawn: Drawn, outline: Any, size: tuple[float, float]) -> None:
    """A polygon or a mask; four corners that are the box itself stay a box."""
    if isinstance(outline, dict):
        drawn.shape, drawn.mask = MASK, _mask(outline, size)
        return
    if not isinstance(outline, list) or not all(isinstance(ring, list) for ring in outline):
        raise RowRefused("bad-outline", "segmentation is neither polygons nor run lengths")
    points = [value for ring in outline for value in ring]
    if any(len(ring) < 6 or len(ring) % 2 for ring in outline):
        raise RowRefused("too-few-points", "a polygon has x and y of 3 points or more")
    if not all(type(value) in _NUMBERS for value in points):
        raise RowRefused("not-a-number", "segmentation holds what is no number")
    points = [float(value) for value in points]
    if len(outline) == 1 and _is_box(points, drawn):
        return
    drawn.shape, drawn.points = POLYGON, points
    drawn.parts = [len(ring) // 2 for ring in outline] if len(outline) > 1 else []


def _mask(outline: Mapping[str, Any], size: tuple[float, float]) -> str:
    counts, stated = outline.get("counts"), outline.get("size")
    if stated != [int(size[1]), int(size[0])]:
        raise RowRefused(
            "bad-mask",
            f"its size {stated!r} is not height and width of the picture, "
            f"{size[1]:g} and {size[0]:g}",
            "export masks at the size of the picture",
        )
    if isinstance(counts, str):
        return counts
    if not isinstance(counts, list) or not all(type(n) is int and n >= 0 for n in counts):
        raise RowRefused("bad-mask", "counts are neither text nor whole numbers")
    return text_of(counts)


def _own_shape(drawn: Drawn, own: Mapping[str, Any]) -> None:
    """A shape that COCO lacks. Refused where the box beside it was moved, but not the shape."""
    shape, points = own.get("shape"), own.get("points")
    if not isinstance(shape, str) or not isinstance(points, list):
        raise RowRefused("bad-shape", f"{OWN} holds no shape and points")
    if not all(type(value) in _NUMBERS for value in points):
        raise RowRefused("not-a-number", f"{OWN} holds what is no number")
    before = (drawn.x, drawn.y, drawn.w, drawn.h)
    stated = own.get("bbox")
    if isinstance(stated, list) and len(stated) == 4:
        apart = max(abs(a - b) for a, b in zip(_box(stated), before, strict=True))
        if apart > MOVED_PX:
            raise RowRefused(
                "shape-and-box-differ",
                f"its box was moved by {apart:.1f} pixels, the {shape} beside it was not",
                f"move the {shape} too, or remove {OWN!r} to keep the box alone",
            )
    drawn.shape, drawn.points = shape, [float(value) for value in points]


def _is_box(points: list[float], drawn: Drawn) -> bool:
    if len(points) != 8 or not drawn.w:
        return False
    corners = {(points[i], points[i + 1]) for i in range(0, 8, 2)}
    x, y, w, h = bounds_of(points)
    rectangle = {(x, y), (x + w, y), (x, y + h), (x + w, y + h)}
    same = max(
        abs(a - b) for a, b in zip((x, y, w, h), (drawn.x, drawn.y, drawn.w, drawn.h), strict=True)
    )
    return corners == rectangle and same < 1e-3


def _box(bbox: Any) -> tuple[float, float, float, float]:
    try:
        x, y, w, h = bbox
        if {type(x), type(y), type(w), type(h)} <= _NUMBERS:
            found = (float(x), float(y), float(w), float(h))
            if all(map(math.isfinite, found)):
                return found
    except (TypeError, ValueError, OverflowError):
        pass
    raise RowRefused("no-box", f"bbox is {str(bbox)[:60]}, not four finite numbers x, y, w, h")


def _id(row: Mapping[str, Any], key: str) -> int | str:
    value = row.get(key)
    if type(value) is int or type(value) is str:
        return value
    raise RowRefused("no-id", f"{key} is {str(value)[:60]}, not a number or text")


def is_coco(files: LabelFiles) -> bool:
    """A JSON object whose first keys are those of COCO."""
    if not all(name.endswith(".json") for name in files.names()):
        return False
    head = files.head(".json", 4096)
    return (
        head.lstrip().startswith(b"{")
        and b'"openlabel"' not in head
        and any(f'"{key}"'.encode() in head for key in (*PARTS, "licenses", "info"))
    )
