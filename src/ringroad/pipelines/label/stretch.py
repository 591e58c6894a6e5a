"""Some neighbouring frames of one camera with their current annotations; tracks over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.interpolate import filled
from ringroad.label.rows import Mark
from ringroad.pipelines.label.tracks import current_marks
from ringroad.pipelines.recordings.held_rows import unknown_frame
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchFrame:
    """One frame of a stretch."""

    frame: FrameId
    sequence: int
    time_ns: int
    width: int
    height: int
    revision: int
    """Of its annotations; 0 where it has none."""
    marks: tuple[Mark, ...]


def stretch_of(
    workspace: Workspace, rows: pa.Table, frame: FrameId, *, before: int, after: int
) -> list[StretchFrame]:
    """The frames of one camera around one of them.

    Args:
        workspace: where annotations come from.
        rows: of `schemas.FRAMES`, of one recording, by sequence within each channel.
        frame: one of them.
        before: at most so many frames before it.
        after: at most so many behind it.

    Raises:
        UnknownName: the recording has no such frame.
    """
    try:
        channel = frame_parts(frame)[1]
    except ValueError:
        raise unknown_frame(frame) from None
    mine = rows.filter(pc.equal(rows["channel"], channel))
    place = pc.index(mine["frame_id"], frame).as_py()
    if place < 0:
        raise unknown_frame(frame)
    start = max(0, place - before)
    some = mine.slice(start, place + after + 1 - start).select(
        ["frame_id", "sequence", "time_ns", "width", "height"]
    )
    listed = some.to_pylist()
    marks, numbers = current_marks(workspace, [FrameId(row["frame_id"]) for row in listed])
    return [
        StretchFrame(
            frame=FrameId(row["frame_id"]),
            sequence=row["sequence"],
            time_ns=row["time_ns"],
            width=row["width"],
            height=row["height"],
            revision=numbers[FrameId(row["frame_id"])],
            marks=tuple(marks[FrameId(row["frame_id"])]),
        )
        for row in listed
    ]


def filled_between(keys: Mapping[FrameId, Mark], frames: Sequence[FrameId]) -> dict[FrameId, Mark]:
    """A track between key frames, at the rate of sequence numbers, as it would be written.

    Raises:
        UnknownName: what is given is no frame id.
        InvalidAnnotations: as `label.interpolate.filled`.
    """
    try:
        times = [frame_parts(frame)[2] for frame in frames]
    except ValueError as error:
        raise UnknownName("is no frame id", subject=str(error)[:200]) from error
    return filled(keys, frames, times)
