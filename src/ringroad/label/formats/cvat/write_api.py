"""Makes CVAT's tasks: frames of one channel with shapes, tracks of key frames, and label names.

Numbers of labels and attributes are the server's; `backends.cvat_http` puts them in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ringroad.domain.annotation import BOX, MASK, MODEL, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.carried import ID, KEY, TRACK, carried
from ringroad.label.formats.cvat.shapes import Size, corners_of, crop_of, flags_of
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.intake.track_fill import filled_between
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.returning.unchanged import UNMOVED_PX
from ringroad.label.formats.tool_form import Sending

TASK_FRAMES = 200
"""Of one task: what an annotator opens, and what is sent anew after an interruption."""
LONGEST_NAME, LONGEST_VALUE = 64, 4096
"""Characters that CVAT has for names of labels and attributes, and for a value."""
UNSAID = "-"
"""First of a list of values: nobody said any."""
INTERPOLATED = "interpolated"
"""Attribute of a shape that nobody drew: where it lay. Whoever moves it has drawn it."""
TYPES = {
    BOX: "rectangle",
    ROTATED_BOX: "rectangle",
    POLYGON: "polygon",
    POLYLINE: "polyline",
    POINT: "points",
    MASK: "mask",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """An annotation of a task, the place of its frame in it, and the frame's size."""

    at: int
    item: Drawn
    size: Size


def labels_of(out: Outgoing, sending: Sending) -> list[dict[str, Any]]:
    """Labels of a project: categories with the attributes that their annotations have or may have.

    Raises:
        InvalidAnnotations: the name of a category is too long for CVAT, or there is none.
    """
    if not out.categories:
        raise InvalidAnnotations(
            "no category is known, and CVAT needs them to draw",
            remedy="push a labelling order: its guideline says them",
        )
    used: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in out.categories}
    for part in out.parts():
        for _, item in part.drawn():
            for name, value in _said(item, tracked=False).items():
                used[item.category][name].add(value)
    return [_label(name, used[name], sending) for name in out.categories]


def _label(category: str, used: Mapping[str, set[str]], sending: Sending) -> dict[str, Any]:
    if len(category) > LONGEST_NAME:
        raise InvalidAnnotations(
            f"CVAT's names have at most {LONGEST_NAME} letters",
            subject=category,
            remedy="give the category a shorter name",
        )
    choices = sending.choices.get(category, {})
    names = sorted({ID, INTERPOLATED, *used, *choices} - {TRACK})
    attributes = [_attribute(TRACK, [], mutable=False)]
    for name in names:
        if len(name) <= LONGEST_NAME:
            allowed = choices.get(name, ())
            values = [*allowed, *sorted(used.get(name, set()) - {*allowed})] if allowed else []
            attributes.append(_attribute(name, values, mutable=True))
    return {"name": category, "type": "any", "attributes": attributes}


def _attribute(name: str, values: Sequence[str], *, mutable: bool) -> dict[str, Any]:
    return {
        "name": name,
        "mutable": mutable,
        "input_type": "select" if values else "text",
        "default_value": UNSAID if values else "",
        "values": [UNSAID, *values] if values else [""],
    }


def tasks_of(part: Part, sending: Sending) -> Iterator[dict[str, Any]]:
    """A task for each run of frames of a channel. Raises InvalidAnnotations as masks need sizes."""
    pictures = list(part.by_picture())
    for channel, run in groupby(pictures, key=lambda row: _channel(row[1]["frame_id"])):
        rows = list(run)
        for start in range(0, len(rows), TASK_FRAMES):
            some = [(picture, items) for _, picture, items in rows[start : start + TASK_FRAMES]]
            yield _task(channel, some, sending)


def _channel(frame: str) -> str:
    recording, channel, _ = frame_parts(FrameId(frame))
    return f"{recording}/{channel}"


def _task(
    channel: str, pictures: Sequence[tuple[dict[str, Any], list[Drawn]]], sending: Sending
) -> dict[str, Any]:
    frames = [picture["frame_id"] for picture, _ in pictures]
    numbers = [frame_parts(FrameId(frame))[2] for frame in frames]
    placed = [
        _Placed(at, item, (picture["width"], picture["height"]))
        for at, (picture, items) in enumerate(pictures)
        for item in items
    ]
    tracks: dict[tuple[str, str, str], list[_Placed]] = defaultdict(list)
    shapes = []
    for one in placed:
        if one.item.track and one.item.shape != MASK:
            tracks[one.item.track, one.item.category, one.item.shape].append(one)
        else:
            shapes.append(_shape(one, sending))
    return {
        "name": f"{channel} {numbers[0]}-{numbers[-1]}",
        "frames": frames,
        "shapes": shapes,
        "tracks": [_track(rows, numbers, sending) for _, rows in sorted(tracks.items())],
    }


def _shape(one: _Placed, sending: Sending) -> dict[str, Any]:
    """A shape that is no part of a track."""
    body, group = _body(one, sending, tracked=False)
    source = "auto" if one.item.source == MODEL else "manual"
    return {**body, "label": one.item.category, "group": group, "source": source}


def _track(rows: Sequence[_Placed], numbers: Sequence[int], sending: Sending) -> dict[str, Any]:
    """A track: its key frames, and where it ends; what lies between as drawn is left out."""
    first = rows[0].item
    shown = {one.at for one in rows}
    shapes: list[dict[str, Any]] = []
    group = 0
    unsaid: dict[str, str] = {}
    for one in _needed(rows, numbers):
        body, group = _body(one, sending, tracked=True)
        unsaid |= dict.fromkeys(body["attributes"], UNSAID)
        body["attributes"] = unsaid | body["attributes"]  # else the frame before holds on
        shapes.append({**body, "outside": False})
        if one.at + 1 < len(numbers) and one.at + 1 not in shown:
            shapes.append({**body, "frame": one.at + 1, "outside": True})
    return {
        "label": first.category,
        "frame": rows[0].at,
        "group": group,
        "source": "auto" if first.source == MODEL else "manual",
        "attributes": {TRACK: first.track},
        "shapes": shapes,
    }


def _needed(rows: Sequence[_Placed], numbers: Sequence[int]) -> list[_Placed]:
    """Key frames, ends, and what lies elsewhere than a straight line between them would."""
    shown = {one.at for one in rows}
    ends = {at for at in shown if at - 1 not in shown or at + 1 not in shown}
    sent = {one.at: one.item for one in rows if one.item.key or one.at in ends}
    while True:  # what is sent moves the line beside it
        made = filled_between(sent, numbers, shown)
        off = {one.at: one.item for one in rows
               if one.at not in sent and not _alike(one.item, made.get(one.at))}  # fmt: skip
        if not off:
            return [one for one in rows if one.at in sent]
        sent |= off


def _alike(item: Drawn, made: Drawn | None) -> bool:
    if made is None or made.shape != item.shape or len(made.points) != len(item.points):
        return False
    pairs = zip(_numbers(item), _numbers(made), strict=True)
    unmoved = all(abs(a - b) <= UNMOVED_PX / 2 for a, b in pairs)
    return unmoved and _said(item, tracked=True) == _said(made, tracked=True)


def _body(one: _Placed, sending: Sending, *, tracked: bool) -> tuple[dict[str, Any], int]:
    """What shapes and key frames of tracks have alike; and its group."""
    item = one.item
    own = _said(item, tracked=tracked)
    occluded, depth, group = flags_of(own)
    if not item.key:
        own[INTERPOLATED] = place_of(item)
    points, angle = _points(one)
    kept = {name: value for name, value in own.items() if _fits(name, value)}
    body = {
        "type": TYPES[item.shape],
        "frame": one.at,
        "occluded": occluded,
        "z_order": _whole(depth),
        "rotation": angle,
        "points": points,
        "attributes": kept,
    }
    for name in sorted(own.keys() - kept.keys()):
        sending.losses.add(
            f"attribute {name[:LONGEST_NAME]}",
            f"CVAT's names have {LONGEST_NAME} letters, its values {LONGEST_VALUE}",
            examples=[item.id],
        )
    return body, _whole(group)


def place_of(item: Drawn) -> str:
    """Where an annotation lies, as `INTERPOLATED` says it."""
    return " ".join(f"{value:.3f}" for value in _numbers(item))


def is_moved(item: Drawn, place: str) -> bool:
    """Whether an annotation lies elsewhere than `place_of` said."""
    try:
        was = [float(word) for word in place.split()]
    except ValueError:
        return True
    now = _numbers(item)
    return len(was) != len(now) or any(
        abs(a - b) > UNMOVED_PX for a, b in zip(was, now, strict=True)
    )


def _numbers(item: Drawn) -> list[float]:
    return item.points or [item.x, item.y, item.w, item.h]


def _said(item: Drawn, *, tracked: bool) -> dict[str, str]:
    """Attributes to send. Frames of a track are found again by its name, which stands apart."""
    own = carried(item, track=not tracked)
    own.pop(KEY, None)
    if tracked:
        del own[ID]
    return own


def _fits(name: str, value: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and len(value) <= LONGEST_VALUE


def _whole(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() else 0


def _points(one: _Placed) -> tuple[list[float], float]:
    item = one.item
    if item.shape in {BOX, ROTATED_BOX}:
        return corners_of(item)
    if item.shape == MASK:
        if min(one.size) <= 0:
            raise InvalidAnnotations(
                "the size of its picture is not known, and masks of CVAT need it", subject=item.id
            )
        runs, (left, top, w, h) = crop_of(item, one.size)
        return [*map(float, runs), left, top, left + w - 1.0, top + h - 1.0], 0.0
    return [float(value) for value in item.points], 0.0
