"""From a step and its arguments to the key it runs under. Equal keys, equal artifacts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from ringroad.domain.artifact import Artifact, ExecutionKey
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import Digest, ExecutionId, digest_of
from ringroad.workflow.step import R, Step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Generic[R]):
    """One step with its arguments, and the key that follows from them."""

    step: Step[R]
    seed: int
    arguments: Mapping[str, object]
    inputs: Mapping[str, Artifact]
    key: ExecutionKey
    id: ExecutionId

    def __str__(self) -> str:
        """The step, its seed and what goes in, for messages."""
        ends = ", ".join(f"{role}={item.kind}:{item.digest[:8]}" for role, item in self._shown())
        more = len(self.inputs) - MOST_SHOWN
        return f"step {self.step.name}(seed={self.seed}{', ' * bool(ends)}{ends}" + (
            f" and {more} more)" if more > 0 else ")"
        )

    def _shown(self) -> Iterator[tuple[str, Artifact]]:
        yield from list(self.inputs.items())[:MOST_SHOWN]


MOST_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The part of a step's keys that is the same for all its calls in one process."""

    code: Mapping[str, str]
    environment: Mapping[str, str]
    digest: Digest


def ground_of(code: Mapping[str, str], environment: Mapping[str, str]) -> Ground:
    """Code and environment with their digest."""
    digest = digest_of(canonical_json([dict(code), dict(environment)]))
    return Ground(code=code, environment=environment, digest=digest)


def call_of(
    step: Step[R], arguments: Mapping[str, object], *, seed: int, ground: Ground
) -> Call[R]:
    """Check the arguments, tell inputs from parameters, and make the key.

    Raises:
        UsageError: an argument is missing, unknown, or neither artifacts nor JSON.
    """
    _check_names(step, arguments)
    given = {**step.defaults, **arguments}
    inputs: dict[str, Artifact] = {}
    parameters: dict[str, object] = {}
    for name, value in given.items():
        found = dict(_artifacts(step, name, value))
        inputs |= found
        if not found:
            parameters[name] = _plain(step, name, value)
    key = ExecutionKey(
        step=step.name,
        code=ground.code,
        environment=ground.environment,
        inputs={role: artifact.digest for role, artifact in inputs.items()},
        parameters=parameters,
        seed=seed,
    )
    return Call(step=step, seed=seed, arguments=given, inputs=inputs, key=key, id=execution_id(key))


def execution_id(key: ExecutionKey) -> ExecutionId:
    """SHA-256 of the key's canonical JSON."""
    value = {
        "step": key.step,
        "code": key.code,
        "environment": key.environment,
        "inputs": key.inputs,
        "parameters": key.parameters,
        "seed": key.seed,
    }
    return ExecutionId(digest_of(canonical_json(value)))


def _artifacts(step: Step[Any], name: str, value: object) -> Iterator[tuple[str, Artifact]]:
    """Role -> artifact where the value is one, or a list of them; nothing where it has none."""
    if isinstance(value, Artifact):
        yield name, value
    elif isinstance(value, (list, tuple)) and any(isinstance(part, Artifact) for part in value):
        for number, part in enumerate(value):
            if not isinstance(part, Artifact):
                raise _unusable(step, name, f"mixes artifacts with {type(part).__name__}")
            yield f"{name}[{number}]", part


def _plain(step: Step[Any], name: str, value: object) -> object:
    """The value as JSON says it, so that a key that comes back from the catalog is equal."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if _hides_artifact(value):
        raise _unusable(step, name, "holds an artifact where lineage would not see it")
    try:
        return json.loads(canonical_json(value))
    except (TypeError, ValueError) as error:
        raise _unusable(step, name, f"has no canonical JSON: {error}") from error


def _hides_artifact(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_hides_artifact(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return any(_hides_artifact(part) for part in value)
    return isinstance(value, Artifact)


def _check_names(step: Step[Any], arguments: Mapping[str, object]) -> None:
    known = step.required | step.defaults.keys()
    if missing := sorted(step.required - arguments.keys()):
        raise UsageError(f"{', '.join(missing)} not given", subject=f"step {step.name}")
    if unknown := sorted(arguments.keys() - known):
        raise UsageError(
            f"takes no {', '.join(unknown)}",
            subject=f"step {step.name}",
            remedy=f"it takes {', '.join(sorted(known)) or 'nothing'}",
        )


def _unusable(step: Step[Any], name: str, what: str) -> UsageError:
    return UsageError(
        f"argument {name!r} {what}",
        subject=f"step {step.name}",
        remedy="give an artifact, a list of artifacts, or plain values",
    )
