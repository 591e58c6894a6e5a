"""A small loop with faults around its stores, as `crash_program.py` starts it.

Prints a line for every step that is committed, and at the end the ids of all artifacts.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.pipelines.loop.demo import DemoConfig, demo_config, run_demo
from ringroad.testing.faults import Faults, faulty_blobs, faulty_catalog, faulty_tables
from ringroad.workflow.bench import SilentTracker
from ringroad.workflow.runner import StepEvent


def small() -> DemoConfig:
    """The quick demo with still fewer frames and epochs."""
    config = demo_config(seed=1, quick=True)
    train = replace(config.loop.train, epochs=1, retrain_epochs=1, width=160, height=96)
    mine = replace(config.loop.mine, arms=("k-center", "random"), budget_boxes=40, frames=5)
    loop = replace(config.loop, train=train, mine=mine)
    return replace(config, day=4, dusk=1, night=2, duration_s=2.0, rate_hz=2.0, loop=loop)


def listener(event: StepEvent) -> None:
    """Acknowledge what is committed."""
    if not event.cached:
        print(f"done {event.execution_id} {event.step}", flush=True)


def main() -> None:
    """Run the loop once."""
    folder, fault = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    create_workspace(folder)
    faults = Faults.parse(fault) if fault else Faults()
    parts = open_parts(Settings(folder=folder))
    parts = replace(
        parts,
        blobs=faulty_blobs(parts.blobs, faults),
        catalog=faulty_catalog(parts.catalog, faults),
        tables=faulty_tables(parts.tables, faults),
    )
    workspace = join(folder, parts, tracker=SilentTracker(), listener=listener, say=lambda _: None)
    run_demo(workspace, small())
    for table in workspace.catalog.batch_tables():
        workspace.rows(table)
    for artifact in workspace.catalog.artifacts():
        print(f"artifact {artifact.id}")
    print("finished", dict(faults.passes), flush=True)
    workspace.close()
