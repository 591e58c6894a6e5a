"""A candidate beside the champion by name, and what such a comparison found, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact, Execution
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.media.annotation_rows import box_rows, full
from ringroad.pipelines.evaluate.judged_frames import inputs_of
from ringroad.pipelines.evaluate.run_kpis import weights_by_network
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.histories import models_behind
from ringroad.pipelines.workspace import Workspace

RESIMULATE = "resimulate"
ANSWERS = ("category", "score", "x", "y", "w", "h", "light_state")
Read = Callable[[Artifact], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison of two networks."""

    execution: Execution
    champion: tuple[ArtifactId, ...]
    """Its model version; several where they answer alike, none where it came from elsewhere."""
    candidate: tuple[ArtifactId, ...]
    truth: bool
    """Whether it is known who was right, anywhere."""

    def output(self, role: str) -> ArtifactId:
        """What it made: `differences`, `frames`, `resimulation`, `disagreements`."""
        return self.execution.outputs[role]


def compared(workspace: Workspace, resimulation: Artifact) -> Compared:
    """How a comparison was made. Raises InputError where nothing here made it."""
    made = executions_at(workspace, resimulation.id, RESIMULATE, direction="out")
    if not made:
        raise InputError(
            "no re-simulation of this workspace made it",
            subject=resimulation.id,
            remedy="compare here: ringroad resimulate --candidate M --champion N",
        )
    return told(workspace, made[0], weights_by_network(workspace))


def told(workspace: Workspace, made: Execution, trained: dict[ArtifactId, ArtifactId]) -> Compared:
    """A comparison with the model versions behind it."""
    return Compared(
        execution=made,
        champion=_models(workspace, made, "champion", trained),
        candidate=_models(workspace, made, "candidate", trained),
        truth=any(role.startswith("truth") for role in made.inputs),
    )


def answers_at(
    workspace: Workspace, found: Compared, frame: FrameId, *, read: Read
) -> dict[str, Any]:
    """What both said of a frame, what differs, and the truth where it is known."""
    inputs, least = found.execution.inputs, found.execution.key.parameters["threshold"]
    differences = read(workspace.catalog.artifact(found.output("differences")))
    sides = {}
    for side in ("champion", "candidate"):
        rows = _at(workspace, inputs, side, frame, read)
        sides[side] = (
            rows.filter(pc.greater_equal(rows["score"], least)).select(ANSWERS).to_pylist()
        )
    truth = None
    if found.truth:
        rows = box_rows(_at(workspace, inputs, "truth", frame, lambda item: full(read(item))))
        names = [name for name in ANSWERS if name != "score"]
        if rows.num_rows:
            known = rows.filter(pc.not_equal(rows["category"], ""))
            truth = known.select(names).to_pylist()
    mine = differences.filter(pc.equal(differences["frame_id"], frame))
    return {**sides, "truth": truth, "differences": mine.to_pylist()}


def _at(workspace: Workspace, inputs: Any, role: str, frame: FrameId, read: Read) -> pa.Table:
    parts = [read(item) for item in inputs_of(workspace, inputs, role)]
    return pa.concat_tables([part.filter(pc.equal(part["frame_id"], frame)) for part in parts])


def _models(
    workspace: Workspace, made: Execution, role: str, trained: dict[ArtifactId, ArtifactId]
) -> tuple[ArtifactId, ...]:
    said = [item.id for item in inputs_of(workspace, made.inputs, role)]
    return tuple(trained.get(at, at) for at in models_behind(workspace, said))
