"""Labelling orders on the demo for people in browsers, and what they see of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import LabelOrder
from ringroad.label.guidelines import guideline_from
from ringroad.label.rows import Mark, marks_by_frame
from ringroad.media.annotation_rows import box_rows
from ringroad.pipelines.curate.curation import add_by_hand
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label.guidelines import create_guideline
from ringroad.pipelines.label.orders import place_order
from ringroad.pipelines.label.revisions import edit, revision_marks
from service_kit import Served

GUIDELINE = {
    "name": "streets",
    "text": "# What counts\nDraw what you see, **tight to its edges**.\n- A light is its housing.",
    "min_side_px": 8,
    "categories": [
        {"name": "car", "shapes": ["box", "rotated-box"],
         "attributes": {"occluded": ["no", "partly", "mostly"]}},
        {"name": "pedestrian"},
        {"name": "cyclist"},
        {"name": "sign", "shapes": ["box", "polygon"]},
        {"name": "light", "attributes": {"light_state": ["unknown", "red", "amber", "green"]}},
        {"name": "lane", "shapes": ["polyline"]},
    ],
}  # fmt: skip
CATEGORIES = [item["name"] for item in GUIDELINE["categories"]]  # type: ignore[index]


@dataclass(frozen=True)
class Desk:
    """A served demo with a guideline, on which orders are placed."""

    served: Served

    def __post_init__(self) -> None:
        with self.served.service.writing() as workspace:
            create_guideline(workspace, guideline_from(GUIDELINE, subject="streets"))

    def labelled(self, count: int) -> dict[FrameId, list[Mark]]:
        """Frames that the demo's annotators drew something on, with these."""
        rows = box_rows(self.served.service.workspace.rows("annotations"))
        found = {
            frame: large[:8]
            for frame, marks in marks_by_frame(rows).items()
            if len(large := [mark for mark in marks if mark.w * mark.h > 60]) >= 3
        }
        assert len(found) >= count, f"the demo has {len(found)} such frames"
        return dict(list(found.items())[:count])

    def bare(self, count: int) -> list[FrameId]:
        """Frames that nobody annotated."""
        workspace = self.served.service.workspace
        rows = self.served.get("/search", limit=1000)["items"]
        frames = [FrameId(row["frame_id"]) for row in rows]
        heads = workspace.catalog.heads(frames)
        return [frame for frame in frames if frame not in heads][:count]

    def prelabels(self, marks: dict[FrameId, Sequence[Mark]]) -> ArtifactId:
        """What a network is said to have seen."""
        workspace = self.served.service.workspace
        heads = workspace.catalog.heads(marks)
        seen = {
            frame: [replace(mark, id="", guideline="") for mark in some]
            for frame, some in marks.items()
        }
        expected = {frame: heads[frame].number if frame in heads else 0 for frame in marks}
        with self.served.service.writing() as held:
            done = edit(held, seen, expected=expected, author="net", source="model")
        return done.batch.id

    def order(self, name: str, frames: Sequence[FrameId], **options: Any) -> str:
        """Place an order under the guideline."""
        with self.served.service.writing() as workspace:
            add_by_hand(workspace, f"of-{name}", list(frames), reason="to label")
            selection = named_selection(workspace, f"of-{name}")
            version = workspace.catalog.resolve("guideline:streets")
            assert version is not None
            place_order(
                workspace,
                LabelOrder(
                    id="",
                    name=name,
                    selection=selection.id,
                    guideline=version.partition(":")[2],
                    by="lead",
                    **options,
                ),
            )
        return name

    def tasks(self, order: str, kind: str = "") -> list[dict[str, Any]]:
        items = self.served.get("/labelling/tasks", order=order, limit=1000)["items"]
        return [item for item in items if not kind or item["kind"] == kind]

    def marks(self, frame: str) -> list[Mark]:
        """What counts of a frame now."""
        return revision_marks(self.served.service.workspace, FrameId(frame))


def ready(page: Any) -> None:
    """Wait until a picture is there to be worked on."""
    page.locator(".label-canvas svg image").first.wait_for(timeout=60_000)
    page.locator(".label-canvas").first.focus()


def frame_shown(page: Any) -> str:
    """The id of the frame that is worked on."""
    return str(page.locator("main .mono").first.inner_text())


def drawn(page: Any, box: tuple[float, float, float, float]) -> None:
    """Draw a box with the mouse; corners in shares of the picture."""
    page.keyboard.press("b")
    shown = page.locator(".label-canvas svg image").first.bounding_box()
    x, y, w, h = (box[i] * (shown["width"], shown["height"])[i % 2] for i in range(4))
    left, top = shown["x"] + x, shown["y"] + y
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + w / 2, top + h / 2)
    page.mouse.move(left + w, top + h)
    page.mouse.up()
    page.keyboard.press("v")


def listed(page: Any) -> list[str]:
    """Annotations beside the picture, a line each."""
    rows = page.locator(".label-list [role=option]")
    return [" ".join(row.split()) for row in rows.all_inner_texts()]
