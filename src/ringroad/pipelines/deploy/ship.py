"""From a candidate to a plan, and the candidate beside the champion on every recording."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate import selection as selections
from ringroad.deploy.latency import latency_rows, time_runs
from ringroad.deploy.parity import compare_outputs, require_parity
from ringroad.deploy.plan import build_plan, manifest_bytes, open_plan, read_manifest
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.evaluate.difference import Tolerances
from ringroad.evaluate.resimulate import compare
from ringroad.media.pictures import proxies as pack
from ringroad.models.reference import INPUT
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.evaluate.validate import Predicted
from ringroad.pipelines.model import ONNX, Model
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

PARITY_FRAMES = 16
LATENCY_RUNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A plan that opened and kept parity, and what changes with it."""

    plan: Artifact
    manifest: Artifact
    parity: Artifact
    resimulation: Artifact
    disagreements: Artifact
    """A selection for the next round of mining."""


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow"), also=("ringroad.backends.runtime_onnx",))
def make_plan(
    bench: Bench, *, network: Artifact, model: Artifact, proxies: Artifact, threads: int
) -> dict[str, Artifact]:
    """Optimise for this platform, and hold the plan against the network it was made from."""
    data = bench.read(network)
    plan, manifest = build_plan(bench.runtime, data, model=model.id, threads=threads)
    frames = pack.pixels_of(bench.read_table(proxies))[:PARITY_FRAMES]
    reference = bench.runtime.load(data, threads=threads)
    session = open_plan(bench.runtime, plan, manifest)
    rows = [
        compare_outputs(reference.run({INPUT: frame}), session.run({INPUT: frame}))
        for frame in np.ascontiguousarray(frames)[:, None]
    ]
    for parts in rows:
        require_parity(parts, manifest.parity, plan=manifest.plan)
    worst = [
        {
            "output": parts[0].output,
            "cosine": round(min(part.cosine for part in parts), 7),
            "max_relative": float(f"{max(part.max_relative for part in parts):.2e}"),
        }
        for parts in zip(*rows, strict=True)
    ]
    return {
        "plan": bench.write("plan", plan, ONNX),
        "manifest": bench.write("manifest", manifest_bytes(manifest), "application/json"),
        "parity": bench.write_json("parity", {"frames": len(rows), "outputs": worst}),
    }


@step(uses=("numpy", "onnxruntime", "pyarrow"), also=("ringroad.backends.runtime_onnx",))
def time_plan(
    bench: Bench, *, plan: Artifact, manifest: Artifact, proxies: Artifact, runs: int
) -> Artifact:
    """Note the plan's latency as rows beside it; what comes out says only that it was timed."""
    session = open_plan(bench.runtime, bench.read(plan), read_manifest(bench.read(manifest)))
    frame = np.ascontiguousarray(pack.pixels_of(bench.read_table(proxies))[:1])
    wall, cpu = time_runs(
        lambda: session.run({INPUT: frame}),
        wall_ns=time.perf_counter_ns,
        cpu_ns=time.process_time_ns,
        runs=runs,
    )
    for row in latency_rows(plan.id, wall, cpu):
        bench.record(row)
    return bench.write_json("timed", {"plan": plan.id, "runs": runs})


@step(uses=("numpy", "pyarrow"))
def resimulate(
    bench: Bench,
    *,
    champion: Sequence[Artifact],
    candidate: Sequence[Artifact],
    frames: Sequence[Artifact],
    truth: Sequence[Artifact],
    annotated: list[str],
    threshold: float,
    limit: int,
) -> dict[str, Artifact]:
    """Compare two networks frame by frame; the frames they disagree on become a selection."""
    rows = all_rows(bench, frames).select(["frame_id", "condition"])
    conditions = {
        FrameId(frame): condition or "unknown"
        for frame, condition in zip(*(column.to_pylist() for column in rows.columns), strict=True)
    }
    known = all_rows(bench, truth) if truth else None
    if known is not None:
        ids = pa.array(list(conditions), pa.string())
        known = known.filter(pc.is_in(known.column("frame_id"), value_set=ids))
    found = compare(
        all_rows(bench, champion),
        all_rows(bench, candidate),
        conditions=conditions,
        tolerances=Tolerances(threshold=threshold),
        truth=known,
        annotated=annotated,
    )
    chosen = selections.by_hand(
        found.disagreeing_frames(limit),
        reason="candidate and champion disagree most",
        parents=[part.id for part in (*champion, *candidate)],
    )
    return {
        "differences": bench.write_table("differences", found.differences),
        "frames": bench.write_table("compared", found.frames),
        "resimulation": bench.write_json(
            "resimulation", [asdict(summary) for summary in found.summary]
        ),
        "disagreements": bench.write(
            selections.KIND, selections.to_bytes(chosen), selections.MEDIA
        ),
    }


def ship(
    workspace: Workspace,
    champion: Sequence[Predicted],
    candidate: Sequence[Predicted],
    model: Model,
    seen: Sequence[Seen],
    truth: Sequence[Artifact],
    *,
    annotated: Sequence[str],
) -> Shipped:
    """Build and time the candidate's plan; re-simulate it against the champion."""
    runner = workspace.runner
    built = runner.run(
        make_plan, network=model.network, model=model.identity, proxies=seen[0].proxies, threads=1
    )
    runner.run(
        time_plan,
        plan=built["plan"],
        manifest=built["manifest"],
        proxies=seen[0].proxies,
        runs=LATENCY_RUNS,
    )
    again = rerun(workspace, champion, candidate, seen, truth, annotated=annotated)
    return Shipped(
        plan=built["plan"],
        manifest=built["manifest"],
        parity=built["parity"],
        resimulation=again["resimulation"],
        disagreements=again["disagreements"],
    )


def rerun(
    workspace: Workspace,
    champion: Sequence[Predicted],
    candidate: Sequence[Predicted],
    seen: Sequence[Seen],
    truth: Sequence[Artifact],
    *,
    annotated: Sequence[str],
    threshold: float = 0.3,
    limit: int = 50,
) -> dict[str, Artifact]:
    """Re-simulate, and point `selection:disagreements` at what came out."""
    made = workspace.runner.run(
        resimulate,
        champion=[item.predictions for item in champion],
        candidate=[item.predictions for item in candidate],
        frames=[item.frames for item in seen],
        truth=truth,
        annotated=list(annotated),
        threshold=threshold,
        limit=limit,
    )
    workspace.point("selection:disagreements", made["disagreements"], reason="re-simulation")
    compared = json.loads(workspace.blobs.get(made["resimulation"].digest))
    whole = next(row for row in compared if row["condition"] == "all")
    frames, differing = whole["frames"], whole["disagreeing"]
    workspace.say(f"resimulate {frames} frames, {differing} with disagreements")
    return made
