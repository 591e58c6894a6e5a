"""Moments of one channel of a recording, in order of time: pictures, videos, sweeps, numbers.

What is held in memory is a batch of encoded bytes or one slice of decoded ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from ringroad.media.encoded import iterate_encoded
from ringroad.media.export.parcel import Encoded, Moment, Numbers
from ringroad.media.frames import iterate_decoded
from ringroad.media.pictures.images import JPEG, encode_jpeg
from ringroad.media.points.sweep import Points, decode_points
from ringroad.media.video.annexb import annexb, stream_of
from ringroad.media.video.container import decoder_of
from ringroad.protocols.blobs import Sources
from ringroad.protocols.sandbox import Sandbox

RENDERED_QUALITY = 90
"""Of pictures that leave as JPEG because nobody else reads what they are."""


def pictures(sources: Sources, sandbox: Sandbox, topic: str, rows: pa.Table) -> Iterator[Moment]:
    """Frames that decode by themselves, or sweeps that are pictures, as they were stored."""
    times = rows.column("time_ns").to_pylist()
    encodings = rows.column("encoding").to_pylist()
    every = iterate_encoded(sources, sandbox, rows)
    for time_ns, encoding, data in zip(times, encodings, every, strict=True):
        body = Encoded(encoding=encoding, key=True, data=data)
        yield Moment(topic=topic, time_ns=time_ns, log_ns=time_ns, body=body)


def rendered(
    sources: Sources, sandbox: Sandbox, topic: str, frames: pa.Table, sequences: Sequence[int]
) -> Iterator[Moment]:
    """Frames of any encoding, decoded in the sandbox and stored as JPEG.

    Args:
        sources: where bytes are read.
        sandbox: where they are decoded.
        topic: on which they leave.
        frames: all rows of the channel.
        sequences: which of them leave. Pictures may differ in size.
    """
    names = ("sequence", "time_ns", "width", "height")
    rows = zip(*(frames.column(name).to_pylist() for name in names), strict=True)
    known = {sequence: (time_ns, size) for sequence, time_ns, *size in rows}
    for _, run in groupby(sequences, key=lambda sequence: known[sequence][1]):
        for wanted, pixels in iterate_decoded(sources, sandbox, frames, [*run]):
            for sequence, picture in zip(wanted, pixels, strict=True):
                data = encode_jpeg(picture, quality=RENDERED_QUALITY)
                body = Encoded(encoding=JPEG, key=True, data=data)
                time_ns = known[sequence][0]
                yield Moment(topic=topic, time_ns=time_ns, log_ns=time_ns, body=body)


def packets(sources: Sources, sandbox: Sandbox, topic: str, rows: pa.Table) -> Iterator[Moment]:
    """Frames of a video in the order in which they are decoded, beginning with a key frame.

    The k-th of them is logged at the k-th of their times, so that who sorts them by log time
    gets the order of decoding; where frames are stored as they are shown, both are one.
    """
    codec, extradata = decoder_of(rows)
    stream = stream_of(codec, extradata)
    ordered = rows.sort_by("position")
    times = ordered.column("time_ns").to_pylist()
    every = iterate_encoded(sources, sandbox, ordered)
    keys = ordered.column("key").to_pylist()
    for time_ns, log_ns, key, data in zip(times, sorted(times), keys, every, strict=True):
        body = Encoded(encoding=codec, key=key, data=annexb(stream, data, key=key))
        yield Moment(topic=topic, time_ns=time_ns, log_ns=log_ns, body=body)


def clouds(sources: Sources, sandbox: Sandbox, topic: str, rows: pa.Table) -> Iterator[Moment]:
    """Sweeps of a lidar or radar as points, decoded in the sandbox one at a time."""
    times = rows.column("time_ns").to_pylist()
    encodings = rows.column("encoding").to_pylist()
    every = iterate_encoded(sources, sandbox, rows)
    for time_ns, encoding, data in zip(times, encodings, every, strict=True):
        columns, values = sandbox.call(unpack_points, encoding, data)
        body = Points(columns=tuple(columns), values=values)
        yield Moment(topic=topic, time_ns=time_ns, log_ns=time_ns, body=body)


def unpack_points(encoding: str, data: bytes) -> tuple[tuple[str, ...], np.ndarray]:
    """Columns and (n, k) float32 of one sweep. Runs in the sandbox."""
    points = decode_points(encoding, data)
    return points.columns, points.values


def numbers(topic: str, times: np.ndarray, values: np.ndarray) -> Iterator[Moment]:
    """(n,) int64 and (n, k) float64 as moments of k numbers each."""
    for time_ns, row in zip(times.tolist(), values.tolist(), strict=True):
        body: Numbers = tuple(row)
        yield Moment(topic=topic, time_ns=time_ns, log_ns=time_ns, body=body)


def is_reordered(rows: pa.Table) -> bool:
    """Whether frames are stored in another order than they are shown in."""
    times = rows.sort_by("position").column("time_ns").to_numpy()
    return bool((np.diff(times) < 0).any())
