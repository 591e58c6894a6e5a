"""Tiny video files, each named by the one feature that makes it worth keeping."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

X264 = "libx264"
X265 = "libx265"
QUIET = "log-level=none:pools=none:frame-threads=1"
CLIPS: dict[str, tuple[str, dict[str, str], dict[str, str], str]] = {
    "h264_b_frames": (
        X264,
        {"x264-params": "keyint=12:min-keyint=12:bframes=3:b-adapt=0:b-pyramid=normal:threads=1"},
        {},
        "mp4",
    ),
    "h264_open_gop": (
        X264,
        {
            "x264-params": "keyint=10:min-keyint=10:bframes=3:b-adapt=0:open-gop=1:scenecut=0:"
            "threads=1"
        },
        {},
        "mp4",
    ),
    "h264_moov_first": (
        X264,
        {"x264-params": "keyint=8:min-keyint=8:bframes=2:threads=1"},
        {"movflags": "faststart"},
        "mp4",
    ),
    "h264_fragmented": (
        X264,
        {"x264-params": "keyint=8:min-keyint=8:bframes=2:threads=1"},
        {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
        "mp4",
    ),
    "h264_all_key": (X264, {"x264-params": "keyint=1:threads=1"}, {}, "mp4"),
    "h264_quicktime": (X264, {"x264-params": "keyint=8:bframes=1:threads=1"}, {}, "mov"),
    "hevc_open_gop": (
        X265,
        {"x265-params": f"keyint=8:min-keyint=8:bframes=3:b-adapt=0:open-gop=1:scenecut=0:{QUIET}"},
        {},
        "mp4",
    ),
    "hevc_closed_gop": (
        X265,
        {"x265-params": f"keyint=8:min-keyint=8:bframes=3:open-gop=0:{QUIET}"},
        {},
        "mp4",
    ),
    "hevc_10_bit": (X265, {"x265-params": f"keyint=8:bframes=2:{QUIET}"}, {}, "mp4"),
}
STREAMS = {
    "hevc_stream": (X265, {"x265-params": f"keyint=8:min-keyint=8:bframes=0:{QUIET}"}, {}, "hevc"),
    "hevc_stream_b_frames": (X265, {"x265-params": f"keyint=8:bframes=3:{QUIET}"}, {}, "hevc"),
}
"""The same without a container."""


def moving(count: int, *, width: int = 96, height: int = 64, seed: int = 1) -> np.ndarray:
    """(count, height, width, 3) uint8: a bright square crosses noise that changes slowly."""
    rng = np.random.Generator(np.random.PCG64(seed))
    ground = rng.integers(0, 120, (height, width, 3), np.uint8)
    frames = np.empty((count, height, width, 3), np.uint8)
    for number in range(count):
        ground = np.roll(ground, 1, axis=1)
        frames[number] = ground
        left = 3 * number % (width - 16)
        frames[number, 20:36, left : left + 16] = (250, 40 + 4 * number % 200, 30)
    return frames


def write_clip(path: Path, name: str, *, count: int = 36, rate: int = 20) -> Path:
    """Encode one of `CLIPS` or `STREAMS` at a path."""
    encoder, options, container_options, container = (CLIPS | STREAMS)[name]
    with av.open(str(path), "w", format=container, options=container_options) as out:
        stream = out.add_stream(encoder, rate=rate, options=options)
        stream.width, stream.height = 96, 64
        stream.pix_fmt = "yuv420p10le" if name.endswith("10_bit") else "yuv420p"
        stream.time_base = Fraction(1, rate)
        for number, pixels in enumerate(moving(count)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def sequential(path: Path) -> list[np.ndarray]:
    """Every frame as PyAV gives it from the file's start, one thread."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
