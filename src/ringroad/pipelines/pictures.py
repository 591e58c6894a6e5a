"""Frames as picture files: by which names and at which size others know them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import BOX, MASK, PIXELS
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.media.annotation_rows import scaled_points
from ringroad.workflow.bench import Bench

IMAGES = "images"
"""Container of recordings whose source is a list of files."""
SUFFIX = ".jpg"
Size = tuple[int, int]
"""Width and height in pixels."""


def picture_names(
    bench: Bench,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    containers: Sequence[str],
) -> tuple[dict[FrameId, str], dict[FrameId, Size]]:
    """Frame -> its file's path in a folder of images, or a name from its id; and its size.

    Where two recordings hold a file of one path, both stand below the key of their recording.
    """
    names: dict[FrameId, str] = {}
    sizes: dict[FrameId, Size] = {}
    for source, part, container in zip(sources, frames, containers, strict=True):
        rows = bench.read_table(part).select(["frame_id", "sequence", "width", "height"])
        files = [entry["name"] for entry in bench.read_json(source)] if container == IMAGES else ()
        for row in rows.to_pylist():
            frame = FrameId(row["frame_id"])
            names[frame] = files[row["sequence"]] if files else exported_name(frame)
            sizes[frame] = (row["width"], row["height"])
    count = Counter(names.values())
    return {f: name if count[name] == 1 else _keyed(f, name) for f, name in names.items()}, sizes


def exported_name(frame: FrameId) -> str:
    """The file name that an export gives a frame."""
    return frame.replace("/", "+") + SUFFIX


def frames_by_name(names: Mapping[FrameId, str]) -> dict[str, FrameId]:
    """Every name a file may go by; a name that two frames would share stands for neither."""
    known = {
        frame: {frame, exported_name(frame), name, _keyed(frame, name), PurePosixPath(name).name}
        for frame, name in names.items()
    }
    count = Counter(name for own in known.values() for name in own)
    return {name: frame for frame, own in known.items() for name in own if count[name] == 1}


def renamed(document: Any, known: Mapping[str, FrameId]) -> Any:
    """A COCO document whose images are called by a name that is known, where there is one."""
    for image in _images(document):
        names = _candidates(image)
        image["file_name"] = next((name for name in names if name in known), names[-1])
    return document


def stated_sizes(
    document: Any, known: Mapping[str, FrameId], sizes: Mapping[FrameId, Size]
) -> dict[FrameId, Size]:
    """The size each picture had when its boxes were drawn: what the file says, else as recorded."""
    stated = dict(sizes)
    for image in _images(document):
        frame, size = (
            known.get(str(image.get("file_name"))),
            (image.get("width"), image.get("height")),
        )
        if frame is not None and all(type(side) is int and side > 0 for side in size):
            stated[frame] = size  # type: ignore[assignment]  # two numbers, checked above
    return stated


def scaled(
    rows: pa.Table, before: Mapping[FrameId, Size], after: Mapping[FrameId, Size]
) -> pa.Table:
    """Rows with `frame_id`, `x`, `y`, `w`, `h` brought from one size of each frame to another.

    Annotations bring their shapes along. A mask of another size becomes its bounding box: its run
    lengths count pixels of the frame as recorded.
    """
    owners = rows.column("frame_id").to_pylist()
    factor = np.array(
        [(after[f][0] / before[f][0], after[f][1] / before[f][1]) for f in owners], np.float64
    ).reshape(-1, 2)
    for name, axis in (("x", 0), ("y", 1), ("w", 0), ("h", 1)):
        place = rows.schema.get_field_index(name)
        values = pa.array(rows.column(name).to_numpy() * factor[:, axis], pa.float32())
        rows = rows.set_column(place, rows.schema.field(place), values)
    return _shapes_scaled(rows, factor) if "shape" in rows.column_names else rows


def _shapes_scaled(rows: pa.Table, factor: np.ndarray) -> pa.Table:
    other = pc.not_equal(rows["shape"], BOX).to_numpy() & (factor != 1).any(axis=1)
    if not other.any():
        return rows
    columns = {name: rows[name].to_pylist() for name in ("shape", "space", "points", "mask")}
    shapes, spaces, points, masks = columns.values()
    for at in np.flatnonzero(other).tolist():
        if shapes[at] == MASK:
            shapes[at], masks[at] = BOX, ""
        elif spaces[at] == PIXELS and points[at]:
            points[at] = scaled_points(shapes[at], points[at], *factor[at].tolist())
    for name, values in columns.items():
        place = rows.schema.get_field_index(name)
        field = rows.schema.field(place)
        rows = rows.set_column(place, field, pa.array(values, field.type))
    return rows


def _keyed(frame: FrameId, name: str) -> str:
    """The path below the key of the recording, as it lies below the folder that was ingested."""
    return f"{unquote(frame_parts(frame)[0].partition('/')[2])}/{name}"


def _images(document: Any) -> list[dict[str, Any]]:
    images = document.get("images") if isinstance(document, dict) else None
    listed = images if isinstance(images, list) else []
    return [image for image in listed if isinstance(image, dict)]


def _candidates(image: Mapping[str, Any]) -> list[str]:
    """Names of an image, the surest first, the one to show where none is known last."""
    path = str(image.get("file_name", ""))
    frame = image.get("frame_id")
    return [*([frame] if isinstance(frame, str) else []), path, PurePosixPath(path).name]
