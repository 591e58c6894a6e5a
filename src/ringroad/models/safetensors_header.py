"""The header of a safetensors file, checked by hand before any library looks at the file.

The layout is 8 bytes with the header's length (little-endian), the header as JSON, and the bytes
of the tensors one after the other. Reads no tensor and makes no network: that is checkpoint.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ringroad.domain.errors import InputError

LENGTH_BYTES = 8
MAX_HEADER_BYTES = 16 << 20
"""A header of our networks has some 10 kB; other libraries refuse above 100 MB."""
METADATA = "__metadata__"
ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
REMEDY = "give the whole .safetensors file, as it was saved"


def check_header(data: bytes) -> dict[str, Any]:
    """Check that header and bytes fit each other, and tell in plain values what they hold.

    The tensors must fill the file behind the header: none beyond its end, none over another, no
    gap between them. All numbers are compared as whole numbers, so that none overflows.

    Returns:
        `tensors`: rows of name, dtype, shape and bytes, in order of their place; `parameters`:
        how many numbers that is; `metadata`: text by text.

    Raises:
        InputError: the file breaks a rule of the format; says which, and at which tensor.
    """
    header, held = _header(data)
    metadata = header.pop(METADATA, {})
    if not _is_text_map(metadata):
        raise _refused(f"{METADATA} is not a map from text to text")
    spans = sorted((_span(name, row, held), name) for name, row in header.items())
    end = 0
    for (start, stop), name in spans:
        if start != end:
            what = "lies over the one before it" if start < end else "leaves a gap before it"
            raise _refused(f"tensor {name!r} {what}")
        end = stop
    if end != held:
        raise _refused(f"{held - end} bytes at its end belong to no tensor")
    tensors = [
        {"name": name, "dtype": header[name]["dtype"], "shape": header[name]["shape"],
         "bytes": stop - start}
        for (start, stop), name in spans
    ]  # fmt: skip
    parameters = sum(math.prod(row["shape"]) for row in tensors)
    return {"tensors": tensors, "parameters": parameters, "metadata": metadata}


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header's object, and how many bytes the file has behind it."""
    room = len(data) - LENGTH_BYTES
    if room < 2:  # the shortest header is `{}`
        raise _refused("it ends before its header")
    size = int.from_bytes(data[:LENGTH_BYTES], "little")
    if size > min(room, MAX_HEADER_BYTES):
        raise _refused(
            f"its header claims {size} bytes; {room} follow, and {MAX_HEADER_BYTES} are allowed"
        )
    try:
        header = json.loads(
            data[LENGTH_BYTES : LENGTH_BYTES + size].decode(), object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise _refused(f"its header is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise _refused("its header is no JSON object")
    return header, room - size


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without repeated keys: readers would differ on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _span(name: str, row: object, held: int) -> tuple[int, int]:
    """Where a tensor begins and ends behind the header."""
    if not isinstance(row, Mapping) or set(row) != {"dtype", "shape", "data_offsets"}:
        raise _refused(f"tensor {name!r} is not described by dtype, shape and data_offsets")
    dtype, shape, offsets = row["dtype"], row["shape"], row["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise _refused(f"tensor {name!r} is of type {dtype!r}; known: {', '.join(ITEM_BYTES)}")
    if not _are_sizes(shape):
        raise _refused(f"tensor {name!r} has no shape of whole numbers")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise _refused(f"tensor {name!r} has no two offsets")
    start, stop = offsets
    if not start <= stop <= held:
        raise _refused(f"tensor {name!r} lies at {start} to {stop} of {held} bytes")
    needed = math.prod(shape) * ITEM_BYTES[dtype]
    if needed != stop - start:
        raise _refused(f"tensor {name!r} needs {needed} bytes and has {stop - start}")
    return start, stop


def _are_sizes(values: object) -> bool:
    return isinstance(values, list) and all(type(size) is int and size >= 0 for size in values)


def _is_text_map(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(text, str) for text in values.values())


def _refused(what: str) -> InputError:
    return InputError(f"not a sound safetensors file: {what}", remedy=REMEDY)
