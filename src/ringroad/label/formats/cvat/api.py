"""CVAT's API: tasks that are sent to a server, and its jobs as they come back."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.cvat.format import NOTES
from ringroad.label.formats.cvat.read_api import is_cvat_api, read_cvat_api
from ringroad.label.formats.cvat.write_api import labels_of, tasks_of
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import Holds
from ringroad.label.formats.tool_form import ToolForm

_SHAPES = {BOX: "", ROTATED_BOX: "", POLYGON: "", POLYLINE: "", POINT: "", MASK: ""}

CVAT_API = Format(
    name="cvat-api",
    title="CVAT's API",
    holds=Holds(shapes=_SHAPES, fields=FIELDS, notes=NOTES),
    read=read_cvat_api,
    writer=None,
    recognises=is_cvat_api,
    verified="the models of cvat-sdk 2.80; no CVAT server was run",
)
CVAT_FORM = ToolForm(
    format=CVAT_API,
    interface=labels_of,
    tasks=tasks_of,
    answer=lambda job: job if "shapes" in job else None,
    uploads=True,
    waits_for="a job counts once its state is completed",
)
