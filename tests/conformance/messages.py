"""Tiny MCAP files of any messages, written by the official writers, and what reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from mcap.writer import CompressionType
from mcap_ros2.writer import Writer
from rosbags.typesys import Stores, get_typestore

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_mcap import McapReader
from ringroad.protocols.reader import Reading, ReadRequest

START_NS = 1_790_000_000_123_456_789
STEP_NS = 100_000_000
STORE = get_typestore(Stores.ROS2_HUMBLE)
VIDEO = "foxglove_msgs/msg/CompressedVideo"
RULE = "=" * 80
DEFINITIONS = {
    VIDEO: (
        "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\nstring format\n"
        f"{RULE}\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
    )
}
Message = tuple[str, str, int, dict[str, object]]
"""Channel, type, log time and values."""
NONE = CompressionType.NONE


def write_ros2(
    path: Path,
    messages: Iterable[Message],
    compression: CompressionType = NONE,
    *,
    enable_crcs: bool = True,
) -> Path:
    """Messages of ROS 2 by mcap-ros2-support, with the definitions of the rosbags library."""
    schemas = {}
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=100_000, compression=compression, enable_crcs=enable_crcs)
        for number, (topic, kind, time_ns, values) in enumerate(messages):
            if kind not in schemas:
                text = DEFINITIONS.get(kind) or STORE.generate_msgdef(kind, ros_version=2)[0]
                schemas[kind] = writer.register_msgdef(kind, text)
            writer.write_message(topic, schemas[kind], values, time_ns, time_ns, number)
        writer.finish()
    return path


def stamp(time_ns: int) -> dict[str, int]:
    """A `builtin_interfaces/msg/Time`."""
    return {"sec": time_ns // 10**9, "nanosec": time_ns % 10**9}


def header(time_ns: int, frame: str) -> dict[str, object]:
    """A `std_msgs/msg/Header`."""
    return {"stamp": stamp(time_ns), "frame_id": frame}


def vector(x: float, y: float, z: float) -> dict[str, float]:
    return {"x": x, "y": y, "z": z}


def quaternion(w: float, x: float, y: float, z: float) -> dict[str, float]:
    return {"x": x, "y": y, "z": z, "w": w}


def read(path: Path) -> Reading:
    """As ingest reads it."""
    vehicle = vehicle_id("car")
    return McapReader().read(
        ReadRequest(
            path=path, source=digest_of(path.read_bytes()), vehicle=vehicle, source_key=path.name,
            recording=recording_id(vehicle, path.name),
        )
    )  # fmt: skip


@contextmanager
def read_or_refused() -> Iterator[None]:
    """Whatever stands inside, it ends well or with one clear error."""
    try:
        yield
    except UnreadableSource as refusal:
        if not refusal.remedy:
            raise AssertionError("a refusal without a remedy") from refusal


class OneFile:
    """Reads one file as the sources of a workspace would."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()

    def read_range(self, source: str, offset: int, length: int, *, xxh3: int | None = None):
        return self.data[offset : offset + length]

    def location(self, source: str) -> None:
        """In memory."""


def series(reading: Reading, name: str) -> list[float]:
    """Values of one signal, by time."""
    return [row["value"] for row in reading.signals.to_pylist() if row["name"] == name]


def pixels(seed: int, shape: tuple[int, ...], kind: type = np.uint8) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.integers(0, np.iinfo(kind).max, shape, dtype=kind, endpoint=True)


def annexb_frames(codec: str, count: int, *, params: str = "") -> list[bytes]:
    """Frames of a moving picture as an encoder gives them out: in order of decoding."""
    context = av.CodecContext.create({"h264": "libx264", "hevc": "libx265"}[codec], "w")
    context.width, context.height, context.pix_fmt = 96, 64, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 10), Fraction(10)
    option = {"h264": "x264-params", "hevc": "x265-params"}[codec]
    quiet = "threads=1" if codec == "h264" else "log-level=none:pools=none:frame-threads=1"
    context.options = {option: f"keyint=8:min-keyint=8:bframes=0:repeat-headers=1:{quiet}{params}"}
    packets = []
    for number in range(count):
        picture = np.kron(pixels(number // 4, (8, 12, 3)), np.ones((8, 8, 1), np.uint8))
        picture = np.roll(picture, number, axis=1)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets + [bytes(packet) for packet in context.encode(None)]


def decoded(codec: str, frames: list[bytes]) -> list[np.ndarray]:
    """Pictures of a whole stream, decoded from its beginning by FFmpeg alone."""
    context = av.CodecContext.create(codec, "r")
    found = [frame for data in frames for frame in context.decode(av.Packet(data))]
    found += context.decode(None)
    return [frame.to_ndarray(format="rgb24") for frame in found]
