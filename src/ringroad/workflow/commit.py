"""From what a step made to what is true: one commit, fenced, and what to do when it is too late."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from ringroad.domain.artifact import Artifact, Execution, ExecutionKey, Measurement
from ringroad.domain.errors import DigestMismatch, LeaseLost
from ringroad.domain.ids import ArtifactId
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Catalog
from ringroad.workflow.holding import Holding
from ringroad.workflow.keys import Call, execution_id
from ringroad.workflow.step import R
from ringroad.workflow.work import Made

LOG = logging.getLogger(__name__)
CONFLICT = "reproduction-conflict"
"""Step of the execution that keeps outputs which differ from those committed under their key."""


def commit(
    catalog: Catalog,
    holding: Holding,
    blobs: Blobs,
    call: Call[R],
    made: Made,
    *,
    host: str,
    wait: Callable[[], None],
) -> Mapping[str, Artifact]:
    """Make an execution true; return the outputs that count, which are those of the first.

    A lease that was lost costs no work: the bytes are stored, so the key is taken again.

    Raises:
        DigestMismatch: the bytes of an earlier execution are gone and cannot be made again.
    """
    execution = _execution(call, made, host)
    artifacts = {item.id: item for item in (*call.inputs.values(), *made.outputs.values())}
    while True:
        kept = catalog.execution(call.id)
        if kept is not None:
            return _first(catalog, blobs, kept, execution, made.outputs)
        try:
            catalog.commit(
                execution,
                artifacts.values(),
                made.records,
                batches=made.batches,
                lease=holding.lease(call.id),
            )
        except LeaseLost:
            LOG.info("%s lost its lease before it could commit; it takes it again", call)
            _take_again(catalog, holding, call, wait)
        else:
            return made.outputs


def missing(blobs: Blobs, outputs: Mapping[str, Artifact]) -> list[str]:
    """Roles whose bytes are gone or cut short."""
    return [role for role, item in outputs.items() if blobs.size(item.digest) != item.size_bytes]


def _take_again(
    catalog: Catalog, holding: Holding, call: Call[R], wait: Callable[[], None]
) -> None:
    holding.give_back(call.id)
    while not holding.take(call.id) and catalog.execution(call.id) is None:
        wait()


def _first(
    catalog: Catalog,
    blobs: Blobs,
    kept: Execution,
    ours: Execution,
    outputs: Mapping[str, Artifact],
) -> Mapping[str, Artifact]:
    """The outputs committed before; ours are kept beside them where they differ."""
    if kept.outputs == ours.outputs:
        return outputs
    first = {role: catalog.artifact(at) for role, at in kept.outputs.items()}
    if gone := missing(blobs, first):
        raise DigestMismatch(
            f"the bytes of {', '.join(gone)} are gone, and running again made others",
            subject=f"execution {kept.id[:12]} of {kept.key.step}",
            remedy="put the blobs back from a copy, or make the step deterministic",
        )
    LOG.warning("%s made other outputs than before under one key", kept.key.step)
    _keep_beside(catalog, kept, ours, outputs)
    return first


def _keep_beside(
    catalog: Catalog, kept: Execution, ours: Execution, outputs: Mapping[str, Artifact]
) -> None:
    odd = {role: at for role, at in ours.outputs.items() if kept.outputs.get(role) != at}
    key = ExecutionKey(
        step=CONFLICT,
        code={},
        environment={},
        inputs={},
        parameters={"execution": kept.id, "outputs": odd},
        seed=0,
    )
    beside = Execution(
        id=execution_id(key),
        key=key,
        inputs={},
        outputs=odd,
        started_ns=ours.started_ns,
        ended_ns=ours.ended_ns,
        host=ours.host,
    )
    records = [_conflict(at, kept.id, role, kept.outputs.get(role)) for role, at in odd.items()]
    catalog.commit(beside, [outputs[role] for role in odd], records)


def _conflict(at: ArtifactId, execution: str, role: str, first: ArtifactId | None) -> Measurement:
    detail = {"execution": execution, "role": role, "first": first}
    return Measurement(artifact=at, name=CONFLICT, value=1.0, unit="executions", detail=detail)


def _execution(call: Call[R], made: Made, host: str) -> Execution:
    return Execution(
        id=call.id,
        key=call.key,
        inputs={role: item.id for role, item in call.inputs.items()},
        outputs={role: item.id for role, item in made.outputs.items()},
        started_ns=made.started_ns,
        ended_ns=made.ended_ns,
        host=host,
        attempts=made.attempts,
    )
