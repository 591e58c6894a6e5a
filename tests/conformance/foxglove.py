"""Tiny MCAP files of Foxglove's schemas, in protobuf by mcap-protobuf-support and in plain JSON.

Message types are made here from a table. Their field numbers are not those of Foxglove's own files:
a reader that looks them up does not mind.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.message import Message as Proto
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter
from mcap_protobuf.writer import Writer

NONE = CompressionType.NONE
Message = tuple[str, str, int, dict[str, Any]]
"""Channel, type without its package, log time and values; times are in nanoseconds."""
HEAD = {"timestamp": "time", "frame_id": "string"}
SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "Vector3": dict.fromkeys("xyz", "double"),
    "Quaternion": dict.fromkeys("xyzw", "double"),
    "Pose": {"position": "Vector3", "orientation": "Quaternion"},
    "PackedElementField": {"name": "string", "offset": "fixed32", "type": "int32"},
    "CompressedImage": {**HEAD, "data": "bytes", "format": "string"},
    "CompressedVideo": {**HEAD, "data": "bytes", "format": "string"},
    "RawImage": {
        **HEAD, "width": "fixed32", "height": "fixed32", "encoding": "string", "step": "fixed32",
        "data": "bytes",
    },
    "PointCloud": {
        **HEAD, "pose": "Pose", "point_stride": "fixed32", "fields": "PackedElementField*",
        "data": "bytes",
    },
    "LocationFix": {
        **HEAD, "latitude": "double", "longitude": "double", "altitude": "double",
        "position_covariance": "double*", "position_covariance_type": "int32",
    },
    "Imu": {
        **HEAD, "orientation": "Quaternion", "angular_velocity": "Vector3",
        "linear_acceleration": "Vector3",
    },
    "FrameTransform": {
        "timestamp": "time", "parent_frame_id": "string", "child_frame_id": "string",
        "translation": "Vector3", "rotation": "Quaternion",
    },
    "FrameTransforms": {"transforms": "FrameTransform*"},
    "CameraCalibration": {
        **HEAD, "width": "fixed32", "height": "fixed32", "distortion_model": "string",
        "D": "double*", "K": "double*", "R": "double*", "P": "double*",
    },
    "PoseInFrame": {**HEAD, "pose": "Pose"},
    "Odometry": {
        **HEAD, "child_frame_id": "string", "pose": "Pose", "linear_velocity": "Vector3",
        "angular_velocity": "Vector3",
    },
    "SceneUpdate": {"entities": "string*"},
}  # fmt: skip
SCALARS = {"double": 1, "fixed32": 7, "string": 9, "bytes": 12, "int32": 5}


def classes(*, step: int = 1, begin: int = 1, swap: Mapping[str, str] | None = None):
    """Classes of all types, whose fields are numbered from `begin` in steps, backwards.

    `swap` gives fields another type, such as `float` for `double`.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name="foxglove/all.proto", package="foxglove", syntax="proto3",
        dependency=["google/protobuf/timestamp.proto"],
    )  # fmt: skip
    scalars = SCALARS | {"float": 2, "sint64": 18, "uint64": 4}
    for name, fields in SCHEMAS.items():
        message = file.message_type.add(name=name)
        for place, (field, told) in enumerate(fields.items()):
            kind = (swap or {}).get(field, told)
            bare = kind.rstrip("*")
            made = message.field.add(
                name=field, number=begin + step * (len(fields) - place),
                label=3 if kind.endswith("*") else 1, type=scalars.get(bare, 11),
            )  # fmt: skip
            if bare not in scalars:
                made.type_name = (
                    ".google.protobuf.Timestamp" if bare == "time" else f".foxglove.{bare}"
                )
    pool = descriptor_pool.DescriptorPool()
    stamp = descriptor_pb2.FileDescriptorProto()
    timestamp_pb2.DESCRIPTOR.CopyToProto(stamp)
    pool.Add(stamp)
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"foxglove.{name}"))
        for name in SCHEMAS
    }


def write_protobuf(
    path: Path,
    messages: Iterable[Message],
    compression: CompressionType = NONE,
    *,
    enable_crcs: bool = True,
    **more: Any,
) -> Path:
    """Messages by mcap-protobuf-support; `more` goes to `classes`."""
    made = classes(**more)
    with path.open("wb") as file, Writer(file, 100_000, compression, enable_crcs) as writer:
        for number, (topic, kind, time_ns, values) in enumerate(messages):
            message = made[kind]()
            fill(message, values)
            writer.write_message(topic, message, time_ns, time_ns, number)
    return path


def fill(message: Proto, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name == "timestamp":
            message.timestamp.FromNanoseconds(value)
        elif isinstance(value, Mapping):
            inside = getattr(message, name)
            inside.SetInParent()
            fill(inside, value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Mapping):
                    fill(getattr(message, name).add(), item)
                else:
                    getattr(message, name).append(item)
        else:
            setattr(message, name, value)


def write_json(
    path: Path,
    messages: Iterable[Message],
    compression: CompressionType = NONE,
    *,
    enable_crcs: bool = True,
) -> Path:
    """Messages by the plain writer, as Foxglove's JSON schemas say."""
    schemas: dict[str, int] = {}
    channels: dict[str, int] = {}
    with path.open("wb") as file:
        writer = McapWriter(
            file, chunk_size=100_000, compression=compression, enable_crcs=enable_crcs
        )
        writer.start()
        for number, (topic, kind, time_ns, values) in enumerate(messages):
            if kind not in schemas:
                name = f"foxglove.{kind}"
                text = json.dumps({"title": name, "type": "object"}).encode()
                schemas[kind] = writer.register_schema(name, "jsonschema", text)
            if topic not in channels:
                channels[topic] = writer.register_channel(topic, "json", schemas[kind])
            data = json.dumps(plain(values)).encode()
            writer.add_message(channels[topic], time_ns, data, time_ns, number)
        writer.finish()
    return path


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it: times as seconds and nanoseconds, bytes as base64."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "timestamp":
            found[name] = {"sec": value // 10**9, "nsec": value % 10**9}
        elif isinstance(value, bytes):
            found[name] = base64.b64encode(value).decode()
        elif isinstance(value, Mapping):
            found[name] = plain(value)
        elif isinstance(value, list):
            found[name] = [plain(item) if isinstance(item, Mapping) else item for item in value]
        else:
            found[name] = value
    return found
