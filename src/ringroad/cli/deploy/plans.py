"""`ringroad plans`: networks optimised for this machine; built, checked, timed, written out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.deploy import plan_files
from ringroad.pipelines.deploy.plan_build import build as build_here
from ringroad.pipelines.train.named_models import model_of


@click.group()
def plans() -> None:
    """Plans: a network bound to a platform, a batch and a precision."""


@command(plans, name="list")
def list_(door: Door) -> None:
    """Every plan, oldest first, with its latency where it was timed."""
    with opened(door) as workspace:
        found = []
        for item in workspace.catalog.artifacts("plan"):
            manifest = plan_files.plan_of(workspace, item.id).manifest
            measured = [asdict(row) for row in workspace.catalog.measurements(item.id)]
            found.append({"id": item.id, "manifest": asdict(manifest), "measured": measured})
    lines = [_line(row) for row in found]
    door.give({"plans": found}, "\n".join(lines) or "no plans; build one: ringroad plans build M")


@command(plans)
@click.argument("model")
@click.option("--on", default="all", show_default=True, help="Recording to check parity on.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def build(door: Door, model: str, on: str, threads: int) -> None:
    """Build a plan of MODEL for this machine; refused where its answers differ."""
    with opened(door) as workspace:
        chosen = model_of(workspace, model)
        made = build_here(workspace, chosen, scope_of(workspace, on), threads=threads)
        parity = workspace.json(made["parity"])
        manifest = workspace.json(made["manifest"])
    value = {"plan": made["plan"].id, "manifest": manifest, "parity": parity}
    worst = min(row["cosine"] for row in parity["outputs"])
    door.give(
        value,
        f"{made['plan'].id}\n  {manifest['platform']}, batch {manifest['batch']}, "
        f"{manifest['precision']}, {manifest['threads']} threads\n"
        f"  parity on {parity['frames']} frames: worst cosine {worst:.6f}",
    )


@command(plans)
@click.argument("plan")
def show(door: Door, plan: str) -> None:
    """What PLAN is bound to, and every figure that was measured of it."""
    with opened(door) as workspace:
        found = plan_files.plan_of(workspace, plan)
        rows = [] if found.file else workspace.catalog.measurements(found.id)
    manifest = asdict(found.manifest)
    lines = [str(found.id), *(f"  {name:<10} {value}" for name, value in manifest.items())]
    lines += [
        f"  {row.name:<20} {row.value:10.4f} {row.unit:<4} "
        f"{row.detail.get('at', 'when it was built')}, {row.detail.get('runs', '?')} runs"
        for row in rows
    ]
    measured = [asdict(row) for row in rows]
    door.give({"id": found.id, "manifest": manifest, "measured": measured}, "\n".join(lines))


@command(plans)
@click.argument("plan")
def verify(door: Door, plan: str) -> None:
    """Hash PLAN again and open it; refused where a bit, the platform or the engine differs.

    PLAN is an id, or a file with its manifest FILE.json beside it.
    """
    with opened(door) as workspace:
        found = plan_files.plan_of(workspace, plan)
        plan_files.check(workspace, found)
    door.give(
        {"plan": found.id, "verified": True, "manifest": asdict(found.manifest)},
        f"{found.id}: {len(found.data) / 1e6:.2f} MB are what the manifest says; opened on "
        f"{found.manifest.platform} by {found.manifest.runtime} {found.manifest.runtime_version}",
    )


@command(plans)
@click.argument("plan")
@click.option("--runs", type=click.IntRange(1), default=1000, show_default=True)
def bench(door: Door, plan: str, runs: int) -> None:
    """Time PLAN on this machine as it is now, one frame at a time."""
    with opened(door) as workspace:
        found = plan_files.plan_of(workspace, plan)
        rows = plan_files.bench(workspace, found, runs=runs)
    lines = [f"{row.name:20} {row.value:8.3f} {row.unit}" for row in rows]
    lines.append(f"{runs} runs, {found.manifest.threads} threads, whatever else this machine does")
    door.give({"plan": found.id, "latency": [asdict(row) for row in rows]}, "\n".join(lines))


@command(plans)
@click.argument("plan")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(door: Door, plan: str, file: Path) -> None:
    """Write PLAN into FILE and its manifest into FILE.json."""
    with opened(door) as workspace:
        found = plan_files.plan_of(workspace, plan)
        plan_files.check(workspace, found)
    beside = file.with_name(file.name + plan_files.MANIFEST_SUFFIX)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(found.data)
    beside.write_bytes(found.manifest_data)
    door.give({"plan": found.id, "files": [str(file), str(beside)]}, f"{file}\n{beside}")


def _line(row: dict[str, Any]) -> str:
    manifest = row["manifest"]
    timed = {item["name"]: item for item in row["measured"]}
    p50, p99 = (timed.get(f"latency wall {name}") for name in ("p50", "p99"))
    text = f"{row['id'][:20]}  {manifest['platform']}, {manifest['precision']}, model "
    text += str(manifest["model"])[:18]
    if p50 and p99:
        text += f"  p50 {p50['value']:.2f} ms, p99 {p99['value']:.2f} ms"
    return text
