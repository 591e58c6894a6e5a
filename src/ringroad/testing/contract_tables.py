"""The suite that every table store passes: inherit, give the fixture `tables`."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from ringroad.domain.errors import UnknownName, UsageError
from ringroad.protocols.tables import Tables

SCHEMA = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("condition", pa.string()),
    ]
)


def rows_of(values: dict[str, int], condition: str | None = None) -> pa.Table:
    """One row per key, `count` as given."""
    columns = [list(values), list(values.values()), [condition] * len(values)]
    return pa.table(columns, schema=SCHEMA)


def vectors_of(vectors: dict[str, list[float]]) -> pa.Table:
    """One row per key with its vector; `place` is the key's first letter."""
    size = len(next(iter(vectors.values())))
    return pa.table(
        {
            "frame_id": list(vectors),
            "place": [name[0] for name in vectors],
            "vector": pa.array(list(vectors.values()), pa.list_(pa.float32(), size)),
        }
    )


def counts(tables: Tables, table: str = "frames") -> dict[str, int]:
    """Key -> count, as the table answers now."""
    rows = tables.read(table).to_pydict()
    return dict(zip(rows["frame_id"], rows["count"], strict=True))


class TablesContract:
    """Rows by key, written idempotently."""

    @pytest.fixture
    def tables(self) -> Tables:
        """A store without tables."""
        raise NotImplementedError

    def test_rows_come_back_by_key(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"b": 2, "a": 1}), key="frame_id")
        tables.upsert("frames", rows_of({"c": 3, "0": 0}), key="frame_id")
        read = tables.read("frames")
        assert read.schema.equals(SCHEMA, check_metadata=True)
        assert read.column("frame_id").to_pylist() == ["0", "a", "b", "c"]

    def test_equal_keys_are_replaced(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1, "b": 2}, "day"), key="frame_id")
        tables.upsert("frames", rows_of({"b": 20, "c": 30}), key="frame_id")
        assert counts(tables) == {"a": 1, "b": 20, "c": 30}
        assert tables.read("frames").column("condition").to_pylist() == ["day", None, None]

    def test_writing_again_changes_nothing(self, tables: Tables) -> None:
        for _ in range(3):
            tables.upsert("frames", rows_of({"a": 1, "b": 2}), key="frame_id")
        assert counts(tables) == {"a": 1, "b": 2}

    def test_the_last_row_of_a_repeated_key_counts(self, tables: Tables) -> None:
        twice = pa.concat_tables([rows_of({"a": 1, "b": 2}), rows_of({"a": 9})])
        tables.upsert("frames", twice, key="frame_id")
        assert counts(tables) == {"a": 9, "b": 2}
        again = pa.concat_tables([rows_of({"n": 1, "b": 3}), rows_of({"n": 4})])
        tables.upsert("frames", again, key="frame_id")
        assert counts(tables) == {"a": 9, "b": 3, "n": 4}

    def test_a_scope_is_replaced_as_a_whole(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1, "b": 2}, "day"), key="frame_id")
        tables.upsert("frames", rows_of({"c": 3, "d": 4}, "driver's night"), key="frame_id")
        tables.upsert("frames", rows_of({"e": 5}), key="frame_id")
        tables.upsert("frames", rows_of({"b": 20}, "day"), key="frame_id", scope="condition")
        assert counts(tables) == {"b": 20, "c": 3, "d": 4, "e": 5}
        night = rows_of({"d": 40, "f": 6}, "driver's night")
        tables.upsert("frames", night, key="frame_id", scope="condition")
        assert counts(tables) == {"b": 20, "d": 40, "e": 5, "f": 6}
        tables.upsert("frames", rows_of({}), key="frame_id", scope="condition")
        assert len(counts(tables)) == 4
        tables.upsert("new", rows_of({"a": 1}, "day"), key="frame_id", scope="condition")
        assert counts(tables, "new") == {"a": 1}

    def test_a_scope_may_end_without_rows_of_its_own(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1, "b": 2}, "day"), key="frame_id")
        tables.upsert("frames", rows_of({"c": 3}, "driver's night"), key="frame_id")
        dusk = rows_of({"d": 4}, "dusk")
        tables.upsert("frames", dusk, key="frame_id", scope="condition", about=["day", "dusk"])
        assert counts(tables) == {"c": 3, "d": 4}
        none = rows_of({})
        tables.upsert("frames", none, key="frame_id", scope="condition", about=["driver's night"])
        assert counts(tables) == {"d": 4}

    def test_no_rows_make_an_empty_table(self, tables: Tables) -> None:
        tables.upsert("frames", SCHEMA.empty_table(), key="frame_id")
        assert tables.count("frames") == 0
        assert tables.read("frames").schema.names == SCHEMA.names
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        tables.upsert("frames", SCHEMA.empty_table(), key="frame_id")
        assert counts(tables) == {"a": 1}

    def test_columns_limit_and_filter(self, tables: Tables) -> None:
        values = {f"f{number:03d}": number for number in range(50)}
        tables.upsert("frames", rows_of(values), key="frame_id")
        read = tables.read("frames", columns=["count"], where="count >= 10", limit=3)
        assert read.to_pydict() == {"count": [10, 11, 12]}
        assert tables.count("frames", where="count < 7") == 7
        assert tables.read("frames", where="frame_id = 'f004'").num_rows == 1
        assert tables.read("frames", where="count < 0").num_rows == 0

    @pytest.mark.parametrize("where", ["count >", "nowhere = 3", "count = 'many'", "drop it"])
    def test_a_filter_that_does_not_parse(self, tables: Tables, where: str) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        with pytest.raises(UsageError):
            tables.read("frames", where=where)
        with pytest.raises(UsageError):
            tables.count("frames", where=where)

    def test_an_unknown_column_is_refused(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        with pytest.raises(UsageError):
            tables.read("frames", columns=["nowhere"])

    def test_a_missing_table_is_unknown(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        for call in (tables.read, tables.count, tables.compact):
            with pytest.raises(UnknownName, match="frames"):
                call("nowhere")
        tables.drop("nowhere")

    @pytest.mark.parametrize("name", ["", "../up", "a/b", "Frames"])
    def test_a_name_that_leads_elsewhere_is_refused(self, tables: Tables, name: str) -> None:
        with pytest.raises(UsageError):
            tables.upsert(name, rows_of({"a": 1}), key="frame_id")

    def test_other_columns_or_another_key_are_refused(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        with pytest.raises(UsageError):
            tables.upsert("frames", rows_of({"a": 1}).drop_columns("count"), key="frame_id")
        with pytest.raises(UsageError):
            tables.upsert("frames", rows_of({"a": 1}), key="count")
        with pytest.raises(UsageError):
            tables.upsert("frames", rows_of({"a": 1}), key="nowhere")
        assert counts(tables) == {"a": 1}

    def test_drop_and_make_again(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        tables.upsert("embeddings.one", vectors_of({"a": [1.0]}), key="frame_id")
        assert sorted(tables.names()) == ["embeddings.one", "frames"]
        tables.drop("frames")
        assert list(tables.names()) == ["embeddings.one"]
        tables.upsert("frames", rows_of({"b": 2}), key="frame_id")
        assert counts(tables) == {"b": 2}

    def test_compaction_keeps_the_answers(self, tables: Tables) -> None:
        for number in range(20):
            tables.upsert("frames", rows_of({f"f{number % 7}": number}), key="frame_id")
        before = tables.read("frames")
        tables.compact("frames")
        assert tables.read("frames").equals(before)

    def test_nearest_is_squared_distance_in_order(self, tables: Tables) -> None:
        points = {"a0": [0.0, 0.0], "a1": [1.0, 1.0], "b2": [0.0, 3.0], "b3": [9.0, 9.0]}
        tables.upsert("embeddings.one", vectors_of(points), key="frame_id")
        query = np.zeros(2, np.float32)
        near = tables.nearest("embeddings.one", query, limit=3)
        assert near.column("frame_id").to_pylist() == ["a0", "a1", "b2"]
        assert near.column("distance").to_pylist() == [0.0, 2.0, 9.0]
        other = tables.nearest("embeddings.one", query, limit=3, where="place = 'b'")
        assert other.column("frame_id").to_pylist() == ["b2", "b3"]
        assert tables.nearest("embeddings.one", query, limit=9).num_rows == 4

    def test_nearest_equals_a_full_scan(self, tables: Tables) -> None:
        random = np.random.Generator(np.random.PCG64(7))
        vectors = random.normal(size=(300, 16)).astype(np.float32)
        named = {f"f{number:03d}": row.tolist() for number, row in enumerate(vectors)}
        tables.upsert("embeddings.one", vectors_of(named), key="frame_id")
        for query in random.normal(size=(5, 16)).astype(np.float32):
            distance = ((vectors - query) ** 2).sum(axis=1)
            near = tables.nearest("embeddings.one", query, limit=10)
            best = [f"f{number:03d}" for number in np.argsort(distance)[:10]]
            assert near.column("frame_id").to_pylist() == best
            expected = np.sort(distance)[:10]
            np.testing.assert_allclose(near.column("distance").to_numpy(), expected, rtol=1e-5)

    def test_equally_near_rows_stand_by_key(self, tables: Tables) -> None:
        for name in ("c", "a", "d", "b", "e"):
            tables.upsert("embeddings.one", vectors_of({name: [1.0, 2.0]}), key="frame_id")
        near = tables.nearest("embeddings.one", np.zeros(2, np.float32), limit=3)
        assert near.column("frame_id").to_pylist() == ["a", "b", "c"]

    def test_a_query_that_does_not_fit_is_refused(self, tables: Tables) -> None:
        tables.upsert("embeddings.one", vectors_of({"a": [1.0, 2.0]}), key="frame_id")
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        with pytest.raises(UsageError, match=r"\(3,\)"):
            tables.nearest("embeddings.one", np.zeros(3, np.float32), limit=1)
        with pytest.raises(UsageError):
            tables.nearest("frames", np.zeros(3, np.float32), limit=1)
        with pytest.raises(UsageError):
            tables.nearest("embeddings.one", np.zeros(2, np.float32), limit=0)

    def test_threads_that_insert_the_same_keys_do_not_double_them(self, tables: Tables) -> None:
        def write(number: int) -> None:
            tables.upsert("frames", rows_of({f"f{number % 4}": number}), key="frame_id")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, range(24)))
        assert sorted(counts(tables)) == ["f0", "f1", "f2", "f3"]

    def test_the_writer_may_write_and_others_wait(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 0}), key="frame_id")
        with ThreadPoolExecutor(1) as threads:
            with tables.writing("frames"):
                other = threads.submit(tables.upsert, "frames", rows_of({"a": 2}), key="frame_id")
                tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
                assert counts(tables) == {"a": 1}
                assert not other.done()
            other.result()
        assert counts(tables) == {"a": 2}

    def test_it_pickles(self, tables: Tables) -> None:
        tables.upsert("frames", rows_of({"a": 1}), key="frame_id")
        again = pickle.loads(pickle.dumps(tables))  # noqa: S301 (our own bytes)
        assert counts(again) == {"a": 1}
