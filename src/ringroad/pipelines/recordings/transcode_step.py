"""The step that stores one camera's frames in another form; `transcoding.py` asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UsageError
from ringroad.media.frames import iterate_decoded
from ringroad.media.pictures.images import JPEG
from ringroad.media.pictures.profiles import Profile
from ringroad.media.schemas import FRAMES
from ringroad.media.video.container import IN_BAND
from ringroad.media.video.encode import Encoder, Packet
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

MEDIA = {"h264": "video/h264", JPEG: "image/jpeg"}


@dataclass(slots=True)
class _Stored:
    """Where each frame lies in the bytes that were written so far."""

    sink: BinaryIO
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    xxh3: list[int] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    at: int = 0

    def put(self, packets: Iterator[Packet]) -> None:
        """Append packets."""
        for packet in packets:
            self.sink.write(packet.data)
            self.offsets.append(self.at)
            self.lengths.append(len(packet.data))
            self.xxh3.append(xxhash.xxh3_64_intdigest(packet.data))
            self.keys.append(packet.key)
            self.at += len(packet.data)


@step(uses=("av", "numpy", "pillow", "pyarrow", "rawpy", "simplejpeg", "xxhash"))
def transcode_channel(
    bench: Bench, *, frames: Artifact, channel: str, profile: dict[str, Any], encoder: str
) -> dict[str, Artifact]:
    """Decode a camera's frames inside the sandbox and store them anew, as they are shown.

    The rows tell of the kept frames under the ids, sequence numbers and times they always had.
    """
    whole = bench.read_table(frames)
    rows = whole.filter(pc.equal(whole.column("channel"), channel)).sort_by("sequence")
    wished = Profile(**profile)
    kept = rows.take(list(range(0, rows.num_rows, wished.every)))
    size = wished.size_of(_largest(kept))
    coder = Encoder(encoder, wished, size)
    path = bench.scratch / "video"
    with path.open("wb") as sink:
        stored = _Stored(sink)
        sequences = kept.column("sequence").to_pylist()
        done = 0
        for wanted, pixels in iterate_decoded(
            bench.sources, bench.sandbox, rows, sequences, size=size
        ):
            if list(wanted) != sequences[done : done + len(wanted)]:
                raise UsageError("slices came in another order than frames are shown in")
            for picture in pixels:
                stored.put(coder.put(picture))
            done += len(wanted)
            bench.tracker.progress(f"transcode {channel}", done, len(sequences))
        stored.put(coder.finish())
    if len(stored.offsets) != len(sequences):
        raise InputError(
            f"{len(stored.offsets)} of {len(sequences)} frames came out of the encoder",
            subject=channel,
            remedy="report it, with the recording's shape",
        )
    video = bench.write("video", path, MEDIA[coder.encoding])
    told = _rows(kept, video, stored, coder)
    return {"video": video, "frames": bench.write_table("video-frames", told)}


def _largest(rows: pa.Table) -> tuple[int, int]:
    """Width and height of the widest frames, whose shape all others take."""
    at = int(np.argmax(rows.column("width").to_numpy()))
    return rows.column("width")[at].as_py(), rows.column("height")[at].as_py()


def _rows(kept: pa.Table, video: Artifact, stored: _Stored, coder: Encoder) -> pa.Table:
    """The rows of the frames as they are stored now; what curation measured is not known."""
    count = kept.num_rows
    sequences = kept.column("sequence").to_numpy()
    starts = np.maximum.accumulate(np.where(stored.keys, np.arange(count), 0))
    changed = {
        "width": np.full(count, coder.size[0]),
        "height": np.full(count, coder.size[1]),
        "key": stored.keys,
        "source": [video.digest] * count,
        "encoding": [coder.encoding] * count,
        "offset": stored.offsets,
        "length": stored.lengths,
        "xxh3": stored.xxh3,
        "start_sequence": sequences[starts],
        "position": np.arange(count),
        "compression": [""] * count,
        "chunk_offset": np.full(count, -1),
        "chunk_length": np.zeros(count, np.int64),
    }
    columns = [
        pa.array(changed[name.name], name.type)
        if name.name in changed
        else kept.column(name.name).combine_chunks()
        for name in FRAMES
    ]
    table = pa.Table.from_arrays(columns, schema=FRAMES)
    return table.replace_schema_metadata(IN_BAND if coder.encoding != JPEG else None)
