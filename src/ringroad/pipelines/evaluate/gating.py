"""A gate from a file, held against KPIs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build, read_toml
from ringroad.domain.kpi import Gate, GateResult
from ringroad.pipelines.evaluate.validate import check_gate, gate_of
from ringroad.pipelines.workspace import Workspace


def read_gate(path: Path) -> Gate:
    """Read a GATE.toml. Raises InvalidConfig: missing, not TOML, or a key that breaks a rule."""
    return build(Gate, read_toml(path, remedy="name a GATE.toml"), subject=str(path))


def pass_gate(workspace: Workspace, kpis: Artifact, gate: Gate) -> tuple[Artifact, GateResult]:
    """Hold KPIs against a rule."""
    made = workspace.runner.run(check_gate, kpis=kpis, gate=asdict(gate))
    return made, gate_of(workspace, made)
