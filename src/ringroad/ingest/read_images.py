"""Reads JPEG or PNG files as one recording, in the order they are handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import xxhash

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, Channel, Recording
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.rows import frame_rows, signal_rows
from ringroad.media.pictures.images import encoding_of, size_of
from ringroad.protocols.reader import Reading, ReadRequest

CHANNEL = "camera"
DEFAULT_RATE_HZ = 1.0
FILES_NAMED = 5


class ImagesReader:
    """The bytes of the recording are those of its files, one after the other.

    A frame's sequence number is its file's place in the list, so that files which cannot be read
    leave a gap and the rest keep their ids. Files may differ in encoding and size.
    """

    name = "images"
    suffixes = (".jpg", ".jpeg", ".png")
    verified = "files of Pillow, and pictures of four public data sets"

    def recognises(self, head: bytes, name: str) -> bool:
        """A JPEG or PNG by its first bytes."""
        del name
        return bool(encoding_of(head))

    def read(self, request: ReadRequest) -> Reading:
        """Index the files of one recording.

        Raises:
            UnreadableSource: not one of them is a picture.
        """
        rows: list[tuple[int, int, int, int, str, int, int]] = []
        bad: list[str] = []
        offset = 0
        for sequence, name in enumerate(request.files):
            data = (request.path / name).read_bytes()
            try:
                shape = (encoding_of(data), *size_of(data))
                digest = xxhash.xxh3_64_intdigest(data)
                rows.append((sequence, offset, len(data), digest, *shape))
            except UnreadableSource as error:
                bad.append(f"{name}: {error.what}")
            offset += len(data)
        if not rows:
            raise UnreadableSource(
                f"none of {len(request.files)} files is a picture{_first(bad)}",
                subject=str(request.path),
                remedy="name a folder of JPEG or PNG files",
            )
        return _reading(request, rows, bad)


def _reading(
    request: ReadRequest, rows: list[tuple[int, int, int, int, str, int, int]], bad: list[str]
) -> Reading:
    rate = request.rate_hz or DEFAULT_RATE_HZ
    sequences, offsets, lengths, digests, encodings, widths, heights = zip(*rows, strict=True)
    columns: dict[str, np.ndarray | Sequence[object]] = {
        "sequence": np.array(sequences, np.int64),
        "time_ns": request.start_ns
        + np.round(np.array(sequences) * (SECOND_NS / rate)).astype(np.int64),
        "offset": np.array(offsets, np.int64),
        "length": np.array(lengths, np.int64),
        "xxh3": np.array(digests, np.uint64),
        "encoding": encodings,
        "width": np.array(widths),
        "height": np.array(heights),
    }
    shapes = Counter(zip(encodings, widths, heights, strict=True))
    ((encoding, width, height), _), *others = shapes.most_common()
    notes = [] if request.rate_hz else [f"no clock: {rate:g} frames per second are assumed"]
    if others:
        notes.append(f"pictures of {len(shapes)} encodings or sizes, most are {width}x{height}")
    if bad:
        notes.append(f"{len(bad)} files are no pictures and were left out{_first(bad)}")
    camera = Channel(
        name=CHANNEL,
        sensor=CAMERA,
        encoding=encoding,
        messages=len(rows),
        width=width,
        height=height,
        rate_hz=rate,
    )
    return Reading(
        recording=Recording(
            id=request.recording,
            vehicle=request.vehicle,
            source_key=request.source_key,
            source=request.source,
            container="images",
            start_ns=request.start_ns,
            duration_ns=round(len(request.files) * SECOND_NS / rate),
            channels=(camera,),
            clock="declared",
        ),
        frames=frame_rows(request, CHANNEL, columns),
        signals=signal_rows(request, ()),
        cuts=tuple(offset for offset in offsets if offset),
        notes=tuple(notes),
    )


def _first(bad: list[str]) -> str:
    return f": {'; '.join(bad[:FILES_NAMED])}" if bad else ""
