"""What `metadata.yaml` says of a ROS 2 bag: its files in order, and what each should hold.

Only the block style of YAML is read in which rosbag2 writes it; texts over several lines, anchors
and types are passed over. Nothing else of the file is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ROOT = "rosbag2_bagfile_information"
Key = tuple[str | int, ...]
_LINE = re.compile(r"( *)((?:- +|-$){0,3})(?:([A-Za-z_]\w*):(?: +|$))?(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One file of a bag, as its metadata tells of it.

    Attributes:
        name: without a folder.
        until_ns: when its last message was recorded; 0 where that is not told.
        messages: how many it holds; -1 where that is not told.
    """

    name: str
    until_ns: int = 0
    messages: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the metadata of a bag says.

    Attributes:
        splits: its files in order.
        compression: what was compressed, `file` or `message`; empty where nothing was.
    """

    splits: tuple[Split, ...]
    compression: str


def parse_metadata(text: str) -> Metadata | None:
    """The metadata of a bag; None where the text tells of none."""
    told: dict[Key, str] = {}
    for key, value in _flat(text):
        if key[0] == ROOT and len(key) <= 5:
            told.setdefault(key[1:], value)
    if not told:
        return None
    files = _splits(told)
    named = [name for at in range(len(told)) if (name := told.get(("relative_file_paths", at)))]
    names = [name.replace("\\", "/").rpartition("/")[2] for name in named]
    mode = told.get(("compression_mode",), "").lower()
    return Metadata(
        splits=tuple(files.get(name, Split(name=name)) for name in dict.fromkeys(names)),
        compression="" if mode == "none" else mode,
    )


def _splits(told: dict[Key, str]) -> dict[str, Split]:
    """What is told of each file; the metadata of old versions tell of the bag as a whole."""
    found: dict[str, Split] = {}
    for at in range(len(told)):
        name = told.get(("files", at, "path"), "").replace("\\", "/").rpartition("/")[2]
        if not name:
            break
        begin = _number(told.get(("files", at, "starting_time", "nanoseconds_since_epoch"), ""))
        lasts = _number(told.get(("files", at, "duration", "nanoseconds"), ""))
        found[name] = Split(
            name=name,
            until_ns=begin + lasts if begin >= 0 and lasts >= 0 else 0,
            messages=_number(told.get(("files", at, "message_count"), "")),
        )
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


def _flat(text: str) -> Iterator[tuple[Key, str]]:
    """Each scalar that stands on one line, and the keys and places in lists that lead to it."""
    open_: list[tuple[int, str | int]] = []  # indentation and key, from the outermost on
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None or not line.strip() or line.lstrip().startswith("#"):
            continue
        spaces, dashes, key, value = match.groups()
        at = len(spaces)
        for step in dashes.split("-")[1:]:
            last = -1
            while open_ and (open_[-1][0] > at or (open_[-1][0] == at and _is_item(open_[-1]))):
                indent, place = open_.pop()
                last = int(place) if indent == at else last
            open_.append((at, last + 1))
            at += 1 + len(step)
        if key is None:
            if dashes:
                yield tuple(part for _, part in open_), _scalar(value)
            continue
        while open_ and open_[-1][0] >= at:
            open_.pop()
        open_.append((at, key))
        if value:
            yield tuple(part for _, part in open_), _scalar(value)


def _is_item(level: tuple[int, str | int]) -> bool:
    return isinstance(level[1], int)


def _scalar(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
