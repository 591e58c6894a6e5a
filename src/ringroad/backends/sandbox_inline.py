"""The sandbox's manners without its walls: for bytes that we made ourselves, and for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ringroad.backends.spawned import import_name
from ringroad.domain.errors import RingroadError, UnreadableSource

R = TypeVar("R")


class InlineSandbox:
    """Calls the function in this process, without limits; `timeout_s` is not kept."""

    def call(self, function: Callable[..., R], *args: Any, timeout_s: float | None = None) -> R:  # noqa: ARG002 (the protocol's shape)
        """Run `function(*args)` here."""
        name = import_name(function)
        try:
            return function(*args)
        except (RingroadError, MemoryError):
            raise
        except Exception as error:
            raise unreadable(name, error) from error

    def close(self) -> None:
        """Nothing to end."""


def unreadable(function: str, error: Exception) -> UnreadableSource:
    """What the caller sees where a decoder raised something that is not ours."""
    text = str(error)[:2000]
    return UnreadableSource(
        f"{type(error).__name__}: {text}",
        place=function,
        remedy="the bytes are damaged or of a kind that this reader does not know",
    )
