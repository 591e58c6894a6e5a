"""Writing and opening packs: what goes in comes out, and nothing half-made is a pack."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from small_pack import CATEGORIES, HEIGHT, WIDTH, frame_id, jpeg, marks, picture, write

from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.pack import INDEX_FILE, METADATA_KEY, SHARDS, PackHeader, open_pack
from ringroad.datasets.loader.write_pack import PackWriter, Stored
from ringroad.domain.errors import DigestMismatch, InputError, SourceMissing
from ringroad.media import arrow

HEADER = PackHeader(dataset="d", name="d", width=WIDTH, height=HEIGHT, categories=CATEGORIES)


def test_what_was_written_is_read(pack):
    assert len(pack) == 41
    assert len(pack.header.shards) > 4
    for number in (0, 3, 40):
        found, wanted = pack.marks(number), marks(number)
        assert pack.frame_id(number) == frame_id(number)
        np.testing.assert_array_equal(found.boxes, wanted.boxes)
        np.testing.assert_array_equal(found.states, wanted.states)
        assert list(found.line_categories) == list(wanted.line_categories)
        for mine, line in zip(found.lines, wanted.lines, strict=True):
            np.testing.assert_array_equal(mine, line)


def test_equal_frames_give_equal_bytes(tmp_path, pack):
    again = write(tmp_path / "again", 41, half=True)
    assert again.digest == pack.digest
    assert again.header.shards == pack.header.shards


def test_splits_name_their_rows(pack):
    assert pack.rows("test").tolist() == [4, 9, 14, 19, 24, 29, 34, 39]
    assert len(pack.rows()) == 41
    with pytest.raises(InputError, match=r"no frames of split 'val'.*test, train"):
        pack.rows("val")


def test_an_error_takes_everything_away(tmp_path):
    tmp_path.rmdir()

    def fail():
        with PackWriter(tmp_path, HEADER, shard_bytes=10) as writer:
            for number in range(3):
                writer.add(frame_id(number), Stored(data=jpeg(picture(number))), Marks())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not tmp_path.exists()
    with pytest.raises(SourceMissing, match="not finished"):
        open_pack(tmp_path)


def test_what_a_killed_writer_left_is_replaced(tmp_path):
    (tmp_path / SHARDS).mkdir(parents=True)
    (tmp_path / SHARDS / "00000.part").write_bytes(b"half a record")
    (tmp_path / SHARDS / ("ab" * 32 + ".pack")).write_bytes(b"a shard of an earlier attempt")
    with PackWriter(tmp_path, HEADER) as writer:
        writer.add(frame_id(0), Stored(data=jpeg(picture(0))), Marks())
        writer.finish()
    names = {path.stem for path in (tmp_path / SHARDS).iterdir()}
    assert names == set(open_pack(tmp_path).header.shards)


def test_a_folder_with_something_else_is_refused(tmp_path, pack):
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        PackWriter(tmp_path, HEADER)
    with pytest.raises(InputError, match="a pack already, of dataset:small"):
        PackWriter(pack.folder, HEADER)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Marks(boxes=np.zeros((2, 4)), categories=np.zeros(1, np.int32)), "differ in number"),
        (Marks(boxes=np.full((1, 4), np.nan), categories=np.zeros(1, np.int32)), "is none"),
        (Marks(lines=[np.zeros((1, 2))], line_categories=[0]), "fewer than two points"),
        (Marks(lines=[np.zeros((2, 2))]), "polylines and their categories"),
    ],
)
def test_contradictory_marks_are_refused(tmp_path, wrong, what):
    with PackWriter(tmp_path, HEADER) as writer, pytest.raises(InputError, match=what) as told:
        writer.add(frame_id(7), Stored(data=b"x"), wrong)
    assert told.value.subject == frame_id(7)


def test_a_pack_pickles_as_its_folder(pack):
    again = pickle.loads(pickle.dumps(pack))  # noqa: S301 (our own)
    assert again.digest == pack.digest


def _rewritten(pack, folder, change):
    """The same index with another header or rows, in another folder."""
    table = arrow.from_bytes((pack.folder / INDEX_FILE).read_bytes())
    (folder / INDEX_FILE).write_bytes(arrow.to_bytes(change(table)))


def _headed(table, **values):
    told = json.loads(table.schema.metadata[METADATA_KEY]) | values
    return table.replace_schema_metadata({METADATA_KEY: json.dumps(told)})


def _with(table, name, values):
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    return table.set_column(place, field, pa.array(values, field.type))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda table: _headed(table, format=99), "of format 99"),
        (lambda table: _headed(table, shards=[]), "names shards that its header does not"),
        (lambda table: _headed(table, categories=[]), "categories that its header does not name"),
        (lambda table: _headed(table, width=0), "0x32 pixels"),
        (lambda table: _headed(table, colour="red"), "damaged"),
        (lambda table: table.drop_columns(["weight"]), "other columns"),
        (lambda table: table.replace_schema_metadata({}), "damaged"),
        (lambda table: _with(table, "start", range(1, 42)), "decode from nowhere"),
        (lambda table: _headed(table, width=10**6, height=10**6), "1000000x1000000 pixels"),
        (lambda table: _headed(table, encoding="exe"), "frames as 'exe'"),
        (lambda table: _with(table, "offset", [-1] * 41), "ranges that are none"),
        (lambda table: _with(table, "length", [10**12] * 41), "ranges that are none"),
        (lambda table: _with(table, "categories", [[]] * 41), "marks without categories"),
        (lambda table: _with(table, "points", [[]] * 41), "polylines without points"),
        (lambda table: _with(table, "boxes", [[1.0] * 2] * 2 + [[]] * 39), "boxes that are none"),
    ],
)
def test_a_damaged_index_is_one_clear_error(pack, tmp_path, change, what):
    _rewritten(pack, tmp_path, change)
    with pytest.raises(DigestMismatch, match=what) as told:
        open_pack(tmp_path)
    assert str(tmp_path) in str(told.value)
    assert "ringroad datasets pack" in str(told.value)


@pytest.mark.parametrize("size", [0, 10, 1000, 4000])
def test_an_index_that_was_cut_off_is_one_clear_error(pack, tmp_path, size):
    data = (pack.folder / INDEX_FILE).read_bytes()
    (tmp_path / INDEX_FILE).write_bytes(data[:size])
    with pytest.raises(DigestMismatch) as told:
        open_pack(tmp_path)
    assert str(tmp_path) in str(told.value)
