"""How large a frame is, for the check of an answer; reads an index once, not at every answer."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.domain.recording import Channel, Recording
from ringroad.media.pictures.picture import is_picture
from ringroad.pipelines.finding import mapped_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace

Size = tuple[int, int]
"""Width and height in pixels."""
CHANNELS_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sizes:
    """Sizes of the pictures of a channel, by ascending number; one where all are alike."""

    numbers: np.ndarray
    sizes: np.ndarray
    """(n, 2) or (1, 2) int32."""

    def of(self, number: int) -> Size | None:
        place = int(np.searchsorted(self.numbers, number))
        if place == len(self.numbers) or self.numbers[place] != number:
            return None
        width, height = self.sizes[place if len(self.sizes) > 1 else 0].tolist()
        return (width, height) if width and height else None


_KEPT: OrderedDict[tuple[str, str, str], _Sizes] = OrderedDict()
"""By recording, digest of its bytes and channel, which decide what they are; those read last."""


def frame_size(workspace: Workspace, frame: FrameId) -> Size | None:
    """Width and height of a camera's frame as recorded; None where nobody knows them."""
    try:
        at, name, number = frame_parts(frame)
        recording = workspace.catalog.recording(at)
        channel = next((item for item in recording.channels if item.name == name), None)
        if channel is None:
            return None
        if is_picture(channel.encoding):
            return _sizes(workspace, recording, channel).of(number)
    except (ValueError, UnknownName, InputError):
        return None
    return (channel.width, channel.height) if channel.width and channel.height else None


def _sizes(workspace: Workspace, recording: Recording, channel: Channel) -> _Sizes:
    """Those of a channel, kept since they were read. Raises InputError without an index."""
    key = (recording.id, recording.source, channel.name)
    found = _KEPT.get(key) or _read(workspace, recording, channel)
    _KEPT[key] = found
    while len(_KEPT) > CHANNELS_KEPT:
        _KEPT.popitem(last=False)
    return found


def _read(workspace: Workspace, recording: Recording, channel: Channel) -> _Sizes:
    """Out of the index that ingest wrote: four of its columns, where they lie on the disk."""
    rows = mapped_of(workspace, taken_of(workspace, recording).frames)
    mine = rows.select(["channel", "sequence", "width", "height"]).filter(
        pc.equal(rows["channel"], channel.name)
    )
    mine = mine.sort_by("sequence")
    sizes = np.column_stack([mine["width"].to_numpy(), mine["height"].to_numpy()])
    alike = len(sizes) > 0 and bool((sizes == sizes[0]).all())
    return _Sizes(numbers=mine["sequence"].to_numpy(), sizes=sizes[:1] if alike else sizes)
