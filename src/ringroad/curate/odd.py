"""The operational design domain as cells: attributes, their values, pairs of them.

Attributes and their hierarchy follow ISO 34503 (taxonomy for operational design domain): light and
weather are environmental conditions, road is scenery, speed is of the vehicle. What is not known
is `unknown` and covers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of the domain."""

    name: str
    column: str
    """Of `schemas.INDEX`."""
    values: tuple[str, ...] = ()
    """Texts that belong to the domain ..."""
    bands: tuple[float, ...] = ()
    """... or edges of bands of a number, rising; the last band ends at the last edge."""
    unit: str = ""
    """Of the bands, as it is shown."""
    shares: tuple[float, ...] = ()
    """How much of the driving each should be; alike where nothing is said."""

    def __post_init__(self) -> None:
        """Texts or bands; bands rise; a share for each."""
        if bool(self.values) == bool(self.bands):
            raise ValueError(f"{self.name}: give values of a text, or bands of a number")
        if self.bands and (len(self.bands) < 2 or list(self.bands) != sorted(set(self.bands))):
            raise ValueError(f"{self.name}: bands are two edges or more, rising")
        if self.shares and (len(self.shares) != len(self.labels) or not min(self.shares) > 0):
            raise ValueError(f"{self.name}: give a share above 0 for each of {len(self.labels)}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of its values or bands."""
        if self.values:
            return self.values
        edges = zip(self.bands, self.bands[1:], strict=False)
        return tuple(f"{low:g} to {high:g} {self.unit}".rstrip() for low, high in edges)

    @property
    def wanted(self) -> tuple[float, ...]:
        """The shares, so that they add up to one."""
        shares = self.shares or (1.0,) * len(self.labels)
        return tuple(share / sum(shares) for share in shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What the networks have to work in."""

    attributes: tuple[Attribute, ...]
    excluded: tuple[str, ...] = ()
    """Pairs that cannot be or need not be, such as `weather=snow, road=motorway`."""

    def __post_init__(self) -> None:
        """Each attribute once."""
        names = [attribute.name for attribute in self.attributes]
        if not names or len(set(names)) != len(names):
            raise ValueError("a domain has attributes, each with a name of its own")


DEFAULT = Odd(
    attributes=(
        Attribute(name="light", column="condition", values=("day", "dusk", "night")),
        Attribute(name="weather", column="weather", values=("clear", "rain", "snow", "fog")),
        Attribute(name="road", column="road", values=("urban", "rural", "motorway")),
        Attribute(name="speed", column="speed_mps", bands=(0, 1, 8, 14, 25, 45), unit="m/s"),
    )
)
"""What the index may know of frames; attributes of which nothing is known are told as such."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Frames by cell.

    Attributes:
        names: of the cells, `light=night` or `light=night, road=urban`.
        parts: of each cell, (attribute, label) pairs.
        wanted: (c,) share that each should have.
        held: (n, c) bool, which frames lie in which cells.
        unknown: share of frames of which an attribute is not known, by attribute.
    """

    names: tuple[str, ...]
    parts: tuple[tuple[tuple[str, str], ...], ...]
    wanted: np.ndarray
    held: np.ndarray
    unknown: Mapping[str, float]


def cells_of(rows: pa.Table, odd: Odd, *, pairs: bool) -> Cells:
    """Put frames into cells of single attributes, and of pairs of them where asked for.

    Attributes of which nothing is known at all are left out of the cells, not out of `unknown`.

    Raises:
        InputError: the domain names a column that frames do not have.
    """
    labels, unknown = {}, {}
    for attribute in odd.attributes:
        codes = _codes(rows, attribute)
        unknown[attribute.name] = float((codes < 0).mean()) if len(codes) else 1.0
        if (codes >= 0).any():
            labels[attribute.name] = codes
    known = [attribute for attribute in odd.attributes if attribute.name in labels]
    groups: list[tuple[Attribute, ...]] = [(one,) for one in known]
    if pairs:
        groups += list(combinations(known, 2))
    names, parts, wanted, held = [], [], [], []
    for group in groups:
        for part, share, mask in _group(group, labels):
            name = ", ".join(f"{attribute}={label}" for attribute, label in part)
            if name in odd.excluded:
                continue
            names.append(name)
            parts.append(part)
            wanted.append(share)
            held.append(mask)
    return Cells(
        names=tuple(names),
        parts=tuple(parts),
        wanted=np.array(wanted),
        held=np.stack(held, axis=1) if held else np.zeros((rows.num_rows, 0), bool),
        unknown=unknown,
    )


def _group(
    group: Sequence[Attribute], labels: Mapping[str, np.ndarray]
) -> list[tuple[tuple[tuple[str, str], ...], float, np.ndarray]]:
    first = group[0]
    found: list[tuple[tuple[tuple[str, str], ...], float, np.ndarray]] = [
        (((first.name, label),), share, labels[first.name] == at)
        for at, (label, share) in enumerate(zip(first.labels, first.wanted, strict=True))
    ]
    for other in group[1:]:
        found = [
            (
                (*part, (other.name, label)),
                share * more,
                mask & (labels[other.name] == at),
            )
            for part, share, mask in found
            for at, (label, more) in enumerate(zip(other.labels, other.wanted, strict=True))
        ]
    return found


def _codes(rows: pa.Table, attribute: Attribute) -> np.ndarray:
    """(n,) place of each frame's value among the labels; -1 where it is not known or outside."""
    if attribute.column not in rows.column_names:
        raise InputError(
            f"frames have no column {attribute.column!r}",
            subject=attribute.name,
            remedy=f"columns: {', '.join(rows.column_names)}",
        )
    column = rows[attribute.column]
    if attribute.values:
        texts = column.cast(pa.string()).to_pylist()
        place = {text: at for at, text in enumerate(attribute.values)}
        return np.array([place.get(text, -1) for text in texts], np.int64)
    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    edges = np.asarray(attribute.bands)
    codes = np.searchsorted(edges, values, side="right") - 1
    codes[values == edges[-1]] = len(edges) - 2
    outside = np.isnan(values) | (codes < 0) | (codes >= len(edges) - 1)
    return np.where(outside, -1, codes)
