"""The suite that every frame index passes: inherit, give the fixture `index`."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from ringroad.domain.errors import InputError, UnknownName, UsageError
from ringroad.media.schemas import INDEX, NAME
from ringroad.protocols.index import FrameIndex, IndexView

MANY = 40_000
"""More rows than any index compares one by one."""


def frames_of(numbers: range) -> list[str]:
    """Frame ids, a thousand to a recording."""
    return [f"car/rec-{n // 1000:03d}/front/{n % 1000:06d}" for n in numbers]


def rows_of(numbers: range, condition: str = "day") -> pa.Table:
    """Rows of `schemas.INDEX`; what may be null is, but the condition."""
    count = len(numbers)
    columns: list[pa.Array] = []
    for field in INDEX:
        if field.name == "frame_id":
            columns.append(pa.array(frames_of(numbers)))
        elif field.name == "condition":
            columns.append(pa.array([condition] * count).dictionary_encode().cast(NAME))
        elif field.nullable:
            columns.append(pa.nulls(count, field.type))
        elif field.type == NAME:
            texts = [frame.rpartition("/")[0] for frame in frames_of(numbers)]
            columns.append(pa.array(texts).dictionary_encode().cast(NAME))
        else:
            columns.append(pa.array(list(numbers)).cast(field.type))
    return pa.table(columns, schema=INDEX)


def vectors_of(numbers: range, vectors: np.ndarray) -> pa.Table:
    """Columns `frame_id` and `vector`."""
    packed = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    return pa.table({"frame_id": frames_of(numbers), "vector": packed})


def points(count: int, *, seed: int, dimension: int = 32) -> np.ndarray:
    """(n, d) float32 of unit length, in clusters."""
    generator = np.random.Generator(np.random.PCG64(seed))
    centres = np.random.Generator(np.random.PCG64(1)).standard_normal((40, dimension))
    drawn = centres[generator.integers(0, 40, count)]
    drawn = drawn + 0.4 * generator.standard_normal((count, dimension))
    unit: np.ndarray = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return unit


def truth(vectors: np.ndarray, target: np.ndarray, limit: int) -> list[int]:
    """Places of the nearest, by comparing with all."""
    distances = ((vectors.astype(np.float64) - target) ** 2).sum(axis=1)
    nearest: list[int] = np.argsort(distances, kind="stable")[:limit].tolist()
    return nearest


def conditions(view: IndexView) -> list[str]:
    """Of living rows, by number."""
    found: list[str] = view.columns.filter(pa.array(view.alive))["condition"].to_pylist()
    return found


class IndexContract:
    """Rows by frame, vectors by space, answers as of one moment."""

    @pytest.fixture
    def index(self) -> FrameIndex:
        """An index that holds nothing."""
        raise NotImplementedError

    def test_nothing_is_held_at_first(self, index: FrameIndex) -> None:
        view = index.view()
        assert view.size == 0
        assert view.columns.schema.equals(INDEX)
        assert not view.spaces
        assert not view.reached
        assert view.rows_of(["car/rec-000/front/000000"]).tolist() == [-1]
        with pytest.raises(UnknownName, match="look"):
            view.nearest("look", np.zeros(3, np.float32), limit=1)

    def test_rows_are_found_by_frame(self, index: FrameIndex) -> None:
        for start in range(0, 60, 20):
            index.extend(columns=rows_of(range(start, start + 20)))
        view = index.view()
        assert view.rows_of([*frames_of(range(60)), "no/such/frame"]).tolist() == [*range(60), -1]
        assert view.columns["frame_id"].to_pylist() == frames_of(range(60))

    def test_a_newer_row_replaces_the_old_one_and_keeps_its_vector(self, index: FrameIndex) -> None:
        vectors = points(30, seed=3)
        index.extend(columns=rows_of(range(30)), vectors={"look": vectors_of(range(30), vectors)})
        index.extend(columns=rows_of(range(5, 8), "night"))
        view = index.view()
        assert conditions(view) == ["day"] * 27 + ["night"] * 3
        row = int(view.rows_of(frames_of(range(6, 7)))[0])
        assert not view.alive[6]
        found, distances = view.nearest("look", vectors[6], limit=1)
        assert (found.tolist(), distances.tolist()) == ([row], [0.0])
        assert np.array_equal(view.vectors("look", found)[0], vectors[6])

    def test_a_frame_written_many_times_has_one_row(self, index: FrameIndex) -> None:
        """Whatever was merged in between: one that is not found again would live twice."""
        vectors = {"look": vectors_of(range(20), points(20, seed=1))}
        index.extend(columns=rows_of(range(20)), vectors=vectors)
        for changed in (20, 7, 20, 20, 3, 20, 20):
            index.extend(columns=rows_of(range(changed)))
            view = index.view()
            rows = view.rows_of(view.columns["frame_id"].filter(view.alive).to_pylist())
            assert int(view.alive.sum()) == 20
            assert sorted(rows.tolist()) == np.flatnonzero(view.alive).tolist()
            assert int(view.embedded("look").sum()) == 20

    def test_frames_that_are_gone_are_found_no_more(self, index: FrameIndex) -> None:
        vectors = points(20, seed=4)
        index.extend(columns=rows_of(range(20)), vectors={"look": vectors_of(range(20), vectors)})
        index.extend(gone=[*frames_of(range(3, 6)), "no/such/frame"])
        view = index.view()
        assert view.rows_of(frames_of(range(2, 7))).tolist() == [2, -1, -1, -1, 6]
        assert int(view.alive.sum()) == int(view.embedded("look").sum()) == 17
        found, _ = view.nearest("look", vectors[4], limit=20)
        assert len(found) == 17
        index.extend(columns=rows_of(range(4, 5)), gone=frames_of(range(4, 5)))
        view = index.view()
        assert int(view.alive.sum()) == 18
        assert int(view.embedded("look").sum()) == 17

    def test_the_last_row_of_a_repeated_frame_counts(self, index: FrameIndex) -> None:
        twice = pa.concat_tables([rows_of(range(4)), rows_of(range(2), "night")])
        index.extend(columns=twice)
        assert sorted(conditions(index.view())) == ["day", "day", "night", "night"]

    def test_a_newer_vector_replaces_the_old_one(self, index: FrameIndex) -> None:
        index.extend(
            columns=rows_of(range(10)),
            vectors={"look": vectors_of(range(10), points(10, seed=1))},
        )
        other = points(2, seed=2)
        index.extend(vectors={"look": vectors_of(range(3, 5), other)})
        view = index.view()
        assert view.spaces["look"].vectors == 10
        found, distances = view.nearest("look", other[1], limit=1)
        assert (found.tolist(), distances.tolist()) == ([4], [0.0])

    def test_vectors_of_unknown_frames_are_left_out(self, index: FrameIndex) -> None:
        index.extend(
            columns=rows_of(range(4)), vectors={"look": vectors_of(range(2, 6), points(4, seed=5))}
        )
        view = index.view()
        assert view.spaces["look"].vectors == 2
        assert view.embedded("look").tolist() == [False, False, True, True]
        with pytest.raises(UnknownName, match=frames_of(range(1))[0]):
            view.vectors("look", np.array([0]))

    def test_spaces_do_not_mix(self, index: FrameIndex) -> None:
        index.extend(
            columns=rows_of(range(4)),
            vectors={
                "look": vectors_of(range(4), points(4, seed=1)),
                "shape": vectors_of(range(4), points(4, seed=2, dimension=8)),
            },
        )
        view = index.view()
        assert {name: space.dimension for name, space in view.spaces.items()} == {
            "look": 32,
            "shape": 8,
        }
        with pytest.raises(UsageError, match="32"):
            view.nearest("look", np.zeros(8, np.float32), limit=1)

    def test_bad_vectors_change_nothing(self, index: FrameIndex) -> None:
        good = points(4, seed=1)
        index.extend(columns=rows_of(range(4)), vectors={"look": vectors_of(range(4), good)})
        bad = good.copy()
        bad[2, 7] = np.nan
        with pytest.raises(InputError, match=frames_of(range(2, 3))[0]):
            index.extend(
                columns=rows_of(range(4), "night"),
                vectors={"look": vectors_of(range(4), bad)},
            )
        with pytest.raises(InputError, match="32"):
            index.extend(vectors={"look": vectors_of(range(4), points(4, seed=1, dimension=9))})
        view = index.view()
        assert conditions(view) == ["day"] * 4
        assert np.array_equal(view.vectors("look", np.arange(4)), good)
        with pytest.raises(UsageError, match="not a number"):
            view.nearest("look", bad[2], limit=1)

    def test_many_rows_in_many_writes(self, index: FrameIndex) -> None:
        vectors = points(MANY, seed=11)
        for start in range(0, MANY, 5000):
            some = range(start, start + 5000)
            index.extend(
                columns=rows_of(some, "night" if start % 10_000 else "day"),
                vectors={"look": vectors_of(some, vectors[start : start + 5000])},
            )
        view = index.view()
        assert view.spaces["look"].recall >= 0.95
        assert view.spaces["look"].probes > 0
        among = np.arange(MANY) % 7 != 0
        hits = wanted = 0
        for place in range(0, MANY, 3999):
            exact, distances = view.nearest("look", vectors[place], limit=10, exact=True)
            assert exact.tolist() == truth(vectors, vectors[place], 10)
            assert np.all(np.diff(distances) >= 0)
            found, _ = view.nearest("look", vectors[place], limit=10, among=among)
            assert among[found].all()
            best = [at for at in truth(vectors, vectors[place], 15) if among[at]][:10]
            hits, wanted = hits + len({*best} & {*found.tolist()}), wanted + len(best)
        assert hits / wanted >= 0.9

    def test_few_survivors_are_compared_exactly(self, index: FrameIndex) -> None:
        vectors = points(MANY, seed=12)
        index.extend(
            columns=rows_of(range(MANY)), vectors={"look": vectors_of(range(MANY), vectors)}
        )
        among = np.zeros(MANY, dtype=bool)
        among[::977] = True
        found, _ = index.view().nearest("look", vectors[5], limit=5, among=among)
        best = truth(vectors[among], vectors[5], 5)
        assert found.tolist() == np.flatnonzero(among)[best].tolist()

    def test_a_view_stays_as_it_was(self, index: FrameIndex) -> None:
        vectors = points(10, seed=1)
        index.extend(columns=rows_of(range(10)), vectors={"look": vectors_of(range(10), vectors)})
        before = index.view()
        for start in range(10, 60, 10):
            index.extend(columns=rows_of(range(start, start + 10)), reached={"frames": start})
        index.clear()
        assert before.size == 10
        assert before.columns["frame_id"].to_pylist() == frames_of(range(10))
        assert before.nearest("look", vectors[3], limit=1)[0].tolist() == [3]
        assert index.view().size == 0
        assert not index.view().reached

    def test_how_far_it_reached_is_kept(self, index: FrameIndex) -> None:
        index.extend(columns=rows_of(range(3)), reached={"frames": 4, "events": 2})
        index.extend(reached={"frames": 9})
        assert dict(index.view().reached) == {"frames": 9, "events": 2}

    def test_one_writes_while_others_read(self, index: FrameIndex) -> None:
        with index.writing() as held, ThreadPoolExecutor(1) as other:
            assert held
            assert other.submit(lambda: index.view().size).result() == 0
            assert other.submit(_try, index).result() is False
            index.extend(columns=rows_of(range(3)))
        assert _try(index) is True
        assert index.view().size == 3

    def test_writers_from_several_threads(self, index: FrameIndex) -> None:
        def write(start: int) -> None:
            index.extend(columns=rows_of(range(start, start + 10)))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(0, 200, 10)))
        view = index.view()
        assert sorted(view.columns["frame_id"].to_pylist()) == frames_of(range(200))

    def test_it_pickles(self, index: FrameIndex) -> None:
        index.extend(columns=rows_of(range(3)))
        assert pickle.loads(pickle.dumps(index)).view().size == 3  # noqa: S301 (our own bytes)


def _try(index: FrameIndex) -> bool:
    with index.writing(wait=False) as held:
        return held
