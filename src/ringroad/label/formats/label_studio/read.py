"""Reads Label Studio's JSON: tasks with regions in percent of the picture, as a stream."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ringroad.domain.annotation import MODEL, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import take_back
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

REGIONS = {
    "rectanglelabels": "rectanglelabels",
    "polygonlabels": "polygonlabels",
    "keypointlabels": "keypointlabels",
}
SAID = ("choices", "textarea", "rating", "number")
"""Kinds of results that are attributes of the region whose id they have."""


def read_label_studio(files: LabelFiles, intake: Intake) -> None:
    """Each task was looked at where it has an annotation that was not cancelled, or predictions.

    Of several annotations of a task the newest counts; predictions where there is none. Raises
    InvalidAnnotations.
    """
    for name in files.of_kind(".json"):
        with files.open(name) as file:
            stream = JsonStream(file, subject=files.subject(name))
            read_tasks(stream.items(), intake)
            stream.end()


def read_tasks(tasks: Iterable[Any], intake: Intake) -> None:
    """Tasks as an export or the server's API has them."""
    for number, task in enumerate(tasks):
        place = f"task {number}"
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            intake.refuse("not-an-object", place, "a task with data should stand here")
            continue
        place = f"task {number}, id {task.get('id')!r}"
        answer, source = _answer(task, place, intake)
        if answer is None:
            continue
        picture = intake.picture(*picture_names(task["data"]), place=place)
        if picture == UNKNOWN:
            continue
        _regions(answer, picture, place, intake, source)


def picture_names(data: Mapping[str, Any]) -> list[str]:
    """Names of a task's picture, surest first: our frame id, then what the path or URL ends in."""
    found = [data["frame_id"]] if isinstance(data.get("frame_id"), str) else []
    for key in ("image", "img", *sorted(data)):
        value = data.get(key)
        if isinstance(value, str) and value:
            parts = urlsplit(value)
            found += [unquote(item) for item in parse_qs(parts.query).get("d", [])]
            found += [value, unquote(parts.path).lstrip("/")]
            break
    return found or [""]


def _answer(task: Mapping[str, Any], place: str, intake: Intake) -> tuple[list[Any] | None, str]:
    """The regions that count, and their source."""
    done = [
        one
        for one in task.get("annotations") or ()
        if isinstance(one, dict) and not one.get("was_cancelled")
    ]
    if len(done) > 1:
        intake.losses.add(
            "annotations of one task", "the newest counts", count=len(done) - 1, examples=[place]
        )
    if done:
        newest = max(done, key=lambda one: (str(one.get("updated_at", "")), str(one.get("id", ""))))
        return _list(newest.get("result")), ""
    made = [one for one in task.get("predictions") or () if isinstance(one, dict)]
    return (_list(made[-1].get("result")), MODEL) if made else (None, "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _regions(results: list[Any], picture: int, place: str, intake: Intake, source: str) -> None:
    """Regions with what is said of them; results that belong to no region are losses."""
    said: dict[str, dict[str, str]] = {}
    regions: dict[str, Mapping[str, Any]] = {}
    for result in results:
        if not isinstance(result, dict) or not isinstance(result.get("value"), dict):
            intake.refuse("not-an-object", place, "a result with a value should stand here")
            continue
        kind, region = str(result.get("type")), str(result.get("id", len(regions)))
        if kind in REGIONS:
            if region in regions:
                intake.refuse(
                    "duplicate-annotation", f"{place}, region {region!r}",
                    "another region has this id; the first counts", "", picture,
                )  # fmt: skip
                continue
            regions[region] = result
        elif kind in SAID:
            said.setdefault(region, {})[str(result.get("from_name"))] = _said(result["value"], kind)
        else:
            intake.losses.add(
                f"result {kind}", "annotations here have no such thing", examples=[place]
            )
    _check_parents(regions, place, intake)
    for region, result in regions.items():
        at = f"{place}, region {region!r}"
        try:
            drawn = _drawn(result, said.pop(region, {}))
        except RowRefused as error:
            intake.refuse(error.code, at, error.what, error.remedy, picture)
            continue
        drawn.source = source or drawn.source
        size = (result.get("original_width"), result.get("original_height"))
        if type(size[0]) is int and type(size[1]) is int:
            intake.look(picture, place=at, size=size)
        _unfold(drawn, intake.size(picture))
        intake.add(picture, drawn, region, at)
    for of, values in said.items():
        intake.losses.add(
            f"said of the task: {', '.join(sorted(values))}",
            "frames have no attributes here", examples=[f"{place}, {of}"],
        )  # fmt: skip


def _check_parents(regions: Mapping[str, Mapping[str, Any]], place: str, intake: Intake) -> None:
    """Say where a region is its own parent."""
    parents = {
        region: str(result["parentID"])
        for region, result in regions.items()
        if result.get("parentID")
    }
    for region in parents:
        seen, at = {region}, parents[region]
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        if at in seen:
            intake.refuse(
                "cyclic-parents", f"{place}, region {region!r}",
                "is its own parent; parents are not kept", "correct parentID",
            )  # fmt: skip
            return
    if parents:
        intake.losses.add("parentID", "annotations here have no parents", count=len(parents))


def _drawn(result: Mapping[str, Any], said: Mapping[str, str]) -> Drawn:
    """A region with coordinates in percent. Raises RowRefused."""
    value, kind = result["value"], str(result["type"])
    labels = value.get(kind)
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        raise RowRefused("unknown-category", f"it has {labels!r} for a label, not one name")
    drawn = Drawn(category=labels[0])
    meta = result.get("meta")
    own = meta.get("ringroad") if isinstance(meta, dict) else None
    take_back(drawn, {**(own if isinstance(own, dict) else {}), **said})
    if kind == "polygonlabels":
        pairs = value.get("points")
        if not isinstance(pairs, list) or not all(_pair(pair) for pair in pairs):
            raise RowRefused("no-shape", "its points are not pairs of numbers")
        drawn.shape = POLYLINE if value.get("closed") is False else POLYGON
        drawn.points = [float(side) for pair in pairs for side in pair]
        return drawn
    names = ("x", "y") if kind == "keypointlabels" else ("x", "y", "width", "height")
    if not all(_number(value.get(name)) for name in names):
        raise RowRefused("no-box", f"{', '.join(names)} are not finite numbers")
    numbers = [float(value[name]) for name in names]
    if kind == "keypointlabels":
        drawn.shape, drawn.points = POINT, numbers
    elif _number(value.get("rotation")) and value["rotation"]:
        drawn.shape = ROTATED_BOX
        drawn.points = [*numbers, math.radians(value["rotation"])]
    else:
        drawn.x, drawn.y, drawn.w, drawn.h = numbers
    return drawn


def _unfold(drawn: Drawn, size: tuple[float, float]) -> None:
    """Percent to pixels. A rotated box turns about its top left corner there."""
    across, down = size[0] / 100, size[1] / 100
    drawn.x, drawn.y = drawn.x * across, drawn.y * down
    drawn.w, drawn.h = drawn.w * across, drawn.h * down
    if drawn.shape == ROTATED_BOX:
        x, y, w, h = (v * (down if n % 2 else across) for n, v in enumerate(drawn.points[:4]))
        angle = drawn.points[4]
        cos, sin = math.cos(angle), math.sin(angle)
        middle = [x + w / 2 * cos - h / 2 * sin, y + w / 2 * sin + h / 2 * cos]
        drawn.points = [*middle, w, h, angle]
    else:
        drawn.points = [v * (down if n % 2 else across) for n, v in enumerate(drawn.points)]


def _said(value: Mapping[str, Any], kind: str) -> str:
    found = value.get("text" if kind == "textarea" else kind)
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)


def _pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(map(_number, pair))


def _number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


def is_label_studio(files: LabelFiles) -> bool:
    """A list of objects with `data`."""
    head = files.head(".json")
    known = (b'"annotations"', b'"predictions"', b'"result"')
    return head.lstrip().startswith(b"[") and b'"data"' in head and any(k in head for k in known)
