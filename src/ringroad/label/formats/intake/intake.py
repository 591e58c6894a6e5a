"""Takes in what a reader finds, row by row and without trust; makes Arrow batches of it.

What is common to all formats stands here: whose picture it is, sizes, categories, ids, problems,
empty frames. A reader only knows its own syntax.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import BOX, IMPORT, SOURCES
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.problem import Problem
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.intake.checks import Checked, RowRefused, Waiting, complete
from ringroad.label.formats.intake.rows import (
    attributes_text,
    empty_rows,
    factor_of,
    light_state_of,
    read_lights,
    shapes,
)
from ringroad.label.formats.intake.seen_ids import SeenIds
from ringroad.label.formats.losses import LossCount
from ringroad.label.formats.pictures import UNKNOWN, Pictures
from ringroad.media.schemas import ANNOTATIONS

ROWS_AT_ONCE = 32_768
PROBLEMS_PER_CODE = 1_000
"""More of one kind are counted, not listed."""
STRETCH = 0.02
"""A picture whose stated shape differs from the recorded one by more is another picture."""
_TWICE = "another annotation has this id; the first counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an import says that the file does not.

    Attributes:
        categories: the file's category -> ours; all under their own names where it is empty.
        author: of rows that do not say so themselves; stands in ids that are made here.
        guideline: version that rows were made under which do not say it themselves.
        channel: `recording/channel` whose frames the file counts, where it only counts.
    """

    categories: Mapping[str, str]
    author: str
    guideline: str = ""
    channel: str = ""


class Intake:
    """What is known so far while a file is read. Batches go to `keep` as they fill up."""

    def __init__(
        self,
        pictures: Pictures,
        keep: Callable[[pa.RecordBatch], None],
        given: Given,
        *,
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Begin.

        Args:
            pictures: the pictures that the file may speak of.
            keep: receives rows of `schemas.ANNOTATIONS`, a batch at a time.
            given: what the file does not say.
            told: hears how many rows were taken in so far.
        """
        self.pictures = pictures
        self.channel = given.channel
        self.losses = LossCount()
        self._numbered = False
        self._keep = keep
        self._categories = given.categories
        self._author = given.author
        self._guideline = given.guideline
        self._told = told
        self._rows = Waiting()
        count = len(pictures)
        self._stated = pictures.sizes.copy()
        self._looked = np.zeros(count, bool)
        self._doubtful = np.zeros(count, bool)
        self._counts = np.zeros(count, np.int64)
        self._made = Counter[int]()
        self._ids = SeenIds()
        self._theirs = SeenIds()
        self._unmapped = Counter[str]()
        self._used: set[str] = set()
        self._guidelines: set[str] = set()
        self._problems: list[tuple[int, Problem]] = []
        self._by_code = Counter[str]()
        self._tick = 0
        self.taken = 0

    def count_anew(self) -> None:
        """From here on ids stand once in all of a file, not only once per picture."""
        self._flush()
        self._numbered, self._theirs = True, SeenIds()

    def picture(
        self, *names: str, place: str, size: tuple[Any, Any] | None = None, stem: bool = False
    ) -> int:
        """The row of a picture that was looked at; `UNKNOWN`, and a problem, where it is not ours.

        Args:
            names: surest first.
            place: where the file speaks of it.
            size: width and height of the picture as it was drawn on, where the file says them.
            stem: the names lack their suffix.
        """
        row = self.pictures.find_stem(*names) if stem else self.pictures.find(*names)
        if row == UNKNOWN:
            self.refuse(
                "unknown-file",
                place,
                f"no frame belongs to the file {names[-1] if names else ''!r}; "
                "its annotations are left out",
                "ingest the picture first, or correct its name",
            )
            return UNKNOWN
        return self.look(row, place=place, size=size, sure=self.pictures.is_frame(names[0], row))

    def look(
        self, row: int, *, place: str, size: tuple[Any, Any] | None = None, sure: bool = True
    ) -> int:
        """A known picture was looked at; `UNKNOWN`, and a problem, where its size is off."""
        self._looked[row] = True
        if size is None or size[0] is None or size[1] is None:
            return row
        width, height = self.pictures.sizes[row].tolist()
        if size == (width, height):
            return row
        if not all(type(side) is int and side > 0 for side in size):
            self.refuse("no-size", place, f"its size is stated as {size[0]!r} by {size[1]!r}")
            return row
        if width > 0 and height > 0:
            stretch = (size[0] / width) / (size[1] / height)
            if not sure and abs(stretch - 1) > STRETCH:
                self.refuse(
                    "wrong-size",
                    place,
                    f"drawn on {size[0]} by {size[1]} pixels, recorded with "
                    f"{width:.0f} by {height:.0f}: another shape",
                    "correct width and height, or name the picture by its frame id",
                    row,
                )
                return UNKNOWN
        self._stated[row] = size
        return row

    def size(self, row: int) -> tuple[float, float]:
        """Width and height that coordinates of a picture refer to; 0 where nobody knows."""
        width, height = self._stated[row]
        return float(width), float(height)

    def refuse(
        self, code: str, place: str, what: str, remedy: str = "", row: int = UNKNOWN
    ) -> None:
        """Set something aside; the picture of a refused annotation is not empty, but unknown."""
        self._tick += 1
        self._refused(self._tick, code, place, what, remedy, row)

    def box(
        self,
        picture: int,
        category: str,
        box: tuple[float, float, float, float],
        their: int | str | None,
        place: str,
        more: Drawn | None = None,
    ) -> None:
        """Take in a plain box (x, y, w, h), or the bounding box of `more`.

        Args:
            picture: its row.
            category: as the file calls it.
            box: finite or not, but numbers.
            their: its id, unique for the picture; None where the format has none.
            place: for messages.
            more: all that is not a plain box.
        """
        rows = self._rows
        rows.picture.append(picture)
        rows.category.append(category)
        rows.box.append(box)
        rows.their.append(their)
        rows.place.append(place)
        rows.more.append(more)
        self._tick += 1
        if len(rows.box) >= ROWS_AT_ONCE:
            self._flush()

    def add(self, picture: int, drawn: Drawn, their: int | str | None, place: str) -> None:
        """Take in an annotation of any shape; what is wrong with it becomes a problem."""
        if drawn.source not in SOURCES:
            drawn.source = IMPORT
        if drawn.shape != BOX:
            try:
                complete(drawn, self.size(picture))
            except RowRefused as error:
                self.refuse(error.code, place, error.what, error.remedy, picture)
                return
        box = (drawn.x, drawn.y, drawn.w, drawn.h)
        self.box(picture, drawn.category, box, their, place, drawn)

    def finish(self) -> tuple[Problem, ...]:
        """Hand over the rest, and one row for each frame that holds nothing; all problems.

        Raises:
            InvalidAnnotations: its annotations were made under several guidelines.
        """
        self._flush()
        if len(self._guidelines) > 1:
            raise InvalidAnnotations(
                f"mixes annotations of {len(self._guidelines)} guidelines: "
                f"{', '.join(sorted(self._guidelines))}",
                remedy="export and import each apart, or bring them to one guideline first",
            )
        empty = self._looked & (self._counts == 0) & ~self._doubtful
        for start in range(0, len(empty), ROWS_AT_ONCE):
            rows = np.flatnonzero(empty[start : start + ROWS_AT_ONCE]) + start
            if len(rows):
                self._keep(empty_rows(self.pictures.frames.take(pa.array(rows)), self._author))
        self._closing_problems()
        return tuple(problem for _, problem in sorted(self._problems, key=lambda item: item[0]))

    def _closing_problems(self) -> None:
        for code, count in sorted(self._by_code.items()):
            if count > PROBLEMS_PER_CODE:
                more = f"{count - PROBLEMS_PER_CODE:,} more of this kind"
                self._problems.append((self._tick + 1, Problem(code=code, place="", what=more)))
        for name, count in self._unmapped.items():
            self.refuse(
                "unmapped-category",
                f"category {name!r}",
                f"{count} annotations left out: the category is not mapped to one of ours",
                f"map it, if it matters: --map {shlex.quote(name)}=OURS; in a TOML "
                f'categories = {{ {json.dumps(name, ensure_ascii=False)} = "OURS" }}',
            )
        folded: dict[str, str] = {}
        for name in sorted(self._used):
            other = folded.setdefault(name.casefold(), name)
            if other != name:
                self.refuse(
                    "mixed-taxonomies",
                    f"category {name!r}",
                    f"stands beside {other!r}: two taxonomies seem to be mixed",
                    f"map one to the other: --map {name}={other}",
                )

    def _refused(self, tick: int, code: str, place: str, what: str, remedy: str, row: int) -> None:
        if row >= 0:
            self._doubtful[row] = True
        self._by_code[code] += 1
        if self._by_code[code] <= PROBLEMS_PER_CODE:
            problem = Problem(code=code, place=place, what=what, remedy=remedy)
            self._problems.append((tick, problem))

    def _flush(self) -> None:
        rows, self._rows = self._rows, Waiting()
        if not rows.box:
            return
        first = self._tick - len(rows.box) + 1
        good = Checked(rows, self._stated)
        ids = self._ids_of(rows, good)
        names = self._our_names(rows, good)
        read_lights(rows, names, good)
        for place, (code, what, remedy) in sorted(good.refused.items()):
            self._refused(first + place, code, rows.place[place], what, remedy, rows.picture[place])
        kept = np.array([place for place in good.kept if names[place]], np.int64)
        if len(kept):
            self._keep(self._batch(rows, good, names, ids, kept))
            self.taken += len(kept)
        self._told(self.taken)

    def _ids_of(self, rows: Waiting, good: Checked) -> list[str]:
        """Our id where the file knows it; else one of the file's id, or of a running number.

        Refuses what has an id that another annotation of the file has.
        """
        if self._numbered:
            listed = [place for place in good.kept if rows.their[place] is not None]
            theirs = self._theirs.again([rows.their[place] for place in listed])  # type: ignore[misc]
            for place in np.array(listed, np.int64)[theirs].tolist():
                good.refuse(place, "duplicate-annotation", _TWICE)
        frames = self.pictures.frames.take(pa.array(rows.picture, pa.int64())).to_pylist()
        ids: list[str] = []
        for frame, their, item in zip(frames, rows.their, rows.more, strict=True):
            if item is not None and item.id:
                ids.append(item.id)
            elif their is not None:
                ids.append(f"{frame}/{self._author}/#{their}")
            else:
                ids.append("")
        named = [place for place in good.kept if ids[place]]
        again = self._ids.again([ids[place] for place in named])
        for place in np.array(named, np.int64)[again].tolist():
            good.refuse(place, "duplicate-annotation", f"{_TWICE} ({ids[place]})")
        for place in good.kept:
            if not ids[place]:
                picture = rows.picture[place]
                ids[place] = f"{frames[place]}/{self._author}/{self._made[picture]:04d}"
                self._made[picture] += 1
        return ids

    def _our_names(self, rows: Waiting, good: Checked) -> list[str]:
        """Our category of each row; empty where it is not mapped, or the row was refused."""
        if not self._categories:
            names = rows.category
        else:
            names = [self._categories.get(name, "") for name in rows.category]
            missing = [rows.category[place] for place in good.kept if not names[place]]
            self._unmapped.update(missing)
        self._used.update({names[place] for place in good.kept if names[place]})
        return names

    def _batch(
        self,
        rows: Waiting,
        good: Checked,
        names: Sequence[str],
        ids: Sequence[str],
        kept: np.ndarray,
    ) -> pa.RecordBatch:
        pictures = np.array(rows.picture, np.int64)[kept]
        np.add.at(self._counts, pictures, 1)
        frames = self.pictures.frames.take(pa.array(pictures))
        factor = factor_of(self.pictures.sizes[pictures], self._stated[pictures])
        box = good.box[kept] * np.tile(factor, 2)
        more = [rows.more[place] for place in kept.tolist()]
        named = [names[place] for place in kept.tolist()]
        columns: dict[str, Any] = {
            "annotation_id": [ids[place] for place in kept.tolist()],
            "frame_id": frames,
            "category": named,
            **{name: pa.array(box[:, i], pa.float32()) for i, name in enumerate("xywh")},
            "author": [item.author or self._author if item else self._author for item in more],
            "source": [item.source if item else IMPORT for item in more],
            "attributes": [attributes_text(item) for item in more],
            "guideline": [item.guideline or self._guideline if item else self._guideline
                          for item in more],
            "light_state": list(map(light_state_of, named, more)),
            **shapes(more, factor),
        }  # fmt: skip
        self._guidelines.update(name for name in set(columns["guideline"]) if name)
        arrays = [pa.array(columns[item.name], item.type) for item in ANNOTATIONS]
        return pa.record_batch(arrays, schema=ANNOTATIONS)
