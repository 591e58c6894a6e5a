"""One step's body, attempted until it succeeds: runs here or in a worker, never sees a catalog."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    InputError,
    IntegrityError,
    RingroadError,
    StorageFull,
    UsageError,
    WorkspaceError,
)
from ringroad.domain.ids import ArtifactId
from ringroad.protocols.catalog import Record
from ringroad.protocols.tracker import Tracker
from ringroad.workflow.bench import Bench, Kit, SilentTracker
from ringroad.workflow.step import Step

LOG = logging.getLogger(__name__)
RESULT = "result"
"""Role of the output of a step that hands back one artifact."""
FINAL = (InputError, UsageError, IntegrityError, StorageFull, WorkspaceError)
"""Errors that a further attempt would meet again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a step made, ready to commit."""

    outputs: Mapping[str, Artifact]
    batches: Mapping[ArtifactId, str]
    records: tuple[Record, ...]
    attempts: int
    started_ns: int
    ended_ns: int
    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The error of the last attempt."""

    error: Exception
    attempts: int

    def __reduce__(self) -> tuple[Any, ...]:
        return (Failed, (_portable(self.error), self.attempts))


class ErrorInWorker(Exception):
    """Stands for an error that may not survive the way between processes; holds its traceback."""


class LocalTracker:
    """A tracker that stays in its process: on the other side of a pickle it is silent."""

    def __init__(self, tracker: Tracker) -> None:
        self.metrics = tracker.metrics
        self.progress = tracker.progress

    def __reduce__(self) -> tuple[Any, ...]:
        return (SilentTracker, ())


def work(
    step: Step[Any],
    kit: Kit,
    tracker: Tracker,
    seed: int,
    arguments: Mapping[str, object],
    key: str = "",
) -> Made | Failed:
    """Attempt a step until it succeeds, fails for good, or has no retries left."""
    for attempt in range(1, step.retries + 2):
        started_ns, cpu, wall = kit.clock.now_ns(), time.process_time(), time.perf_counter()
        bench = Bench(kit, seed=seed, tracker=tracker, key=key)
        try:
            outputs = _outputs(step, step.function(bench, **arguments))
            _check_batches(step, bench, outputs)
        except Exception as error:  # noqa: BLE001 (whatever the step raised is told with its key)
            if attempt > step.retries or isinstance(error, FINAL):
                return Failed(error, attempt)
            LOG.warning("%s failed in attempt %d: %r", step.name, attempt, error)
        else:
            return Made(
                outputs=outputs,
                batches=bench.batches,
                records=tuple(bench.records),
                attempts=attempt,
                started_ns=started_ns,
                ended_ns=kit.clock.now_ns(),
                cpu_s=time.process_time() - cpu,
                wall_s=time.perf_counter() - wall,
            )
        finally:
            bench.close()
    raise AssertionError("the last attempt returns")


def result_of(outputs: Mapping[str, Artifact]) -> Any:
    """What the step handed back, from its outputs by role."""
    return outputs[RESULT] if RESULT in outputs else dict(outputs)


def _outputs(step: Step[Any], result: object) -> dict[str, Artifact]:
    if isinstance(result, Artifact):
        return {RESULT: result}
    if not isinstance(result, dict) or not all(
        isinstance(role, str) and isinstance(part, Artifact) for role, part in result.items()
    ):
        raise UsageError(
            f"handed back {type(result).__name__}",
            subject=f"step {step.name}",
            remedy="hand back one artifact, or a dict from role to artifact",
        )
    if RESULT in result:
        raise UsageError(
            f"hands back a role {RESULT!r}",
            subject=f"step {step.name}",
            remedy="this name stands for a single artifact; choose another",
        )
    return result


def _check_batches(step: Step[Any], bench: Bench, outputs: Mapping[str, Artifact]) -> None:
    lost = bench.batches.keys() - {artifact.id for artifact in outputs.values()}
    if lost:
        names = ", ".join(sorted(bench.batches[at] for at in lost))
        raise UsageError(
            f"wrote rows of {names} that it did not hand back",
            subject=f"step {step.name}",
            remedy="hand every batch back as an output",
        )


def _portable(error: Exception) -> Exception:
    """Ours travel as they are; others as text, because many cannot be made again from a pickle."""
    if isinstance(error, RingroadError):
        return error
    return ErrorInWorker("".join(traceback.format_exception(error)))
