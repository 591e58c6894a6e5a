"""What an artifact came from, and what it went into: a graph, as text and as JSON.

Lineage is by content. Where several executions made the same bytes, all of them count: an
empty table of signals, say, leads to every recording that has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ringroad.domain.artifact import Edge, Execution, Measurement
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import ArtifactId, Digest, ExecutionId, artifact_parts, digest_of
from ringroad.domain.time import to_seconds
from ringroad.protocols.catalog import Aliases, Artifacts, Recordings

SHORT = 12
DEEPEST_INDENT = 40
SOURCE = "source"


class Origins(Artifacts, Aliases, Recordings, Protocol):
    """The nouns that lineage reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactNode:
    """One artifact, with what people know it by."""

    id: ArtifactId
    recording: str = ""
    """The recording whose bytes these are."""
    aliases: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Everything upwards or downwards of one artifact.

    `executions` stand oldest first. Downwards, `edges` leave out what else went into them.
    """

    start: ArtifactId
    up: bool
    artifacts: Mapping[ArtifactId, ArtifactNode]
    executions: Mapping[ExecutionId, Execution]
    edges: tuple[Edge, ...]


def upstream(catalog: Origins, artifact: ArtifactId) -> Lineage:
    """All that an artifact was made from: recordings, labels, parameters, code and seeds."""
    return _walk(catalog, artifact, up=True)


def downstream(catalog: Origins, artifact: ArtifactId) -> Lineage:
    """All that an artifact went into: models, KPIs, plans and reports."""
    return _walk(catalog, artifact, up=False)


def as_json(lineage: Lineage) -> dict[str, Any]:
    """Nodes and edges in a stable order, ready for JSON."""
    nodes = sorted(lineage.artifacts.items())
    codes = _code_digests(lineage)
    executions = sorted(lineage.executions.items())
    return {
        "start": lineage.start,
        "direction": "up" if lineage.up else "down",
        "artifacts": [_artifact_json(node) for _, node in nodes],
        "executions": [_execution_json(item, codes[at]) for at, item in executions],
        "edges": [asdict(edge) for edge in lineage.edges],
    }


def as_text(lineage: Lineage) -> str:
    """An indented tree; what was shown already is named, not shown again."""
    return "\n".join(_lines(lineage))


def _walk(catalog: Origins, artifact: ArtifactId, *, up: bool) -> Lineage:
    start = catalog.artifact(artifact).id
    executions = catalog.reach(start, up=up)
    edges = tuple(sorted(_edges(executions, start, up=up), key=_order))
    return Lineage(
        start=start,
        up=up,
        artifacts=_nodes(catalog, {start, *(edge.artifact for edge in edges)}),
        executions={execution.id: execution for execution in executions},
        edges=edges,
    )


def _edges(executions: Sequence[Execution], start: ArtifactId, *, up: bool) -> Iterator[Edge]:
    """Upwards all inputs, and the outputs that led here; downwards the other way about."""
    reached = {start}
    for execution in executions:
        reached.update((execution.inputs if up else execution.outputs).values())
    for execution in executions:
        for direction, ends in (("in", execution.inputs), ("out", execution.outputs)):
            for role, at in ends.items():
                if at in reached:
                    yield Edge(execution=execution.id, artifact=at, role=role, direction=direction)


def _order(edge: Edge) -> tuple[str, str, str]:
    return (edge.execution, edge.direction, edge.role)


def _nodes(catalog: Origins, wanted: set[ArtifactId]) -> dict[ArtifactId, ArtifactNode]:
    recordings = {item.source: item.id for item in catalog.recordings()}
    aliases: dict[ArtifactId, list[str]] = {}
    for name, at in catalog.names().items():
        aliases.setdefault(at, []).append(name)
    nodes = {}
    for at in wanted:
        kind, digest = artifact_parts(at)
        nodes[at] = ArtifactNode(
            id=at,
            recording=recordings.get(digest, "") if kind == SOURCE else "",
            aliases=tuple(sorted(aliases.get(at, ()))),
            measurements=tuple(catalog.measurements(at)),
        )
    return nodes


def _code_digests(lineage: Lineage) -> dict[ExecutionId, Digest]:
    """One digest for all the code an execution ran; executions of one code share the work."""
    known: dict[tuple[tuple[str, str], ...], Digest] = {}
    found = {}
    for execution in lineage.executions.values():
        modules = tuple(execution.key.code.items())
        if modules not in known:
            known[modules] = digest_of(canonical_json(dict(modules)))
        found[execution.id] = known[modules]
    return found


def _artifact_json(node: ArtifactNode) -> dict[str, Any]:
    kind, digest = artifact_parts(node.id)
    return {
        "id": node.id,
        "kind": kind,
        "digest": digest,
        "recording": node.recording,
        "aliases": list(node.aliases),
        "measurements": [
            {
                "name": item.name,
                "value": item.value,
                "unit": item.unit,
                "detail": dict(item.detail),
            }
            for item in node.measurements
        ],
    }


def _execution_json(execution: Execution, code: Digest) -> dict[str, Any]:
    return {
        "id": execution.id,
        "step": execution.key.step,
        "seed": execution.key.seed,
        "code": code,
        "modules": dict(sorted(execution.key.code.items())),
        "environment": dict(execution.key.environment),
        "parameters": dict(execution.key.parameters),
        "started_ns": execution.started_ns,
        "ended_ns": execution.ended_ns,
        "host": execution.host,
        "attempts": execution.attempts,
    }


def _lines(lineage: Lineage) -> Iterator[str]:
    """Depth first with a stack of our own: a lineage may be deeper than Python's."""
    links, codes = _links(lineage), _code_digests(lineage)
    seen: set[str] = set()
    waiting: list[tuple[int, str, str]] = [(0, "", lineage.start)]
    while waiting:
        depth, role, at = waiting.pop()
        node = lineage.artifacts.get(ArtifactId(at))
        if node is not None:
            line = _artifact_line(node)
        else:
            execution = lineage.executions[ExecutionId(at)]
            line = _execution_line(execution, codes[execution.id], up=lineage.up)
        further = links.get(at, ())
        indent = "  " * min(depth, DEEPEST_INDENT) + (f"{role} = " if role else "")
        if at in seen:
            yield f"{indent}{line}{' (shown above)' if further else ''}"
            continue
        seen.add(at)
        yield f"{indent}{line}"
        waiting += [(depth + 1, name, next_at) for name, next_at in reversed(further)]


def _links(lineage: Lineage) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Node -> (role, node) as the tree is walked; executions newest first, artifacts by role."""
    towards = "out" if lineage.up else "in"
    age = {at: number for number, at in enumerate(lineage.executions)}
    links: dict[str, list[tuple[str, str]]] = {}
    for edge in sorted(lineage.edges, key=lambda edge: (-age[edge.execution], _by_role(edge))):
        if edge.direction != towards:
            links.setdefault(edge.execution, []).append((edge.role, edge.artifact))
        elif ("", edge.execution) not in (known := links.setdefault(edge.artifact, [])):
            known.append(("", edge.execution))
    return links


def _by_role(edge: Edge) -> tuple[str, int]:
    """So that `frames[10]` stands after `frames[9]`."""
    name, _, number = edge.role.partition("[")
    digits = number.rstrip("]")
    return name, int(digits) if digits.isdigit() else 0


def _artifact_line(node: ArtifactNode) -> str:
    kind, digest = artifact_parts(node.id)
    parts = [f"{kind}:{digest[:SHORT]}"]
    if node.recording:
        parts.append(f"recording {node.recording}")
    parts += [f"[{alias}]" for alias in node.aliases]
    last = {item.name: item for item in node.measurements}
    parts += [f"{item.name} {item.value:.6g} {item.unit}".rstrip() for item in last.values()]
    return "  ".join(parts)


def _execution_line(execution: Execution, code: Digest, *, up: bool) -> str:
    seconds = to_seconds(execution.ended_ns - execution.started_ns)
    verb = "made by" if up else "went into"
    step, seed = execution.key.step, execution.key.seed
    return f"{verb} {step}, seed {seed}, code {code[:8]}, {seconds:.2f} s"
