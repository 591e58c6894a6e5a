"""Random histories of edits, reverts and merges, against a model in plain dictionaries."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from history_model import CELLS, Cells, Model, Rows, resolved, torn
from version_repository import Repository

from ringroad.datasets.changes import changes
from ringroad.datasets.identity import identity
from ringroad.datasets.merge import Choices, merge, settle
from ringroad.datasets.merge_rows import by_frame
from ringroad.domain.errors import InputError, MergeConflict
from ringroad.media.schemas import MANIFEST

FRAMES = [f"r/{unit}/front/{n:06d}" for unit in range(6) for n in range(3)]


def table(model: Rows) -> pa.Table:
    listed = [{"frame_id": f, **dict(zip(CELLS, cells, strict=True))} for f, cells in model.items()]
    return pa.Table.from_pylist(listed, schema=MANIFEST)


def plain(rows: pa.Table) -> Rows:
    return {f: tuple(row[name] for name in CELLS) for f, row in by_frame(rows).items()}


def cells(draw: random.Random, frame: str, splits: dict[str, str]) -> Cells:
    unit = frame.split("/")[1]
    return (
        "r",
        unit,
        splits[unit],
        draw.choice(["day", "night"]),
        draw.choice("abc"),
        draw.choice([0.5, 1.0]),
    )


class Player:
    """Does the same to the product and to the model."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.repository, self.model = Repository(), Model()
        self.ids: list[str] = []
        self.conflicts = self.crossed = self.refused = 0
        splits = {str(unit): self.draw.choice(["train", "val"]) for unit in range(6)}
        first = {f: cells(self.draw, f, splits) for f in self.draw.sample(FRAMES, 12)}
        self.take(self.repository.begin(table(first)), first, ())

    def take(self, at: str, rows: Rows, parents: tuple[int, ...]) -> None:
        if at in self.ids:  # an equal version: nothing new was made
            return
        number = len(self.ids)
        self.ids.append(at)
        self.model.rows[number], self.model.parents[number] = rows, parents
        self.model.key[number] = at

    def edit(self) -> None:
        parent = self.draw.randrange(len(self.ids))
        before = self.model.rows[parent]
        splits = {str(unit): self.draw.choice(["train", "val"]) for unit in range(6)}
        for row in before.values():
            if self.draw.random() < 0.9:  # else a unit may be torn
                splits[row[1]] = row[2]
        news = {f: cells(self.draw, f, splits) for f in self.draw.sample(FRAMES, 4)}
        gone = [f for f in self.draw.sample(FRAMES, 3) if f in before and f not in news]
        rows = {f: row for f, row in before.items() if f not in gone} | news
        if torn(rows):
            self.refused += 1
            with pytest.raises(InputError, match="more than one split"):
                self.repository.edit(self.ids[parent], table(news), gone)
            return
        made = self.repository.edit(self.ids[parent], table(news), gone)
        self.take(made, rows, (parent,))

    def revert(self) -> None:
        parent, to = (self.draw.randrange(len(self.ids)) for _ in range(2))
        made = self.repository.revert(self.ids[parent], self.ids[to])
        self.take(made, dict(self.model.rows[to]), (parent,))

    def merge(self) -> None:
        recent = range(max(0, len(self.ids) - 6), len(self.ids))
        ours, theirs = (self.draw.choice(recent) for _ in range(2))
        self.merge_into(ours, theirs)
        if self.draw.random() < 0.5:  # each into the other: histories cross
            self.merge_into(theirs, ours)

    def merge_into(self, ours: int, theirs: int) -> None:
        if ours in self.model.ancestors([theirs]) or theirs in self.model.ancestors([ours]):
            return
        self.crossed += len(self.model.met([ours], [theirs])) > 1
        history = self.repository.history
        plan = merge(history, self.ids[ours], self.ids[theirs])
        expected, fights = self.model.merge(ours, theirs)
        assert {c.frame: set(c.cells) for c in plan.rows.conflicts} == fights
        self.conflicts += len(fights)
        if fights:
            with pytest.raises(MergeConflict):
                settle(history, plan, Choices(), query="m")
        sides = {frame: self.draw.choice(["ours", "theirs"]) for frame in fights}
        rows = resolved(expected, fights, self.model.rows[theirs], sides)
        if bad := torn(rows):
            self.refused += 1
            with pytest.raises(InputError, match="more than one split") as told:
                settle(history, plan, Choices(rows=sides), query="m")
            assert all(unit in str(told.value) for unit in sorted(bad)[:5])
            return
        made = settle(history, plan, Choices(rows=sides), query="m")
        self.take(self.repository.write(self.ids[ours], made), rows, (ours, theirs))


@pytest.mark.parametrize("part", range(10))
def test_random_histories_equal_the_model(part: int) -> None:
    conflicts = crossed = refused = merges = 0
    for seed in range(20 * part, 20 * part + 20):
        player = Player(seed)
        acts = [player.edit, player.edit, player.merge, player.merge, player.revert]
        for _ in range(24):
            player.draw.choice(acts)()
        merges += sum(len(parents) > 1 for parents in player.model.parents.values())
        for number, at in enumerate(player.ids):
            rows = player.repository.stack(at).rows()
            expected = player.model.rows[number]
            assert plain(rows) == expected
            assert rows["frame_id"].to_pylist() == sorted(expected)
            version = player.repository.versions[at]
            assert version.identity == identity(rows)
            assert version.frames == len(expected)
        check_changes(player)
        conflicts, crossed = conflicts + player.conflicts, crossed + player.crossed
        refused += player.refused
    assert conflicts > 40, "the histories say something"
    assert crossed > 2
    assert refused > 1
    assert merges > 60


def check_changes(player: Player) -> None:
    """What differs between any two versions is what the model says."""
    for _ in range(6):
        a, b = (player.draw.randrange(len(player.ids)) for _ in range(2))
        found = changes(*(player.repository.stack(player.ids[at]) for at in (a, b)))
        old, new = player.model.rows[a], player.model.rows[b]
        differ = {f for f in old.keys() | new.keys() if old.get(f) != new.get(f)}
        assert set(found.frames.to_pylist()) == differ
        assert plain(found.before) == {f: old[f] for f in differ if f in old}
        assert plain(found.after) == {f: new[f] for f in differ if f in new}
