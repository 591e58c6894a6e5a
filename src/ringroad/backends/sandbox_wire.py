"""Values to bytes and back without executing anything: what a sandboxed worker may answer.

The reader trusts nothing. A reply is a JSON head, in which containers are lists that begin with
a tag, and raw buffers that the head counts; only the types named here can come out of it.
Arguments go the other way, from the trusted side, and need none of this.

    None, bool, int, float, str       as JSON
    ["list" | "tuple", value ...]
    ["dict", [key, value] ...]
    ["path", text]
    ["bytes", buffer]
    ["array", dtype, shape, buffer]    and "scalar" for a numpy scalar
    ["table", buffer]                  Arrow stream, validated in full
    ["noun", class, [field, value] ...]
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import Annotation, Box
from ringroad.domain.calibration import Calibration
from ringroad.domain.recording import Channel, Location, Recording, Refusal
from ringroad.protocols.predictor import Detections
from ringroad.protocols.reader import Reading

NOUNS: dict[str, Any] = {
    noun.__name__: noun
    for noun in (
        Annotation,
        Box,
        Calibration,
        Channel,
        Detections,
        Location,
        Reading,
        Recording,
        Refusal,
    )
}
"""Frozen dataclasses that may come out of a worker."""

PLAIN: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "tuple": tuple,
    "Digest": str,
    "VehicleId": str,
    "RecordingId": str,
    "FrameId": str,
    "Box": Box,
    "np.ndarray": np.ndarray,
    "pa.Table": pa.Table,
    "pa.Table | None": (pa.Table, type(None)),
}
"""Declared type of a noun's field -> what it must be, so that no noun comes out misshapen."""

DTYPES = frozenset(
    np.dtype(kind).str
    for kind in "? b B h H i I l L q Q e f d F D".split()  # noqa: SIM905 (reads as what it is)
)
"""Numbers only: an object array would be pointers."""

Buffers = Sequence[memoryview]


class Unsayable(TypeError):
    """A function's result holds something that this format cannot carry."""


class BadReply(ValueError):
    """A worker's reply is not in this format: it broke or was taken over."""


def encode(value: Any) -> tuple[bytes, list[memoryview]]:
    """Head and buffers of a value; arrays that lie contiguous are not copied.

    Raises:
        Unsayable: something in it has no place in this format.
    """
    buffers: list[memoryview] = []
    head = json.dumps(_say(value, buffers), separators=(",", ":"))
    return head.encode(), buffers


def decode(head: bytes, buffers: Buffers) -> Any:
    """The value again; arrays and tables lie in the buffers handed in.

    Raises:
        BadReply: head or buffers break the format in any way.
    """
    try:
        return _hear(json.loads(head), buffers)
    except BadReply:
        raise
    except (ValueError, TypeError, LookupError, RecursionError, pa.ArrowException) as error:
        raise BadReply(f"{type(error).__name__}: {str(error)[:200]}") from error


def _say(value: Any, buffers: list[memoryview]) -> Any:
    if value is None or type(value) in {bool, int, float, str}:
        return value
    for kind, say in _SAYERS:
        if isinstance(value, kind):
            return say(value, buffers)
    noun = type(value).__name__
    if NOUNS.get(noun) is type(value):
        names = [field.name for field in fields(NOUNS[noun])]
        return ["noun", noun, *([name, _say(getattr(value, name), buffers)] for name in names)]
    raise Unsayable(f"{type(value).__module__}.{type(value).__qualname__} cannot leave a sandbox")


def _add(view: memoryview, buffers: list[memoryview]) -> int:
    buffers.append(view)
    return len(buffers) - 1


def _say_sequence(value: list[Any] | tuple[Any, ...], buffers: list[memoryview]) -> list[Any]:
    tag = "list" if isinstance(value, list) else "tuple"
    return [tag, *(_say(part, buffers) for part in value)]


def _say_dict(value: dict[Any, Any], buffers: list[memoryview]) -> list[Any]:
    return ["dict", *([_say(key, buffers), _say(part, buffers)] for key, part in value.items())]


def _say_bytes(value: bytes | bytearray | memoryview, buffers: list[memoryview]) -> list[Any]:
    return ["bytes", _add(memoryview(value).cast("B"), buffers)]


def _say_array(value: np.ndarray | np.generic, buffers: list[memoryview]) -> list[Any]:
    tag = "array" if isinstance(value, np.ndarray) else "scalar"
    array = np.ascontiguousarray(value)
    if array.dtype.str not in DTYPES:
        raise Unsayable(f"an array of {array.dtype} cannot leave a sandbox, only numbers can")
    flat = array.reshape(-1).view(np.uint8)
    return [tag, array.dtype.str, list(np.shape(value)), _add(flat.data, buffers)]


def _say_table(value: pa.Table, buffers: list[memoryview]) -> list[Any]:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, value.schema) as writer:
        writer.write_table(value)
    return ["table", _add(memoryview(sink.getvalue()), buffers)]


_SAYERS: tuple[tuple[Any, Callable[[Any, list[memoryview]], Any]], ...] = (
    ((list, tuple), _say_sequence),
    (dict, _say_dict),
    ((bytes, bytearray, memoryview), _say_bytes),
    ((np.ndarray, np.generic), _say_array),
    (pa.Table, _say_table),
    (Path, lambda value, _: ["path", str(value)]),
    (str, lambda value, _: str(value)),  # StrEnum
)


def _hear(said: Any, buffers: Buffers) -> Any:
    if not isinstance(said, list):
        if isinstance(said, dict):
            raise BadReply("an untagged object")
        return said
    tag, *rest = said
    if tag in {"list", "tuple"}:
        heard = [_hear(part, buffers) for part in rest]
        return heard if tag == "list" else tuple(heard)
    return _HEARERS[tag](rest, buffers)


def _buffer(index: Any, buffers: Buffers) -> memoryview:
    if type(index) is not int or not 0 <= index < len(buffers):
        raise BadReply(f"no buffer {index!r}")
    return buffers[index]


def _hear_dict(rest: list[Any], buffers: Buffers) -> dict[Any, Any]:
    return {_hear(key, buffers): _hear(part, buffers) for key, part in rest}


def _hear_bytes(rest: list[Any], buffers: Buffers) -> bytes:
    (index,) = rest
    return bytes(_buffer(index, buffers))


def _hear_array(rest: list[Any], buffers: Buffers) -> np.ndarray:
    dtype, shape, index = rest
    if dtype not in DTYPES or any(type(side) is not int or side < 0 for side in shape):
        raise BadReply(f"no array of {dtype!r} {shape!r}")
    data = _buffer(index, buffers)
    if math.prod(shape) * np.dtype(dtype).itemsize != data.nbytes:
        raise BadReply(f"{data.nbytes} bytes are no array of {dtype} {shape}")
    return np.frombuffer(data, dtype=dtype).reshape(shape)


def _hear_scalar(rest: list[Any], buffers: Buffers) -> Any:
    return _hear_array(rest, buffers)[()]


def _hear_table(rest: list[Any], buffers: Buffers) -> pa.Table:
    (index,) = rest
    with pa.ipc.open_stream(pa.py_buffer(_buffer(index, buffers))) as reader:
        table = reader.read_all()
    table.validate(full=True)
    return table


def _hear_noun(rest: list[Any], buffers: Buffers) -> Any:
    name, *named = rest
    values = {field: _hear(part, buffers) for field, part in named}
    for field in fields(NOUNS[name]):
        kind = PLAIN.get(str(field.type).partition("[")[0], object)
        if field.name in values and not isinstance(values[field.name], kind):
            raise BadReply(f"{name}.{field.name} is no {field.type}")
    return NOUNS[name](**values)


def _hear_path(rest: list[Any], _: Buffers) -> Path:
    (text,) = rest
    return Path(text)


_HEARERS: dict[str, Callable[[list[Any], Buffers], Any]] = {
    "dict": _hear_dict,
    "path": _hear_path,
    "bytes": _hear_bytes,
    "array": _hear_array,
    "scalar": _hear_scalar,
    "table": _hear_table,
    "noun": _hear_noun,
}
