"""A workspace with a labelling order and a clock that tests move by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ringroad.app import Settings, open_workspace
from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder
from ringroad.domain.task import LabelTask
from ringroad.domain.taxonomy import Category, Guideline, Taxonomy
from ringroad.domain.time import SECOND_NS
from ringroad.label.rows import Mark
from ringroad.pipelines.curate.curation import keep_selection
from ringroad.pipelines.label.answers import Submitted, submit
from ringroad.pipelines.label.guidelines import create_guideline
from ringroad.pipelines.label.orders import Placed, place_order
from ringroad.pipelines.label.turns import Turn, take
from ringroad.pipelines.workspace import Workspace
from ringroad.testing.clock import SimulatedClock
from ringroad.workflow.bench import SilentTracker

BOX = Mark(category="car", x=10.0, y=10.0, w=40.0, h=30.0)
URBAN = Guideline(
    name="urban",
    text="Draw boxes tight.",
    taxonomy=Taxonomy(
        categories=(
            Category(name="car", attributes={"occluded": ("no", "partly", "mostly"), "plate": ()}),
            Category(name="cyclist", shapes=("box", "polygon")),
            Category(name="lane", shapes=("polyline",)),
        )
    ),
)


def frame(number: int) -> FrameId:
    return FrameId(f"car/r/cam/{number:06d}")


def box(x: float = 10.0, **values: Any) -> Mark:
    return replace(BOX, x=x, **values)


def opened(folder: Path, clock: SimulatedClock | None = None) -> Workspace:
    workspace = open_workspace(
        Settings(folder=folder),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    return replace(workspace, clock=clock) if clock else workspace


@dataclass(frozen=True)
class Floor:
    """Where annotators work."""

    workspace: Workspace
    clock: SimulatedClock

    def selection(self, frames: int) -> Any:
        return self.workspace.runner.run(
            keep_selection,
            frames=[frame(number) for number in range(frames)],
            query="",
            parents=[],
            reason="",
            versions=[],
        )

    def order(self, frames: int = 2, *, looks: int = 2, name: str = "first", **values: Any) -> str:
        """Place an order; return its id."""
        return self.placed(frames, looks=looks, name=name, **values).order.id

    def placed(self, frames: int = 2, **values: Any) -> Placed:
        """Place an order."""
        return place_order(self.workspace, self.wanted(frames, **values))

    def wanted(
        self, frames: int = 2, *, looks: int = 1, name: str = "first", **values: Any
    ) -> LabelOrder:
        """An order under the guideline `urban`."""
        guideline = create_guideline(self.workspace, URBAN)
        return LabelOrder(
            id="",
            name=name,
            selection=self.selection(frames).id,
            guideline=guideline.digest,
            looks_options=values.pop("looks_options", {"looks": looks}),
            by="lea",
            **values,
        )

    def take(self, who: str, **values: Any) -> Turn:
        turn = take(self.workspace, who, **values)
        assert turn is not None
        return turn

    def answer(self, who: str, *marks: Mark, turn: Turn | None = None) -> Submitted:
        """Take the next task, if none is given, and answer it ten seconds later."""
        held = turn or self.take(who)
        self.clock.advance(10 * SECOND_NS)
        return submit(self.workspace, held.task, held.token, by=who, marks=marks)

    def tasks(self, **values: Any) -> list[LabelTask]:
        return list(self.workspace.catalog.tasks(**values))
