"""A search space as data: what one parameter may be. Draws nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Value = float | int | str
MOST_VALUES = 100_000
"""Of a range of whole numbers, and of a grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A range, both ends in it, or a list of choices."""

    low: float | int | None = None
    high: float | int | None = None
    step: float | int | None = None
    """Between values; 1 for whole numbers, none for others."""
    log: bool = False
    """Whether twice as much is as far as half as much."""
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        """A range or choices, one of the two."""
        given = [name for name in ("low", "high", "step") if getattr(self, name) is not None]
        if self.choices and (given or self.log):
            raise ValueError("has choices and a range; give one of the two")
        if len(set(map(repr, self.choices))) != len(self.choices):
            raise ValueError("names a choice twice")
        for name in given:
            value = getattr(self, name)
            if not _fits(float, value) or not math.isfinite(value):
                raise ValueError(f"{name} is no number: {value!r}")
        if not self.choices:
            _check_range(_number(self.low), _number(self.high), self.step, log=self.log)

    def check(self, kind: type, *, grid: bool) -> None:
        """Whether it fits a parameter of a type. Raises ValueError."""
        for value in self.choices or (self.low, self.high, self.step):
            if value is not None and not _fits(kind, value):
                raise ValueError(f"takes {_WORDS[kind]}, not {value!r}")
        if not self.choices and kind is str:
            raise ValueError("takes choices, not a range")
        if grid and not self.choices and (self.log or (kind is float and self.step is None)):
            raise ValueError("is searched by grid: give choices, or low, high and step")

    def values_to_check(self, kind: type) -> list[Value]:
        """Every value of choices and whole numbers, the ends of other ranges.

        Raises:
            ValueError: there are more than `MOST_VALUES`.
        """
        if self.choices or kind is int:
            return self.values(kind)
        return [_number(self.low), _number(self.high)]

    def values(self, kind: type) -> list[Value]:
        """All values, in order. Raises ValueError where there are more than `MOST_VALUES`."""
        if self.choices:
            return [float(value) if kind is float else value for value in self.choices]
        low, high = _number(self.low), _number(self.high)
        step = _number(self.step) if self.step is not None else 1
        count = math.floor((high - low) / step + 1e-9) + 1
        if count > MOST_VALUES:
            raise ValueError(f"has {count} values; at most {MOST_VALUES}")
        return [kind(low + place * step) for place in range(count)]


def _check_range(
    low: float | int, high: float | int, step: float | int | None, *, log: bool
) -> None:
    if low > high:
        raise ValueError(f"low {low} is above high {high}")
    if step is not None and step <= 0:
        raise ValueError(f"step is above 0, not {step}")
    if log and step is not None:
        raise ValueError("has log and step; give one of the two")
    if log and low <= 0:
        raise ValueError(f"low is above 0 where the search is log, not {low}")


def _fits(kind: type, value: object) -> bool:
    wanted = (int, float) if kind is float else kind
    return isinstance(value, wanted) and not isinstance(value, bool)


_WORDS = {int: "whole numbers", float: "numbers", str: "words"}


def _number(value: float | int | None) -> float | int:
    if value is None:
        raise ValueError("needs low and high, or choices")
    return value


def grid_of(search: Mapping[str, Search], kinds: Mapping[str, type]) -> Iterator[dict[str, Value]]:
    """Every combination, by name; the last name changes fastest."""
    names = sorted(search)
    for values in itertools.product(*(search[name].values(kinds[name]) for name in names)):
        yield dict(zip(names, values, strict=True))


def grid_size(search: Mapping[str, Search], kinds: Mapping[str, type]) -> int:
    """How many combinations there are."""
    return math.prod(len(one.values(kinds[name])) for name, one in search.items())
