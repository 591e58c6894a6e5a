"""Parsed TOML or JSON to frozen config dataclasses; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, TypeVar, get_type_hints

from ringroad.domain.errors import InvalidConfig

T = TypeVar("T")


def build(kind: type[T], values: Mapping[str, Any], *, subject: str, place: str = "") -> T:
    """Make a config dataclass out of parsed TOML, nested tables included.

    Raises:
        InvalidConfig: an unknown or missing key, or a value of the wrong type or range.
    """
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    where = f"[{place}]" if place else "top level"
    for key in values:
        if key not in known:
            raise InvalidConfig(
                f"unknown key {key!r}",
                subject=subject,
                place=where,
                remedy=f"known keys: {', '.join(sorted(known))}",
            )
    found: dict[str, Any] = {}
    for name, item in known.items():
        if name in values:
            inner = f"{place}.{name}" if place else name
            found[name] = _value(hints[name], values[name], subject=subject, place=inner)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise InvalidConfig(f"key {name!r} is missing", subject=subject, place=where)
    try:
        return kind(**found)
    except ValueError as error:
        raise InvalidConfig(str(error), subject=subject, place=where) from error


def _value(hint: Any, value: Any, *, subject: str, place: str) -> Any:
    if getattr(hint, "__origin__", None) is Mapping and isinstance(value, dict):
        inner = hint.__args__[1]
        return {
            name: _value(inner, part, subject=subject, place=f"{place}.{name}")
            for name, part in value.items()
        }
    sections = [kind for kind in getattr(hint, "__args__", (hint,)) if hasattr(kind, "__slots__")]
    if isinstance(value, dict) and sections and hasattr(sections[0], "__dataclass_fields__"):
        return build(sections[0], value, subject=subject, place=place)
    expected = getattr(hint, "__origin__", hint)
    if expected is tuple and isinstance(value, list):
        inner = hint.__args__[0]
        return tuple(_value(inner, part, subject=subject, place=place) for part in value)
    if expected is float and type(value) is int:
        return float(value)
    if isinstance(expected, type) and issubclass(expected, Enum):
        return _member(expected, value, subject=subject, place=place)
    if isinstance(expected, type) and expected.__module__ == "builtins":
        wrong = not isinstance(value, expected) or (expected is int and isinstance(value, bool))
        if wrong:
            raise InvalidConfig(
                f"expected {expected.__name__}, found {type(value).__name__} {value!r}",
                subject=subject,
                place=place,
            )
    return value


def _member(kind: type[Enum], value: Any, *, subject: str, place: str) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(str(member.value) for member in kind)
        raise InvalidConfig(
            f"unknown value {value!r}", subject=subject, place=place, remedy=f"known: {known}"
        ) from error
