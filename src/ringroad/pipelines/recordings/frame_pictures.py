"""One frame as JPEG: as recorded, decoded in the sandbox; or from its proxies, decoded before."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import RingroadError
from ringroad.domain.recording import Recording
from ringroad.media.frames import decode_pictures, read_decoded
from ringroad.media.pictures import proxies as pack
from ringroad.media.pictures.images import JPEG, encode_jpeg, resize
from ringroad.media.video.container import CODECS
from ringroad.pipelines.finding import executions_at, table_of
from ringroad.pipelines.recordings.checking import proxies_of
from ringroad.pipelines.recordings.held_rows import unknown_frame
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace

RECORDED, PROXY = "recorded", "proxy"
QUALITY = 85
CODER = "2"
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
    size = _size(row["width"], row["height"], width)
    pixels = read_decoded(
        workspace.sources, workspace.sandbox, _needed(frames, row), [row["sequence"]], size=size
    )
    return encode_jpeg(pixels[0], quality=QUALITY)


def neighbouring_pictures(
    workspace: Workspace, frames: pa.Table, row: dict[str, Any], *, width: int, most: int
) -> list[tuple[dict[str, Any], np.ndarray]]:
    """A frame of a video and some around it, which its decoding passes anyway: rows and pixels.

    The frame itself comes first; those behind it are of the same group of pictures. Pictures
    that decode by themselves come alone. Raises as `recorded_picture`.
    """
    size = _size(row["width"], row["height"], width) or (row["width"], row["height"])
    wanted = [row]
    if row["encoding"] in CODECS:
        group = frames.filter(
            pc.and_(
                pc.equal(frames["channel"], row["channel"]),
                pc.equal(frames["start_sequence"], row["start_sequence"]),
            )
        )
        apart = pc.subtract(group["sequence"], row["sequence"])
        near = pc.and_(pc.greater_equal(apart, -most), pc.less_equal(apart, most // 2))
        wanted += [
            one for one in group.filter(near).to_pylist() if one["frame_id"] != row["frame_id"]
        ]
    last = max(wanted, key=lambda one: int(one["position"]))
    pixels = read_decoded(
        workspace.sources,
        workspace.sandbox,
        _needed(frames, last),
        [one["sequence"] for one in wanted],
        size=size,
    )
    return list(zip(wanted, pixels, strict=True))


def jpeg(pixels: np.ndarray) -> bytes:
    """(h, w, 3) uint8 as pictures leave."""
    return encode_jpeg(pixels, quality=QUALITY)


def small_rows(workspace: Workspace, recording: Recording) -> pa.Table | None:
    """Rows of the recording's cameras in a smaller form that was made of them before.

    Every frame is in it, and none is more than a few frames from one that decodes by itself:
    of the training profile where there is one. None where nobody transcoded the recording.
    """
    try:
        index = taken_of(workspace, recording).frames.id
    except RingroadError:
        return None
    made: dict[str, Artifact] = {}
    for run in executions_at(workspace, index, "transcode_channel", direction="in"):
        profile = run.key.parameters["profile"]
        if isinstance(profile, dict) and profile.get("every") == 1:
            rows = workspace.catalog.artifact(run.outputs["frames"])
            made.setdefault(str(run.key.parameters["channel"]), rows)
    tables = [table_of(workspace, rows) for rows in made.values()]
    return _joined(tables) if tables else None


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of cameras that are stored alike; what the decoder needs stands in its metadata."""
    first = tables[0].schema.metadata
    return pa.concat_tables([table for table in tables if table.schema.metadata == first])


def _needed(frames: pa.Table, row: dict[str, Any]) -> pa.Table:
    """Rows of the packets that a frame is decoded from: planning over hours takes longer."""
    channel = pc.equal(frames["channel"], row["channel"])
    if row["encoding"] not in CODECS or row["start_sequence"] == row["sequence"]:
        return frames.filter(pc.and_(channel, pc.equal(frames["sequence"], row["sequence"])))
    start = pc.and_(channel, pc.equal(frames["sequence"], row["start_sequence"]))
    first = frames.filter(start)["position"][0].as_py()
    stretch = pc.and_(
        pc.greater_equal(frames["position"], first),
        pc.less_equal(frames["position"], row["position"]),
    )
    return frames.filter(pc.and_(channel, stretch))


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
