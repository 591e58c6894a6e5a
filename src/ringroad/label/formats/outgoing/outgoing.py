"""What an export writes: pictures and rows in order, cut into parts that each stand alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import BOX, SHAPES
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.drawn import Drawn, drawn_of
from ringroad.label.formats.losses import EXAMPLES, Loss, LossCount
from ringroad.label.rows import EMPTY
from ringroad.media.annotation_rows import full

PART_ROWS = 32_768
PART_PICTURES = 2_048
BY_PICTURE, BY_TRACK = "picture", "track"

FIELDS = {
    "annotation_id": "ids of annotations",
    "track_id": "tracks",
    "attributes": "attributes",
    "light_state": "states of lights",
    "key": "which frames of a track were drawn",
    "guideline": "guidelines",
    "space": "coordinate systems",
    "parts": "polygons of several parts",
    "author": "who drew it",
    "source": "how it was made",
}
"""What a format may or may not hold besides shapes, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What a format can say.

    Attributes:
        shapes: shape -> empty where it is held as it is, else what it becomes. Others stay out.
        fields: names out of `FIELDS`.
        attributes: names of those it holds, where it does not hold all.
        spaces: coordinate systems that it holds, where it does not hold all; what is in another
            stays out.
        notes: field or shape -> why it is not held, where the name of the format does not say it.
    """

    shapes: Mapping[str, str]
    fields: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    spaces: frozenset[str] = frozenset()
    notes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A run of pictures (or tracks) with all their rows.

    Attributes:
        number: from 0.
        first_row: how many rows came before.
        first_picture: row of the first picture in `Outgoing.pictures`; by track, 0.
        pictures: the pictures of this part, those without rows too; empty when by track.
        rows: `schemas.ANNOTATIONS`, in order.
        at: (n,) int64 row in `Outgoing.pictures` of each row.
    """

    number: int
    first_row: int
    first_picture: int
    pictures: pa.Table
    rows: pa.Table
    at: np.ndarray

    def drawn(self) -> Iterator[tuple[int, Drawn]]:
        """Row of the picture, and the annotation."""
        return zip(self.at.tolist(), drawn_of(self.rows), strict=True)

    def by_picture(self) -> Iterator[tuple[int, dict[str, Any], list[Drawn]]]:
        """Row of each picture, its columns, and its annotations in order."""
        found: list[list[Drawn]] = [[] for _ in range(self.pictures.num_rows)]
        for at, item in self.drawn():
            found[at - self.first_picture].append(item)
        for place, picture in enumerate(self.pictures.to_pylist()):
            yield self.first_picture + place, picture, found[place]


class Outgoing:
    """Rows of some pictures on their way into a format.

    Rows stay where they are (a memory map, say): what is held besides is one number per row, and
    one part at a time.
    """

    def __init__(
        self,
        pictures: pa.Table,
        rows: pa.Table,
        *,
        categories: Sequence[str],
        holds: Holds,
        order: str = BY_PICTURE,
        picture: Callable[[int], tuple[str, bytes]] | None = None,
    ) -> None:
        """Begin.

        Args:
            pictures: `pictures.PICTURES`, in the order of the export.
            rows: `schemas.ANNOTATIONS`; rows of other pictures are left out.
            categories: all that were annotated, in the order of their numbers.
            holds: what the format can say.
            order: by picture and annotation id, or by track, picture and annotation id.
            picture: suffix and bytes of the picture of a row, for formats that hold pictures.

        Raises:
            InvalidAnnotations: a row has a category that is not among them.
        """
        self.pictures = pictures.combine_chunks()
        self.categories = tuple(categories)
        self.holds = holds
        self.order = order
        self.picture = picture
        self.rows = full(rows)
        self._at, self._places = self._ordered()
        self._check_categories()

    @property
    def count(self) -> int:
        """Rows that are written."""
        return len(self._places)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Category -> its number, from 0."""
        return {name: number for number, name in enumerate(self.categories)}

    def parts(self, *, rows: int = PART_ROWS, after: int = -1) -> Iterator[Part]:
        """All parts behind a number, cut where a picture (or track) ends."""
        bounds = self._bounds(rows)
        for number, (begin, end, low, high) in enumerate(bounds):
            if number > after:
                yield self._part(number, begin, end, low, high)

    def taken(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows that are written, in order; for what a header must know."""
        return self.rows.select(list(columns)).take(self._places)

    @property
    def at(self) -> np.ndarray:
        """(n,) int64 row of the picture of each written row, in order."""
        return self._at

    def losses(self, name: str) -> tuple[Loss, ...]:
        """What of these rows the format of that name cannot hold."""
        count = LossCount()
        mine = pc.and_(
            pc.is_in(self.rows["frame_id"], value_set=self.pictures["frame_id"].combine_chunks()),
            pc.not_equal(self.rows["category"], EMPTY),
        )
        notes = self.holds.notes or {}
        for shape in SHAPES:
            becomes = self.holds.shapes.get(shape)
            if becomes != "":
                hit = pc.and_(mine, pc.equal(self.rows["shape"], shape))
                why = notes.get(f"shape {shape}", f"{name} has no {shape}")
                self._count(count, f"shape {shape}", hit, why, becomes or "")
        for column, words in FIELDS.items():
            if column not in self.holds.fields:
                why = notes.get(column, f"{name} has no place for {words}")
                stands = _stands(self.rows, column, self.holds)
                self._count(count, column, pc.and_(mine, stands), why, "")
        return count.listed()

    def _count(self, count: LossCount, what: str, hit: Any, why: str, becomes: str) -> None:
        number = pc.sum(hit).as_py() or 0
        if number:
            ids = _first(self.rows["annotation_id"].filter(hit), EXAMPLES)
            count.add(what, why, becomes=becomes, count=number, examples=ids)

    def _ordered(self) -> tuple[np.ndarray, pa.Array]:
        at = pc.index_in(
            self.rows["frame_id"], value_set=self.pictures["frame_id"].combine_chunks()
        )
        shapes = pa.array(sorted(self.holds.shapes), pa.string())
        wanted = pc.and_(
            pc.and_(pc.is_valid(at), pc.not_equal(self.rows["category"], EMPTY)),
            pc.is_in(self.rows["shape"], value_set=shapes),
        )
        if self.holds.spaces:
            wanted = pc.and_(wanted, pc.invert(_elsewhere(self.rows, self.holds)))
        places = pc.indices_nonzero(wanted)
        keys = {"at": at.take(places), "id": self.rows["annotation_id"].take(places)}
        by = [("at", "ascending"), ("id", "ascending")]
        if self.order == BY_TRACK:
            tracks = self.rows["track_id"].take(places)
            own = pc.binary_join_element_wise("\x00", keys["id"], "")  # by itself
            keys["track"] = pc.if_else(pc.equal(tracks, ""), own, tracks)
            by = [("track", "ascending"), *by]
        order = pc.sort_indices(pa.table(keys), sort_keys=by)
        return keys["at"].take(order).to_numpy().astype(np.int64), places.take(order)

    def _check_categories(self) -> None:
        found = pc.unique(self.rows["category"].take(self._places)).to_pylist()
        if unknown := sorted(set(found) - set(self.categories)):
            raise InvalidAnnotations(
                f"rows of {', '.join(unknown)}, which this file does not declare",
                remedy=f"export with these categories too; declared: {', '.join(self.categories)}",
            )

    def _bounds(self, most: int) -> Iterator[tuple[int, int, int, int]]:
        """First and last row, first and last picture of each part."""
        if self.order == BY_TRACK:
            yield from self._track_bounds(most)
            return
        starts = np.searchsorted(self._at, np.arange(self.pictures.num_rows + 1))
        low = 0
        while low < self.pictures.num_rows:
            high = int(np.searchsorted(starts, starts[low] + most, side="right")) - 1
            high = min(max(high, low + 1), low + PART_PICTURES, self.pictures.num_rows)
            yield int(starts[low]), int(starts[high]), low, high
            low = high

    def _track_bounds(self, most: int) -> Iterator[tuple[int, int, int, int]]:
        tracks = self.rows["track_id"].take(self._places)
        ids = self.rows["annotation_id"].take(self._places)
        names = pc.if_else(pc.equal(tracks, ""), ids, tracks).combine_chunks()
        if not len(names):
            yield 0, 0, 0, 0
            return
        ends = np.flatnonzero(pc.not_equal(names[1:], names[:-1]).to_numpy(zero_copy_only=False))
        ends = np.append(ends + 1, len(names))
        begin = 0
        while begin < len(names):
            place = int(np.searchsorted(ends, begin + most))
            end = int(ends[min(place, len(ends) - 1)])
            yield begin, end, 0, 0
            begin = end

    def _part(self, number: int, begin: int, end: int, low: int, high: int) -> Part:
        rows = self.rows.take(self._places[begin:end])
        return Part(
            number=number,
            first_row=begin,
            first_picture=low,
            pictures=self.pictures.slice(low, high - low),
            rows=self._shown(rows),
            at=self._at[begin:end],
        )

    def _shown(self, rows: pa.Table) -> pa.Table:
        """Rows as the format holds them: a shape that it lacks as its bounding box."""
        lacking = [shape for shape, becomes in self.holds.shapes.items() if becomes == BOUNDED]
        if not lacking:
            return rows
        hit = pc.is_in(rows["shape"], value_set=pa.array(lacking, pa.string()))
        if not pc.any(hit).as_py():
            return rows
        changed = {
            "shape": pc.if_else(hit, BOX, rows["shape"]),
            "mask": pc.if_else(hit, "", rows["mask"]),
        }
        for name in ("points", "parts"):
            kept = [
                [] if gone else value
                for gone, value in zip(hit.to_pylist(), rows[name].to_pylist(), strict=True)
            ]
            changed[name] = pa.array(kept, rows.schema.field(name).type)
        for name, values in changed.items():
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, rows.schema.field(place), values)
        return rows


def _elsewhere(rows: pa.Table, holds: Holds) -> Any:
    """Where a coordinate system is not one that the format holds."""
    held = pa.array(["", *sorted(holds.spaces)], pa.string())
    return pc.invert(pc.is_in(rows["space"], value_set=held))


def _first(names: Any, count: int) -> list[str]:
    """The first names in ascending order, whatever order they stand in."""
    flat = pa.table({"name": names})
    kept = pc.select_k_unstable(flat, k=count, sort_keys=[("name", "ascending")])
    found: list[str] = flat["name"].take(kept).to_pylist()
    return found


BOUNDED = "its bounding box"
"""What an area becomes in formats of boxes."""


def _stands(rows: pa.Table, column: str, holds: Holds) -> Any:
    """Where a column says something that is not held."""
    values = rows[column]
    if column == "space" and holds.spaces:
        return _elsewhere(rows, holds)
    if column == "attributes" and holds.attributes:
        texts = pc.unique(values)
        more = [bool(text and json.loads(text).keys() - holds.attributes)
                for text in texts.to_pylist()]  # fmt: skip
        return pc.is_in(values, value_set=texts.filter(pa.array(more, pa.bool_())))
    if column == "key":
        return pc.invert(values)
    if column == "parts":
        return pc.greater(pc.list_value_length(values), 1)
    return pc.not_equal(values, "")
