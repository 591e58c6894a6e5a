"""What a loop says at its end: the verdicts, where the report lies, what to type next."""

from __future__ import annotations

from ringroad.cli.doors import Door
from ringroad.domain.kpi import GateResult
from ringroad.pipelines.evaluate.validate import gate_of
from ringroad.pipelines.loop.loop import LoopResult, Trained
from ringroad.pipelines.loop.prelabel import Prelabelled
from ringroad.pipelines.workspace import Workspace
from ringroad.report.page import Page
from ringroad.report.render import render

REPORT = "report.html"


def tell(door: Door, workspace: Workspace, page: Page, result: LoopResult) -> None:
    """Write the report; say how it went and where to look."""
    path = workspace.folder / REPORT
    path.write_bytes(render(page))
    named = [("first network", result.champions[0])]
    named += [(arm.arm, arm.trained) for arm in result.arms]
    value = {
        "report": str(path),
        "arms": [_arm(workspace, name, trained) for name, trained in named],
        "plan": result.shipped.plan.id,
        "disagreements": result.shipped.disagreements.id,
        "dataset": result.candidate.dataset.id,
    }
    lines = ["", page.title, ""]
    if result.config.synthetic:
        lines.append("Synthetic recordings: this shows that the loop works, nothing about roads.")
    lines += [f"report   {path}", "", "Where to look next:"]
    lines += [f"  {step.command}\n      {step.why}" for step in page.next_steps]
    door.give(value, "\n".join(lines))


def tell_prelabelled(door: Door, workspace: Workspace, page: Page, result: Prelabelled) -> None:
    """The same for a loop without training."""
    path = workspace.folder / REPORT
    path.write_bytes(render(page))
    value = {
        "report": str(path),
        "frames": result.frames,
        "disagreeing": result.disagreeing,
        "selection": result.selection.id,
        "resimulation": result.resimulation.id if result.resimulation is not None else None,
    }
    lines = ["", page.title, f"report   {path}", "", "Where to look next:"]
    lines += [f"  {step.command}\n      {step.why}" for step in page.next_steps]
    door.give(value, "\n".join(lines))


def _arm(workspace: Workspace, name: str, trained: Trained) -> dict[str, object]:
    judged = trained.judged
    told: dict[str, object] = {
        "arm": name,
        "seed": trained.seed,
        "model": trained.model.identity.id,
        "kpis": judged.kpis.id,
    }
    if judged.gate is not None:
        result: GateResult = gate_of(workspace, judged.gate)
        told |= {
            "gate": str(result.verdict),
            "value": result.kpi.value,
            "low": result.kpi.low,
            "high": result.kpi.high,
            "units": result.kpi.units,
            "unit": result.kpi.unit,
            "reason": result.reason,
        }
    return told
