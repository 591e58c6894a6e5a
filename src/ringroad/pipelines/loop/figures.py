"""Single figures of the loop's report, read from the artifacts that hold them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.kpi import Kpi, Verdict
from ringroad.media import arrow
from ringroad.pipelines.datasets.split_truth import CONDITIONS
from ringroad.pipelines.evaluate.validate import gate_of, kpis_of
from ringroad.pipelines.loop.loop import ArmResult, LoopResult, Trained
from ringroad.pipelines.workspace import Workspace

METRIC = "AP50"


def everyone(result: LoopResult) -> list[tuple[Trained, str, ArmResult | None]]:
    """Every training of the loop, with its name, and the arm where one chose its frames."""
    first: list[tuple[Trained, str, ArmResult | None]] = [
        (trained, "first network", None) for trained in result.champions
    ]
    return first + [(arm.trained, arm.arm, arm) for arm in result.arms]


def headline(workspace: Workspace, result: LoopResult, trained: Trained) -> Kpi | None:
    """The KPI that the gate looks at, or the mean over everything."""
    where = where_of(result)
    return next(
        (
            kpi
            for kpi in kpis_of(workspace, trained.judged.kpis, "gate")
            if kpi.metric == METRIC and kpi.category == "all" and kpi.slice == where
        ),
        None,
    )


def where_of(result: LoopResult) -> str:
    """The slice that the gate looks at, or everything."""
    return result.config.gate.slice if result.config.gate else "all"


def slices(workspace: Workspace, trained: Trained) -> list[Kpi]:
    """The gate's metric over its categories, by condition."""
    return [
        kpi
        for kpi in kpis_of(workspace, trained.judged.kpis, "gate")
        if kpi.metric == METRIC and kpi.category == "all"
    ]


def verdict_of(workspace: Workspace, trained: Trained) -> Verdict | str:
    """What the gate said; empty text without one."""
    gate = trained.judged.gate
    return gate_of(workspace, gate).verdict if gate is not None else ""


def chosen_conditions(workspace: Workspace, result: LoopResult, arm: ArmResult) -> str:
    """How many frames of each condition an arm chose."""
    roles = arrow.from_bytes(workspace.blobs.get(result.roles.digest))
    columns = roles.select(["frame_id", "condition"]).to_pydict()
    condition = dict(zip(columns["frame_id"], columns["condition"], strict=True))
    frames = workspace.json(arm.labels.labelling)["frames"]
    counts = Counter(condition.get(frame, "?") for frame in frames)
    return ", ".join(f"{counts[name]} {name}" for name in CONDITIONS if counts[name])


def _rows(workspace: Workspace, dataset: Artifact) -> dict[str, list[Any]]:
    table = rows_of(workspace.blobs, dataset)
    rows: dict[str, list[Any]] = table.select(["split", "condition"]).to_pydict()
    return rows


def count(workspace: Workspace, dataset: Artifact, split: str) -> int:
    """Frames of one split of a dataset version."""
    return _rows(workspace, dataset)["split"].count(split)


def composition_of(workspace: Workspace, dataset: Artifact) -> dict[str, dict[str, int]]:
    """Condition -> split -> frames."""
    rows = _rows(workspace, dataset)
    counts = Counter(zip(rows["condition"], rows["split"], strict=True))
    return {
        condition: {split: counts[condition, split] for split in ("train", "test")}
        for condition in sorted(set(rows["condition"]))
    }


def salvaged(result: LoopResult) -> str:
    """How many recordings were damaged or refused, in words."""
    damaged = sum(bool(item.recording.salvaged) for item in result.collected.taken)
    return f"{damaged} salvaged, {len(result.collected.refused)} refused"


def text_of(kpi: Kpi | None) -> str:
    """A value with two digits."""
    return "-" if kpi is None or kpi.value is None else f"{kpi.value:.2f}"


def interval_text(kpi: Kpi | None) -> str:
    """An interval with its unit, in words."""
    if kpi is None or kpi.low is None or kpi.high is None:
        return "no interval: too few units"
    return f"{kpi.confidence:.0%} {kpi.low:.2f} to {kpi.high:.2f}, {kpi.units} units ({kpi.unit})"
