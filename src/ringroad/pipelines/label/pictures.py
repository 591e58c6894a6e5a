"""Frames as pictures, at the size they were recorded at: what an annotator looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.media.frames import read_frames
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import taken_with
from ringroad.pipelines.workspace import Workspace

QUALITY = 92
AT_ONCE = 32
"""Frames that are decoded together."""
_SUFFIXES = {"jpeg": ".jpg", "png": ".png"}
_PLACE = ("frame_id", "source", "encoding", "offset", "length", "xxh3", "chunk_offset")


def picture_of(workspace: Workspace, frame: FrameId) -> bytes:
    """A frame as JPEG. Raises UnknownName where no camera has it; otherwise as `Sources`."""
    pixels = _pixels(workspace, frame_parts(frame)[1], [frame])
    return encode_jpeg(np.ascontiguousarray(pixels[0]), quality=QUALITY)


def recorded_files(
    workspace: Workspace, frames: Sequence[str]
) -> Callable[[int], tuple[str, bytes]] | None:
    """Suffix and bytes of each frame, as recorded; None where one is not a file by itself."""
    places = _places(workspace, frames)
    if not all(_is_file(places.get(frame)) for frame in frames):
        return None
    return lambda at: _recorded(workspace, places[frames[at]])


def files_of(workspace: Workspace, frames: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Suffix and bytes of each frame in order: as recorded where that is a file, else as JPEG.

    Raises UnknownName where no camera has a frame; otherwise as `Sources`.
    """
    for start in range(0, len(frames), AT_ONCE):
        some = frames[start : start + AT_ONCE]
        places = _places(workspace, some)
        decoded = _decoded(workspace, [at for at in some if not _is_file(places.get(at))])
        for frame in some:
            if frame in decoded:
                yield ".jpg", decoded[frame]
            else:
                yield _recorded(workspace, places[frame])


def _places(workspace: Workspace, frames: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Where the bytes of frames of cameras lie."""
    wanted = pa.array(frames, pa.string())
    found: dict[str, dict[str, Any]] = {}
    for item in taken_with(workspace, [FrameId(frame) for frame in frames]):
        rows = table_of(workspace, item.frames).select(_PLACE)
        mine = rows.filter(pc.is_in(rows["frame_id"], value_set=wanted))
        found |= {row["frame_id"]: row for row in mine.to_pylist()}
    return found


def _is_file(place: Mapping[str, Any] | None) -> bool:
    return place is not None and place["encoding"] in _SUFFIXES and place["chunk_offset"] < 0


def _recorded(workspace: Workspace, place: Mapping[str, Any]) -> tuple[str, bytes]:
    data = workspace.sources.read_range(
        place["source"], place["offset"], place["length"], xxh3=place["xxh3"]
    )
    return _SUFFIXES[place["encoding"]], data


def _decoded(workspace: Workspace, frames: Sequence[str]) -> dict[str, bytes]:
    """Frames of videos and the like, channel by channel, so that each is decoded once."""
    channels: dict[tuple[str, str], list[FrameId]] = defaultdict(list)
    for frame in frames:
        channels[frame_parts(FrameId(frame))[:2]].append(FrameId(frame))
    return {
        frame: encode_jpeg(np.ascontiguousarray(picture), quality=QUALITY)
        for (_, channel), some in channels.items()
        for frame, picture in zip(some, _pixels(workspace, channel, some), strict=True)
    }


def _pixels(workspace: Workspace, channel: str, frames: Sequence[FrameId]) -> np.ndarray:
    """(n, height, width, 3) uint8 of frames of one channel."""
    (taken,) = taken_with(workspace, frames)
    rows = table_of(workspace, taken.frames)
    mine = rows.filter(pc.equal(rows["channel"], channel))
    row = mine.filter(pc.equal(mine["frame_id"], frames[0]))
    if not row.num_rows:
        raise UnknownName(
            "is no frame of a camera",
            subject=frames[0],
            remedy="see what there is: ringroad search",
        )
    size = (row["width"][0].as_py(), row["height"][0].as_py())
    pixels: np.ndarray = read_frames(workspace.sources, workspace.sandbox, mine, frames, size=size)
    return pixels
