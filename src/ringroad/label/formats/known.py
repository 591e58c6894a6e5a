"""Finds a format by name, alias, or by the look of the files."""

from __future__ import annotations

from ringroad.domain.errors import UsageError
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.plugins import LABEL_FORMATS

ALIASES = {
    "bdd": "bdd100k",
    "cvat": "cvat-images",
    "cvat-xml": "cvat-images",
    "kitti-object": "kitti",
    "labelstudio": "label-studio",
    "ms-coco": "coco",
    "mscoco": "coco",
    "pascal-voc": "voc",
    "scalabel": "bdd100k",
    "asam-openlabel": "openlabel",
    "yolo-detect": "yolo",
    "yolov5": "yolo",
    "yolov8": "yolo",
    "yolov8-seg": "yolo-seg",
    "yolov8-obb": "yolo-obb",
    "wds": "webdataset",
}


def format_of(name: str) -> Format:
    """A format by name or alias. Raises UnknownName, which lists the known ones."""
    found: Format = LABEL_FORMATS.load(ALIASES.get(name, name))
    return found


def guessed(files: LabelFiles) -> Format:
    """The one format that the files look like.

    Raises:
        UsageError: none, or several.
    """
    every = [format_of(name) for name in LABEL_FORMATS.names()]
    found = [item for item in every if item.read is not None and item.recognises(files)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(item.name for item in found) or "none"
    raise UsageError(
        f"looks like {len(found)} formats: {names}" if found else "looks like no known format",
        subject=files.title,
        remedy=f"say which: --format {'|'.join(LABEL_FORMATS.names())}",
    )
