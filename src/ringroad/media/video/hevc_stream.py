"""HEVC without a container (`.hevc`, `.h265`): where every frame's bytes lie.

Such a stream tells no times, and the order in which frames are shown only to who decodes it. So
only streams are indexed whose frames are shown as they are stored. The bytes are untrusted and
FFmpeg reads them: call it inside a sandbox. Videos in MP4 are indexed by `container.py`.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.video.container import VideoIndex
from ringroad.media.video.mp4 import Samples

CODEC = "hevc"
MOST_FRAMES = 10_000_000


def index_hevc_stream(path: Path) -> VideoIndex:
    """Split a stream into its frames.

    `pts` of the samples are the numbers of the frames, one a second.

    Raises:
        UnreadableSource: no HEVC stream, one whose frames are not stored as they are shown, or
            one that does not begin with a key frame.
    """
    try:
        with av.open(str(path), format=CODEC) as container:
            context = container.streams.video[0].codec_context
            size, extradata = (context.width, context.height), context.extradata or b""
            if context.has_b_frames:
                raise _refused("stores frames in another order than they are shown in", path)
            found = [
                (packet.pos, packet.size, packet.is_keyframe)
                for packet, _ in zip(container.demux(video=0), range(MOST_FRAMES), strict=False)
                if packet.size
            ]
    except (av.error.FFmpegError, IndexError, OSError) as error:
        raise _refused(f"is no HEVC stream: {error}", path) from error
    if not all(size) or not found or not found[0][2]:
        raise _refused("does not begin with a frame that could be decoded by itself", path)
    offsets, sizes, keys = zip(*found, strict=True)
    if None in offsets or offsets[-1] + sizes[-1] > path.stat().st_size:
        raise _refused("does not tell where its frames lie", path)
    return VideoIndex(
        codec=CODEC,
        extradata=extradata,
        width=size[0],
        height=size[1],
        timescale=1,
        samples=Samples(
            offset=np.array(offsets, np.int64),
            size=np.array(sizes, np.int64),
            pts=np.arange(len(found)),
            key=np.array(keys, bool),
        ),
        declared=len(found),
    )


def _refused(what: str, path: Path) -> UnreadableSource:
    return UnreadableSource(what, subject=str(path), remedy="encode it again as MP4")
