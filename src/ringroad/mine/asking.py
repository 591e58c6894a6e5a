"""Which measured columns a strategy asks for, so that nobody measures what nobody reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ringroad.mine.candidates import MEASURED

F = TypeVar("F", bound=Callable[..., Any])
_NAME = "asks"


def asks(*columns: str) -> Callable[[F], F]:
    """Mark a strategy with the columns of `candidates.MEASURED` that it reads, none among them."""

    def mark(strategy: F) -> F:
        setattr(strategy, _NAME, columns)
        return strategy

    return mark


def asked(strategy: Callable[..., Any], options: Mapping[str, object]) -> tuple[str, ...]:
    """What has to be measured for a strategy; one that does not say gets all there is.

    An option `column` names the column that is read in place of the strategy's own.
    """
    own: tuple[str, ...] | None = getattr(strategy, _NAME, None)
    if own is None:
        return tuple(sorted(MEASURED))
    named = options.get("column")
    wanted = {*(() if named else own), *([str(named)] if named in MEASURED else [])}
    return tuple(sorted(wanted))
