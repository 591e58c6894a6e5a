"""Protobuf messages and their schemas, made by Google's own library."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st
from mcap_protobuf.schema import build_file_descriptor_set

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import Batch, Bulk, Lane, Lenses, Transforms
from ringroad.media.messages.foxglove import foxglove_type
from ringroad.media.messages.protobuf_fields import ProtobufFields
from ringroad.media.wire.protobuf import MOST_FIELDS, fields_of, walk
from ringroad.media.wire.protobuf_schema import MOST_SCHEMA_BYTES, parse_schema

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from foxglove import SCHEMAS, classes, fill
from messages import read_or_refused

CLASSES = classes()
SCHEMA_BYTES = build_file_descriptor_set(CLASSES["PointCloud"]).SerializeToString()
SCHEMA = parse_schema(SCHEMA_BYTES)
TIME_NS = st.integers(0, 4 * 10**18)
FINITE = st.floats(allow_nan=False)
FIX = st.fixed_dictionaries(
    {}, optional={
        "timestamp": TIME_NS, "frame_id": st.text(max_size=40), "latitude": FINITE,
        "longitude": FINITE, "altitude": FINITE,
        "position_covariance": st.lists(FINITE, max_size=9),
        "position_covariance_type": st.integers(-(2**31), 2**31 - 1),
    },
)  # fmt: skip


def batch(messages: list[bytes], gap: int = 3) -> Batch:
    parts, starts, at = [], [], 0
    for message in messages:
        parts.append(b"\xff" * gap + message)
        starts.append(at + gap)
        at += len(parts[-1])
    begins = np.array(starts, np.int64)
    ends = begins + np.array([len(message) for message in messages], np.int64)
    return Batch(
        buffer=np.frombuffer(b"".join(parts) + b"\xff", np.uint8), starts=begins, ends=ends
    )


@given(st.lists(FIX, min_size=1, max_size=6))
def test_fields_are_those_that_google_wrote(said: list[dict[str, object]]) -> None:
    made = []
    for values in said:
        message = CLASSES["LocationFix"]()
        fill(message, values)
        made.append(message)
    packed = [message.SerializeToString() for message in made]
    fields = ProtobufFields(batch(packed), SCHEMA_OF["LocationFix"], "foxglove.LocationFix")
    assert fields.count == len(said)
    for name in ("latitude", "longitude", "altitude", "position_covariance_type"):
        assert fields.numbers(name).tolist() == [getattr(message, name) for message in made]
    assert fields.texts("frame_id") == [message.frame_id for message in made]
    assert fields.first("frame_id") == made[0].frame_id
    assert fields.stamps("timestamp").tolist() == [m.timestamp.ToNanoseconds() for m in made]
    listed = [tuple(message.position_covariance) for message in made]
    assert fields.vectors("position_covariance", 9) == listed


SCHEMA_OF = {
    name: parse_schema(build_file_descriptor_set(made).SerializeToString())
    for name, made in CLASSES.items()
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_are_read_field_by_field(name: str) -> None:
    schema = SCHEMA_OF[name]
    told = CLASSES[name].DESCRIPTOR
    found = schema[f"foxglove.{name}"]
    assert {field: (one.number, one.type) for field, one in found.items()} == {
        field.name: (field.number, field.type) for field in told.fields
    }
    for field in told.fields:
        inside = field.message_type.full_name if field.message_type else ""
        assert found[field.name].message == inside
        assert not inside or inside in schema


def test_messages_inside_of_messages_have_full_names() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="a.proto", package="p.q")
    outer = file.message_type.add(name="Outer")
    inner = outer.nested_type.add(name="Inner")
    inner.nested_type.add(name="Inmost").field.add(name="x", number=7, type=1, label=1)
    bare = descriptor_pb2.FileDescriptorProto(name="b.proto")
    bare.message_type.add(name="Bare")
    both = descriptor_pb2.FileDescriptorSet(file=[file, bare])
    found = parse_schema(both.SerializeToString())
    assert {*found} == {"p.q.Outer", "p.q.Outer.Inner", "p.q.Outer.Inner.Inmost", "Bare"}
    assert found["p.q.Outer.Inner.Inmost"]["x"].number == 7


def read_as(kind: str, messages: list[bytes]) -> object:
    """All that ingest does with the messages of a batch."""
    found = foxglove_type(
        kind, lambda some: ProtobufFields(some, SCHEMA_OF[kind.removeprefix("foxglove.")], kind)
    )
    if isinstance(found, Bulk):
        return found.find(batch(messages))
    if isinstance(found, Lane):
        return found.read(batch(messages), "/it")
    assert isinstance(found, Lenses | Transforms)
    return found.read(batch(messages))


KINDS = sorted({f"foxglove.{name}" for name in SCHEMAS} - {
    f"foxglove.{name}"
    for name in ("Vector3", "Quaternion", "Pose", "PackedElementField", "SceneUpdate")
})  # fmt: skip


@given(st.sampled_from(KINDS), st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_rubbish_is_read_or_refused(kind: str, messages: list[bytes]) -> None:
    with read_or_refused():
        read_as(kind, messages)


@given(
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    st.floats(0, 1),
)
def test_damaged_messages_are_read_or_refused(edits: list[tuple[float, int]], cut: float) -> None:
    message = CLASSES["PointCloud"]()
    fields = [{"name": axis, "offset": 4 * at, "type": 7} for at, axis in enumerate("xyz")]
    pose = {"position": {"x": 1.0}, "orientation": {"w": 1.0}}
    fill(message, {"frame_id": "it", "point_stride": 12, "fields": fields, "pose": pose})
    message.data = bytes(24)
    data = bytearray(message.SerializeToString())
    for share, value in edits:
        data[int(share * len(data))] = value
    with read_or_refused():
        read_as("foxglove.PointCloud", [bytes(data[: max(1, int(cut * len(data)))])])


@given(st.binary(max_size=80))
def test_a_schema_of_rubbish_is_read_or_refused(data: bytes) -> None:
    with read_or_refused():
        parse_schema(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x08", "cut short"),
        (b"\x08\x80", "cut short"),
        (b"\x08" + b"\x80" * 10 + b"\1", "longer than it may be"),
        (b"\x0a\x05abc", "longer than its message"),
        (b"\x0a" + b"\xff" * 9 + b"\1", "longer than its message"),
        (b"\x09abc", "cut short"),
        (b"\x0dabc", "cut short"),
        (b"\x0b", "wire type 3"),
        (b"\x0f", "wire type 7"),
    ],
)
def test_what_is_no_protobuf_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableSource, match=why):
        walk(batch([data]), {1})
    with pytest.raises(UnreadableSource):
        list(fields_of(data))


def test_bombs_are_refused_at_once() -> None:
    begin = time.perf_counter()
    with pytest.raises(UnreadableSource, match="more than"):
        walk(batch([b"\x08\x00" * (MOST_FIELDS + 1)]), {1})
    with pytest.raises(UnreadableSource, match="a schema of"):
        parse_schema(bytes(MOST_SCHEMA_BYTES + 1))
    nested = b""
    for _ in range(1000):
        nested = b"\x1a" + varint(len(nested)) + nested
    file = b"\x22" + varint(len(nested)) + nested
    assert len(parse_schema(b"\x0a" + varint(len(file)) + file)) < 20
    assert time.perf_counter() - begin < 1.5


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def test_the_last_of_several_values_counts() -> None:
    """As the standard says: of a field that stands twice, the last value stays."""
    one, two = (CLASSES["LocationFix"](altitude=value, frame_id=str(value)) for value in (1.5, 2.5))
    data = one.SerializeToString() + two.SerializeToString()
    fields = ProtobufFields(batch([data, b""]), SCHEMA_OF["LocationFix"], "foxglove.LocationFix")
    assert fields.numbers("altitude").tolist() == [2.5, 0.0]
    assert fields.texts("frame_id") == ["2.5", ""]
