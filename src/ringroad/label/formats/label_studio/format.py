"""Label Studio's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.label_studio.read import is_label_studio, read_label_studio
from ringroad.label.formats.label_studio.write import LabelStudioWriter, labelling_config, task_of
from ringroad.label.formats.outgoing.outgoing import BOUNDED, Holds, Part
from ringroad.label.formats.tool_form import Sending, ToolForm

LABEL_STUDIO = Format(
    name="label-studio",
    title="Label Studio JSON",
    holds=Holds(
        shapes={BOX: "", ROTATED_BOX: "", POLYGON: "", POLYLINE: "", POINT: "", MASK: BOUNDED},
        fields=FIELDS,
        notes={
            "parts": "a polygon of Label Studio is one ring: parts run into one another",
            "shape mask": "brush strokes of Label Studio are packed in a form of its own",
        },
    ),
    read=read_label_studio,
    writer=LabelStudioWriter,
    recognises=is_label_studio,
    verified="a Label Studio server, over its API",
)


def _tasks(part: Part, sending: Sending) -> Iterator[dict[str, Any]]:
    for _, picture, items in part.by_picture():
        url = f"{sending.pictures}{picture['name']}"
        yield task_of({**picture, "url": url}, items, predicted=True)


def _answer(task: dict[str, Any]) -> dict[str, Any] | None:
    """Predictions that nobody looked at are no answer."""
    return {**task, "predictions": []} if task.get("annotations") else None


LABEL_STUDIO_FORM = ToolForm(
    format=LABEL_STUDIO,
    interface=lambda out, _: labelling_config(out.categories),
    tasks=_tasks,
    answer=_answer,
    uploads=False,
    waits_for="a task counts once somebody has submitted it",
)
