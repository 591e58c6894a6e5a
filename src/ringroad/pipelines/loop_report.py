"""What the loop found, as a page: every number with its interval, its unit and its lineage."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.kpi import Kpi, Verdict
from ringroad.media import arrow
from ringroad.pipelines.loop import ArmResult, LoopResult, Trained
from ringroad.pipelines.loop_pictures import chosen_frames, deciding_frames, overview
from ringroad.pipelines.validate import CONDITIONS, gate_of, kpis_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.gates import gate_card, kpi_table
from ringroad.report.page import (
    Column,
    Fact,
    GateCard,
    NextStep,
    Page,
    Ref,
    Section,
    Table,
)
from ringroad.report.plots import Curve, composition, funnel, kpi_by_slice, loss_curve

METRIC = "AP50"


def loop_page(workspace: Workspace, result: LoopResult) -> Page:
    """The page of one loop. Reads artifacts and runs nothing."""
    config = result.config
    champion, candidate = result.champions[0], result.candidate
    sections = (
        _gates(workspace, result),
        _came_in(workspace, result),
        _labels(workspace, result),
        _arms(workspace, result),
        _before_after(workspace, result),
        _shipped(workspace, result),
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
        f"{len(collected.taken)} recordings came in and {len(collected.refused)} were refused. "
        f"A first network learnt from {_count(workspace, result.dataset, 'train')} labelled frames "
        f"({result.config.split.start}). Then {len(chosen)} "
        f"frames chosen by {arm.arm}, {cost['boxes']} boxes drawn by two annotators, were added, "
        "and the network was trained on."
    )
    if result.config.synthetic:
        return told + "\n\nEverything here was rendered: it shows that the loop works, no more."
    return told + "\n\nAnnotators are simulated over the truth that came with the recordings."


def _facts(workspace: Workspace, result: LoopResult) -> tuple[Fact, ...]:
    before = _headline(workspace, result, result.champions[0])
    after = _headline(workspace, result, result.candidate.trained)
    cost = workspace.json(result.candidate.labels.labelling)["cost"]
    latency = {
        row.name: row.value for row in workspace.catalog.measurements(result.shipped.plan.id)
    }
    facts = [
        Fact(
            value=f"{_text(before)} → {_text(after)}",
            label=f"{METRIC}, {after.slice}" if after else METRIC,
            note=_interval(after),
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
            note=_salvaged(result),
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


def _gates(workspace: Workspace, result: LoopResult) -> Section:
    cards = [_card(workspace, result.champions[0], "First network")]
    seed = result.champions[0].seed
    cards += [
        _card(workspace, arm.trained, f"After {arm.arm}")
        for arm in result.arms
        if arm.trained.seed == seed
    ]
    shown = tuple(card for card in cards if card is not None)
    pictures = deciding_frames(workspace, result)
    return Section(
        title="The gate",
        text=(
            "The rule was frozen before the test split was looked at. The whole interval decides, "
            "not its middle, and fewer than five units decide nothing."
            if shown
            else "This loop has no gate."
        ),
        gates=shown,
        pictures=pictures,
    )


def _card(workspace: Workspace, trained: Trained, subject: str) -> GateCard | None:
    judged = trained.judged
    if judged.gate is None:
        return None
    refs = (
        Ref(artifact=trained.model.identity.id, label=f"{subject}: model"),
        Ref(artifact=judged.kpis.id, label=f"{subject}: KPIs"),
        Ref(artifact=judged.gate.id, label=f"{subject}: gate"),
    )
    return gate_card(gate_of(workspace, judged.gate), subject=subject, lineage=refs)


def _came_in(workspace: Workspace, result: LoopResult) -> Section:
    rows = [
        (
            str(item.recording.id),
            item.recording.container,
            item.frames_count,
            item.recording.salvaged,
        )
        for item in result.collected.taken
        if item.recording.salvaged
    ]
    rows += [(refusal.uri.rpartition("/")[2], "", 0, f"refused: {refusal.reason}")
             for refusal in result.collected.refused]  # fmt: skip
    tables: tuple[Table, ...] = ()
    if rows:
        tables = (
            Table(
                caption="Recordings that were damaged or refused; the rest went on",
                columns=(
                    Column(name="recording"),
                    Column(name="container"),
                    Column(name="frames"),
                    Column(name="what happened"),
                ),
                rows=tuple(rows),
            ),
        )
    roles = arrow.from_bytes(workspace.blobs.get(result.roles.digest))
    raw = sum(item.frames_count for item in result.collected.taken)
    labelled = _count(workspace, result.candidate.dataset, "train")
    steps = [
        ("came in", raw),
        ("decoded and split", roles.num_rows),
        ("labelled and used", labelled + _count(workspace, result.dataset, "test")),
    ]
    return Section(
        title="What came in",
        figures=(
            funnel(steps, unit="frames", caption="Frames from ingest to the dataset version."),
            composition(
                _composition(workspace, result.candidate.dataset),
                unit="frames",
                splits=("train", "test"),
                caption=f"The dataset version after mining. Unit: {result.config.split.unit_text}.",
            ),
        ),
        tables=tables,
        pictures=overview(workspace, result),
        lineage=(Ref(artifact=result.roles.id, label="who is tested on"),),
    )


def _labels(workspace: Workspace, result: LoopResult) -> Section:
    rows = []
    for name, labels in [("start", result.start)] + [
        (f"{arm.arm}, seed {arm.trained.seed}", arm.labels) for arm in result.arms
    ]:
        told = workspace.json(labels.labelling)
        agreed, cost = told["agreement"], told["cost"]
        rows.append(
            (
                name,
                len(told["frames"]),
                cost["boxes"],
                agreed["matched"],
                agreed["mean_iou"],
                agreed["kappa_category"],
                agreed["alpha"],
                told["disagreements"],
                Ref(artifact=labels.labelling.id),
            )
        )
    errors = result.config.labels
    return Section(
        title="Labels",
        text=(
            "Every frame was looked at twice, blind, by simulated annotators who miss "
            f"{errors.miss:.0%} of boxes of 32 pixels (more of smaller ones), draw "
            f"{errors.spurious:g} boxes per frame around nothing, and move edges by "
            f"{errors.jitter:.0%} of a side. Consensus decides."
        ),
        tables=(
            Table(
                caption="Agreement before consensus",
                columns=(
                    Column(name="batch"),
                    Column(name="frames"),
                    Column(name="boxes drawn"),
                    Column(name="matched", digits=3),
                    Column(name="mean IoU", digits=3),
                    Column(name="kappa of category", digits=3),
                    Column(name="Krippendorff's alpha", digits=3),
                    Column(name="disagreements"),
                    Column(name="lineage"),
                ),
                rows=tuple(rows),
            ),
        ),
    )


def _arms(workspace: Workspace, result: LoopResult) -> Section:
    rows = []
    for trained, name, arm in _everyone(result):
        kpi = _headline(workspace, result, trained)
        cost = workspace.json(arm.labels.labelling)["cost"]["boxes"] if arm else 0
        chosen = _chosen(workspace, result, arm) if arm else ""
        rows.append(
            (
                name,
                trained.seed,
                cost,
                chosen,
                kpi.value if kpi else None,
                kpi.low if kpi else None,
                kpi.high if kpi else None,
                _verdict(workspace, trained),
                Ref(artifact=trained.judged.kpis.id),
            )
        )
    where = _where(result)
    return Section(
        title="Arms at equal label cost",
        text=(
            "Every arm starts from the same network and may spend the same number of boxes. The "
            f"rule is what an engineer would pick by hand: frames tagged {where}, those with a "
            "pre-labelled pedestrian first, spread evenly in time. Intervals resample units of "
            "the test split; they do not cover the choice of seed."
        ),
        tables=(
            Table(
                caption=f"{METRIC} on {where}",
                columns=(
                    Column(name="arm"),
                    Column(name="seed"),
                    Column(name="boxes drawn"),
                    Column(name="frames by condition"),
                    Column(name=METRIC, digits=3),
                    Column(name="low", digits=3),
                    Column(name="high", digits=3),
                    Column(name="gate"),
                    Column(name="lineage"),
                ),
                rows=tuple(rows),
            ),
        ),
        pictures=chosen_frames(workspace, result),
    )


def _before_after(workspace: Workspace, result: LoopResult) -> Section:
    before = _slices(workspace, result.champions[0])
    after = _slices(workspace, result.candidate.trained)
    curves = []
    for name, trained in (
        ("first network", result.champions[0]),
        ("after mining", result.candidate.trained),
    ):
        if trained.model.curve is not None:
            losses = [row["loss"] for row in workspace.json(trained.model.curve)]
            curves.append(
                Curve(name=name, xs=tuple(range(1, len(losses) + 1)), values=tuple(losses))
            )
    return Section(
        title="Before and after",
        figures=(
            kpi_by_slice(
                before,
                after,
                names=("first network", f"after {result.candidate.arm}"),
                caption="Mean over categories on the test split, with intervals.",
            ),
            loss_curve(curves, caption="Training loss by epoch."),
        ),
        tables=(
            kpi_table(
                tuple(
                    kpi
                    for kpi in kpis_of(workspace, result.candidate.trained.judged.kpis)
                    if kpi.metric == METRIC
                ),
                caption="After mining, by category and condition",
            ),
        ),
    )


def _shipped(workspace: Workspace, result: LoopResult) -> Section:
    shipped = result.shipped
    manifest, parity = workspace.json(shipped.manifest), workspace.json(shipped.parity)
    resimulated = workspace.json(shipped.resimulation)
    return Section(
        title="Plan and re-simulation",
        text=(
            f"The candidate became a plan for {manifest['platform']}, {manifest['precision']}, "
            f"batch {manifest['batch']}, {manifest['runtime']} {manifest['runtime_version']}. "
            "Its manifest is checked before any engine sees a byte. Candidate and champion then "
            "ran over every recording; the frames they disagree on most are "
            "`selection:disagreements`, the next mining query."
        ),
        tables=(
            Table(
                caption=f"Parity with the network it was made from, worst of {parity['frames']}",
                columns=(
                    Column(name="output"),
                    Column(name="cosine", digits=6),
                    Column(name="largest relative difference", digits=7),
                ),
                rows=tuple(
                    (row["output"], row["cosine"], row["max_relative"]) for row in parity["outputs"]
                ),
            ),
            Table(
                caption="Candidate beside champion",
                columns=(
                    Column(name="condition"),
                    Column(name="frames"),
                    Column(name="with disagreements"),
                    Column(name="boxes, champion"),
                    Column(name="boxes, candidate"),
                    Column(name="champion right"),
                    Column(name="candidate right"),
                ),
                rows=tuple(
                    (
                        row["condition"],
                        row["frames"],
                        row["disagreeing"],
                        row["champion_boxes"],
                        row["candidate_boxes"],
                        row["champion_right"],
                        row["candidate_right"],
                    )
                    for row in resimulated
                ),
            ),
        ),
        lineage=(
            Ref(artifact=shipped.plan.id, label="plan"),
            Ref(artifact=shipped.manifest.id, label="manifest"),
            Ref(artifact=shipped.disagreements.id, label="disagreements"),
        ),
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
            command="ringroad search \"condition = 'night'\" --limit 5",
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


def _everyone(result: LoopResult) -> list[tuple[Trained, str, ArmResult | None]]:
    first: list[tuple[Trained, str, ArmResult | None]] = [
        (trained, "first network", None) for trained in result.champions
    ]
    return first + [(arm.trained, arm.arm, arm) for arm in result.arms]


def _headline(workspace: Workspace, result: LoopResult, trained: Trained) -> Kpi | None:
    """The KPI that the gate looks at, or the mean over everything."""
    where = _where(result)
    return next(
        (
            kpi
            for kpi in kpis_of(workspace, trained.judged.kpis, "gate")
            if kpi.metric == METRIC and kpi.category == "all" and kpi.slice == where
        ),
        None,
    )


def _where(result: LoopResult) -> str:
    return result.config.gate.slice if result.config.gate else "all"


def _slices(workspace: Workspace, trained: Trained) -> list[Kpi]:
    return [
        kpi
        for kpi in kpis_of(workspace, trained.judged.kpis, "gate")
        if kpi.metric == METRIC and kpi.category == "all"
    ]


def _verdict(workspace: Workspace, trained: Trained) -> Verdict | str:
    gate = trained.judged.gate
    return gate_of(workspace, gate).verdict if gate is not None else ""


def _chosen(workspace: Workspace, result: LoopResult, arm: ArmResult) -> str:
    """How many frames of each condition an arm chose."""
    roles = arrow.from_bytes(workspace.blobs.get(result.roles.digest))
    columns = roles.select(["frame_id", "condition"]).to_pydict()
    condition = dict(zip(columns["frame_id"], columns["condition"], strict=True))
    frames = workspace.json(arm.labels.labelling)["frames"]
    counts = Counter(condition.get(frame, "?") for frame in frames)
    return ", ".join(f"{counts[name]} {name}" for name in CONDITIONS if counts[name])


def _rows(workspace: Workspace, dataset: Artifact) -> dict[str, list[Any]]:
    table = arrow.from_bytes(workspace.blobs.get(dataset.digest))
    header_of(table)
    rows: dict[str, list[Any]] = table.select(["split", "condition"]).to_pydict()
    return rows


def _count(workspace: Workspace, dataset: Artifact, split: str) -> int:
    return _rows(workspace, dataset)["split"].count(split)


def _composition(workspace: Workspace, dataset: Artifact) -> dict[str, dict[str, int]]:
    rows = _rows(workspace, dataset)
    counts = Counter(zip(rows["condition"], rows["split"], strict=True))
    return {
        condition: {split: counts[condition, split] for split in ("train", "test")}
        for condition in sorted(set(rows["condition"]))
    }


def _salvaged(result: LoopResult) -> str:
    count = sum(bool(item.recording.salvaged) for item in result.collected.taken)
    return f"{count} salvaged, {len(result.collected.refused)} refused"


def _text(kpi: Kpi | None) -> str:
    return "-" if kpi is None or kpi.value is None else f"{kpi.value:.2f}"


def _interval(kpi: Kpi | None) -> str:
    if kpi is None or kpi.low is None or kpi.high is None:
        return "no interval: too few units"
    return f"{kpi.confidence:.0%} {kpi.low:.2f} to {kpi.high:.2f}, {kpi.units} units ({kpi.unit})"
