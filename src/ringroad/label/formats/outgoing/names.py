"""File names of exports that have one file per picture: below the folder, each once."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

import pyarrow as pa


def stems(pictures: pa.Table) -> list[str]:
    """Path of each picture without its suffix, safe below a folder; by frame id where two agree."""
    found = [_safe(name) for name in pictures["name"].to_pylist()]
    count = Counter(found)
    frames = pictures["frame_id"].to_pylist()
    return [
        stem if stem and count[stem] == 1 else frame.replace("/", "+")
        for stem, frame in zip(found, frames, strict=True)
    ]


def _safe(name: str) -> str:
    parts = [part for part in PurePosixPath(name).parts if part not in {"/", "..", "."}]
    return str(PurePosixPath(*parts).with_suffix("")) if parts else ""
