"""What annotators may draw, and the text that tells them how: versioned together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.annotation import BOX, SHAPES

DROP = ""
"""In a change of taxonomy: what was called so is drawn no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One thing that annotators look for."""

    name: str
    shapes: tuple[str, ...] = (BOX,)
    """Shapes it may be drawn as."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attribute -> the values it may have; none for free text."""
    parent: str = ""
    """The wider category it is a kind of."""

    def __post_init__(self) -> None:
        """It has a name and a shape."""
        if not self.name:
            raise ValueError("a category has a name")
        if not self.shapes or set(self.shapes) - set(SHAPES):
            raise ValueError(f"{self.name}: shapes are some of {', '.join(SHAPES)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """All categories that one guideline speaks of."""

    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        """Names stand once, parents are known and form no circle."""
        parents = {item.name: item.parent for item in self.categories}
        if not parents or len(parents) != len(self.categories):
            raise ValueError("a taxonomy has categories, each once")
        for name in parents:
            _check_line(name, parents)

    @property
    def names(self) -> tuple[str, ...]:
        """In order."""
        return tuple(item.name for item in self.categories)

    def category(self, name: str) -> Category | None:
        """One category, None where there is none of that name."""
        return next((item for item in self.categories if item.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """A taxonomy and the text that says how to draw it. Its version is the digest of both."""

    name: str
    taxonomy: Taxonomy
    text: str
    """Markdown: what counts, how tight boxes are, what to do in doubt."""
    min_side_px: float = 0.0
    """Things whose shorter side is below it need not be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxonomyChange:
    """How annotations under one guideline read under the next."""

    before: Taxonomy
    after: Taxonomy
    mapping: Mapping[str, str]
    """Old category -> new one, or `DROP`. Those that keep their name need not be named."""

    def __post_init__(self) -> None:
        """Every old category has a place to go."""
        old, new = set(self.before.names), set(self.after.names)
        if unknown := sorted(set(self.mapping) - old):
            raise ValueError(f"{unknown[0]!r} is no category of the old taxonomy")
        if unknown := sorted({to for to in self.mapping.values() if to != DROP} - new):
            raise ValueError(f"{unknown[0]!r} is no category of the new taxonomy")
        if lost := sorted(old - new - set(self.mapping)):
            raise ValueError(f"say what becomes of {', '.join(lost)}: another name, or nothing")

    def becomes(self, category: str) -> str:
        """The new name of an old category; `DROP` where it is drawn no more."""
        return self.mapping.get(category, category)


def _check_line(name: str, parents: Mapping[str, str]) -> None:
    seen, at = {name}, parents[name]
    while at:
        if at not in parents:
            raise ValueError(f"the parent {at!r} of {name!r} is no category")
        if at in seen:
            raise ValueError(f"{name!r} is its own parent, over {at!r}")
        seen.add(at)
        at = parents[at]
