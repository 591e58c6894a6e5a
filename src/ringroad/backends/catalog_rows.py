"""Rows of the catalog to nouns and back. Holds no SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from ringroad.domain.artifact import Artifact, Execution, ExecutionKey, Measurement
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import ArtifactId, Digest, ExecutionId, digest_of
from ringroad.domain.recording import Recording, recording_from


def text_of(value: Any) -> str:
    """Canonical JSON as text."""
    return canonical_json(value).decode()


def artifact_row(artifact: Artifact) -> dict[str, Any]:
    """One row of `artifact`."""
    return {
        "id": artifact.id,
        "kind": artifact.kind,
        "digest": artifact.digest,
        "size_bytes": artifact.size_bytes,
        "media": artifact.media,
    }


def artifact_of(row: Row[Any]) -> Artifact:
    """The noun of one row of `artifact`."""
    return Artifact(
        kind=row.kind, digest=Digest(row.digest), size_bytes=row.size_bytes, media=row.media
    )


def code_row(key: ExecutionKey) -> dict[str, str]:
    """One row of `code`."""
    modules = canonical_json(dict(key.code))
    return {"digest": digest_of(modules), "modules": modules.decode()}


def execution_row(execution: Execution, code: str) -> dict[str, Any]:
    """One row of `execution`; `code` is the digest of its row in `code`."""
    key = execution.key
    rest = {
        "environment": dict(key.environment),
        "inputs": dict(key.inputs),
        "parameters": dict(key.parameters),
        "seed": key.seed,
    }
    return {
        "id": execution.id,
        "step": key.step,
        "code": code,
        "key": text_of(rest),
        "inputs": text_of(dict(execution.inputs)),
        "outputs": text_of(dict(execution.outputs)),
        "started_ns": execution.started_ns,
        "ended_ns": execution.ended_ns,
        "host": execution.host,
        "attempts": execution.attempts,
    }


def execution_of(row: Row[Any]) -> Execution:
    """The noun of one row of `execution` joined with `code`."""
    rest = json.loads(row.key)
    key = ExecutionKey(
        step=row.step,
        code=_modules(row.modules),
        environment=rest["environment"],
        inputs=rest["inputs"],
        parameters=rest["parameters"],
        seed=rest["seed"],
    )
    return Execution(
        id=ExecutionId(row.id),
        key=key,
        inputs=json.loads(row.inputs),
        outputs=json.loads(row.outputs),
        started_ns=row.started_ns,
        ended_ns=row.ended_ns,
        host=row.host,
        attempts=row.attempts,
    )


def edge_rows(execution: Execution) -> list[dict[str, str]]:
    """Rows of `edge`: what went in, what came out."""
    return [
        {"execution": execution.id, "direction": direction, "role": role, "artifact": artifact}
        for direction, ends in (("in", execution.inputs), ("out", execution.outputs))
        for role, artifact in ends.items()
    ]


def measurement_row(measurement: Measurement) -> dict[str, Any]:
    """One row of `measurement`."""
    return {
        "artifact": measurement.artifact,
        "name": measurement.name,
        "value": measurement.value,
        "unit": measurement.unit,
        "detail": text_of(dict(measurement.detail)),
    }


def measurement_of(row: Row[Any]) -> Measurement:
    """The noun of one row of `measurement`."""
    return Measurement(
        artifact=ArtifactId(row.artifact),
        name=row.name,
        value=row.value,
        unit=row.unit,
        detail=json.loads(row.detail),
    )


def recording_row(recording: Recording) -> dict[str, Any]:
    """One row of `recording`."""
    return {
        "id": recording.id,
        "vehicle": recording.vehicle,
        "source": recording.source,
        "start_ns": recording.start_ns,
        "document": text_of(recording),
    }


def recording_of(document: str) -> Recording:
    """The noun of a document that `recording_row` wrote."""
    return recording_from(json.loads(document))


@lru_cache(maxsize=1024)
def _modules(text: str) -> Mapping[str, str]:
    """Thousands of executions share one code: it is parsed once, and nobody changes it."""
    modules: dict[str, str] = json.loads(text)
    return modules
