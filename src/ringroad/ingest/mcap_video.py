"""Videos in MCAP: a frame a message, in Annex B, key frames with their parameter sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.containers.mcap_index import McapIndex
from ringroad.media.messages.mcap import Images, Seen
from ringroad.media.video.annexb import HEVC, codec_of, picture_unit
from ringroad.media.video.annexb import KEYS as KEY_UNITS
from ringroad.media.video.container import RASL, VideoIndex, frame_size, presentation
from ringroad.media.video.mp4 import Samples

HEAD_BYTES = 64 << 10
"""What a frame is must show in its first bytes: delimiters, parameter sets and notes are small."""


class VideoHeader:
    """Looks at the frames of one channel, one after the other in the order of the file."""

    def __init__(self) -> None:
        self.codec = ""
        self.size = (0, 0)
        self.keys: list[bool] = []
        self.leading: list[bool] = []
        """HEVC frames that refer to pictures before the key frame ahead of them."""

    def __call__(self, frame: memoryview) -> tuple[str, tuple[int, int]]:
        """Codec, and width and height once a key frame was seen; empty text for no video."""
        head = bytes(frame[:HEAD_BYTES])
        codec = codec_of(head)
        self.codec = self.codec or codec
        kind, sets = picture_unit(codec, head) if codec else (-1, False)
        key = codec != "" and (sets or kind in KEY_UNITS[codec])
        if key and not all(self.size):
            self.size = frame_size(codec, bytes(frame))
        self.keys.append(key)
        self.leading.append(codec == HEVC and kind in RASL)
        return (codec if kind >= 0 else ""), self.size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decodable:
    """Frames of a channel that can be decoded.

    Attributes:
        at: (n,) places in the channel's images, in the order in which they are shown.
        columns: of `schemas.FRAMES` that tell how they are decoded.
        notes: doubts worth showing.
    """

    at: np.ndarray
    columns: dict[str, np.ndarray]
    notes: tuple[str, ...]


def decodable(
    index: McapIndex, number: int, images: Images, seen: Seen, header: VideoHeader
) -> Decodable:
    """Order the frames of a channel, and leave out those that no decoder can show.

    Args:
        index: with all chunks, the damaged ones among them.
        number: of the channel.
        images: its frames in whole chunks, in the order of the file.
        seen: what they themselves say.
        header: what looked at them.

    Raises:
        UnreadableSource: none of them can be decoded.
    """
    order = np.argsort(images.log_ns, kind="stable")
    keys = np.array(header.keys, bool)[order]
    video = np.array([encoding == header.codec for encoding in seen.encoding])[order]
    gaps = _gaps(index, number, images.log_ns[order])
    kept = _from_keys(keys & video, gaps) & video
    times = np.where(images.stamps_ns.any(), images.stamps_ns, images.log_ns)[order]
    first = int(np.argmax(kept)) if kept.any() else 0
    kept &= ~(np.array(header.leading, bool)[order] & (times < times[first]))
    if not kept.any() or not all(header.size):
        raise UnreadableSource(f"none of {len(order)} messages holds a frame that decodes")
    order, keys, times = order[kept], keys[kept], times[kept]
    columns = presentation(_index(images, header, order, keys, times), seen.xxh3[order])
    columns["time_ns"] = columns["time_ns"] + times.min()
    lost = len(kept) - len(order)
    notes = (f"{lost} frames refer to pictures that are not there: left out",) if lost else ()
    return Decodable(at=order[columns["position"]], columns=columns, notes=notes)


def _gaps(index: McapIndex, number: int, log_ns: np.ndarray) -> np.ndarray:
    """Before which frames, by log time, messages of a damaged chunk are missing."""
    every = index.messages[number].log_ns
    if len(every) == len(log_ns):
        return np.zeros(len(log_ns), bool)
    missing = np.setdiff1d(every, log_ns)
    before = np.searchsorted(missing, log_ns)
    return np.diff(before, prepend=0) > 0


def _from_keys(keys: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Frames from each key frame on, up to the next gap."""
    kept, whole = np.zeros(len(keys), bool), False
    for at, (key, gap) in enumerate(zip(keys.tolist(), gaps.tolist(), strict=True)):
        whole = key or (whole and not gap)
        kept[at] = whole
    return kept


def _index(
    images: Images, header: VideoHeader, order: np.ndarray, keys: np.ndarray, times: np.ndarray
) -> VideoIndex:
    samples = Samples(offset=images.offset[order], size=images.length[order], pts=times, key=keys)
    return VideoIndex(
        codec=header.codec,
        extradata=b"",
        width=header.size[0],
        height=header.size[1],
        timescale=SECOND_NS,
        samples=samples,
        declared=len(order),
    )
