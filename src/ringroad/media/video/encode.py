"""Encodes pictures of our own decoding as H.264 or JPEG, equal pictures to equal bytes.

H.264 is encoded by x264 where the installed PyAV brings it along. x264 itself is under the GPL,
version 2 or later; nothing of it is part of this package, which asks for it by name and takes JPEG
where it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import Colorspace

from ringroad.domain.errors import UsageError
from ringroad.media.pictures.images import JPEG, encode_jpeg
from ringroad.media.pictures.profiles import Profile

X264 = "libx264"
H264 = "h264"
RATE = 25
"""Nominal frames per second: frames keep their times in their rows, and rates decide no byte."""
PLANES = "yuv420p"
BT601 = Colorspace.ITU601
"""SMPTE 170M, by which our own decoding turns colours into RGB."""
LIMITED, SMPTE170M = 1, 6
"""As H.264 says what range and colours are."""
X264_PARAMS = (
    "keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:bframes=0:threads=1:lookahead-threads=1:"
    "sliced-threads=0:no-mbtree=1:repeat-headers=1:log-level=none"
)
"""One thread, and no macroblock tree: where a side is no multiple of 16 the tree's assembly reads
memory that nobody wrote, and equal pictures now and then gave other bytes (PyAV 18.1)."""


def encoder_here() -> str:
    """`libx264`, or `jpeg` where it is not installed."""
    return X264 if X264 in av.codecs_available else JPEG


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One stored frame."""

    data: bytes
    key: bool


class Encoder:
    """Stores frames one by one, in the order in which they come; none waits for later ones long.

    Args:
        encoder: `libx264` or `jpeg`.
        profile: quality, and how often a frame decodes by itself.
        size: width and height of every frame.
    """

    def __init__(self, encoder: str, profile: Profile, size: tuple[int, int]) -> None:
        if encoder not in {X264, JPEG}:
            raise UsageError(f"no encoder is called {encoder!r}", remedy=f"{X264} or {JPEG}")
        self.profile = profile
        self.size = size
        self.encoding = H264 if encoder == X264 else JPEG
        self._count = 0
        self._context = _context(profile, size) if encoder == X264 else None

    def put(self, pixels: np.ndarray) -> Iterator[Packet]:
        """Encode one frame, (h, w, 3) uint8 RGB; packets come in the order of frames."""
        if self._context is None:
            yield Packet(data=encode_jpeg(pixels, quality=self.profile.jpeg_quality), key=True)
            return
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = picture.reformat(format=PLANES, dst_colorspace=BT601, threads=1)
        frame.pts, frame.time_base = self._count, Fraction(1, RATE)
        self._count += 1
        for packet in self._context.encode(frame):
            yield Packet(data=bytes(packet), key=packet.is_keyframe)

    def finish(self) -> Iterator[Packet]:
        """What is still held back."""
        for packet in self._context.encode(None) if self._context is not None else ():
            yield Packet(data=bytes(packet), key=packet.is_keyframe)


def _context(profile: Profile, size: tuple[int, int]) -> VideoCodecContext:
    context = VideoCodecContext.create(X264, "w")
    if not isinstance(context, VideoCodecContext):
        raise UsageError(f"{X264} is no encoder of video")
    context.width, context.height = size
    context.pix_fmt = PLANES
    context.time_base = Fraction(1, RATE)
    context.framerate = Fraction(RATE, 1)
    context.thread_count = 1
    context.thread_type = "NONE"
    context.color_range, context.colorspace = LIMITED, SMPTE170M
    context.options = {
        "preset": "veryfast",
        "crf": str(profile.quality),
        "x264-params": X264_PARAMS.format(gop=profile.gop),
    }
    return context
