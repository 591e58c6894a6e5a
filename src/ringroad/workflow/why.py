"""Why a step ran: which parts of its key differ from the closest earlier execution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from ringroad.domain.artifact import ExecutionKey
from ringroad.domain.canonical import canonical_json
from ringroad.protocols.catalog import Artifacts

NEVER = "never ran"
LOOK_BACK = 256
MOST_MARKS = 5 * LOOK_BACK
LONGEST_VALUE = 40


class History:
    """The last `LOOK_BACK` keys of each step, read once per step and kept up by `add`.

    The closest of them is the newest with equal inputs, parameters and seed (so that code or
    environment differ); failing that the newest but for its seed, but for its inputs, with
    equal inputs alone, or any.
    """

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._known: dict[str, dict[bytes, ExecutionKey]] = {}

    def why(self, key: ExecutionKey) -> tuple[str, ...]:
        """What differs, in words."""
        known = self._of(key.step)
        closest = next((known[mark] for mark in _marks(key) if mark in known), None)
        return (NEVER,) if closest is None else tuple(differences(closest, key))

    def add(self, key: ExecutionKey) -> None:
        """Remember a key that was executed just now."""
        _remember(self._of(key.step), key)

    def _of(self, step: str) -> dict[bytes, ExecutionKey]:
        known = self._known.get(step)
        if known is None:
            known = self._known[step] = {}
            for execution in reversed(self._artifacts.executions(step, limit=LOOK_BACK)):
                _remember(known, execution.key)
        return known


def _remember(known: dict[bytes, ExecutionKey], key: ExecutionKey) -> None:
    """Put a key under its marks, behind the others, and forget the oldest: servers run for long."""
    for mark in _marks(key):
        known.pop(mark, None)
        known[mark] = key
    while len(known) > MOST_MARKS:
        del known[next(iter(known))]


def differences(before: ExecutionKey, now: ExecutionKey) -> Iterator[str]:
    """One line per part that differs: code, environment, inputs, parameters, seed."""
    for name in _changed(before.code, now.code):
        yield f"code: {_code_change(name, before.code, now.code)}"
    for name in _changed(before.environment, now.environment):
        yield f"environment {name}: {_move(name, before.environment, now.environment)}"
    yield from _input_changes(before.inputs, now.inputs)
    for name in _changed(before.parameters, now.parameters):
        yield f"parameter {name}: {_move(name, before.parameters, now.parameters)}"
    if before.seed != now.seed:
        yield f"seed: {before.seed} -> {now.seed}"


def _marks(key: ExecutionKey) -> Iterator[bytes]:
    """Under which an execution is looked for, the closest kind first."""
    inputs, parameters = canonical_json(key.inputs), canonical_json(key.parameters)
    seed = b"%d" % key.seed
    yield _mark(b"all ", seed, inputs, parameters)
    yield _mark(b"but seed ", inputs, parameters)
    yield _mark(b"but inputs ", seed, parameters)
    yield _mark(b"inputs ", inputs)
    yield b"any"


def _mark(*parts: bytes) -> bytes:
    """In 16 bytes: keys may be long, and are many."""
    return blake2b(b"".join(parts), digest_size=16).digest()


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = sorted(before.keys() | now.keys())
    return [name for name in names if before.get(name, _NONE) != now.get(name, _NONE)]


_NONE = object()


def _code_change(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> str:
    kind, _, distribution = name.rpartition("distribution:")
    if distribution != name and not kind:
        return f"{distribution} {before.get(name, 'none')} -> {now.get(name, 'none')}"
    if name not in before:
        return f"{name} is new"
    return f"{name} changed" if name in now else f"{name} is gone"


def _move(name: str, before: Mapping[str, object], now: Mapping[str, object]) -> str:
    return f"{_short(before.get(name, _NONE))} -> {_short(now.get(name, _NONE))}"


def _short(value: object) -> str:
    text = "absent" if value is _NONE else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _input_changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """By role; a list's roles `role[0]`, `role[1]` ... are counted together."""
    lists = {role.partition("[")[0] for role in _changed(before, now)}
    for role in sorted(lists):
        old = [digest for name, digest in before.items() if name.partition("[")[0] == role]
        new = [digest for name, digest in now.items() if name.partition("[")[0] == role]
        if role in before and role in now:
            yield f"input {role} changed"
        elif not old or not new:
            yield f"input {role} is {'new' if new else 'gone'}"
        else:
            fresh = len(set(new) - set(old))
            yield f"input {role}: {fresh} of {len(new)} are new, {len(set(old) - set(new))} gone"
