"""TOML, and frozen config dataclasses out of it or out of JSON; unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from ringroad.domain.errors import InvalidConfig

T = TypeVar("T")


def read_text(path: Path, *, remedy: str) -> str:
    """The text of a file that a user wrote. Raises InvalidConfig where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise InvalidConfig(what, subject=str(path), remedy=remedy) from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"is not text: {error}", subject=str(path), remedy=remedy) from error


def parse_toml(text: str, *, subject: str, remedy: str) -> dict[str, Any]:
    """TOML as nested tables. Raises InvalidConfig."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"is not TOML: {error}", subject=subject, remedy=remedy) from error


def read_toml(path: Path, *, remedy: str) -> dict[str, Any]:
    """A parsed TOML file. Raises InvalidConfig where it cannot be read."""
    return parse_toml(read_text(path, remedy=remedy), subject=str(path), remedy=remedy)


def build(kind: type[T], values: Mapping[str, Any], *, subject: str, place: str = "") -> T:
    """Make a config dataclass out of parsed TOML, nested tables included.

    Raises:
        InvalidConfig: an unknown or missing key, or a value of the wrong type or range.
    """
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable
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


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """Field -> type; resolving them costs fifty times what a KPI takes to build."""
    return get_type_hints(kind)


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
