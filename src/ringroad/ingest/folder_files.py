"""The files of a folder recording: where each lies in the source, its bytes, its number and time.

Layouts say which files are what; `folder_rows.py` makes rows of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.clock_text import LATEST_NS
from ringroad.protocols.reader import ReadRequest

MOST_BYTES = 256 << 20
"""A file that is longer is left out before it is read."""
MOST_TEXT = 16 << 20
NAMED = 3
"""So many files are named of those that were left out."""
_NUMBER = re.compile(r"(?:^|\D)(\d{1,10})\.\w+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One file of a recording.

    Attributes:
        name: relative to the folder.
        offset: of its first byte in the source, which is all files one after the other.
        size_bytes: its length.
    """

    name: str
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A file that holds one picture or sweep, and when it was taken."""

    file: Placed
    sequence: int
    time_ns: int


def placed(request: ReadRequest) -> dict[str, Placed]:
    """The files of a recording by name, in the order of the source."""
    found, offset = {}, 0
    for name in request.files:
        size = (request.path / name).stat().st_size
        found[name] = Placed(name=name, offset=offset, size_bytes=size)
        offset += size
    return found


def content(request: ReadRequest, file: Placed, *, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file. Raises UnreadableSource where it is longer than `most`."""
    if file.size_bytes > most:
        raise UnreadableSource(
            f"has {file.size_bytes} bytes",
            subject=str(request.path),
            place=file.name,
            remedy=f"at most {most >> 20} MiB are read",
        )
    with (request.path / file.name).open("rb") as opened:
        return opened.read(file.size_bytes)


def text(request: ReadRequest, file: Placed) -> str:
    """A file of text; bytes that are none become question marks. Errors as `content`."""
    return content(request, file, most=MOST_TEXT).decode("utf-8", errors="replace")


def below(files: Mapping[str, Placed], folder: str) -> list[Placed]:
    """Those whose names say that they lie directly in a folder."""
    return [file for name, file in files.items() if name.rpartition("/")[0] == folder]


def number_of(name: str) -> int | None:
    """The number that a file is named by: 7 of `image_02/data/0000000007.png`."""
    match = _NUMBER.search(name)
    return int(match[1]) if match else None


def shots(
    files: Sequence[Placed], time_of: Callable[[int], int | None]
) -> tuple[list[Shot], list[str]]:
    """Files named by numbers, in their order, each at its time; and notes on those left out."""
    found: dict[int, Shot] = {}
    left: dict[str, list[str]] = {}
    for file in files:
        number = number_of(file.name)
        time_ns = None if number is None else time_of(number)
        if number is None or time_ns is None:
            left.setdefault("have no time", []).append(file.name)
        elif number in found:
            left.setdefault("have a number that another has", []).append(file.name)
        else:
            found[number] = Shot(file=file, sequence=number, time_ns=time_ns)
    return [found[number] for number in sorted(found)], left_out(left)


def left_out(files: dict[str, list[str]]) -> list[str]:
    """Notes on files by what is wrong with them."""
    return [
        f"{len(names)} files {why} and were left out: {', '.join(names[:NAMED])}"
        for why, names in files.items()
    ]


def at_rate(request: ReadRequest, default_hz: float) -> Callable[[int], int | None]:
    """When each number was taken where there is no clock: by the declared rate."""
    step_ns = SECOND_NS / (request.rate_hz or default_hz)

    def time_of(number: int) -> int | None:
        time_ns = request.start_ns + round(number * step_ns)
        return time_ns if time_ns <= LATEST_NS else None

    return time_of
