from __future__ import annotations

import contextlib
import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.tables.npy import read_npy


def saved(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return file.getvalue()


def with_header(text: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


@pytest.mark.parametrize("version", [None, (2, 0)])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array([b"\x08\x00\x01", b"", b"12345678"], "S8"),
        np.zeros((0, 4), np.float32),
        np.array(3.5),
    ],
)
def test_arrays_come_back(array, version):
    found = read_npy(saved(array, version))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (SHAPE), }"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved(np.array([{}, None])), "header of no plain array"),
        (saved(np.zeros(2, [("a", "f8")])), "header of no plain array"),
        (saved(np.arange(6.0))[:-1], "are not its 47 bytes"),
        (saved(np.arange(6.0)) + b"x", "are not its 49 bytes"),
        (b"no array", "no array file"),
        (b"", "no array file"),
        (with_header(HEADER.replace("SHAPE", "1000000000000,")), "are not its 0 bytes"),
        (with_header(HEADER.replace("SHAPE", "1 2")), "is no array"),
        (with_header(HEADER.replace("SHAPE", "1" * 3000)), "header of no plain array"),
        (with_header(HEADER.replace("SHAPE", "-1, -2"), bytes(16)), "header of no plain array"),
        (with_header("(" * 5000), "header of no plain array"),
        (with_header(HEADER.replace("SHAPE", "2,").replace("<f8", "<f3"), bytes(6)), "no array"),
    ],
)
def test_what_is_no_plain_array_is_refused(data, said):
    with pytest.raises(UnreadableSource, match=said):
        read_npy(data)


def test_arrays_of_python_2_are_read():
    data = with_header(HEADER.replace("SHAPE", "2L, 1L"), np.arange(2.0).tobytes())
    np.testing.assert_array_equal(read_npy(data), [[0.0], [1.0]])


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_is_an_array_or_one_error(place, value):
    data = bytearray(saved(np.arange(8.0)))
    data[place % len(data)] = value
    with contextlib.suppress(UnreadableSource):
        read_npy(bytes(data))
