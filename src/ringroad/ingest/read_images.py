"""Reads a folder of JPEG or PNG files as one recording, in the order it is handed."""

from __future__ import annotations

import numpy as np
import xxhash

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, Channel, Recording
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.rows import frame_rows, signal_rows
from ringroad.media.images import encoding_of, size_of
from ringroad.protocols.reader import Reading, ReadRequest

CHANNEL = "camera"
DEFAULT_RATE_HZ = 1.0


class ImagesReader:
    """The bytes of the recording are those of its files, one after the other."""

    name = "images"
    suffixes = (".jpg", ".jpeg", ".png")

    def recognises(self, head: bytes, name: str) -> bool:
        """A JPEG or PNG by its first bytes."""
        del name
        return bool(encoding_of(head))

    def read(self, request: ReadRequest) -> Reading:
        """Index the files of one recording. Raises UnreadableSource, naming the file."""
        places: list[tuple[int, int, int]] = []
        shapes: set[tuple[str, int, int]] = set()
        offset = 0
        for name in request.files:
            data = (request.path / name).read_bytes()
            try:
                shapes.add((encoding_of(data), *size_of(data)))
            except UnreadableSource as error:
                raise UnreadableSource(
                    error.what, subject=str(request.path / name), remedy=error.remedy
                ) from error
            places.append((offset, len(data), xxhash.xxh3_64_intdigest(data)))
            offset += len(data)
        if len(shapes) != 1:
            raise UnreadableSource(
                f"pictures of {len(shapes)} encodings or sizes in one recording",
                subject=str(request.path),
                remedy="group them with --group so that each recording has one",
            )
        return self._reading(request, places, shapes.pop())

    def _reading(
        self,
        request: ReadRequest,
        places: list[tuple[int, int, int]],
        shape: tuple[str, int, int],
    ) -> Reading:
        rate = request.rate_hz or DEFAULT_RATE_HZ
        count = len(places)
        encoding, width, height = shape
        times = request.start_ns + np.round(np.arange(count) * (SECOND_NS / rate)).astype(np.int64)
        columns = {
            "sequence": np.arange(count),
            "time_ns": times,
            "offset": np.array([place[0] for place in places], np.int64),
            "length": np.array([place[1] for place in places], np.int64),
            "xxh3": np.array([place[2] for place in places], np.uint64),
        }
        notes = () if request.rate_hz else (f"no clock: {rate:g} frames per second are assumed",)
        camera = Channel(
            name=CHANNEL,
            sensor=CAMERA,
            encoding=encoding,
            messages=count,
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
                duration_ns=round(count * SECOND_NS / rate),
                channels=(camera,),
                clock="declared",
            ),
            frames=frame_rows(request, CHANNEL, encoding, columns, size=(width, height)),
            signals=signal_rows(request, ()),
            notes=notes,
        )
