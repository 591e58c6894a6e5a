from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.wire.cdr import Cursor

TEXT = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=9)
MESSAGE = st.tuples(
    st.integers(0, 2**31 - 1),
    st.integers(0, 999_999_999),
    TEXT,
    st.integers(0, 255),
    st.floats(allow_nan=False),
    TEXT,
    st.integers(0, 65_535),
    st.binary(max_size=20),
)


def pack(message: tuple[object, ...], order: str) -> bytes:
    """A header, u1, f8, string, u2 and uint8[], aligned as the standard says."""
    seconds, nanoseconds, frame, small, double, text, short, data = message
    body = b""

    def put(form: str, *values: object) -> None:
        nonlocal body
        body += b"\0" * (-len(body) % struct.calcsize(form[-1])) + struct.pack(
            order + form, *values
        )

    put("i", seconds)
    put("I", nanoseconds)
    for kind, value in (("s", frame), ("B", small), ("d", double), ("s", text)):
        if kind == "s":
            put("I", len(value) + 1)
            body += value.encode() + b"\0"
        else:
            put(kind, value)
    put("H", short)
    put("I", len(data))
    body += data
    return (b"\0\1" if order == "<" else b"\0\0") + b"\0\0" + body


def cursor(messages: list[bytes], gap: int = 3) -> Cursor:
    parts, starts, at = [], [], 0
    for message in messages:
        parts.append(b"\xaa" * gap + message)
        starts.append(at + gap)
        at += len(parts[-1])
    buffer = np.frombuffer(b"".join(parts) + b"\xaa", np.uint8)
    begins = np.array(starts, np.int64)
    return Cursor(buffer, begins, begins + [len(message) for message in messages])


@given(messages=st.lists(MESSAGE, min_size=1, max_size=6), order=st.sampled_from("<>"))
def test_all_messages_are_read_together_field_by_field(messages, order):
    packed = [pack(message, order) for message in messages]
    at = cursor(packed)
    stamps = at.stamps()
    small = at.numbers("u1")[:, 0]
    double = at.numbers("f8")[:, 0]
    at.skip_text()
    at.skip("u2")
    begins, lengths = at.sequence()
    for number, message in enumerate(messages):
        assert stamps[number] == message[0] * 10**9 + message[1]
        assert small[number] == message[3]
        assert double[number] == message[4]
        begin = begins[number]
        assert bytes(at.buffer[begin : begin + lengths[number]]) == message[7]


def step_over(at: Cursor) -> None:
    at.stamps()
    at.skip("u1")
    at.skip("f8")
    at.skip_text()
    at.skip("u2")
    at.sequence()


@given(message=MESSAGE, cut=st.integers(1, 30))
def test_a_message_cut_short_is_refused(message, cut):
    packed = pack(message, "<")
    at = cursor([packed, packed[: max(4, len(packed) - cut)]])
    with pytest.raises(UnreadableSource, match="shorter than its type"):
        step_over(at)


def test_another_encoding_is_refused():
    with pytest.raises(UnreadableSource, match="not plain CDR"):
        cursor([b"\0\3\0\0" + bytes(8)])
