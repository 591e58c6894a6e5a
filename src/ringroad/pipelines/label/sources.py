"""Frames as label files know them: every camera frame and sweep, with the name of its file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.pictures import PICTURES
from ringroad.media import arrow
from ringroad.pipelines.pictures import exported_name
from ringroad.protocols.blobs import Blobs

_HEAD = b"[{"


def pictures_of(
    blobs: Blobs,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    sweeps: Sequence[Artifact],
) -> pa.Table:
    """Rows of `PICTURES`, recording by recording, cameras first.

    A frame of a folder goes by the path of its file; where two recordings hold one path, both
    stand below the key of their recording. Any other goes by a name made of its id. Sweeps have
    no size: 0 by 0.
    """
    ids: list[str] = []
    names: list[str] = []
    sides: list[tuple[int, int]] = []
    for source, cameras, scans in zip(sources, frames, sweeps, strict=True):
        files = _files(blobs, source)
        for part, sized in ((cameras, True), (scans, False)):
            rows = arrow.from_bytes(blobs.get(part.digest))
            own = rows["frame_id"].to_pylist()
            ids += own
            names += _names(own, rows["offset"].to_numpy(), files)
            sides += (
                list(zip(rows["width"].to_pylist(), rows["height"].to_pylist(), strict=True))
                if sized
                else [(0, 0)] * len(own)
            )
    count = Counter(names)
    unique = [
        name if count[name] == 1 else _keyed(frame, name)
        for frame, name in zip(ids, names, strict=True)
    ]
    columns = [ids, unique, [side[0] for side in sides], [side[1] for side in sides]]
    return pa.table(columns, schema=PICTURES)


def chosen(pictures: pa.Table, frames: Iterable[str]) -> pa.Table:
    """The rows of some frames, in their order; frames that are unknown are left out."""
    place = {frame: row for row, frame in enumerate(pictures["frame_id"].to_pylist())}
    rows = [place[frame] for frame in frames if frame in place]
    return pictures.take(pa.array(rows, pa.int64())).combine_chunks()


def _files(blobs: Blobs, source: Artifact) -> tuple[np.ndarray, list[str]]:
    """Where each file of a folder begins, and its name; nothing where it is one file."""
    none: tuple[np.ndarray, list[str]] = (np.empty(0, np.int64), [])
    if (blobs.size(source.digest) or 0) < len(_HEAD):
        return none
    if blobs.read_range(source.digest, 0, len(_HEAD)) != _HEAD:
        return none
    try:
        entries = json.loads(blobs.get(source.digest))
        begins = [int(entry["offset"]) for entry in entries]
        return np.array(begins, np.int64), [str(entry["name"]) for entry in entries]
    except (ValueError, KeyError, TypeError):
        return none


def _names(
    frames: Sequence[str], offsets: np.ndarray, files: tuple[np.ndarray, list[str]]
) -> list[str]:
    begins, names = files
    if not names:
        return [exported_name(FrameId(frame)) for frame in frames]
    places = np.searchsorted(begins, offsets, side="right") - 1
    return [names[place] for place in places.tolist()]


def _keyed(frame: str, name: str) -> str:
    return f"{frame_parts(FrameId(frame))[0].partition('/')[2]}/{name}"
