"""Fields of JSON messages by name: a `Fields` of Foxglove's.

Bytes lie in JSON as base64; they are found where they lie, and decoded when they are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.base64_text import BASE64, bytes_of, from_base64
from ringroad.media.message import Batch, Octets
from ringroad.media.pictures.images import encoding_of, size_of
from ringroad.media.wire.cdr import MOST_NAME_BYTES

MOST_SECONDS = 9_000_000_000
"""After 1970: nanoseconds since then must fit into 64 bits."""
REMEDY = "record it again; fields must be as Foxglove's schemas say"


class JsonFields:
    """The fields of n objects. What one does not say is not a number, or empty.

    Args:
        objects: parsed; one that is none counts as empty.
        texts: each as it lies in the buffer, and where it begins; empty for inner objects.
    """

    def __init__(self, objects: Sequence[Any], texts: Sequence[tuple[bytes, int]] = ()) -> None:
        self.objects = [item if isinstance(item, dict) else {} for item in objects]
        self._texts = texts

    @property
    def count(self) -> int:
        """How many objects."""
        return len(self.objects)

    def numbers(self, name: str) -> np.ndarray:
        """(n,) float64."""
        return np.array([_number(item.get(name)) for item in self.objects], np.float64)

    def texts(self, name: str) -> list[str]:
        """A string of each."""
        return [_text(item.get(name)) for item in self.objects]

    def first(self, name: str) -> str:
        """A string of the first object."""
        return _text(self.objects[0].get(name)) if self.objects else ""

    def octets(self, name: str) -> Octets:
        """Where the text of bytes lies in the buffer."""
        begins, lengths, sizes = np.zeros((3, self.count), np.int64)
        for at, (item, (text, begin)) in enumerate(zip(self.objects, self._texts, strict=True)):
            value = item.get(name)
            quoted = f'"{value}"'.encode() if isinstance(value, str) else b""
            place = text.find(quoted) if quoted else -1
            if place >= 0:
                begins[at], lengths[at] = begin + place + 1, len(quoted) - 2
                sizes[at] = bytes_of(quoted[1:-1])
        return Octets(begins=begins, lengths=lengths, sizes=sizes, encoded=BASE64)

    def stamps(self, name: str) -> np.ndarray:
        """(n,) int64 ns."""
        return np.array([_stamp(item.get(name)) for item in self.objects], np.int64)

    def inner(self, name: str) -> JsonFields:
        """The object that a field holds, of each."""
        return JsonFields([item.get(name) for item in self.objects])

    def listed(self, name: str) -> tuple[JsonFields, np.ndarray]:
        """All objects in a list, and which of ours each belongs to."""
        found = [
            (row, part)
            for row, item in enumerate(self.objects)
            if isinstance(item.get(name), list)
            for part in item[name]
        ]
        rows = np.array([row for row, _ in found], np.int64)
        return JsonFields([part for _, part in found]), rows

    def vectors(self, name: str, most: int) -> list[tuple[float, ...]]:
        """Numbers in a list, of each; at most so many."""
        found = []
        for item in self.objects:
            value = item.get(name)
            listed = value if isinstance(value, list) else []
            if len(listed) > most:
                raise UnreadableSource(f"{name} has {len(listed)} numbers", remedy=REMEDY)
            found.append(tuple(_number(part) for part in listed))
        return found


def json_fields(batch: Batch) -> JsonFields:
    """The fields of messages in JSON.

    Raises:
        UnreadableSource: one of them is no JSON.
    """
    pairs = zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)
    texts = [(batch.buffer[begin:end].tobytes(), begin) for begin, end in pairs]
    try:
        objects = [json.loads(text) for text, _ in texts]
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"a message is no JSON: {error}", remedy=REMEDY) from error
    return JsonFields(objects, texts)


def base64_header(text: memoryview) -> tuple[str, tuple[int, int]]:
    """Encoding, width and height of a JPEG or PNG that lies as base64; empty text for none."""
    try:
        data = from_base64(text)
        return BASE64 + encoding_of(data), size_of(data)
    except UnreadableSource:
        return "", (0, 0)


def _number(value: object) -> float:
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            pass
    return float("nan")


def _text(value: object) -> str:
    return value[:MOST_NAME_BYTES] if isinstance(value, str) else ""


def _stamp(value: object) -> int:
    """Nanoseconds of `{"sec": ..., "nsec": ...}`; 0 for anything else."""
    told = value if isinstance(value, dict) else {}
    seconds, nanoseconds = told.get("sec"), told.get("nsec", 0)
    if not isinstance(seconds, int) or not isinstance(nanoseconds, int):
        return 0
    whole = 0 <= seconds < MOST_SECONDS and 0 <= nanoseconds < SECOND_NS
    return seconds * SECOND_NS + nanoseconds if whole else 0
