"""Guidelines: read from TOML and Markdown, stored, and held against what was drawn."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ringroad.domain.annotation import LIGHT_STATES
from ringroad.domain.canonical import canonical_json
from ringroad.domain.config import build
from ringroad.domain.errors import InvalidAnnotations, InvalidConfig
from ringroad.domain.ids import Digest, FrameId, digest_of
from ringroad.domain.nearest import nearest
from ringroad.domain.taxonomy import Category, Guideline, Taxonomy
from ringroad.label.interpolate import AFTER, OUTSIDE
from ringroad.label.rows import Mark

KIND = "guideline"
MEDIA = "application/json"
LIGHT_STATE = "light_state"
"""An attribute of that name says which states of a light may be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A guideline as TOML holds it; the text may stand in a file beside it."""

    name: str
    categories: tuple[dict[str, Any], ...]
    text: str = ""
    min_side_px: float = 0.0


def read_guideline(path: Path, *, text: Path | None = None) -> Guideline:
    """A guideline out of a TOML file, and the Markdown that says how to draw.

    Raises:
        InvalidConfig: it cannot be read, a key is unknown, or a rule of taxonomies is broken.
    """
    beside = None if text is None else _read(text)
    return guideline_in(_read(path), text=beside, subject=str(path))


def guideline_in(toml: str, *, text: str | None = None, subject: str) -> Guideline:
    """A guideline out of TOML as text, and Markdown. Raises InvalidConfig as `read_guideline`."""
    try:
        values = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"not TOML: {error}", subject=subject) from error
    except RecursionError as error:
        raise InvalidConfig("not TOML: it nests too deeply", subject=subject) from error
    return guideline_from(values if text is None else values | {"text": text}, subject=subject)


def guideline_from(values: Mapping[str, Any], *, subject: str) -> Guideline:
    """A guideline out of parsed TOML or JSON. Raises InvalidConfig as `read_guideline`."""
    file = build(_File, values, subject=subject)
    try:
        return Guideline(
            name=file.name,
            taxonomy=Taxonomy(
                categories=tuple(
                    _category(item, subject, f"categories[{place}]")
                    for place, item in enumerate(file.categories)
                )
            ),
            text=file.text,
            min_side_px=file.min_side_px,
        )
    except ValueError as error:
        raise InvalidConfig(str(error), subject=subject, place="categories") from error


def to_bytes(guideline: Guideline) -> bytes:
    """Canonical bytes: their digest is the guideline's version."""
    return canonical_json(document_of(guideline))


def from_bytes(data: bytes) -> Guideline:
    """The guideline that `to_bytes` wrote."""
    return guideline_from(json.loads(data), subject=KIND)


def version_of(guideline: Guideline) -> Digest:
    """What stands in annotations that were made under it."""
    return digest_of(to_bytes(guideline))


def document_of(guideline: Guideline) -> dict[str, Any]:
    """A guideline as JSON, in the shape that TOML has."""
    return {
        "name": guideline.name,
        "text": guideline.text,
        "min_side_px": guideline.min_side_px,
        "categories": [asdict(item) for item in guideline.taxonomy.categories],
    }


def toml_of(guideline: Guideline) -> str:
    """The TOML that `guideline_in` reads, without the text, which is Markdown of its own."""
    lines = [f"name = {_toml(guideline.name)}"]
    if guideline.min_side_px:
        lines.append(f"min_side_px = {guideline.min_side_px!r}")
    for item in guideline.taxonomy.categories:
        lines += ["", "[[categories]]", f"name = {_toml(item.name)}"]
        lines += [f"parent = {_toml(item.parent)}"] if item.parent else []
        lines += [f"shapes = {_toml(list(item.shapes))}"]
        pairs = [f"{_toml(name)} = {_toml(list(known))}" for name, known in item.attributes.items()]
        lines += [f"attributes = {{ {', '.join(pairs)} }}"] if pairs else []
    return "\n".join(lines) + "\n"


def check_marks(guideline: Guideline, frame: FrameId, marks: Iterable[Mark]) -> None:
    """Refuse what the guideline does not know, with the nearest name that it does.

    Raises:
        InvalidAnnotations: an unknown category, shape, attribute or value, or a box of no area.
    """
    for place, mark in enumerate(marks):
        where = f"annotation {place}{f', id {mark.id}' if mark.id else ''}"
        category = guideline.taxonomy.category(mark.category)
        if category is None:
            raise _unknown("category", mark.category, guideline.taxonomy.names, frame, where)
        if mark.shape not in category.shapes:
            what = f"shape of {category.name}"
            raise _unknown(what, mark.shape, category.shapes, frame, where)
        _check_attributes(category, mark, frame, where)


def _toml(value: str | list[str]) -> str:
    """Texts of TOML are written as those of JSON are, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(path: Path) -> str:
    """A file of text. Raises InvalidConfig."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidConfig(f"cannot be read: {error.strerror}", subject=str(path)) from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"cannot be read: {error}", subject=str(path)) from error


def _check_attributes(category: Category, mark: Mark, frame: FrameId, where: str) -> None:
    for name, value in mark.attributes.items():
        if name == OUTSIDE:
            allowed: tuple[str, ...] = (AFTER,)
        elif name in category.attributes:
            allowed = category.attributes[name]
        else:
            what = f"attribute of {category.name}"
            raise _unknown(what, name, category.attributes, frame, where)
        if allowed and value not in allowed:
            raise _unknown(f"value of {name}", value, allowed, frame, where)
    if mark.light_state:
        states = category.attributes.get(LIGHT_STATE) or LIGHT_STATES
        if mark.light_state not in states:
            raise _unknown("light state", mark.light_state, states, frame, where)


def _unknown(
    what: str, name: str, known: Iterable[str], frame: FrameId, where: str
) -> InvalidAnnotations:
    listed = list(known)
    close = nearest(name, listed)
    remedy = f"do you mean {close}?" if close else f"known: {', '.join(listed) or 'none'}"
    return InvalidAnnotations(
        f"{name!r} is no {what} of the guideline", subject=frame, place=where, remedy=remedy
    )


def _category(values: Mapping[str, Any], subject: str, place: str) -> Category:
    attributes = values.get("attributes", {})
    if not isinstance(attributes, dict) or not all(
        isinstance(item, list | tuple) and all(isinstance(value, str) for value in item)
        for item in attributes.values()
    ):
        raise InvalidConfig(
            "attributes name their values in lists of texts",
            subject=subject,
            place=place,
            remedy='such as occluded = ["no", "partly", "mostly"]; [] for free text',
        )
    known = dict(values) | {"attributes": {k: tuple(v) for k, v in attributes.items()}}
    return build(Category, known, subject=subject, place=place)
