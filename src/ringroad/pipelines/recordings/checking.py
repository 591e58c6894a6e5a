"""Checks recordings: the step, and which of a recording's artifacts it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.recording import Recording, recording_from
from ringroad.ingest.checks import (
    SEVERITIES,
    CheckLimits,
    check_low_rate,
    check_pictures,
    finding_rows,
    lanes_of,
    limits_of,
)
from ringroad.media.pictures import proxies as pack
from ringroad.media.schemas import CHECKS
from ringroad.pipelines.finding import executions_at, table_of
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

ALIAS = "checks"
"""`checks:RECORDING` points at the findings that hold, by the limits that were asked for last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A recording and its findings, rows of `schemas.CHECKS`."""

    recording: Recording
    checks: Artifact


@step(uses=("numpy", "pyarrow"))
def check_recording(
    bench: Bench,
    *,
    recording: Artifact,
    frames: Artifact,
    signals: Artifact,
    limits: dict[str, Any],
    sweeps: Artifact | None = None,
    proxies: Artifact | None = None,
) -> Artifact:
    """All low-rate checks, and those of pictures where frames were decoded."""
    noun = recording_from(bench.read_json(recording))
    known = limits_of(limits, subject=noun.id)
    rows = bench.read_table(frames)
    turned = bench.read_table(sweeps) if sweeps is not None else None
    found = check_low_rate(lanes_of(noun, rows, bench.read_table(signals), turned), known)
    if proxies is not None:
        packed = bench.read_table(proxies)
        kept = packed.column("frame_id").combine_chunks()
        seen = rows.take(pc.index_in(kept, value_set=rows.column("frame_id").combine_chunks()))
        found += check_pictures(seen, pack.pixels_of(packed), known)
    findings = finding_rows(noun.id, found, known)
    return bench.write_table("checks", findings, table_name="checks", about=[noun.id])


def check(workspace: Workspace, taken: Sequence[Taken], limits: CheckLimits) -> tuple[Checked, ...]:
    """Check recordings, several at a time where the workspace has workers.

    Pictures are checked where frames were decoded before, at the densest decoding there is.

    Raises:
        InputError: a recording's index is gone.
    """
    told = asdict(limits) | {"off": list(limits.off)}
    arguments = [_inputs(workspace, item) | {"limits": told} for item in taken]
    made: list[Artifact] = workspace.runner.map(check_recording, arguments)
    for item, checks in zip(taken, made, strict=True):
        workspace.hold(ALIAS, item.recording.id, checks)
    return tuple(
        Checked(recording=item.recording, checks=checks)
        for item, checks in zip(taken, made, strict=True)
    )


def checked(
    workspace: Workspace, recordings: Sequence[Recording], limits: CheckLimits | None
) -> tuple[Checked, ...]:
    """The findings that hold; recordings without any, or all with new limits, are checked now."""
    found: dict[str, Checked] = {}
    for item in recordings:
        known = workspace.catalog.resolve(f"{ALIAS}:{item.id}") if limits is None else None
        if known is not None:
            found[item.id] = Checked(recording=item, checks=workspace.catalog.artifact(known))
    missing = [taken_of(workspace, item) for item in recordings if item.id not in found]
    for made in check(workspace, missing, limits or CheckLimits()):
        found[made.recording.id] = made
    return tuple(found[item.id] for item in recordings)


def findings_of(
    workspace: Workspace, done: Sequence[Checked], *, severity: str = SEVERITIES[0]
) -> pa.Table:
    """The findings of some recordings that are at least so severe."""
    parts = [table_of(workspace, item.checks) for item in done]
    rows = pa.concat_tables(parts) if parts else CHECKS.empty_table()
    wanted = pa.array(SEVERITIES[SEVERITIES.index(severity) :])
    return rows.filter(pc.is_in(rows.column("severity"), value_set=wanted))


def made_of(workspace: Workspace, taken: Taken) -> dict[str, Artifact]:
    """All artifacts that reading a recording made, by role. Raises InputError."""
    for execution in executions_at(workspace, taken.frames.id, "read_recording", direction="out"):
        return {role: workspace.catalog.artifact(at) for role, at in execution.outputs.items()}
    raise InputError(
        "its index is gone",
        subject=taken.recording.id,
        remedy="take it in again: ringroad ingest PATH",
    )


def proxies_of(workspace: Workspace, taken: Taken) -> Artifact | None:
    """The densest decoding of a recording, the largest among equals; None where there is none."""
    decoded = executions_at(workspace, taken.frames.id, "decode_recording", direction="in")
    if not decoded:
        return None
    asked = {item.id: item.key.parameters for item in decoded}
    best = min(
        decoded,
        key=lambda item: (int(str(asked[item.id]["every"])), -int(str(asked[item.id]["width"]))),
    )
    return workspace.catalog.artifact(best.outputs["result"])


def _inputs(workspace: Workspace, taken: Taken) -> dict[str, Any]:
    made = made_of(workspace, taken)
    return {
        "recording": made["recording"],
        "frames": made["frames"],
        "signals": made["signals"],
        "sweeps": made.get("sweeps"),
        "proxies": proxies_of(workspace, taken),
    }
