"""Reads raw pictures: DNG, and plain Bayer values whose layout is declared; decodes none.

A file by itself is a recording of one frame, and so is a folder of nothing else one of as many.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.folder_files import Placed, Shot, at_rate, content, left_out, placed, text
from ringroad.ingest.folder_rows import folder_reading, picture_lane
from ringroad.media.pictures.picture import Kind
from ringroad.media.pictures.raw import DNG, Bayer, check_bayer, dng_size
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CHANNEL = "camera"
RATE_HZ = 1.0
DNG_SUFFIX, PLAIN_SUFFIX, SIDECAR = ".dng", ".raw", ".raw.json"
BESIDE = {".csv", ".json", ".md", ".txt", ".xml", ".yaml", ".yml"}
"""Files that may lie beside raw pictures in their folder."""
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""First bytes of TIFF files."""
DNG_VERSION = 50706
"""The tag that tells a DNG from other TIFF files."""
KEYS = {"width", "height", "pattern", "bits", "container", "black", "white"}
REMEDY = (
    "name it such as x_1920x1080_rggb_10bit_in_u16le.raw, or declare width, height, pattern, bits "
    "and container in x.raw.json beside it, in a folder of raw pictures alone"
)
_NAME = re.compile(r"(\d{1,5})x(\d{1,5})_([rgb]{4})_(\d{1,2})bit_in_(\w{1,8})\.raw$")

Declared = tuple[Bayer, tuple[int, int]]
"""How values are laid out, and the picture's width and height."""


class RawPictureReader:
    """One file; a plain one tells its layout by its name."""

    name = "raw-picture"
    suffixes = (DNG_SUFFIX, PLAIN_SUFFIX)
    verified = "a DNG, rendered as libraw does; two plain pictures, by their sizes and by eye"

    def recognises(self, head: bytes, name: str) -> bool:
        """A TIFF file that is a DNG; plain values by the end of the name alone."""
        tiff = head[:4] in ORDERS and name.lower().endswith(DNG_SUFFIX)
        return tiff or is_dng(head) or name.lower().endswith(PLAIN_SUFFIX)

    def read(self, request: ReadRequest) -> Reading:
        """Index one file. Raises UnreadableSource."""
        path, called = request.path, Path(request.source_key).name
        file = Placed(name=path.name, offset=0, size_bytes=path.stat().st_size)
        found = declared_by_name(called)
        lies = replace(request, path=path.parent)
        try:
            kind_of(content(lies, file), found)
        except UnreadableSource as error:
            raise UnreadableSource(error.what, subject=called, remedy=error.remedy) from error
        return _reading(lies, [file], {file.name: found}, [], container=self.name)


class RawPicturesLayout:
    """A folder of nothing but raw pictures, in the order of their names, and their sidecars."""

    name = "raw-pictures"
    verified = RawPictureReader.verified

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """Without folders below it, or other files than those that lie beside recordings."""
        try:
            inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        except OSError:
            return ()
        raw = [path.name for path in inside if _is_raw(path.name)]
        others = [path for path in inside if path.name not in raw]
        if not raw or any(path.suffix.lower() not in BESIDE or path.is_dir() for path in others):
            return ()
        sidecars = [path.name for path in others if path.name.lower().endswith(SIDECAR)]
        return (FoundFolder(key="", files=(*raw, *sidecars)),)

    def read(self, request: ReadRequest) -> Reading:
        """Index one folder. Raises UnreadableSource."""
        files = placed(request)
        notes: list[str] = []
        pictures = [file for name, file in files.items() if _is_raw(name)]
        declared: dict[str, Declared | None] = {}
        for file in pictures:
            name, found = file.name, declared_by_name(file.name)
            sidecar = files.get(f"{name}.json")
            if sidecar is not None:
                try:
                    found = declared_beside(text(request, sidecar))
                except UnreadableSource as error:
                    notes.append(f"{sidecar.name}: {error.what}; left out")
            declared[name] = found
        return _reading(request, pictures, declared, notes, container=self.name)


def is_dng(head: bytes) -> bool:
    """Whether the first directory of a TIFF file, in these first bytes, has the tag of a DNG."""
    order = ORDERS.get(head[:4], "")
    try:
        (at,) = struct.unpack_from(f"{order}I", head, 4)
        (count,) = struct.unpack_from(f"{order}H", head, at)
        tags = (struct.unpack_from(f"{order}H", head, at + 2 + 12 * n)[0] for n in range(count))
        return bool(order) and DNG_VERSION in tags
    except struct.error:
        return False


def declared_by_name(name: str) -> Declared | None:
    """What a name such as `x_1920x1080_rggb_10bit_in_u16le.raw` tells; None where it tells none."""
    match = _NAME.search(name.lower())
    if match is None:
        return None
    width, height, pattern, bits, container = match.groups()
    try:
        bayer = Bayer(pattern=pattern, bits=int(bits), container=container)
    except UnreadableSource:
        return None
    return bayer, (int(width), int(height))


def declared_beside(told: str) -> Declared:
    """What a sidecar tells: JSON with the fields of `Bayer`, `width` and `height`.

    Raises:
        UnreadableSource: it tells no layout, or something else as well.
    """
    try:
        found = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"is no JSON: {str(error)[:200]}", remedy=REMEDY) from error
    if not isinstance(found, dict) or not found.keys() <= KEYS:
        raise UnreadableSource(f"declares other things than {', '.join(sorted(KEYS))}")
    numbers = [found.get(key, 0) for key in ("width", "height", "bits", "black", "white")]
    words = [found.get(key, "") for key in ("pattern", "container")]
    whole = all(type(number) is int and 0 <= number < 100_000 for number in numbers)
    if not whole or not all(isinstance(word, str) for word in words):
        raise UnreadableSource("declares numbers or words that are none", remedy=REMEDY)
    width, height, bits, black, white = numbers
    pattern, container = words
    bayer = Bayer(pattern=pattern.lower(), bits=bits, container=container, black=black, white=white)
    return bayer, (width, height)


def _is_raw(name: str) -> bool:
    return name.lower().endswith((DNG_SUFFIX, PLAIN_SUFFIX))


def kind_of(data: bytes, declared: Declared | None) -> Kind:
    """Encoding, width and height of a picture. Raises UnreadableSource."""
    if data[:4] in ORDERS:
        return (DNG, *dng_size(data))
    if declared is None:
        raise UnreadableSource("nothing tells its size and layout", remedy=REMEDY)
    bayer, shape = declared
    check_bayer(bayer, len(data), shape)
    return (str(bayer), *shape)


def _reading(
    request: ReadRequest,
    files: Sequence[Placed],
    declared: Mapping[str, Declared | None],
    notes: Sequence[str],
    *,
    container: str,
) -> Reading:
    time_of = at_rate(request, RATE_HZ)
    taken = [
        Shot(file=file, sequence=number, time_ns=time_ns)
        for number, file in enumerate(files)
        if (time_ns := time_of(number)) is not None
    ]
    late = [file.name for file in files[len(taken) :]]
    rate = request.rate_hz or RATE_HZ
    lane = picture_lane(
        request, CHANNEL, taken, kind_of=lambda name, data: kind_of(data, declared[name])
    )
    return folder_reading(
        request,
        container=container,
        clock="declared",
        cameras=[lane],
        notes=(
            *((f"no clock: {rate:g} frames per second are assumed",) if len(files) > 1 else ()),
            *notes,
            *left_out({"have no time": late} if late else {}),
        ),
    )
