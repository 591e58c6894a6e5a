"""MP4 and MOV: where every frame's bytes lie, and how to decode any of them.

The index comes from the container alone (`media/video/mp4.py`); no pixel is decoded for it.
`hashed` then reads the packets once for their XXH3.

Rows stand in presentation order: `sequence` is a frame's rank in time, `position` its rank in
decode order, `offset`, `length` and `xxh3` its own packet. To decode a frame, feed the packets
from that of `start_sequence` on, by position, up to its own, then flush. `start_sequence` is the
last key frame before it in decode order. A frame that is shown before that key frame although it
is stored after it (a leading picture of an open GOP) refers to the group before as well, so it
starts one key frame earlier: a decoder that starts at the nearer one drops it without a word.

What the decoder needs besides packets stands in the metadata of the frames table under
`ringroad.video`: JSON with codec, extradata (avcC or hvcC, base64) and the time scale. So the table
and the bytes are enough, wherever the bytes lie.

Edit lists are not followed: a recording is what the camera stored, shown or not.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import xxhash
from av.video.codeccontext import VideoCodecContext

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.pictures.images import MOST_PIXELS, resize
from ringroad.media.video.mp4 import Samples, VideoTrack, read_video_track

METADATA_KEY = b"ringroad.video"
CODECS = ("h264", "hevc")
REMUX = "remux it: ffmpeg -i IN -c copy OUT.mp4"
OTHER_CONTAINERS = {
    b"\x1a\x45\xdf\xa3": "Matroska or WebM",
    b"RIFF": "AVI",
    b"FLV\x01": "Flash video",
    b"OggS": "Ogg",
}
TS_PACKET = 188
REORDER_ALL = {"strict": "1"}
"""Makes the H.264 decoder wait for as many frames as the level allows where the stream does not
say how many are out of order. Without it a decoder that starts in the middle of such a stream
guesses too few and drops frames. No pixel changes by it."""
RASL = (8, 9)
"""HEVC NAL unit types of leading pictures that refer to pictures before the key frame."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoIndex:
    """What a video file holds.

    Attributes:
        codec: `h264` or `hevc`.
        extradata: parameter sets the decoder starts with.
        width: pixels.
        height: pixels.
        timescale: units of `pts` in one second.
        samples: packets in decode order, from a key frame on, all of them whole.
        declared: how many frames the file claims to hold.
        salvaged: what is missing where the file was cut off; empty where it is whole.
        notes: doubts worth showing.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    timescale: int
    samples: Samples
    declared: int
    salvaged: str = ""
    notes: tuple[str, ...] = ()


def container_of(head: bytes) -> str:
    """`mp4`, the name of another container of video, or empty text, by a file's first bytes."""
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}:
        return "mp4"
    if head[:1] == b"\x47" and head[TS_PACKET : TS_PACKET + 1] == b"\x47":
        return "MPEG transport stream"
    found = next((name for magic, name in OTHER_CONTAINERS.items() if head.startswith(magic)), "")
    return "" if found == "AVI" and head[8:12] != b"AVI " else found


def index_video(path: Path) -> VideoIndex:
    """Read where every frame lies. The frames themselves are neither read nor decoded.

    A file that was cut off is indexed up to its last whole packet.

    Raises:
        UnreadableSource: no MP4 or MOV, no index (a recorder that was cut off), another codec, or
            not one frame that could be decoded.
    """
    with path.open("rb") as file:
        container = container_of(file.read(TS_PACKET + 1))
    if container != "mp4":
        raise UnreadableSource(
            f"{container or 'this container'} does not tell where its frames lie",
            subject=str(path),
            remedy=REMUX,
        )
    track = read_video_track(path)
    whole, salvaged = _whole(track, path.stat().st_size)
    samples, notes = _from_key(whole, track, path)
    if not len(samples.pts):
        raise UnreadableSource(
            f"none of its {len(track.samples.pts)} frames is there to be decoded",
            subject=str(path),
            remedy="copy it again from its origin",
        )
    return VideoIndex(
        codec=track.codec,
        extradata=track.extradata,
        width=track.width,
        height=track.height,
        timescale=track.timescale,
        samples=samples,
        declared=len(track.samples.pts),
        salvaged=salvaged,
        notes=(*notes, *_notes(track, samples)),
    )


def hashed(path: Path, samples: Samples) -> np.ndarray:
    """(n,) uint64 XXH3 of every packet, in decode order: the one pass over the bytes.

    Raises:
        UnreadableSource: the file became shorter meanwhile.
    """
    found = np.zeros(len(samples.offset), np.uint64)
    with path.open("rb", buffering=0) as file:
        for at, (offset, size) in enumerate(
            zip(samples.offset.tolist(), samples.size.tolist(), strict=True)
        ):
            data = os.pread(file.fileno(), size, offset)
            if len(data) != size:
                raise UnreadableSource(
                    "became shorter while it was read",
                    subject=str(path),
                    remedy="let the writer finish, then ingest it again",
                )
            found[at] = xxhash.xxh3_64_intdigest(data)
    return found


def presentation(index: VideoIndex, xxh3: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of `schemas.FRAMES` that follow from the index, in presentation order.

    Args:
        index: what the file holds.
        xxh3: of each packet in decode order.

    Returns:
        Columns by name. `time_ns` counts from the first frame that is shown.
    """
    samples = index.samples
    order = np.argsort(samples.pts, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    shown = samples.pts[order]
    return {
        "sequence": np.arange(len(order)),
        "position": order.astype(np.int64),
        "start_sequence": rank[_starts(samples)][order],
        "time_ns": _nanoseconds(shown - shown[0], index.timescale),
        "key": samples.key[order],
        "offset": samples.offset[order],
        "length": samples.size[order],
        "xxh3": xxh3[order],
    }


def cuts(index: VideoIndex) -> tuple[int, ...]:
    """Byte offsets of key frames, ascending, without 0: where a copy may be cut."""
    places = np.unique(index.samples.offset[index.samples.key])
    return tuple(int(place) for place in places if place)


def metadata(index: VideoIndex) -> dict[bytes, bytes]:
    """Schema metadata of the frames table."""
    told = {
        "codec": index.codec,
        "extradata": base64.b64encode(index.extradata).decode(),
        "timescale": index.timescale,
    }
    return {METADATA_KEY: json.dumps(told, sort_keys=True).encode()}


def decoder_of(frames: pa.Table) -> tuple[str, bytes]:
    """Codec and extradata out of a frames table. Raises UnreadableSource."""
    told = (frames.schema.metadata or {}).get(METADATA_KEY)
    if told is None:
        raise UnreadableSource(
            "the frames do not say how they are decoded", remedy="ingest the recording again"
        )
    values = json.loads(told)
    if values["extradata"] or values["codec"]:
        return values["codec"], base64.b64decode(values["extradata"])
    return frames.column("encoding")[0].as_py(), b""


IN_BAND = {
    METADATA_KEY: json.dumps({"codec": "", "extradata": "", "timescale": SECOND_NS}).encode()
}
"""Schema metadata of frames whose key frames bring their parameter sets along."""


def frame_size(codec: str, frame: bytes) -> tuple[int, int]:
    """Width and height of a key frame in Annex B; 0 where it does not decode. In the sandbox."""
    try:
        for _, pixels in _decoded(codec, b"", [frame], [0], frozenset({0})):
            return int(pixels.shape[1]), int(pixels.shape[0])
    except UnreadableSource:
        pass
    return 0, 0


def decode_packets(
    codec: str,
    extradata: bytes,
    packets: Sequence[bytes],
    labels: Sequence[int],
    wanted: Sequence[int],
    size: tuple[int, int] | None,
) -> np.ndarray:
    """Decode one run of packets. The bytes are untrusted: call it inside a sandbox.

    One thread; equal bit for bit to decoding the file from its start.

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
    for label, pixels in _decoded(codec, extradata, packets, labels, asked):
        found[label] = pixels if size is None else resize(pixels, size)
    missing = sorted(asked - found.keys())
    if missing:
        raise UnreadableSource(
            f"{len(missing)} of {len(asked)} frames did not decode",
            place=f"frame {missing[0]}",
            remedy="the stream is damaged there; copy it again from its origin",
        )
    if len({pixels.shape for pixels in found.values()}) > 1:
        raise UnreadableSource(
            "frames change their size within the video",
            remedy="decode to a fixed size",
        )
    return np.stack([found[label] for label in wanted])


def _decoded(
    codec: str,
    extradata: bytes,
    packets: Sequence[bytes],
    labels: Sequence[int],
    asked: frozenset[int],
) -> Iterator[tuple[int, np.ndarray]]:
    context = _context(codec, extradata)
    try:
        for data, label in [*zip(packets, labels, strict=True), (None, 0)]:
            packet = None
            if data is not None:
                packet = av.Packet(data)
                packet.pts, packet.time_base = label, Fraction(1, 1)
            for frame in context.decode(packet):
                if frame.pts in asked:
                    yield int(frame.pts), frame.to_ndarray(format="rgb24")
    except av.error.FFmpegError as error:
        raise UnreadableSource(
            f"does not decode: {error.strerror}", remedy="copy it again from its origin"
        ) from error


def _context(codec: str, extradata: bytes) -> VideoCodecContext:
    context = VideoCodecContext.create(codec, "r") if codec in CODECS else None
    if not isinstance(context, VideoCodecContext):
        raise UnreadableSource(f"{codec} is not read", remedy="use H.264 or HEVC")
    context.extradata = extradata
    context.thread_type = "NONE"
    context.thread_count = 1
    context.options = {**REORDER_ALL, "max_pixels": str(MOST_PIXELS)}
    return context


def _whole(track: VideoTrack, size: int) -> tuple[Samples, str]:
    """Packets in decode order up to the first whose bytes are not all there, and what is lost."""
    samples = track.samples
    there = (samples.offset >= 0) & (samples.size > 0) & (samples.offset + samples.size <= size)
    count = len(there) if there.all() else int(np.argmin(there))
    if count == len(there):
        return samples, "the file was cut off behind its last indexed frame" if track.cut else ""
    step = float(np.median(np.diff(np.sort(samples.pts)))) / track.timescale if count > 1 else 0.0
    missing = len(there) - count
    lost = f"{missing * step:.2f} s of {len(there) * step:.2f} s"
    told = f"the file was cut off: the last {missing} of {len(there)} frames, {lost}, are missing"
    return _taken(samples, np.arange(count)), told


def _from_key(samples: Samples, track: VideoTrack, path: Path) -> tuple[Samples, tuple[str, ...]]:
    """Leave out what no decoder can show: packets that refer to what was before the first one."""
    if not samples.key.any():
        return _taken(samples, np.zeros(0, np.int64)), ()
    first = int(np.argmax(samples.key))
    keep = np.arange(len(samples.key)) >= first
    later = np.flatnonzero(samples.key)[1:2]
    end = int(later[0]) if len(later) else len(keep)
    early = np.flatnonzero(samples.pts[first:end] < samples.pts[first]) + first
    if track.codec == "hevc" and len(early):
        with path.open("rb", buffering=0) as file:
            for at in early.tolist():
                head = os.pread(file.fileno(), 64, int(samples.offset[at]))
                keep[at] = _nal_type(head, track.extradata) not in RASL
    if keep.all():
        return samples, ()
    left = f"{int((~keep).sum())} frames refer to pictures before the first one: left out"
    return _taken(samples, np.flatnonzero(keep)), (left,)


def _nal_type(head: bytes, extradata: bytes) -> int:
    """Type of the first HEVC NAL unit of a packet, -1 where it cannot be told."""
    size = (extradata[21] & 3) + 1 if len(extradata) > 21 else 4
    return (head[size] >> 1) & 0x3F if len(head) > size else -1


def _notes(track: VideoTrack, samples: Samples) -> Iterator[str]:
    hidden = 0 if track.shown_from is None else int((samples.pts < track.shown_from).sum())
    if hidden:
        yield f"an edit list hides the first {hidden} frames; they are indexed all the same"
    if track.turned:
        yield "players turn the picture; frames are taken as the camera stored them"


def _taken(samples: Samples, at: np.ndarray) -> Samples:
    return replace(
        samples,
        offset=samples.offset[at],
        size=samples.size[at],
        pts=samples.pts[at],
        key=samples.key[at],
    )


def _starts(samples: Samples) -> np.ndarray:
    """For each packet in decode order, the place of the key packet to decode from."""
    keys = np.flatnonzero(samples.key)
    group = np.searchsorted(keys, np.arange(len(samples.key)), side="right") - 1
    leading = samples.pts < samples.pts[keys[group]]
    return keys[np.maximum(group - leading, 0)]


def _nanoseconds(ticks: np.ndarray, timescale: int) -> np.ndarray:
    """Rounded to the nearest nanosecond, in whole numbers."""
    seconds = ticks // timescale
    rest = (ticks - seconds * timescale) * SECOND_NS
    nanoseconds: np.ndarray = seconds * SECOND_NS + (rest + timescale // 2) // timescale
    return nanoseconds
