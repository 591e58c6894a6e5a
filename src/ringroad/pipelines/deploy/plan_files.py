"""Plans by name or as files: built for this machine, checked before an engine sees them, timed."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path

from ringroad.deploy.admit import admit_plan, black_frames
from ringroad.deploy.latency import latency_rows, time_runs
from ringroad.deploy.plan import open_plan, read_manifest
from ringroad.domain.artifact import Measurement
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.plan import PlanManifest
from ringroad.domain.time import to_iso
from ringroad.pipelines.finding import executions_at, find_named
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.owner import host_of, this_process

MANIFEST_SUFFIX = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan's bytes, unchecked, and the manifest that says what they should be."""

    data: bytes
    manifest: PlanManifest
    manifest_data: bytes
    id: ArtifactId
    file: bool
    """Whether it came from a file; else from the workspace."""


def plan_of(workspace: Workspace, name: str) -> PlanFile:
    """A plan by id or as a file with its manifest beside it. Its bytes are not checked yet.

    Raises:
        UnknownName: no plan is called so.
        InputError: the file has no manifest beside it.
        PlanRefused: the manifest cannot be read.
    """
    path = Path(name)
    if path.is_file():
        return _from_file(path)
    plan = find_named(workspace, name, ("plan",), prefix="plan")
    made = executions_at(workspace, plan.id, "make_plan", direction="out")
    if not made:
        raise InputError(
            "no manifest is known for it",
            subject=plan.id,
            remedy="build it again: ringroad plans build MODEL",
        )
    data = workspace.blobs.get(workspace.catalog.artifact(made[0].outputs["manifest"]).digest)
    return PlanFile(
        data=workspace.blobs.read_range(plan.digest, 0, plan.size_bytes),
        manifest=read_manifest(data),
        manifest_data=data,
        id=plan.id,
        file=False,
    )


def check(workspace: Workspace, plan: PlanFile) -> None:
    """Open it; one in a file is checked and run in the sandbox first.

    Raises:
        PlanRefused: bytes, platform or engine are not the manifest's.
        InputError, WorkerDied, WorkerTimedOut: a file breaks a rule, or the engine fails on it.
    """
    if plan.file:
        workspace.sandbox.call(admit_plan, workspace.runtime, plan.data, plan.manifest)
    open_plan(workspace.runtime, plan.data, plan.manifest)


def bench(workspace: Workspace, plan: PlanFile, *, runs: int) -> tuple[Measurement, ...]:
    """Latency on this machine, now; of black frames, because no layer looks at what it sees.

    The rows are noted beside the plan, with when and where; a plan in a file has no such place.
    """
    check(workspace, plan)
    session = open_plan(workspace.runtime, plan.data, plan.manifest)
    feeds = black_frames(plan.manifest)
    wall, cpu = time_runs(
        lambda: session.run(feeds),
        wall_ns=time.perf_counter_ns,
        cpu_ns=time.process_time_ns,
        runs=runs,
    )
    detail = {
        "threads": plan.manifest.threads,
        "at": to_iso(workspace.clock.now_ns()),
        "host": host_of(this_process()),
        "machine": platform.machine(),
    }
    rows = latency_rows(plan.id, wall, cpu, detail=detail)
    if not plan.file:
        workspace.catalog.note(rows)
    return rows


def _from_file(path: Path) -> PlanFile:
    beside = path.with_name(path.name + MANIFEST_SUFFIX)
    if not beside.is_file():
        raise InputError(
            f"has no manifest {beside.name} beside it",
            subject=str(path),
            remedy="write both: ringroad plans export PLAN FILE",
        )
    data = beside.read_bytes()
    manifest = read_manifest(data)
    return PlanFile(
        data=path.read_bytes(),
        manifest=manifest,
        manifest_data=data,
        id=ArtifactId(f"plan:{manifest.plan}"),
        file=True,
    )
