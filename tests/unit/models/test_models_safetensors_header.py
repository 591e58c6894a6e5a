"""The header of a safetensors file: what is refused, and by which words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from ringroad.domain.errors import InputError
from ringroad.models.safetensors_header import MAX_HEADER_BYTES, check_header

ROWS = {
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "U8", "shape": [4], "data_offsets": [24, 28]},
}


def written(header: object, *, data: bytes = bytes(28), size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + data


def changed(name: str, **fields: Any) -> dict[str, Any]:
    return ROWS | {name: ROWS[name] | fields}


def test_a_sound_file_is_told_in_plain_values() -> None:
    told = check_header(written(ROWS | {"__metadata__": {"by": "us"}}))
    assert told == {
        "tensors": [
            {"name": "a", "dtype": "F32", "shape": [2, 3], "bytes": 24},
            {"name": "b", "dtype": "U8", "shape": [4], "bytes": 4},
        ],
        "parameters": 10,
        "metadata": {"by": "us"},
    }
    assert json.loads(json.dumps(told)) == told


def test_what_the_library_writes_is_accepted() -> None:
    arrays = {"x": np.ones((3, 5), np.float16), "none": np.zeros((0, 4)), "one": np.array(7)}
    told = check_header(save(arrays, metadata={"k": "v"}))
    assert {row["name"]: tuple(row["shape"]) for row in told["tensors"]} == {
        name: array.shape for name, array in arrays.items()
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ends before its header"),
        (b"\x02\0\0\0\0\0\0", "ends before its header"),
        (written(ROWS, size=2**60), "claims 1152921504606846976 bytes"),
        (written(ROWS, size=2**64 - 1), "claims 18446744073709551615 bytes"),
        (written(ROWS)[:40], "claims"),
        (written(ROWS)[:-1], "lies at 24 to 28 of 27"),
        (written(ROWS, data=bytes(29)), "1 bytes at its end belong to no tensor"),
        (written(b'{"a": '), "no JSON"),
        (written(b"\xff\xfe{}"), "no JSON"),
        (written(b"[" * 100_000), "no JSON"),
        (written(b'{"a": 1, "a": 2}'), "twice"),
        (written([]), "no JSON object"),
        (written({"a": 3}), "not described by"),
        (written(changed("a", more=1)), "not described by"),
        (written({"a": {"dtype": "F32", "shape": [2, 3]}}), "not described by"),
        (written(ROWS | {"__metadata__": {"a": 1}}), "not a map from text to text"),
        (written(ROWS | {"__metadata__": None}), "not a map from text to text"),
        (written(changed("a", dtype="PICKLE")), "of type 'PICKLE'"),
        (written(changed("a", dtype=["F32"])), "of type"),
        (written(changed("a", shape=[2, -3])), "no shape"),
        (written(changed("a", shape=[2, 3.0])), "no shape"),
        (written(changed("a", shape=[True, 6])), "no shape"),
        (written(changed("a", shape=[2**62, 2**62])), "needs"),
        (written(changed("a", shape=[2, 4])), "needs 32 bytes and has 24"),
        (written(changed("b", data_offsets=[24])), "no two offsets"),
        (written(changed("b", data_offsets=[28, 24])), "lies at 28 to 24"),
        (written(changed("b", data_offsets=[24, 2**60])), "of 28 bytes"),
        (written(changed("b", data_offsets=[20, 24])), "lies over the one before it"),
        (written(changed("a", shape=[2], data_offsets=[0, 8])), "gap before it"),
    ],
)
def test_each_rule_has_its_words(data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        check_header(data)
    assert raised.value.remedy


def test_a_header_larger_than_allowed_is_not_parsed() -> None:
    with pytest.raises(InputError, match="are allowed"):
        check_header(written(b"{" + b" " * MAX_HEADER_BYTES + b"}", data=b""))


@pytest.fixture(scope="module")
def saved() -> bytes:
    return save({"a": np.ones((2, 3), np.float32), "b": np.arange(4, dtype=np.uint8)})


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_flip_passes_here_that_the_library_refuses(saved: bytes, data: st.DataObject) -> None:
    end = 8 + int.from_bytes(saved[:8], "little")
    flips = data.draw(st.dictionaries(st.integers(0, end - 1), st.integers(1, 255), min_size=1))
    bad = bytearray(saved)
    for place, by in flips.items():
        bad[place] ^= by
    try:
        told = check_header(bytes(bad))
    except InputError:
        return
    names = [row["name"] for row in told["tensors"]]
    assert sorted(load(bytes(bad))) == sorted(names)
