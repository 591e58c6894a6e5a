from __future__ import annotations

import json
import pickle
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.backends import sandbox_spawn, sandbox_wire
from ringroad.backends.sandbox_spawn import Limits
from ringroad.backends.sandbox_wire import BadReply, decode, encode

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["|u1", "<f4", "Box", "O"]),
    lambda inner: (
        st.lists(
            st.sampled_from(["list", "tuple", "dict", "path", "bytes", "array", "table", "noun"])
            | inner,
            max_size=4,
        )
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=12,
)


def through(value: object) -> object:
    head, buffers = encode(value)
    return decode(head, buffers)


@given(PLAIN)
def test_plain_values_come_through(value: object) -> None:
    assert through(value) == value


@given(JSON, st.lists(st.binary(max_size=16), max_size=2))
def test_whatever_comes_is_a_value_or_a_bad_reply(said: object, buffers: list[bytes]) -> None:
    try:
        decode(json.dumps(said).encode(), [memoryview(buffer) for buffer in buffers])
    except BadReply:
        return


@pytest.mark.parametrize(
    ("head", "buffer"),
    [
        (b'["array","|O",[1],0]', b"12345678"),
        (b'["array","|u1",[9],0]', b"12345678"),
        (b'["array","|u1",[-1],0]', b"12345678"),
        (b'["array","|u1",[8],1]', b"12345678"),
        (b'["bytes",-1]', b""),
        (b'["noun","Popen",["args","ls"]]', b""),
        (b'["noun","Box",["x",1],["y",2],["w",3],["h","4"]]', b""),
        (b'["noun","Box",["x",1]]', b""),
        (b'["table",0]', b"not arrow"),
        (b'["shell","ls"]', b""),
        (b"[[]]", b""),
        (b'{"a":1}', b""),
        (b"[" * 100_000, b""),
        (b"\xff", b""),
        (pickle.dumps(print), b""),
    ],
)
def test_a_hostile_reply_is_bad(head: bytes, buffer: bytes) -> None:
    with pytest.raises(BadReply):
        decode(head, [memoryview(buffer)])


def test_a_table_with_broken_offsets_is_bad() -> None:
    table = pa.table({"text": ["abc", "defg", "h"]})
    head, (buffer,) = encode(table)
    broken = bytes(buffer).replace(struct.pack("<3i", 0, 3, 7), struct.pack("<3i", 0, 900, 7))
    assert broken != bytes(buffer)
    with pytest.raises(BadReply):
        decode(head, [memoryview(broken)])


def test_arrays_are_not_copied() -> None:
    array = np.arange(1000, dtype=np.int32)
    head, (buffer,) = encode(array)
    assert np.shares_memory(np.frombuffer(buffer, np.int32), array)
    assert np.shares_memory(decode(head, [buffer]), array)


@pytest.mark.parametrize(
    "reply",
    [
        struct.pack("<QQ", 1 << 60, 0),
        struct.pack("<QQ", 2, 1 << 60),
        struct.pack("<QQ", 2, 1) + struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<QQ", 2, 0) + b"{}",
    ],
)
def test_a_worker_cannot_claim_more_than_its_memory(reply: bytes) -> None:
    worker = sandbox_spawn._Worker(Limits(memory_bytes=1 << 30, timeout_s=9, cpu_s=None))
    near, far = sandbox_spawn.socket.socketpair()
    with worker.line, far:
        worker.line = near
        far.sendall(reply)
        with near, pytest.raises(BadReply):
            worker.ask(b"", sandbox_spawn.time.monotonic() + 5)
    worker.kill()


def test_dtypes_hold_no_pointers() -> None:
    assert not any(np.dtype(name).hasobject for name in sandbox_wire.DTYPES)
