"""A step is data: a function, and what its key has to know. `runner.py` runs it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Generic, NoReturn, TypeVar

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UsageError

R = TypeVar("R", bound="Artifact | dict[str, Artifact]")
RESERVED = frozenset({"seed", "step"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step(Generic[R]):
    """One named function from artifacts and parameters to artifacts. Pickles by its name."""

    name: str
    function: Callable[..., R]
    uses: tuple[str, ...] = ()
    """Distributions whose versions belong to the key."""
    also: tuple[str, ...] = ()
    """Modules it reaches by name at run time, which reading its imports cannot show."""
    retries: int = 0
    """Further attempts after an error that is not the input's fault."""
    threads: bool = False
    """Whether the number of threads changes the result, and so belongs to the key."""
    required: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, *_args: object, **_arguments: object) -> NoReturn:
        """Steps run through a runner, which keys, caches and records them."""
        raise UsageError(
            "a step is not called",
            subject=self.name,
            remedy=f"runner.run({self.name}, ...)",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (_find, (self.function.__module__, self.function.__qualname__))


def step(
    *,
    uses: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    retries: int = 0,
    threads: bool = False,
) -> Callable[[Callable[..., R]], Step[R]]:
    """Make a step of `def name(bench, *, role: Artifact, ..., parameter, ...)`.

    Arguments that are artifacts, or lists of them, are its inputs; all others are parameters
    and must have canonical JSON. It stands at the top of a module under its own name.

    Raises:
        UsageError: the function has another shape.
    """

    def wrap(function: Callable[..., R]) -> Step[R]:
        required, defaults = _shape(function)
        return Step(
            name=function.__name__,
            function=function,
            uses=uses,
            also=also,
            retries=retries,
            threads=threads,
            required=required,
            defaults=defaults,
        )

    return wrap


def _shape(function: Callable[..., Any]) -> tuple[frozenset[str], dict[str, object]]:
    """Names that must be given, and the values of the others."""
    bench, *rest = inspect.signature(function).parameters.values()
    wrong = [part.name for part in rest if part.kind is not part.KEYWORD_ONLY]
    reserved = sorted(RESERVED & {part.name for part in rest})
    if "<locals>" in function.__qualname__:
        raise _misshapen(function, "stands inside another function", "move it to the top")
    if bench.name != "bench" or wrong:
        raise _misshapen(function, "is not `(bench, *, ...)`", "give its arguments by keyword")
    if reserved:
        raise _misshapen(function, f"has an argument {reserved[0]!r}", "read `bench.seed`")
    required = frozenset(part.name for part in rest if part.default is part.empty)
    return required, {part.name: part.default for part in rest if part.default is not part.empty}


def _misshapen(function: Callable[..., Any], what: str, remedy: str) -> UsageError:
    return UsageError(what, subject=f"step {function.__qualname__}", remedy=remedy)


def _find(module: str, name: str) -> Any:
    """The step on the other side of a process boundary."""
    return getattr(import_module(module), name)
