"""WebDataset: tar shards of one JSON per picture, and the picture where it is at hand."""

from __future__ import annotations

import json
import tarfile
from typing import Any

from ringroad.domain.annotation import SHAPES
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.carried import take_back, text_of
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.outgoing.outgoing import FIELDS, Holds, Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink
from ringroad.label.formats.pictures import UNKNOWN

SAMPLE_LIMIT = 64 << 20
_BLOCK = 512
_PLAIN = ("shape", "points", "parts", "mask", "space", "light_state", "key", "guideline", "author",
          "source")  # fmt: skip
_DEFAULTS = Drawn(category="")


class WebDatasetWriter:
    """A shard per part; keys are frame ids without slashes and dots."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """Nothing."""

    def part(self, part: Part, sink: Sink) -> None:
        """One shard."""
        shard = f"labels-{part.number:06d}.tar"
        for at, picture, items in part.by_picture():
            key = picture["frame_id"].replace("/", "+").replace(".", "_")
            sink.append(_member(f"{key}.json", canonical_json(_sample(picture, items))), shard)
            if self._out.picture is not None:
                suffix, data = self._out.picture(at)
                sink.append(_member(f"{key}{suffix}", data), shard)
        sink.append(bytes(2 * _BLOCK), shard)

    def end(self, sink: Sink) -> None:
        """Nothing."""


def _member(name: str, data: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % _BLOCK)


def _sample(picture: dict[str, Any], items: list[Drawn]) -> dict[str, Any]:
    return {**picture, "annotations": [_annotation(item) for item in items]}


def _annotation(item: Drawn) -> dict[str, Any]:
    """A plain box is short; what is as usual is left out."""
    found: dict[str, Any] = {
        "annotation_id": item.id,
        "category": item.category,
        "bbox": [item.x, item.y, item.w, item.h],
    }
    for name in _PLAIN:
        value = getattr(item, name)
        if value != getattr(_DEFAULTS, name):
            found[name] = value
    if item.track:
        found["track_id"] = item.track
    return found | ({"attributes": item.attributes} if item.attributes else {})


def read_webdataset(files: LabelFiles, intake: Intake) -> None:
    """Samples as `WebDatasetWriter` makes them. Names in the tar are never used as paths.

    Raises:
        InvalidAnnotations: no tar, or a sample that is too large.
    """
    for name in files.of_kind(".tar"):
        try:
            with files.open(name) as file, tarfile.open(fileobj=file, mode="r|") as tar:
                while (member := tar.next()) is not None:
                    tar.members = []  # type: ignore[attr-defined]  # or it keeps every one of them
                    if member.isfile() and member.name.endswith(".json"):
                        if member.size > SAMPLE_LIMIT:
                            raise InvalidAnnotations(
                                f"{member.name!r} has {member.size:,} bytes",
                                subject=files.subject(name),
                            )
                        data = tar.extractfile(member)
                        _read_sample(data.read() if data else b"", f"{name}, {member.name}", intake)
        except (tarfile.TarError, EOFError) as error:
            raise InvalidAnnotations(
                f"not a whole tar: {error}", subject=files.subject(name), remedy="write it again"
            ) from error


def _read_sample(data: bytes, place: str, intake: Intake) -> None:
    try:
        sample = json.loads(data)
        names = [sample[key] for key in ("frame_id", "name") if isinstance(sample.get(key), str)]
        rows = [row for row in sample["annotations"] if isinstance(row, dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intake.refuse("not-an-object", place, "a sample with annotations should stand here")
        return
    size = (sample.get("width") or None, sample.get("height") or None)
    picture = intake.picture(*(names or [""]), place=place, size=size)
    if picture == UNKNOWN:
        return
    for number, row in enumerate(rows):
        at = f"{place}, annotations[{number}]"
        try:
            drawn = _drawn(row)
        except (KeyError, TypeError, ValueError) as error:
            intake.refuse("no-shape", at, f"it cannot be read: {error}", "", picture)
            continue
        intake.add(picture, drawn, number, at)


def _drawn(row: dict[str, Any]) -> Drawn:
    x, y, w, h = (float(value) for value in row["bbox"])
    drawn = Drawn(category=str(row["category"]), x=x, y=y, w=w, h=h)
    drawn.points = [float(value) for value in row.get("points", ())]
    drawn.parts = [int(value) for value in row.get("parts", ())]
    for name in ("shape", "mask", "space", "light_state", "guideline", "author", "source"):
        setattr(drawn, name, text_of(row.get(name, getattr(drawn, name))))
    if drawn.shape not in SHAPES:
        raise ValueError(f"unknown shape {drawn.shape!r}")
    attributes = row.get("attributes", {})
    drawn.track = text_of(row.get("track_id", ""))
    drawn.id = text_of(row.get("annotation_id", ""))
    drawn.key = row.get("key", True) is not False
    take_back(drawn, attributes if isinstance(attributes, dict) else {})
    return drawn


def is_webdataset(files: LabelFiles) -> bool:
    """Files that are tars."""
    return any(name.endswith(".tar") for name in files.names())


WEBDATASET = Format(
    name="webdataset",
    title="WebDataset",
    holds=Holds(shapes=dict.fromkeys(SHAPES, ""), fields=frozenset(FIELDS)),
    read=read_webdataset,
    writer=WebDatasetWriter,
    recognises=is_webdataset,
    folder=True,
    verified="",
)
