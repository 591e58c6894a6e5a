"""What the labelling service stores: batches as blobs, and executions done by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from ringroad import __version__
from ringroad.domain.artifact import Artifact, Execution, ExecutionKey
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import (
    ArtifactId,
    Digest,
    ExecutionId,
    FrameId,
    artifact_id,
    artifact_parts,
    digest_of,
)
from ringroad.domain.order import LabelOrder
from ringroad.domain.taxonomy import Guideline
from ringroad.label import guidelines
from ringroad.label.answers import rows_of_frame
from ringroad.media import arrow
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.workspace import Workspace

ANNOTATIONS = "annotations"
"""Kind of the artifacts that hold answers, and the table that heads count in."""
LARGE = 1 << 20
"""Bytes of a batch above which a frame's rows are looked up, not searched for."""
_NONE = np.array([], np.int64)


def stored_rows(workspace: Workspace, table: pa.Table) -> Artifact:
    """Rows of annotations as a blob; nothing refers to it until it is committed."""
    data = arrow.to_bytes(table)
    digest = workspace.blobs.put(data)
    return Artifact(kind=ANNOTATIONS, digest=digest, size_bytes=len(data), media=arrow.ARROW_FILE)


def by_hand(
    step: str,
    *,
    inputs: Mapping[str, ArtifactId],
    outputs: Mapping[str, Artifact],
    parameters: Mapping[str, object],
    now_ns: int,
) -> Execution:
    """What a person did, as lineage keeps it: equal inputs, answer and parameters, one execution.

    Its time is a row beside it, so that a replay is known as the same.
    """
    made = {role: item.digest for role, item in outputs.items()}
    key = ExecutionKey(
        step=step,
        code={"ringroad": __version__},
        environment={},
        inputs={role: artifact_parts(at)[1] for role, at in inputs.items()},
        parameters=dict(parameters),
        seed=0,
    )
    return Execution(
        id=ExecutionId(digest_of(canonical_json([step, made, dict(parameters)]))),
        key=key,
        inputs=dict(inputs),
        outputs={role: item.id for role, item in outputs.items()},
        started_ns=now_ns,
        ended_ns=now_ns,
        host="",
    )


def guideline_of(workspace: Workspace, version: str) -> Guideline | None:
    """A guideline by its version; None for no version. Raises UnknownName."""
    if not version:
        return None
    artifact = workspace.catalog.artifact(guideline_artifact(version))
    return _parsed(workspace.blobs.get(artifact.digest))


@lru_cache(maxsize=64)
def _parsed(data: bytes) -> Guideline:
    """One guideline goes with thousands of answers: it is parsed once, and nobody changes it."""
    return guidelines.from_bytes(data)


def guideline_artifact(version: str) -> ArtifactId:
    """The artifact of a guideline's version."""
    return artifact_id(guidelines.KIND, Digest(version))


def ordered_inputs(order: LabelOrder) -> dict[str, ArtifactId]:
    """What an answer to any task of an order came from."""
    found = {"selection": order.selection}
    if order.guideline:
        found["guideline"] = guideline_artifact(order.guideline)
    if order.prelabels:
        found["prelabels"] = order.prelabels
    return found


def batch_rows(workspace: Workspace, batch: ArtifactId) -> pa.Table:
    """Rows of a committed batch of annotations. Raises UnknownName."""
    return table_of(workspace, _batch(workspace, batch))


def batch_frame_rows(workspace: Workspace, batch: ArtifactId, frame: FrameId) -> pa.Table:
    """Rows of one frame out of a batch of many; of a large one the rest is not read.

    Raises:
        UnknownName: there is no such batch of annotations.
    """
    artifact = _batch(workspace, batch)
    path = workspace.blobs.path(artifact.digest) if artifact.size_bytes > LARGE else None
    if path is None:
        return rows_of_frame(table_of(workspace, artifact), frame)
    shelf = _shelf(path)
    return shelf.rows.take(shelf.places.get(frame, _NONE))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shelf:
    """A large batch, mapped into memory, and where the rows of each frame stand."""

    rows: pa.Table
    places: Mapping[str, np.ndarray]


@lru_cache(maxsize=4)
def _shelf(path: Path) -> _Shelf:
    """Blobs never change: what was looked up once holds for as long as the process lives."""
    rows = arrow.mapped(path)
    frames, codes = np.unique(rows.column("frame_id").to_numpy(), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(frames)))
    places = dict(zip(frames.tolist(), np.split(order, ends[:-1]), strict=True))
    return _Shelf(rows=rows, places=places)


def _batch(workspace: Workspace, batch: ArtifactId) -> Artifact:
    artifact = workspace.catalog.artifact(batch)
    if artifact.kind not in (ANNOTATIONS, "truth"):
        raise UnknownName(
            f"is of kind {artifact.kind!r}, and holds no annotations",
            subject=batch,
            remedy="name a batch of annotations",
        )
    return artifact
