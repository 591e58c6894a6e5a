"""Proxies: frames decoded once to the network's size, as an Arrow table that maps into memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UnknownName


def to_table(frame_ids: Sequence[str], pixels: np.ndarray, sizes: np.ndarray) -> pa.Table:
    """Pack frames.

    Args:
        frame_ids: n ids.
        pixels: (n, height, width, 3) uint8 RGB at the network's size.
        sizes: (n, 2) width and height of each frame as recorded.
    """
    count, height, width = pixels.shape[:3]
    row = height * width * 3
    values = pa.py_buffer(np.ascontiguousarray(pixels, dtype=np.uint8))
    packed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(row), count, [None, values])
    return pa.table(
        {
            "frame_id": pa.array(list(frame_ids), pa.string()),
            "width": pa.array(sizes[:, 0], pa.int32()),
            "height": pa.array(sizes[:, 1], pa.int32()),
            "pixels": packed,
        }
    ).replace_schema_metadata({"shape": f"{height}x{width}"})


def pixels_of(table: pa.Table) -> np.ndarray:
    """(n, height, width, 3) uint8, read-only, without a copy where the table is one chunk."""
    height, width = (int(part) for part in table.schema.metadata[b"shape"].decode().split("x"))
    column = table.column("pixels")
    parts = [_view(chunk, height, width) for chunk in column.chunks]
    if not parts:
        return np.zeros((0, height, width, 3), np.uint8)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def sizes_of(table: pa.Table) -> np.ndarray:
    """(n, 2) int64 width and height of each frame as recorded."""
    return np.stack([table.column("width").to_numpy(), table.column("height").to_numpy()], axis=1)


def gather(tables: Iterable[pa.Table], wanted: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and recorded sizes of some frames out of many tables, in the order wanted.

    Raises:
        UnknownName: a frame is in none of the tables.
    """
    place: dict[str, tuple[int, int]] = {}
    opened = list(tables)
    for number, table in enumerate(opened):
        for row, frame in enumerate(table.column("frame_id").to_pylist()):
            place[frame] = (number, row)
    missing = [frame for frame in wanted if frame not in place]
    if missing:
        raise UnknownName(
            f"{len(missing)} frames have no proxies",
            subject=missing[0],
            remedy="hand in the proxies of every recording the frames come from",
        )
    pixels = [pixels_of(table) for table in opened]
    sizes = [sizes_of(table) for table in opened]
    if not wanted:
        shape = pixels[0].shape[1:] if pixels else (0, 0, 3)
        return np.zeros((0, *shape), np.uint8), np.zeros((0, 2), np.int64)
    found = [place[frame] for frame in wanted]
    return (
        np.stack([pixels[number][row] for number, row in found]),
        np.stack([sizes[number][row] for number, row in found]),
    )


def _view(chunk: pa.FixedSizeBinaryArray, height: int, width: int) -> np.ndarray:
    row = height * width * 3
    flat = np.frombuffer(chunk.buffers()[1], np.uint8)
    start = chunk.offset * row
    return flat[start : start + len(chunk) * row].reshape(len(chunk), height, width, 3)
