"""MP4 and MOV without decoding: where every frame's bytes lie, and from where to decode it.

Rows stand in presentation order: `sequence` is a frame's rank in time, `position` its rank in the
file's decode order, `offset`, `length` and `xxh3` its own packet. To decode a frame, feed all
packets from that of `start_sequence` on, by position, up to its own. `start_sequence` is the last
key frame before it; for a frame that is shown before that key frame although it is stored after
it (a leading picture of an open GOP), the key frame before: it refers to the group before.

What the decoder needs besides packets stands in the schema's metadata under `ringroad.video`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import xxhash
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.images import resize

METADATA_KEY = b"ringroad.video"
CODECS = ("h264", "hevc")
REMUX = "remux it: ffmpeg -i IN -c copy OUT.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One frame's bytes as the file stores them."""

    offset: int
    length: int
    xxh3: int
    pts: int
    key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoIndex:
    """What a video file holds.

    Attributes:
        codec: `h264` or `hevc`.
        extradata: parameter sets the decoder starts with.
        width: pixels.
        height: pixels.
        packets: in decode order.
        time_base: seconds per unit of `pts`.
        start_pts: of the stream.
        declared: frames that the file claims to hold.
        lost_s: seconds at the end whose bytes are not there.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    packets: tuple[Packet, ...]
    time_base: Fraction
    start_pts: int
    declared: int
    lost_s: float


def index_video(path: Path) -> VideoIndex:
    """Read the index of a video file; its bytes are hashed, not decoded.

    Raises:
        UnreadableSource: no video, no index (a recorder that was cut off), another codec, or a
            container that does not tell where frames lie.
    """
    size = path.stat().st_size
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UnreadableSource("holds no video", subject=str(path), remedy="name a video")
            return _index(container.streams.video[0], container, size, str(path))
    except av.error.InvalidDataError as error:
        raise UnreadableSource(
            "its index (moov) is missing or damaged: the recorder was cut off before it wrote it",
            subject=str(path),
            remedy="repair it with a tool such as untrunc and a whole file of the same camera",
        ) from error
    except av.error.FFmpegError as error:
        raise UnreadableSource(
            f"cannot be read: {error.strerror}", subject=str(path), remedy=REMUX
        ) from error


def _index(stream: VideoStream, container: Any, size: int, subject: str) -> VideoIndex:
    context = stream.codec_context
    if context.name not in CODECS:
        raise UnreadableSource(
            f"codec {context.name} is not read yet", subject=subject, remedy="use H.264 or HEVC"
        )
    packets: list[Packet] = []
    entries = list(stream.index_entries)
    for packet in container.demux(stream):
        if packet.size == 0:
            continue
        if packet.pos is None or packet.pos < 0 or packet.pts is None:
            raise UnreadableSource(
                "does not tell where its frames lie", subject=subject, remedy=REMUX
            )
        if packet.is_corrupt or packet.pos + packet.size > size:
            break
        packets.append(
            Packet(
                offset=packet.pos,
                length=packet.size,
                xxh3=xxhash.xxh3_64_intdigest(memoryview(packet)),
                pts=packet.pts,
                key=packet.is_keyframe,
            )
        )
    whole = [
        at for at, packet in enumerate(packets)
        if at < len(entries) and packet.length == entries[at].size
    ]  # fmt: skip
    packets = packets[: len(whole)] if entries else packets
    if not packets:
        raise UnreadableSource(
            "holds no whole frame", subject=subject, remedy="copy it again from its origin"
        )
    rate = stream.average_rate or Fraction(25)
    missing = max(0, len(entries) - len(packets))
    return VideoIndex(
        codec=context.name,
        extradata=bytes(context.extradata or b""),
        width=context.width,
        height=context.height,
        packets=tuple(packets),
        time_base=Fraction(stream.time_base or Fraction(1, 90_000)),
        start_pts=stream.start_time or 0,
        declared=len(entries) or len(packets),
        lost_s=float(missing / rate),
    )


def presentation(index: VideoIndex) -> dict[str, np.ndarray]:
    """Columns of `schemas.FRAMES` that follow from the index, in presentation order.

    `time_ns` counts from the stream's start.
    """
    pts = np.array([packet.pts for packet in index.packets], np.int64)
    order = np.argsort(pts, kind="stable")
    rank = np.empty(len(pts), np.int64)
    rank[order] = np.arange(len(pts))
    starts = rank[_starts(index.packets)]
    since = [(int(value) - index.start_pts) * index.time_base for value in pts[order]]
    taken = [index.packets[at] for at in order]
    return {
        "sequence": np.arange(len(pts)),
        "position": order.astype(np.int64),
        "start_sequence": starts[order],
        "time_ns": np.array([round(value * SECOND_NS) for value in since], np.int64),
        "key": np.array([packet.key for packet in taken]),
        "offset": np.array([packet.offset for packet in taken], np.int64),
        "length": np.array([packet.length for packet in taken], np.int64),
        "xxh3": np.array([packet.xxh3 for packet in taken], np.uint64),
    }


def cuts(index: VideoIndex) -> tuple[int, ...]:
    """Byte offsets of key frames: where a copy may be cut."""
    return tuple(sorted(packet.offset for packet in index.packets if packet.key))


def metadata(index: VideoIndex) -> dict[bytes, bytes]:
    """Schema metadata of the frames table."""
    told = {"codec": index.codec, "extradata": base64.b64encode(index.extradata).decode()}
    return {METADATA_KEY: json.dumps(told, sort_keys=True).encode()}


def decoder_of(frames: pa.Table) -> tuple[str, bytes]:
    """Codec and extradata out of a frames table. Raises UnreadableSource."""
    told = (frames.schema.metadata or {}).get(METADATA_KEY)
    if told is None:
        raise UnreadableSource(
            "the frames do not say how they are decoded", remedy="ingest the recording again"
        )
    values = json.loads(told)
    return values["codec"], base64.b64decode(values["extradata"])


def decode_packets(
    codec: str,
    extradata: bytes,
    packets: Sequence[bytes],
    labels: Sequence[int],
    wanted: Sequence[int],
    size: tuple[int, int] | None,
) -> np.ndarray:
    """Decode one run of packets. The bytes are untrusted: call it inside a sandbox.

    Args:
        codec: of the stream.
        extradata: parameter sets.
        packets: in decode order, from a key frame on.
        labels: the sequence number of each.
        wanted: sequence numbers to return, ascending.
        size: width and height to return them at; None for as recorded.

    Returns:
        (k, h, w, 3) uint8 RGB.

    Raises:
        UnreadableSource: a wanted frame did not come out.
    """
    asked = frozenset(wanted)
    found: dict[int, np.ndarray] = {}
    for label, pixels in _frames(codec, extradata, packets, labels, asked):
        found[label] = pixels if size is None else resize(pixels, size)
    missing = sorted(asked - found.keys())
    if missing:
        raise UnreadableSource(
            f"frame {missing[0]} and {len(missing) - 1} others did not decode",
            place=f"frame {missing[0]}",
            remedy="the stream is damaged there; copy it again from its origin",
        )
    return np.stack([found[label] for label in wanted])


def _frames(
    codec: str,
    extradata: bytes,
    packets: Sequence[bytes],
    labels: Sequence[int],
    asked: frozenset[int],
) -> Iterator[tuple[int, np.ndarray]]:
    context = VideoCodecContext.create(codec, "r")
    if not isinstance(context, VideoCodecContext):
        raise UnreadableSource(f"{codec} is no video codec", remedy="use H.264 or HEVC")
    context.extradata = extradata
    context.thread_type = "NONE"
    context.thread_count = 1
    try:
        for data, label in [*zip(packets, labels, strict=True), (None, 0)]:
            packet = None
            if data is not None:
                packet = av.Packet(data)
                packet.pts, packet.time_base = label, Fraction(1, 1)
            for frame in context.decode(packet):
                if frame.pts in asked:
                    yield frame.pts, frame.to_ndarray(format="rgb24")
    except av.error.FFmpegError as error:
        raise UnreadableSource(
            f"does not decode: {error.strerror}", remedy="copy it again from its origin"
        ) from error


def _starts(packets: Sequence[Packet]) -> np.ndarray:
    """For each packet in decode order, the place of the key packet to decode from."""
    starts = np.zeros(len(packets), np.int64)
    last = before = 0
    for at, packet in enumerate(packets):
        if packet.key:
            last, before = at, last
        starts[at] = before if packet.pts < packets[last].pts else last
    return starts
