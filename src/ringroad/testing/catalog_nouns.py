"""Made-up nouns for the suites that catalogs pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ringroad.domain.artifact import Artifact, Execution, ExecutionKey, Lease
from ringroad.domain.ids import (
    ExecutionId,
    RecordingId,
    VehicleId,
    digest_of,
)
from ringroad.domain.recording import CAMERA, Channel, Location, Recording
from ringroad.protocols.catalog import Catalog, Record

NOW = 1_800_000_000_000_000_000
SECOND = 1_000_000_000


def made(name: str, kind: str = "thing") -> Artifact:
    """An artifact of made-up content."""
    return Artifact(kind=kind, digest=digest_of(name.encode()), size_bytes=len(name), media="x/y")


def execution_of(
    name: str,
    inputs: Mapping[str, Artifact] | None = None,
    outputs: Mapping[str, Artifact] | None = None,
    *,
    step: str = "work",
) -> Execution:
    """An execution whose id follows from its name."""
    ends_in, ends_out = inputs or {}, outputs or {}
    key = ExecutionKey(
        step=step,
        code={"ringroad.work": "c" * 64, "distribution:numpy": "2.0"},
        environment={"python": "3.11"},
        inputs={role: item.digest for role, item in ends_in.items()},
        parameters={"name": name, "ratio": 0.5, "names": ["a", "b"], "none": None},
        seed=7,
    )
    return Execution(
        id=ExecutionId(digest_of(f"{step} {name}".encode())),
        key=key,
        inputs={role: item.id for role, item in ends_in.items()},
        outputs={role: item.id for role, item in ends_out.items()},
        started_ns=NOW,
        ended_ns=NOW + SECOND,
        host="here",
        attempts=2,
    )


def commit(
    catalog: Catalog,
    name: str,
    inputs: Mapping[str, Artifact] | None = None,
    outputs: Mapping[str, Artifact] | None = None,
    records: Iterable[Record] = (),
    *,
    tables: Mapping[str, str] | None = None,
    lease: Lease | None = None,
) -> Execution:
    """Commit one execution; `tables` names the table of an output by its role."""
    execution = execution_of(name, inputs, outputs)
    artifacts = [*(inputs or {}).values(), *(outputs or {}).values()]
    batches = {(outputs or {})[role].id: table for role, table in (tables or {}).items()}
    catalog.commit(execution, artifacts, records, batches=batches, lease=lease)
    return execution


def recording_of(name: str, *, salvaged: str = "") -> Recording:
    """A recording with two channels."""
    camera = Channel(
        name="/front", sensor=CAMERA, encoding="h264", messages=9, width=640, height=384
    )
    return Recording(
        id=RecordingId(f"car/{name}"),
        vehicle=VehicleId("car"),
        source_key=name,
        source=digest_of(name.encode()),
        container="mcap",
        start_ns=NOW,
        duration_ns=SECOND,
        channels=(camera, replace(camera, name="/rear", rate_hz=12.5)),
        clock="recorded",
        salvaged=salvaged,
    )


def location_of(name: str, uri: str = "", *, size_bytes: int = 3) -> Location:
    """Where the bytes called `name` lie."""
    place = uri or f"file:/data/{name}"
    return Location(
        digest=digest_of(name.encode()), uri=place, size_bytes=size_bytes, modified_ns=NOW
    )
