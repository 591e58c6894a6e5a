"""COCO files that fit into memory. Files of any size are read by formats.read_coco."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.label.formats.coco import COCO
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.pictures import Pictures
from ringroad.label.formats.reading import read_table


def read_coco(
    data: bytes,
    frames: Mapping[str, FrameId],
    sizes: Mapping[FrameId, tuple[int, int]],
    categories: Mapping[str, str],
    *,
    author: str = "coco",
) -> tuple[pa.Table, tuple[Problem, ...]]:
    """Read annotations; each row that cannot be used becomes a problem, the rest goes on.

    Every image that is listed was looked at: without an annotation it becomes an empty frame,
    unless one of it was refused. A category that is not mapped is left out, with one problem
    that counts its boxes.

    Args:
        data: the file.
        frames: the file's `file_name` -> frame.
        sizes: frame -> width and height in pixels, as recorded.
        categories: the file's category name -> ours.
        author: stands in each row, and in its id.

    Returns:
        Rows of `schemas.ANNOTATIONS` by frame and id, source `import`; problems in file order.

    Raises:
        InvalidAnnotations: not JSON, or not a COCO object at all.
    """
    with tempfile.TemporaryDirectory(prefix="ringroad-") as folder:
        path = Path(folder) / "labels.json"
        path.write_bytes(data)
        found = read_table(
            COCO,
            LabelFiles.of(path),
            Pictures.named(frames, sizes),
            categories=categories,
            author=author,
        )
    return found.rows, found.problems
