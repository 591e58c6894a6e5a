"""A row of the user's input that was set aside while the rest went on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where exactly, and what became of it."""

    code: str
    """A short stable word: `unknown-image`, `empty-box` ..."""
    place: str
    """Such as `annotations[12], id 40`."""
    what: str
    remedy: str = ""
