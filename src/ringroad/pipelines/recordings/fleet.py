"""A synthetic fleet brings home its recordings: ordinary MCAP files, truth in a side channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import RecordingId, recording_id, vehicle_id
from ringroad.pipelines.workspace import Workspace
from ringroad.simulate.fleet import fleet_specs
from ringroad.simulate.recording import RecordingSpec, simulate_recording
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

MCAP = "application/octet-stream"


@step(uses=("mcap", "numba", "numpy", "pyarrow", "simplejpeg"))
def drive(bench: Bench, *, spec: dict[str, Any]) -> dict[str, Artifact]:
    """Simulate one recording."""
    made = simulate_recording(RecordingSpec(**spec))
    return {
        "source": bench.write("source", made.mcap, MCAP),
        "truth": bench.write_table("truth", made.truth),
        "lanes": bench.write_table("lanes", made.lanes),
    }


def simulate_fleet(
    workspace: Workspace,
    specs: Sequence[RecordingSpec],
    folder: Path,
    *,
    cut: Mapping[str, float] | None = None,
) -> dict[RecordingId, Artifact]:
    """Simulate recordings, lay them into a folder as a vehicle would, and return their truth.

    `cut` names recordings that end early, with the share of their bytes that is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = workspace.runner.map(drive, [{"spec": asdict(spec)} for spec in specs])
    truth: dict[RecordingId, Artifact] = {}
    for spec, parts in zip(specs, made, strict=True):
        path = folder / f"{spec.name}.mcap"
        data = workspace.blobs.get(parts["source"].digest)
        lay(path, data[: int(len(data) * (cut or {}).get(spec.name, 1.0))])
        truth[recording_id(vehicle_id(spec.vehicle), path.name)] = parts["truth"]
    return truth


def lay(path: Path, data: bytes) -> None:
    """Write a file whole, unless it lies there with these bytes already."""
    if path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    temporary.rename(path)


START_NS = 1_790_000_000_000_000_000
"""2026-09-21T14:13:20Z: synthetic recordings start here, so that equal seeds give equal bytes."""


def fleet(
    seed: int, *, counts: Mapping[str, int], duration_s: float, rate_hz: float
) -> tuple[RecordingSpec, ...]:
    """The specifications of a fleet whose clock starts at a fixed date."""
    return fleet_specs(
        seed, counts=counts, duration_s=duration_s, rate_hz=rate_hz, start_ns=START_NS
    )
