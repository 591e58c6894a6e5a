"""Readers against damaged files, inside the sandbox that they run in anyway.

Each function runs in the worker: what it returns is how a reader took one file.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import numpy as np

from ringroad.domain.errors import RingroadError
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.discover import HEAD_BYTES, discover
from ringroad.ingest.reading import read_source
from ringroad.media.pictures.images import JPEG
from ringroad.media.pictures.picture import decode_picture
from ringroad.media.pictures.raw import DNG
from ringroad.plugins import READERS
from ringroad.protocols.reader import Reader, ReadRequest

READ = "read"
UNKNOWN = "not recognised"
VEHICLE = vehicle_id("fuzz")
PICTURES = (".jpg", ".png")


def take(path: str, name: str) -> tuple[str, float, int]:
    """One file through the readers' own door.

    Returns:
        `read`, `not recognised`, or the code of the error; seconds; peak memory of this process
        in bytes.
    """
    begin = time.perf_counter()
    try:
        outcome = _taken(Path(path), name)
    except RingroadError as error:
        outcome = error.code
    return outcome, time.perf_counter() - begin, peak_bytes()


def take_folder(path: str) -> tuple[str, float, int]:
    """Every recording of a folder through the readers' own door; returns as `take`.

    Of several recordings the first error is told, and the time of the slowest.
    """
    begin = time.perf_counter()
    slowest, outcome = 0.0, UNKNOWN
    for source in discover([Path(path)]).sources:
        try:
            read_source(source.reader, _request(source.path, source.source_key, source.files))
            outcome = READ if outcome == UNKNOWN else outcome
        except RingroadError as error:
            outcome = error.code if outcome in {UNKNOWN, READ} else outcome
        slowest, begin = max(slowest, time.perf_counter() - begin), time.perf_counter()
    return outcome, slowest, peak_bytes()


def decode(data: bytes, name: str) -> tuple[str, float, int]:
    """One picture through the decoder; returns as `take`."""
    begin = time.perf_counter()
    try:
        kind = DNG if name.endswith(".dng") else JPEG
        pixels: np.ndarray = decode_picture(data, (kind, 64, 48))
        outcome = READ if pixels.ndim == 3 else "wrong shape"
    except RingroadError as error:
        outcome = error.code
    return outcome, time.perf_counter() - begin, peak_bytes()


def idle_bytes() -> int:
    """What this process holds with every reader loaded and nothing read."""
    for name in READERS.names():
        READERS.load(name)
    return peak_bytes()


def peak_bytes() -> int:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _taken(path: Path, name: str) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for reader_name in READERS.names():
        reader: Reader = READERS.load(reader_name)()
        if reader.recognises(head, name):
            read_source(reader_name, _request(path, name, (path.name,)))
            return READ
    return UNKNOWN


def _request(path: Path, name: str, files: tuple[str, ...]) -> ReadRequest:
    return ReadRequest(
        path=path.parent if name.endswith(PICTURES) else path,
        source=digest_of(name.encode()),
        recording=recording_id(VEHICLE, name),
        vehicle=VEHICLE,
        source_key=name,
        rate_hz=10.0,
        files=files,
    )
