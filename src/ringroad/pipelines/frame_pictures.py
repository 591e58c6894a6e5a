"""One frame as JPEG: as recorded, decoded in the sandbox; or from its proxies, decoded before."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import RingroadError
from ringroad.domain.recording import Recording
from ringroad.media import proxies as pack
from ringroad.media.frames import decode_pictures, read_decoded
from ringroad.media.images import JPEG, encode_jpeg, resize
from ringroad.pipelines.checking import proxies_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.held_rows import unknown_frame
from ringroad.pipelines.taken import taken_of
from ringroad.pipelines.workspace import Workspace

RECORDED, PROXY = "recorded", "proxy"
QUALITY = 85
CODER = "1"
"""Changes with the code that makes pictures, so that nobody keeps an old one."""


def row_of(frames: pa.Table, frame: str) -> dict[str, Any]:
    """One row of `schemas.FRAMES`. Raises UnknownName."""
    rows = frames.filter(pc.equal(frames["frame_id"], frame)).slice(0, 1).to_pylist()
    if not rows:
        raise unknown_frame(frame)
    return dict(rows[0])


def identity(row: dict[str, Any], *, form: str, width: int | None) -> str:
    """A digest of all that decides a picture's bytes; known before anything is decoded."""
    parts = (CODER, row["source"], row["sequence"], row["offset"], row["xxh3"],
             row["channel"], form, width, QUALITY)  # fmt: skip
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()


def recorded_picture(
    workspace: Workspace, frames: pa.Table, row: dict[str, Any], *, width: int | None = None
) -> bytes:
    """The frame as JPEG; smaller where a width is given.

    Raises:
        UnreadableSource, SourceChanged, SourceMissing, DigestMismatch, WorkerDied,
        WorkerTimedOut: it cannot be had.
    """
    channel = frames.filter(pc.equal(frames["channel"], row["channel"]))
    size = _size(row["width"], row["height"], width)
    pixels = read_decoded(
        workspace.sources, workspace.sandbox, channel, [row["sequence"]], size=size
    )
    return encode_jpeg(pixels[0], quality=QUALITY)


def proxy_table(workspace: Workspace, recording: Recording) -> pa.Table | None:
    """Frames of a recording that were decoded; None where none was, or its index is gone."""
    try:
        found = proxies_of(workspace, taken_of(workspace, recording))
    except RingroadError:
        return None
    return None if found is None else table_of(workspace, found)


def proxy_picture(proxies: pa.Table, frame: str, *, width: int | None = None) -> bytes | None:
    """The frame as JPEG from its proxy; None where this frame was not decoded."""
    place = pc.index(proxies["frame_id"], frame).as_py()
    if place < 0:
        return None
    pixels: np.ndarray = pack.pixels_of(proxies.slice(place, 1))[0]
    size = _size(pixels.shape[1], pixels.shape[0], width)
    return encode_jpeg(pixels if size is None else resize(pixels, size), quality=QUALITY)


def warm(workspace: Workspace) -> None:
    """Decode a black picture, so that the sandbox's process runs and has its libraries."""
    picture = encode_jpeg(np.zeros((16, 16, 3), np.uint8))
    kind = (JPEG, 16, 16)
    workspace.sandbox.call(
        decode_pictures, [picture], [""], [(0, 0, len(picture), 0)], [kind], None
    )


def _size(width: int, height: int, wanted: int | None) -> tuple[int, int] | None:
    """Width and height in the frame's shape; None to leave it as it is. Nothing is enlarged."""
    if wanted is None or wanted >= width:
        return None
    return wanted, max(2, round(height * wanted / width))
