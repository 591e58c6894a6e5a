"""What the loop found, as a page: every number with its interval, its unit and its lineage."""

from __future__ import annotations

from ringroad.pipelines.evaluate.validate import gate_of
from ringroad.pipelines.loop.figures import (
    METRIC,
    count,
    headline,
    interval_text,
    salvaged,
    text_of,
)
from ringroad.pipelines.loop.loop import LoopResult
from ringroad.pipelines.loop.sections import (
    arms_section,
    before_after,
    came_in,
    gates,
    labels_section,
    shipped_section,
)
from ringroad.pipelines.workspace import Workspace
from ringroad.report.page import Fact, NextStep, Page, Ref


def loop_page(workspace: Workspace, result: LoopResult) -> Page:
    """The page of one loop. Reads artifacts and runs nothing."""
    config = result.config
    champion, candidate = result.champions[0], result.candidate
    sections = (
        gates(workspace, result),
        came_in(workspace, result),
        labels_section(workspace, result),
        arms_section(workspace, result),
        before_after(workspace, result),
        shipped_section(workspace, result),
    )
    return Page(
        title=_title(workspace, result),
        synthetic=config.synthetic,
        summary=_summary(workspace, result),
        facts=_facts(workspace, result),
        sections=sections,
        next_steps=_next(result),
        lineage=(
            Ref(artifact=champion.judged.kpis.id, label="KPIs of the first network"),
            Ref(artifact=candidate.trained.judged.kpis.id, label="KPIs after mining"),
            Ref(artifact=candidate.dataset.id, label="the dataset version it learnt from"),
            Ref(artifact=result.shipped.plan.id, label="the plan"),
        ),
    )


def _title(workspace: Workspace, result: LoopResult) -> str:
    gates = [
        judged.gate for judged in (result.champions[0].judged, result.candidate.trained.judged)
    ]
    if None in gates:
        return f"One turn of the loop: {result.config.name}"
    before, after = (gate_of(workspace, gate).verdict for gate in gates if gate is not None)
    where = result.config.gate.slice if result.config.gate else "all"
    return f"The {where} gate: {before} before mining, {after} after"


def _summary(workspace: Workspace, result: LoopResult) -> str:
    collected, arm = result.collected, result.candidate
    labelling = workspace.json(arm.labels.labelling)
    cost, chosen = labelling["cost"], labelling["frames"]
    told = (
        f"{len(collected.taken)} recordings came in, {len(collected.refused)} refused. "
        f"A first network learnt from {count(workspace, result.dataset, 'train')} labelled frames "
        f"({result.config.split.start}). Then {len(chosen)} "
        f"frames chosen by {arm.arm}, {cost['boxes']} boxes drawn by two annotators, were added, "
        "and the network was trained on."
    )
    if result.config.synthetic:
        return told + "\n\nEverything here was rendered: it shows that the loop works, no more."
    return told + "\n\nAnnotators are simulated over the truth that came with the recordings."


def _facts(workspace: Workspace, result: LoopResult) -> tuple[Fact, ...]:
    before = headline(workspace, result, result.champions[0])
    after = headline(workspace, result, result.candidate.trained)
    cost = workspace.json(result.candidate.labels.labelling)["cost"]
    latency = {
        row.name: row.value for row in workspace.catalog.measurements(result.shipped.plan.id)
    }
    facts = [
        Fact(
            value=f"{text_of(before)} → {text_of(after)}",
            label=f"{METRIC}, {after.slice}" if after else METRIC,
            note=interval_text(after),
        ),
        Fact(
            value=f"{cost['boxes']:,}",
            label="boxes drawn after mining",
            note=f"about {cost['seconds'] / 3600:.1f} h of work, two looks per frame",
        ),
        Fact(
            value=f"{len(result.collected.taken)} of "
            f"{len(result.collected.taken) + len(result.collected.refused)}",
            label="recordings taken in",
            note=salvaged(result),
        ),
    ]
    if "latency wall p50" in latency:
        facts.append(
            Fact(
                value=f"{latency['latency wall p50']:.1f} ms",
                label="p50 of the plan, one frame",
                note="one thread, this machine; not part of any digest",
            )
        )
    return tuple(facts)


def _look_for(result: LoopResult) -> str:
    """A query that finds something: the condition that the gate is about, if it is about one."""
    gate = result.config.gate
    return (
        "brightness > 0" if gate is None or gate.slice == "all" else f"condition = '{gate.slice}'"
    )


def _next(result: LoopResult) -> tuple[NextStep, ...]:
    kpis = result.candidate.trained.judged.kpis
    name = result.config.name
    return (
        NextStep(
            command=f"ringroad lineage kpis:{kpis.digest[:12]}",
            why="Walk from these KPIs to the recordings, labels, code and seeds behind them.",
        ),
        NextStep(
            command=f'ringroad search "{_look_for(result)}" --limit 5',
            why="Look for frames by what was measured of them.",
        ),
        NextStep(
            command=f"ringroad datasets show dataset:{name}",
            why="See what the network learnt from.",
        ),
        NextStep(
            command="ringroad run LOOP.toml",
            why="Go around the same loop with your own recordings; see examples/.",
        ),
    )
