"""Reads the folder of a ROS 2 bag: `metadata.yaml`, and its files in SQLite or MCAP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.folder_files import Placed, content, placed
from ringroad.ingest.joined_readings import Part, joined
from ringroad.ingest.read_mcap import read_indexed
from ringroad.ingest.read_rosbag2 import UNPACK
from ringroad.ingest.rosbag2_metadata import ROOT, Metadata, Split, parse_metadata
from ringroad.media.containers.bag2_index import index_bag2, unclosed
from ringroad.media.containers.mcap_index import McapIndex, index_mcap
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

METADATA = "metadata.yaml"
INDEXES: Mapping[str, Callable[[Path], McapIndex]] = {".db3": index_bag2, ".mcap": index_mcap}
PACKED = (".zstd", ".zst")
HEAD_BYTES = 4096
MOST_METADATA = 4 << 20
_NUMBER = re.compile(r"(\d+)")
_LAST_NUMBER = re.compile(r"\d+(?=\.\w+$)")


class Rosbag2Layout:
    """A bag is a recording, into however many files it was split."""

    name = "rosbag2-folder"
    verified = "bags of the rosbags library, and splits of them"

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder with the metadata of a bag, and files of one.

        Where the recorder was not closed there are no metadata, but its files are still named
        after the folder.
        """
        names = [path.name for path in folder.glob("[!.]*") if _suffix(path.name) in INDEXES]
        names.sort(key=_natural)
        if names and _tells_of_a_bag(folder / METADATA):
            return (FoundFolder(key="", files=(METADATA, *names)),)
        named = re.compile(re.escape(folder.name) + r"_\d+\.db3")
        if names and all(named.fullmatch(name) for name in names):
            return (FoundFolder(key="", files=tuple(names)),)
        return ()

    def read(self, request: ReadRequest) -> Reading:
        """Index one bag. Files that are missing or damaged are told, and the others read.

        Raises:
            UnreadableSource: nothing in it can be used, or it is packed as a whole.
        """
        files = placed(request)
        told = None
        if METADATA in files:
            text = content(request, files[METADATA], most=MOST_METADATA)
            told = parse_metadata(text.decode("utf-8", errors="replace"))
        notes: list[str] = []
        lost: list[str] = []
        splits = _ordered(request, told, files, notes, lost)
        parts = [_part(request, files[split.name], split, notes, lost) for split in splits]
        if all(part.reading is None for part in parts):
            raise UnreadableSource(
                f"holds nothing that can be read: {'; '.join([*lost, *notes][:3])}",
                subject=str(request.path),
                remedy="copy it again from its origin",
            )
        return joined(request, parts, notes=notes, salvaged=lost)


def _tells_of_a_bag(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return ROOT.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def _ordered(
    request: ReadRequest,
    told: Metadata | None,
    files: Mapping[str, Placed],
    notes: list[str],
    lost: list[str],
) -> list[Split]:
    """The files to read in the order of time, under the names that they have."""
    there = {name for name in files if name != METADATA}
    if told is None or not told.splits:
        notes.append(f"no {METADATA} names the files: all are read, in the order of their names")
        told = Metadata(
            splits=tuple(Split(name=name) for name in files if name in there), compression=""
        )
    found: list[Split] = []
    for split in told.splits:
        plain = _plain(split.name)
        if plain in there:
            found.append(replace(split, name=plain))
        elif any(plain + suffix in there for suffix in PACKED):
            raise _packed(request)
        else:
            lost.append(f"{split.name} is missing{_holding(split)}")
    taken = {split.name for split in found}
    series = {_series(split.name) for split in told.splits}
    if not found:  # what names no file that there is says nothing of those there are
        series |= {_series(name) for name in there}
    for name in files:
        if name in there - taken and _plain(name) not in taken:
            if _plain(name) != name:
                raise _packed(request)
            if _series(name) in series:
                notes.append(f"{METADATA} does not name {name}: it is read behind the others")
                found.append(Split(name=name))
            else:
                notes.append(f"{name} is not of this bag: left out")
    if told.compression == "message" and any(split.name.endswith(".mcap") for split in found):
        raise UnreadableSource(
            "each of its messages is compressed",
            subject=str(request.path),
            remedy="convert it with `ros2 bag convert`; MCAP compresses whole chunks itself",
        )
    return found


def _part(
    request: ReadRequest, file: Placed, split: Split, notes: list[str], lost: list[str]
) -> Part:
    """One file of the bag; what is wrong with it is told, and the others go on."""
    path = request.path / file.name
    doubt = unclosed(path)
    notes += [f"{file.name}: {doubt}"] if doubt else []
    counts: Counter[str] = Counter()
    try:
        index = INDEXES[_suffix(file.name)](path)
        for number, messages in index.messages.items():
            if number in index.channels:
                counts[index.channels[number].topic] += len(messages.log_ns)
        if index.cut:
            index = replace(index, until_ns=max(index.until_ns, split.until_ns))
        missing = split.messages - sum(len(messages.log_ns) for messages in index.messages.values())
        if split.messages >= 0 and missing > 0:
            lost.append(f"{file.name}: {missing} of {split.messages} messages are missing")
    except UnreadableSource as error:
        lost.append(f"{file.name}: {error.what}{_holding(split)}")
        return Part(file=file, reading=None, counts=counts)
    own = replace(request, path=path, files=())
    try:
        reading = read_indexed(own, index, container=Rosbag2Layout.name)
    except UnreadableSource as error:
        (lost if index.cut or index.damaged else notes).append(f"{file.name}: {error.what}")
        return Part(file=file, reading=None, counts=counts)
    return Part(file=file, reading=reading, counts=counts)


def _packed(request: ReadRequest) -> UnreadableSource:
    return UnreadableSource(
        "its files are packed as a whole, so that nothing in them can be read in place",
        subject=str(request.path),
        remedy=f"{UNPACK} {request.path.name}/*.zstd",
    )


def _holding(split: Split) -> str:
    return f", with {split.messages} messages" if split.messages > 0 else ""


def _plain(name: str) -> str:
    """The name that a file has once it is unpacked."""
    return name.removesuffix(PACKED[0]).removesuffix(PACKED[1])


def _suffix(name: str) -> str:
    return Path(_plain(name)).suffix.lower()


def _series(name: str) -> str:
    """What the names of all splits of a bag have in common: `drive_#.db3`."""
    return _LAST_NUMBER.sub("#", _plain(name))


def _natural(name: str) -> list[tuple[int, str]]:
    """`drive_2` before `drive_10`."""
    parts = _NUMBER.split(name)
    return [(int(part), part) if number % 2 else (0, part) for number, part in enumerate(parts)]
