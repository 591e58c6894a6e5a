"""Sweeps of a recording for a page: which there are, and one as points or as its own picture."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import UnknownName
from ringroad.domain.recording import Recording
from ringroad.media.encoded import read_encoded
from ringroad.media.export.moments import unpack_points
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.pictures.picture import decode_picture, is_picture
from ringroad.media.points.compact import MEDIA, packed_points
from ringroad.media.points.sweep import Points
from ringroad.media.schemas import SWEEPS
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.happening import known_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace

PICTURE = "image/jpeg"
CODER = "1"
"""Changes with the code that packs, so that nobody keeps an old one."""


def sweep_rows(workspace: Workspace, recording: Recording) -> pa.Table:
    """Rows of `schemas.SWEEPS` by channel and sequence. Raises InputError where they are gone."""
    made = known_of(workspace, taken_of(workspace, recording)).sweeps
    rows = SWEEPS.empty_table() if made is None else table_of(workspace, made)
    return rows.sort_by([("channel", "ascending"), ("sequence", "ascending")])


def sweep_row(sweeps: pa.Table, frame: str) -> pa.Table:
    """The one row of a sweep. Raises UnknownName."""
    row = sweeps.filter(pc.equal(sweeps["frame_id"], frame)).slice(0, 1)
    if not row.num_rows:
        raise UnknownName(
            "no such sweep", subject=frame[:200], remedy="list them: GET /api/v1/sweeps"
        )
    return row


def sweep_media(row: pa.Table) -> str:
    """What a sweep is told as: points, or the picture of a scanning radar."""
    return PICTURE if is_picture(row["encoding"][0].as_py()) else MEDIA


def sweep_identity(row: pa.Table, *, most: int) -> str:
    """A digest of all that decides the bytes; known before anything is decoded."""
    names = ("source", "channel", "sequence", "offset", "length", "xxh3", "encoding")
    parts: list[Any] = [CODER, most, *(row[name][0].as_py() for name in names)]
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()


def sweep_bytes(workspace: Workspace, row: pa.Table, *, most: int) -> bytes:
    """One sweep in its sensor's own coordinate system, as `sweep_media` says.

    Raises:
        UnreadableSource, SourceChanged, SourceMissing, DigestMismatch, WorkerDied,
        WorkerTimedOut: it cannot be had.
    """
    encoding = row["encoding"][0].as_py()
    data = read_encoded(workspace.sources, workspace.sandbox, row)[0]
    if is_picture(encoding):
        pixels = workspace.sandbox.call(decode_picture, data, (encoding, 0, 0), None)
        return encode_jpeg(pixels, quality=85)
    columns, values = workspace.sandbox.call(unpack_points, encoding, data)
    return packed_points(Points(columns=tuple(columns), values=values), most=most)
