"""A gate from a file, held against KPIs."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.errors import InvalidConfig
from ringroad.domain.kpi import Gate, GateResult
from ringroad.pipelines.validate import check_gate, gate_of
from ringroad.pipelines.workspace import Workspace


def read_gate(path: Path) -> Gate:
    """Read a GATE.toml. Raises InvalidConfig: missing, not TOML, or a key that breaks a rule."""
    try:
        values = tomllib.loads(path.read_text())
    except OSError as error:
        raise InvalidConfig(
            f"cannot be read: {error.strerror}", subject=str(path), remedy="name a GATE.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfig(f"is not TOML: {error}", subject=str(path)) from error
    return build(Gate, values, subject=str(path))


def pass_gate(workspace: Workspace, kpis: Artifact, gate: Gate) -> tuple[Artifact, GateResult]:
    """Hold KPIs against a rule."""
    made = workspace.runner.run(check_gate, kpis=kpis, gate=asdict(gate))
    return made, gate_of(workspace, made)
