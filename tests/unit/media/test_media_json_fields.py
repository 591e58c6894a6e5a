"""Messages in JSON: whatever they hold, they are read or refused."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.base64_text import bytes_of, from_base64
from ringroad.media.message import Batch, Bulk, Lane, Lenses, Transforms
from ringroad.media.messages.foxglove import PAYLOADS, READERS, TRANSFORMS, foxglove_type
from ringroad.media.messages.json_fields import base64_header, json_fields

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import read_or_refused

KINDS = [*PAYLOADS, *READERS, *TRANSFORMS, "foxglove.CameraCalibration"]
NAMES = st.sampled_from(
    ["timestamp", "data", "fields", "frame_id", "latitude", "pose", "D", "K", "transforms",
     "translation", "x", "sec", "nsec", "point_stride", "width", "encoding", "rotation"]
)  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def batch(*messages: bytes) -> Batch:
    data = b"".join(messages)
    ends = np.cumsum([len(message) for message in messages])
    starts = ends - [len(message) for message in messages]
    return Batch(buffer=np.frombuffer(data, np.uint8), starts=starts, ends=ends)


@given(st.sampled_from(KINDS), ANY)
def test_any_json_is_read_or_refused(kind: str, value: object) -> None:
    found = foxglove_type(kind, json_fields, header=base64_header)
    data = batch(json.dumps(value).encode(), json.dumps({"frame_id": "it"}).encode())
    with read_or_refused():
        if isinstance(found, Bulk):
            found.find(data)
        elif isinstance(found, Lane):
            found.read(data, "/it")
        else:
            assert isinstance(found, Lenses | Transforms)
            found.read(data)


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"{}x", b"1" * 10_000])
def test_what_is_no_json_is_refused(bad: bytes) -> None:
    with pytest.raises(UnreadableSource, match="no JSON"):
        json_fields(batch(bad))


def test_numbers_that_are_none_are_not_made_up() -> None:
    values = [1, 2.5, True, "3", None, [4], {}, 10**400]
    found = json_fields(batch(*(json.dumps({"x": value}).encode() for value in values)))
    numbers = found.numbers("x")
    assert numbers[:3].tolist() == [1.0, 2.5, 1.0]
    assert np.isnan(numbers[3:]).all()


@pytest.mark.parametrize(
    "told",
    [None, 5, {"sec": "1"}, {"sec": 1.5}, {"sec": -1}, {"sec": 10**30}, {"sec": 1, "nsec": 10**9}],
)
def test_a_time_that_is_none_is_nought(told: object) -> None:
    fields = json_fields(batch(json.dumps({"timestamp": told}).encode()))
    assert fields.stamps("timestamp").tolist() == [0]


def test_times_keep_their_nanoseconds() -> None:
    said = {"timestamp": {"sec": 1_790_000_000, "nsec": 123_456_789}}
    fields = json_fields(batch(json.dumps(said).encode()))
    assert fields.stamps("timestamp").tolist() == [1_790_000_000_123_456_789]


@given(st.binary(max_size=50))
def test_bytes_are_found_where_they_lie(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    message = json.dumps({"format": "x", "data": text}).encode()
    lies = batch(b'{"data": 7}', message)
    found = json_fields(lies).octets("data")
    begin, length = int(found.begins[1]), int(found.lengths[1])
    there = lies.buffer[begin : begin + length].tobytes()
    assert from_base64(there) == data
    assert bytes_of(there) == found.sizes[1] == len(data)
    assert found.lengths[0] == 0


@pytest.mark.parametrize("bad", [b"a", b"ab=c", b"a b=", "ä".encode(), b"abc"])
def test_what_is_no_base64_is_refused(bad: bytes) -> None:
    with pytest.raises(UnreadableSource, match="no base64"):
        from_base64(bad)
    assert base64_header(memoryview(bad)) == ("", (0, 0))
