"""The nouns of lineage: artifacts, the executions that made them, names that point at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.ids import ArtifactId, Digest, ExecutionId, artifact_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """Immutable content of a declared kind."""

    kind: str
    """`recording`, `frames`, `proxies`, `annotations`, `dataset`, `model`, `plan`, `kpis` ..."""
    digest: Digest
    size_bytes: int
    media: str
    """Media type: `application/json`, `application/vnd.apache.arrow.file` ..."""

    @property
    def id(self) -> ArtifactId:
        """`kind:digest`."""
        return artifact_id(self.kind, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionKey:
    """All that decides what a step makes: equal keys, equal artifacts on one class of machine."""

    step: str
    code: Mapping[str, str]
    """First-party module -> digest, and `distribution:name` -> version."""
    environment: Mapping[str, str]
    inputs: Mapping[str, Digest]
    """Role -> digest of the content; a list's roles are `role[0]`, `role[1]` ..."""
    parameters: Mapping[str, object]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One completed run of a step."""

    id: ExecutionId
    key: ExecutionKey
    inputs: Mapping[str, ArtifactId]
    outputs: Mapping[str, ArtifactId]
    started_ns: int
    ended_ns: int
    host: str
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An artifact went into an execution, or came out of it."""

    execution: ExecutionId
    artifact: ArtifactId
    role: str
    direction: str
    """`in` or `out`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMove:
    """One entry in the history of a movable name such as `detector:champion`."""

    name: str
    artifact: ArtifactId
    moved_ns: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A figure beside an artifact, never part of its bytes: a latency, a cost, a size."""

    artifact: ArtifactId
    name: str
    value: float
    unit: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to compute one key for a while. A higher token fences off all lower ones."""

    key: str
    owner: str
    token: int
    expires_ns: int
