"""Types that nobody knows become signals where a channel map asks, and nowhere else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st
from mcap.writer import Writer as McapWriter
from mcap_protobuf.writer import Writer
from mcap_ros2.writer import Writer as Ros2Writer

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.channel_map import asked, parse
from ringroad.ingest.read_mcap import McapReader
from ringroad.media.wire.ros_definition import parse_definitions
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import START_NS, STEP_NS, header, series

COUNT = 4
RULE = "=" * 80
DEFINITION = f"""# Of our own car.
uint8 MANUAL=0
std_msgs/Header header
float32 speed   # m/s
string gear
bool[4] doors
Wheel front_left
own_msgs/Wheel front_right
builtin_interfaces/Time since
uint8[] raw
int64 odometer
float64[36] covariance
int8 last -1
float64[] curve
float64 unreachable
{RULE}
MSG: own_msgs/Wheel
float64 speed
uint16[2] ticks
{RULE}
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
{RULE}
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""


def times() -> list[tuple[int, int]]:
    return [(number, START_NS + number * STEP_NS) for number in range(COUNT)]


def write_ros2(path: Path) -> Path:
    with path.open("wb") as file:
        writer = Ros2Writer(file)
        schema = writer.register_msgdef("own_msgs/msg/Car", DEFINITION)
        for number, time_ns in times():
            wheel = {"speed": number / 3, "ticks": [number, 65_535]}
            said = {
                "header": header(time_ns, "c" * number), "speed": number / 4,
                "gear": "D" * number, "doors": [True, False, True, False],
                "front_left": wheel, "front_right": wheel, "since": {"sec": 1, "nanosec": 2},
                "raw": bytes(number), "odometer": 10**9 + number, "covariance": [0.0] * 36,
                "last": -number, "curve": [0.0] * number, "unreachable": 1.0,
            }  # fmt: skip
            writer.write_message("/car", schema, said, time_ns + 9, time_ns, number)
        writer.finish()
    return path


def write_protobuf(path: Path) -> Path:
    file = descriptor_pb2.FileDescriptorProto(name="own.proto", package="own", syntax="proto3")
    wheel, car = (file.message_type.add(name=name) for name in ("Wheel", "Car"))
    wheel.field.add(name="speed", number=4, type=1, label=1)
    car.field.add(name="speed", number=7, type=2, label=1)
    car.field.add(name="gear", number=2, type=9, label=1)
    car.field.add(name="odometer", number=3, type=18, label=1)
    car.field.add(name="curve", number=5, type=1, label=3)
    car.field.add(name="front_left", number=900, type=11, label=1, type_name=".own.Wheel")
    car.field.add(name="itself", number=9, type=11, label=1, type_name=".own.Car")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made = message_factory.GetMessageClass(pool.FindMessageTypeByName("own.Car"))
    with path.open("wb") as sink, Writer(sink) as writer:
        for number, time_ns in times():
            message = made(speed=number / 4, gear="D", odometer=-number, curve=[1.0, 2.0])
            message.front_left.speed = number / 3
            writer.write_message("/car", message, time_ns, time_ns, number)
    return path


def write_json(path: Path) -> Path:
    with path.open("wb") as file:
        writer = McapWriter(file)
        writer.start()
        channel = writer.register_channel("/car", "json", 0)
        for number, time_ns in times():
            said = {
                "speed": number / 4, "gear": "D", "odometer": -number, "huge": 10**400,
                "front_left": {"speed": number / 3}, "curve": [1, 2],
            }  # fmt: skip
            writer.add_message(channel, time_ns, json.dumps(said).encode(), time_ns, number)
        writer.finish()
    return path


def read(path: Path, wanted: tuple[str, ...] = ("/car",)) -> Reading:
    vehicle = vehicle_id("car")
    request = ReadRequest(
        path=path, source=digest_of(path.read_bytes()), vehicle=vehicle, source_key=path.name,
        recording=recording_id(vehicle, path.name), asked=wanted,
    )  # fmt: skip
    return McapReader().read(request)


@pytest.mark.parametrize("write", [write_ros2, write_protobuf, write_json])
def test_numbers_become_signals_where_they_are_asked_for(tmp_path: Path, write) -> None:
    path = write(tmp_path / "a.mcap")
    reading = read(path)
    assert series(reading, "speed") == [number / 4 for number in range(COUNT)]
    assert series(reading, "front_left.speed") == [number / 3 for number in range(COUNT)]
    assert {row["time_ns"] for row in reading.signals.to_pylist()} == {at for _, at in times()}
    with pytest.raises(UnreadableSource, match="holds no camera"):
        read(path, ())
    with pytest.raises(UnreadableSource, match="holds no camera"):
        read(path, ("/other",))


def test_fields_of_ros_in_their_order(tmp_path: Path) -> None:
    reading = read(write_ros2(tmp_path / "a.mcap"))
    assert {row["name"] for row in reading.signals.to_pylist()} == {
        "speed", *(f"doors.{at}" for at in range(4)), "odometer", "last",
        *(f"front_{side}.{part}" for side in ("left", "right")
          for part in ("speed", "ticks.0", "ticks.1")),
    }  # fmt: skip
    assert series(reading, "odometer") == [10**9 + number for number in range(COUNT)]
    assert series(reading, "last") == [-number for number in range(COUNT)]
    assert series(reading, "front_right.ticks.1") == [65_535.0] * COUNT


def test_fields_of_protobuf_and_json(tmp_path: Path) -> None:
    for write in (write_protobuf, write_json):
        reading = read(write(tmp_path / "a.mcap"))
        assert {row["name"] for row in reading.signals.to_pylist()} == {
            "speed", "odometer", "front_left.speed",
        }  # fmt: skip
        assert series(reading, "odometer") == [-number for number in range(COUNT)]


def test_a_map_asks_by_sensor_or_by_signal() -> None:
    rules = parse(
        '[[channels]]\nchannel = "/a"\nsensor = "signals"\n'
        '[[channels]]\nchannel = "/b"\nsignals.x = { unit = "m" }\n'
        '[[channels]]\nchannel = "/c"\nname = "front"\n'
    )
    assert asked(rules) == ("/a", "/b")


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_any_definition_is_parsed(text: str | bytes) -> None:
    parse_definitions(text.encode("utf-8", "replace") if isinstance(text, str) else text)


def test_a_definition_that_holds_itself_ends(tmp_path: Path) -> None:
    inside = "\n".join(f"own_msgs/Knot k{at}" for at in range(100))
    text = f"{inside}\n{RULE}\nMSG: own_msgs/Knot\n{inside}\n"
    with (tmp_path / "a.mcap").open("wb") as file:
        writer = McapWriter(file)
        writer.start()
        schema = writer.register_schema("own_msgs/msg/Root", "ros2msg", text.encode())
        channel = writer.register_channel("/car", "cdr", schema)
        writer.add_message(channel, START_NS, b"\0\1\0\0" + bytes(64), START_NS)
        writer.finish()
    with pytest.raises(UnreadableSource, match="holds no camera"):
        read(tmp_path / "a.mcap")
