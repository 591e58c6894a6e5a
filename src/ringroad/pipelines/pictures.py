"""Frames as picture files: by which names others know them, and boxes at another size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.workflow.bench import Bench

IMAGES = "images"
"""Container of recordings whose source is a list of files."""
SUFFIX = ".jpg"


def picture_names(
    bench: Bench,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    containers: Sequence[str],
) -> tuple[dict[FrameId, str], dict[FrameId, tuple[int, int]]]:
    """Frame -> its file's path in a folder of images, or a name from its id; and its size."""
    names: dict[FrameId, str] = {}
    sizes: dict[FrameId, tuple[int, int]] = {}
    for source, part, container in zip(sources, frames, containers, strict=True):
        rows = bench.read_table(part).select(["frame_id", "sequence", "width", "height"])
        files = [entry["name"] for entry in bench.read_json(source)] if container == IMAGES else ()
        for row in rows.to_pylist():
            frame = FrameId(row["frame_id"])
            names[frame] = files[row["sequence"]] if files else exported_name(frame)
            sizes[frame] = (row["width"], row["height"])
    return names, sizes


def exported_name(frame: FrameId) -> str:
    """The file name that an export gives a frame."""
    return frame.replace("/", "+") + SUFFIX


def frames_by_name(names: Mapping[FrameId, str]) -> dict[str, FrameId]:
    """Every name a file may go by: path, exported name, frame id, and base name where unique."""
    found: dict[str, FrameId] = {}
    base = Counter(PurePosixPath(name).name for name in names.values())
    for frame, name in names.items():
        found |= {name: frame, frame: frame, exported_name(frame): frame}
        short = PurePosixPath(name).name
        if base[short] == 1:
            found[short] = frame
    return found


def renamed(document: Any, known: Mapping[str, FrameId]) -> Any:
    """A COCO document whose images are called by a name that is known, where there is one."""
    images = document.get("images") if isinstance(document, dict) else None
    for image in images if isinstance(images, list) else ():
        if isinstance(image, dict):
            names = _candidates(image)
            image["file_name"] = next((name for name in names if name in known), names[0])
    return document


def scaled(
    annotations: pa.Table, ids: Sequence[str], sizes: np.ndarray, size: tuple[int, int]
) -> pa.Table:
    """Boxes in pixels of frames that were brought from their recorded size to another.

    Args:
        annotations: rows of `schemas.ANNOTATIONS` of those frames.
        ids: n frame ids.
        sizes: (n, 2) width and height of each as recorded.
        size: width and height they have now.
    """
    factor = dict(zip(ids, np.array(size) / sizes, strict=True))
    owners = annotations.column("frame_id").to_pylist()
    for axis, names in ((0, ("x", "w")), (1, ("y", "h"))):
        scale = np.array([factor[frame][axis] for frame in owners], np.float32)
        for name in names:
            values = annotations.column(name).to_numpy() * scale
            place = annotations.schema.get_field_index(name)
            annotations = annotations.set_column(
                place, annotations.schema.field(place), pa.array(values, pa.float32())
            )
    return annotations


def _candidates(image: Mapping[str, Any]) -> list[str]:
    """Names of an image, the surest first."""
    path = str(image.get("file_name", ""))
    frame = image.get("frame_id")
    return [*([frame] if isinstance(frame, str) else []), path, PurePosixPath(path).name]
