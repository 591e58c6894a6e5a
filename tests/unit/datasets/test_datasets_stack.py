"""Layers as one table: what lies higher counts; few layers, few bytes, one identity."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from version_repository import HEADER, Repository, rows

from ringroad.datasets.changes import changes
from ringroad.datasets.compaction import FAN, MOST, absorbed
from ringroad.datasets.identity import digest_of_rows, identity
from ringroad.datasets.manifest import FORMAT, from_bytes, to_bytes
from ringroad.datasets.merge_rows import by_frame
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import DigestMismatch, InputError
from ringroad.media.schemas import MANIFEST


def base(count: int) -> pa.Table:
    return rows(*((f"f{n:05d}", "train", "x") for n in range(count)))


def test_rows_find_and_where_agree_over_many_layers() -> None:
    repository, draw = Repository(), random.Random(3)
    model = by_frame(base(600))
    at = repository.begin(base(600))
    deepest = 0
    for number in range(60):
        news = rows(
            *((f"f{n:05d}", "train", f"y{number}") for n in draw.sample(range(900), 7)),
            condition=draw.choice(["day", "night"]),
        )
        gone = [f for f in draw.sample(sorted(model), 2) if f not in news["frame_id"].to_pylist()]
        at = repository.edit(at, news, gone)
        model = {f: row for f, row in model.items() if f not in gone} | by_frame(news)
        deepest = max(deepest, len(repository.versions[at].layers))
    stack = repository.stack(at)
    assert deepest > 3
    assert by_frame(stack.rows()) == model
    assert stack.rows()["frame_id"].to_pylist() == sorted(model)
    some = draw.sample(sorted(model), 50)
    found = stack.find(pa.array([*some, "nothing"]))
    assert by_frame(found) == {frame: model[frame] for frame in some}
    night = stack.where("condition", pa.array(["night"]), columns=MANIFEST.names)
    assert by_frame(night) == {f: r for f, r in model.items() if r["condition"] == "night"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=400), st.integers(1, 20_000))
def test_layers_stay_few_and_rows_are_seldom_written_again(sizes: list[int], first: int) -> None:
    layers, written = [first], 0
    for size in sizes:
        taken = absorbed(layers, size)
        merged = size + sum(layers[len(layers) - taken :])
        layers = [*layers[: len(layers) - taken], merged]
        written += merged
        assert len(layers) <= MOST
    classes = 1
    while FAN**classes <= first + sum(sizes):
        classes += 1
    assert written <= (classes + 3) * sum(sizes) + first


def test_equal_rows_have_one_identity_whatever_the_way() -> None:
    repository = Repository()
    first = repository.begin(base(9))
    there = repository.edit(first, rows(("f00003", "val", "y")), ["f00001"])
    back = repository.edit(there, rows(("f00003", "train", "x"), ("f00001", "train", "x")))
    versions = repository.versions
    assert versions[back].identity == versions[first].identity
    assert versions[back].content == digest_of_rows(identity(base(9)))
    assert versions[there].content != versions[first].content
    assert not len(changes(repository.stack(first), repository.stack(back)))


@pytest.mark.parametrize("cell", [name for name in MANIFEST.names if name != "weight"])
def test_cells_cannot_lend_text_to_each_other(cell: str) -> None:
    one = rows(("a",), condition="d:ay")
    moved = one.set_column(MANIFEST.names.index(cell), MANIFEST.field(cell), pa.array(["1:"]))
    assert digest_of_rows(identity(one)) != digest_of_rows(identity(moved))


def test_a_version_survives_its_bytes_and_damage_is_told() -> None:
    repository = Repository()
    version = repository.versions[repository.edit(repository.begin(base(9)), rows(("g",)))]
    data = to_bytes(version)
    assert from_bytes(data) == version
    assert to_bytes(from_bytes(data)) == data
    for bad in (data[:-9], b"[]", b"{}", b"\xff", data.replace(b'"rows":9', b'"rows":"x"')):
        with pytest.raises(DigestMismatch, match="not a dataset version"):
            from_bytes(bad)
    with pytest.raises(DigestMismatch, match="not a dataset version"):
        from_bytes(data.replace(version.layers[0].digest.encode(), b"../../etc/passwd"))
    with pytest.raises(DigestMismatch, match="format 9"):
        from_bytes(data.replace(f'"format":{FORMAT}'.encode(), b'"format":9'))


def test_a_header_of_an_earlier_release_reads() -> None:
    version = Repository()
    at = version.begin(base(1))
    data = to_bytes(version.versions[at])
    assert from_bytes(data.replace(b'"locked":false,', b"")).header == HEADER
    assert b"locked" in canonical_json(HEADER)


def test_all_frames_may_go_and_come_again() -> None:
    repository = Repository()
    at = repository.begin(base(3))
    empty = repository.edit(at, None, [f"f{n:05d}" for n in range(3)])
    assert repository.stack(empty).rows().num_rows == 0
    again = repository.edit(empty, base(3))
    assert repository.versions[again].content == repository.versions[at].content


def test_edits_are_checked_before_anything_is_written() -> None:
    repository = Repository()
    at = repository.begin(base(3))
    written = repository.written
    for table, gone in ((rows(("g", "dev")), []), (None, ["g"]), (rows(("g",), weight=-1.0), [])):
        with pytest.raises(InputError):
            repository.edit(at, table, gone)
    assert repository.written == written
