"""Guidelines out of TOML and Markdown, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ringroad.domain.errors import InvalidAnnotations, InvalidConfig
from ringroad.domain.ids import FrameId
from ringroad.domain.taxonomy import Category, Taxonomy
from ringroad.label.guidelines import (
    check_marks,
    from_bytes,
    guideline_in,
    nearest,
    read_guideline,
    to_bytes,
    toml_of,
    version_of,
)
from ringroad.label.rows import Mark

URBAN = """
name = "urban"
min_side_px = 8

[[categories]]
name = "car"
shapes = ["box", "cuboid"]
attributes = { occluded = ["no", "partly"], note = [] }

[[categories]]
name = "van"
parent = "car"

[[categories]]
name = "light"
attributes = { light_state = ["red", "green"] }
"""
FRAME = FrameId("car/r/cam/000001")


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "urban.toml") -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_a_guideline_comes_back_whole(write):
    found = read_guideline(write(URBAN), text=write("Draw *tight*.", "urban.md"))
    assert found.text == "Draw *tight*."
    assert found.taxonomy.names == ("car", "van", "light")
    assert found.min_side_px == 8.0
    assert from_bytes(to_bytes(found)) == found


@pytest.mark.parametrize(
    "odd", ["", 'a "b" \\ c', "a\tb\x7f\x01", "\u00e4 \u2028 \U0001f697", "#x = [[y]]"]
)
def test_as_toml_it_reads_the_same(odd: str):
    known = guideline_in(URBAN, text="Draw *tight*.", subject="x")
    car, *others = known.taxonomy.categories
    attributes = {f"at {odd}": (odd, "no"), "note": ()}
    bent = replace(car, attributes=attributes, parent=f"p{odd}")
    parent = Category(name=f"p{odd}")
    found = replace(known, taxonomy=Taxonomy(categories=(bent, *others, parent)), min_side_px=1 / 3)
    assert guideline_in(toml_of(found), text=found.text, subject="x") == found


def test_its_version_is_the_digest_of_taxonomy_and_text(write):
    plain = read_guideline(write(URBAN))
    assert version_of(plain) == version_of(read_guideline(write(URBAN)))
    assert version_of(plain) != version_of(read_guideline(write(URBAN), text=write("x", "x.md")))
    assert version_of(plain) != version_of(read_guideline(write(URBAN.replace("van", "bus"))))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not TOML"),
        ('name = "x"', "categories"),
        ('name = "x"\ncategories = []', "has categories"),
        (URBAN.replace("parent", "parents"), "unknown key 'parents'"),
        (URBAN.replace('parent = "car"', 'parent = "bus"'), "'bus' of 'van' is no category"),
        (URBAN.replace('"box", "cuboid"', '"blob"'), "shapes are some of"),
        (URBAN.replace('["no", "partly"]', '"no"'), "lists of texts"),
        (URBAN.replace('name = "van"', 'name = "car"'), "each once"),
    ],
)
def test_a_broken_guideline_is_one_clear_error(write, text: str, message: str):
    with pytest.raises(InvalidConfig, match=message):
        read_guideline(write(text))


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(InvalidConfig, match="No such file"):
        read_guideline(tmp_path / "none.toml")


def mark(**values) -> Mark:
    return Mark(**{"category": "car", "x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0} | values)


def test_what_it_knows_passes(write):
    guideline = read_guideline(write(URBAN))
    check_marks(
        guideline,
        FRAME,
        [
            mark(attributes={"occluded": "no", "note": "any text", "outside": "after"}),
            mark(category="light", light_state="red"),
            mark(light_state="amber"),
        ],
    )


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        ({"category": "Car"}, "do you mean car"),
        ({"category": "vann"}, "do you mean van"),
        ({"category": "elephant"}, "known: car, van, light"),
        ({"category": "van", "shape": "cuboid"}, "known: box"),
        ({"attributes": {"occlude": "no"}}, "do you mean occluded"),
        ({"attributes": {"occluded": "no!"}}, "do you mean no"),
        ({"attributes": {"outside": "before"}}, "after"),
        ({"category": "light", "light_state": "gren"}, "do you mean green"),
    ],
)
def test_what_it_does_not_know_is_refused_with_the_nearest_name(write, values: dict, remedy: str):
    with pytest.raises(InvalidAnnotations, match=remedy) as refused:
        check_marks(read_guideline(write(URBAN)), FRAME, [mark(), mark(**values, id="b")])
    assert refused.value.place == "annotation 1, id b"


def test_nearest():
    assert nearest("pedestrain", ["car", "pedestrian"]) == "pedestrian"
    assert nearest("zebra", ["car"]) == ""
