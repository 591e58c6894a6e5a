"""The sections of the loop's report: the gate, what came in, labels, arms, before and after."""

from __future__ import annotations

from ringroad.media import arrow
from ringroad.pipelines.evaluate.validate import gate_of, kpis_of
from ringroad.pipelines.loop.figures import (
    METRIC,
    chosen_conditions,
    composition_of,
    count,
    everyone,
    headline,
    slices,
    verdict_of,
    where_of,
)
from ringroad.pipelines.loop.loop import LoopResult, Trained
from ringroad.pipelines.loop.pictures import chosen_frames, deciding_frames, overview
from ringroad.pipelines.workspace import Workspace
from ringroad.report.gates import gate_card, kpi_table
from ringroad.report.page import Column, GateCard, Ref, Section, Table
from ringroad.report.plots import Curve, composition, funnel, kpi_by_slice, loss_curve


def gates(workspace: Workspace, result: LoopResult) -> Section:
    """The verdicts, and the frames that decided the first one."""
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


def came_in(workspace: Workspace, result: LoopResult) -> Section:
    """Recordings, damage, and what became of the frames."""
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
    labelled = count(workspace, result.candidate.dataset, "train")
    steps = [
        ("came in", raw),
        ("decoded and split", roles.num_rows),
        ("labelled and used", labelled + count(workspace, result.dataset, "test")),
    ]
    return Section(
        title="What came in",
        figures=(
            funnel(steps, unit="frames", caption="Frames from ingest to the dataset version."),
            composition(
                composition_of(workspace, result.candidate.dataset),
                unit="frames",
                splits=("train", "test"),
                caption=f"The dataset version after mining. Unit: {result.config.split.unit_text}.",
            ),
        ),
        tables=tables,
        pictures=overview(workspace, result),
        lineage=(Ref(artifact=result.roles.id, label="who is tested on"),),
    )


def labels_section(workspace: Workspace, result: LoopResult) -> Section:
    """Agreement and cost of every batch of labels."""
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


def arms_section(workspace: Workspace, result: LoopResult) -> Section:
    """The arms at equal label cost, seed by seed."""
    rows = []
    for trained, name, arm in everyone(result):
        kpi = headline(workspace, result, trained)
        cost = workspace.json(arm.labels.labelling)["cost"]["boxes"] if arm else 0
        chosen = chosen_conditions(workspace, result, arm) if arm else ""
        rows.append(
            (
                name,
                trained.seed,
                cost,
                chosen,
                kpi.value if kpi else None,
                kpi.low if kpi else None,
                kpi.high if kpi else None,
                verdict_of(workspace, trained),
                Ref(artifact=trained.judged.kpis.id),
            )
        )
    where = where_of(result)
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


def before_after(workspace: Workspace, result: LoopResult) -> Section:
    """KPIs by condition and the loss, first network against candidate."""
    before = slices(workspace, result.champions[0])
    after = slices(workspace, result.candidate.trained)
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


def shipped_section(workspace: Workspace, result: LoopResult) -> Section:
    """Parity of the plan, and candidate beside champion."""
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
