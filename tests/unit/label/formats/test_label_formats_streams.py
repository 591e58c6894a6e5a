"""JSON and XML in pieces, masks, ids among millions: each against a plain reference."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycocotools import mask as peer

from ringroad.domain.errors import InvalidAnnotations
from ringroad.label import masks
from ringroad.label.formats.craft import json_stream, xml_stream
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.craft.xml_stream import elements
from ringroad.label.formats.intake.seen_ids import SeenIds
from ringroad.label.geometry import (
    corners_of,
    matrix_of,
    product,
    quaternion_of,
    reverse,
    rotated_from,
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Dribble(io.BytesIO):
    """Hands out a few bytes at a time, whatever is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size) if size and size > 0 else size)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(values, max_size=6),
    indent=st.sampled_from([None, 1]),
    ascii_=st.booleans(),
)
@example(rows=[-1.3463957733934872e16], indent=None, ascii_=False)  # cut before its exponent
@example(rows=[None, None, 0.0], indent=None, ascii_=False)  # cut before its point
def test_elements_are_those_of_the_whole_file(
    rows: list[Any], indent: int | None, ascii_: bool
) -> None:
    text = json.dumps({"a": rows, "b": 1}, indent=indent, ensure_ascii=ascii_)
    stream = JsonStream(Dribble(text.encode("utf-8", "surrogatepass")), subject="x")
    try:
        text.encode()
    except UnicodeEncodeError:
        with pytest.raises(InvalidAnnotations, match="UTF-8"):
            _all(stream)
        return
    assert _all(stream) == {"a": rows, "b": 1}


def _all(stream: JsonStream) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in stream.fields():
        found[key] = list(stream.items()) if stream.peek() == "[" else stream.value()
    stream.end()
    return found


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(values, max_size=4), cut=st.integers(1, 200))
def test_a_file_that_was_cut_is_one_error(rows: list[Any], cut: int) -> None:
    data = json.dumps({"a": rows}).encode()[:-cut]
    with pytest.raises(InvalidAnnotations, match="not JSON"):
        _all(JsonStream(io.BytesIO(data), subject="x"))


def test_one_huge_element_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "ELEMENT_LIMIT", 4 << 20)
    data = b'["' + b"a" * (16 << 20) + b'"]'
    with pytest.raises(InvalidAnnotations, match="one element has more than 4 million"):
        list(JsonStream(io.BytesIO(data), subject="x").items())


def test_depth_is_limited() -> None:
    with pytest.raises(InvalidAnnotations, match=r"nested too deeply|too early|value"):
        list(JsonStream(io.BytesIO(b"[" * 200_000 + b"]" * 200_000), subject="x").items())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type or entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type or entities"),
        (
            "<!DOCTYPE l [<!ENTITY a0 'ha'>"
            + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
            + "]><a>&a9;</a>",
            "document type or entities",
        ),
        ("<a>&b;</a>", "not well-formed"),
        ("<a><image>", "ends too early"),
        ("<a><b></a>", "not well-formed"),
        ("", "ends too early"),
        ("<a>" * 100 + "</a>" * 100, "nested more than 64"),
    ],
)
def test_xml_that_is_hostile_or_broken_is_one_error(text: str, what: str) -> None:
    with pytest.raises(InvalidAnnotations, match=what) as caught:
        list(elements(io.BytesIO(text.encode()), frozenset({"image"}), subject="cvat.xml"))
    assert caught.value.subject == "cvat.xml"
    assert caught.value.place.startswith("line 1, column")
    assert caught.value.remedy


def test_one_huge_tag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "TOKEN_LIMIT", 1 << 20)
    data = b'<a b="' + b"x" * (4 << 20)
    with pytest.raises(InvalidAnnotations, match="one tag or text has more than 1 MiB"):
        list(elements(io.BytesIO(data), frozenset({"a"}), subject="x"))


def test_an_element_of_very_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "NODE_LIMIT", 100)
    data = b"<r>" + (b"<image>" + b"<box/>" * 50 + b"</image>") * 3
    found = elements(io.BytesIO(data + b"</r>"), frozenset({"image"}), subject="x")
    assert [len(item.children) for item in found] == [50, 50, 50]
    with pytest.raises(InvalidAnnotations, match="holds more than 100 others"):
        list(elements(io.BytesIO(data + b"</r>"), frozenset({"r"}), subject="x"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_masks_are_those_of_pycocotools(data: st.DataObject) -> None:
    h, w = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    seed, share = data.draw(st.integers(0, 1 << 30)), data.draw(st.floats(0, 1))
    pixels = np.random.Generator(np.random.PCG64(seed)).random((h, w)) < share
    theirs = peer.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"].decode()
    counts = masks.counts_from(pixels)
    assert masks.text_of(counts) == theirs
    assert masks.counts_of(theirs) == counts
    assert (masks.pixels_of(counts, w, h) == pixels).all()
    box = peer.toBbox({"counts": theirs.encode(), "size": [h, w]}).tolist()
    if pixels.any():
        assert masks.bounds_of(counts, h) == tuple(map(int, box))


@pytest.mark.parametrize("text", ["\x00", "é", "P", "o" * 30])
def test_run_lengths_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="run lengths"):
        masks.counts_of(text)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(
        st.floats(0, 500), st.floats(0, 500), st.floats(1, 200), st.floats(1, 200), st.floats(-3, 3)
    )
)
def test_rotated_boxes_have_corners_and_come_back(box: tuple[float, ...]) -> None:
    assert rotated_from(corners_of(box)) == pytest.approx(list(box), abs=1e-9)
    assert rotated_from([0, 0, 10, 0, 14, 5, 0, 5]) is None


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(v * v for v in q) > 0.01))
def test_turns_come_back_and_multiply(turn: tuple[float, ...]) -> None:
    unit = (np.array(turn) / np.linalg.norm(turn)).tolist()
    again = quaternion_of(matrix_of(unit))
    assert abs(np.dot(again, unit)) == pytest.approx(1, abs=1e-9)
    other = [0.5, 0.5, -0.5, 0.5]
    assert matrix_of(product(unit, other)) == pytest.approx(
        matrix_of(unit) @ matrix_of(other), abs=1e-9
    )
    assert product(unit, reverse(unit)) == pytest.approx([1, 0, 0, 0], abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30) | st.sampled_from("abcdef"), max_size=8), max_size=20))
def test_ids_that_came_before(batches: list[list[int | str]]) -> None:
    seen, known = SeenIds(), set[int | str]()
    for batch in batches:
        expected = []
        for one in batch:
            expected.append(one in known)
            known.add(one)
        assert seen.again(batch).tolist() == expected
