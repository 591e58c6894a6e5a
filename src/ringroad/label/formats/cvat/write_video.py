"""Writes CVAT XML for video 1.1: one file per channel, tracks with key frames and `outside`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow.compute as pc

from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.craft.xml_text import tag, text
from ringroad.label.formats.cvat.read_video import LOOKED
from ringroad.label.formats.cvat.shapes import labels_text, shape_text
from ringroad.label.formats.cvat.write_images import HEAD
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink


class CvatVideoWriter:
    """Frames have the numbers that they have in their channel.

    Where a track is not on the next frame of the export, a shape with `outside` says so there. An
    annotation without a track is a track of one frame.
    """

    def __init__(self, out: Outgoing) -> None:
        self._out = out
        frames = [frame_parts(FrameId(name)) for name in out.pictures["frame_id"].to_pylist()]
        self._channels = [f"{recording}/{channel}" for recording, channel, _ in frames]
        self._numbers = [number for _, _, number in frames]
        self._frames: dict[str, list[int]] = {}
        for channel, number in zip(self._channels, self._numbers, strict=True):
            self._frames.setdefault(channel, []).append(number)
        self._next = {
            channel: dict(zip(sorted(numbers), sorted(numbers)[1:], strict=False))
            for channel, numbers in self._frames.items()
        }
        self._tracks = _track_numbers(out)

    def begin(self, sink: Sink) -> None:
        """A file for each channel, with its categories and frames."""
        for channel, numbers in self._frames.items():
            first = self._channels.index(channel)
            width, height = (
                self._out.pictures[side][first].as_py() for side in ("width", "height")
            )
            sink.append(
                f"{HEAD}  <meta>\n    <task>\n      <name>{text(channel)}</name>\n"
                f"      <size>{max(numbers) + 1}</size>\n      <mode>interpolation</mode>\n"
                f"      <start_frame>0</start_frame>\n"
                f"      <stop_frame>{max(numbers)}</stop_frame>\n"
                f"      <original_size><width>{width}</width><height>{height}</height>"
                "</original_size>\n"
                f"      <{LOOKED}>{_runs(sorted(numbers))}</{LOOKED}>\n      <labels>\n"
                f"{labels_text(self._out.categories)}      </labels>\n    </task>\n"
                "  </meta>\n".encode(),
                _file(channel),
            )

    def part(self, part: Part, sink: Sink) -> None:
        """Some tracks."""
        listed = [
            (int(self._tracks[part.first_row + row]), self._channels[at], at, item)
            for row, (at, item) in enumerate(part.drawn())
        ]
        for (track, channel, _), rows in groupby(
            listed, key=lambda row: (row[0], row[1], row[3].category)
        ):
            shown = [(at, item) for _, _, at, item in rows]
            sink.append(self._track(track, channel, shown).encode(), _file(channel))

    def end(self, sink: Sink) -> None:
        """Close the files."""
        for channel in self._frames:
            sink.append(b"</annotations>\n", _file(channel))

    def _track(self, track: int, channel: str, rows: Sequence[tuple[int, Drawn]]) -> str:
        following = self._next[channel]
        lines = [f"  {tag('track', id=track, label=rows[0][1].category, source='manual')}>\n"]
        shown = {self._numbers[at] for at, _ in rows}
        for at, item in rows:
            number = self._numbers[at]
            if not item.track:
                item.attributes = {**item.attributes, "no_track": "true"}
            lines.append(self._shape(at, item, number, key=item.key, outside=False))
            after = following.get(number)
            if after is not None and after not in shown:
                lines.append(self._shape(at, item, after, key=True, outside=True))
        return "".join([*lines, "  </track>\n"])

    def _shape(self, at: int, item: Drawn, number: int, *, key: bool, outside: bool) -> str:
        pictures = self._out.pictures
        size = (pictures["width"][at].as_py(), pictures["height"][at].as_py())
        return shape_text(
            item, size, indent="    ", frame=number, keyframe=int(key), outside=int(outside)
        )


def _track_numbers(out: Outgoing) -> np.ndarray:
    """(n,) number of the track of each row, in order, from 0."""
    known = out.taken(["track_id", "annotation_id"])
    names = pc.if_else(pc.equal(known["track_id"], ""), known["annotation_id"], known["track_id"])
    names = names.combine_chunks()
    if not len(names):
        return np.zeros(0, np.int64)
    changed = pc.not_equal(names[1:], names[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(changed)]).astype(np.int64)


def _runs(numbers: Sequence[int]) -> str:
    """`0,10,20-29`."""
    at = np.array(numbers, np.int64)
    parts = np.split(at, np.flatnonzero(np.diff(at) != 1) + 1) if len(at) else []
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in parts)


def _file(channel: str) -> str:
    return channel.replace("/", "+") + ".xml"
