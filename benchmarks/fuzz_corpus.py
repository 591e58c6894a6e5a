"""Whole files and folders to damage: one of each kind that a reader takes."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer
from PIL import Image
from rosbags import rosbag1, rosbag2
from rosbags.typesys import Stores, get_typestore

from ringroad.media.pictures.images import encode_jpeg
from ringroad.simulate.recording import RecordingSpec, simulate_recording

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "conformance"))
from clips import write_clip
from foxglove import Message, write_json, write_protobuf

PIXELS = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
LAYOUTS = ("av2", "comma2k19", "kitti_raw_drive", "nuscenes_keyframe", "radiate_tiny_foggy")
LARGEST_FILE = 4 << 20


def files(folder: Path) -> dict[str, bytes]:
    """Whole files by name."""
    plain = _simulated()
    png = io.BytesIO()
    Image.fromarray(PIXELS).save(png, "PNG")
    found = {
        "plain.mcap": plain,
        "protobuf.mcap": _foxglove(folder, write_protobuf),
        "json.mcap": _foxglove(folder, write_json),
        "a.jpg": encode_jpeg(PIXELS),
        "a.png": png.getvalue(),
        "a.dng": dng(),
    }
    for kind in (CompressionType.LZ4, CompressionType.ZSTD):
        found[f"{kind.name.lower()}.mcap"] = _packed(plain, kind)
    for codec in ("h264_b_frames", "hevc_open_gop", "h264_moov_first"):
        found[f"{codec}.mp4"] = write_clip(folder / "clip.mp4", codec, count=8).read_bytes()
    for compression in ("", "BZ2", "LZ4"):
        found[f"{compression.lower() or 'plain'}.bag"] = _bag(folder, compression)
    found["bag.db3"] = _bag2(folder)
    return found


def folders(test_data: Path) -> dict[str, dict[str, bytes]]:
    """Files of small real recordings by layout: name below the layout's folder -> bytes."""
    return {
        layout: {
            str(path.relative_to(test_data / layout)): path.read_bytes()
            for path in sorted((test_data / layout).rglob("*"))
            if path.is_file() and path.stat().st_size <= LARGEST_FILE
        }
        for layout in LAYOUTS
    }


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that claim to be huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    side = 60_000
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    rows = zlib.compress(bytes(10_000_000), 9)
    yield "huge.png", b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    jpeg = bytearray(encode_jpeg(np.zeros((16, 16, 3), np.uint8)))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    yield "huge.jpg", bytes(jpeg)
    yield "huge.dng", dng(claimed=(60_000, 60_000))
    magic = b"\x89MCAP0\r\n"
    yield "endless.mcap", magic + b"\x06" + struct.pack("<Q", 1 << 62) + bytes(64) + magic
    big = zlib.compress(bytes(1 << 20))
    record = struct.pack("<QQQI", 0, 0, 1 << 40, 0) + struct.pack("<I", 4) + b"zstd"
    record += struct.pack("<Q", len(big)) + big
    yield "deep.mcap", magic + b"\x06" + struct.pack("<Q", len(record)) + record + magic
    box = struct.pack(">I", 24) + b"ftypisom" + bytes(12)
    stts = struct.pack(">I", 24) + b"stts" + struct.pack(">IIII", 0, 1, 0xFFFFFFFF, 1)
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        stts = struct.pack(">I", len(stts) + 8) + kind + stts
    yield "countless.mp4", box + stts
    yield (
        "nested.mp4",
        box + b"".join(struct.pack(">I", 8 * (9_000 - n)) + b"moov" for n in range(9_000)),
    )


def dng(*, claimed: tuple[int, int] = (64, 48)) -> bytes:
    """A DNG of 64 x 48 plain Bayer values, after the TIFF 6 and DNG 1.4 specifications."""
    values = np.arange(64 * 48, dtype="<u2").tobytes()
    width, height = claimed
    matrix = struct.pack("<18i", *[part for at in range(9) for part in (int(at % 4 == 0), 1)])
    short, long, byte, text, signed = 3, 4, 1, 2, 10
    entries: list[tuple[int, int, int, bytes]] = [
        (254, long, 1, struct.pack("<I", 0)),
        (256, long, 1, struct.pack("<I", width)),
        (257, long, 1, struct.pack("<I", height)),
        (258, short, 1, struct.pack("<H", 16)),
        (259, short, 1, struct.pack("<H", 1)),
        (262, short, 1, struct.pack("<H", 32803)),
        (271, text, 4, b"Fzz\0"),
        (272, text, 4, b"One\0"),
        (273, long, 1, b""),  # where the values lie, filled in below
        (277, short, 1, struct.pack("<H", 1)),
        (278, long, 1, struct.pack("<I", height)),
        (279, long, 1, struct.pack("<I", len(values))),
        (33421, short, 2, struct.pack("<HH", 2, 2)),
        (33422, byte, 4, bytes([0, 1, 1, 2])),
        (50706, byte, 4, bytes([1, 4, 0, 0])),
        (50708, text, 8, b"Fzz One\0"),
        (50717, long, 1, struct.pack("<I", 4095)),
        (50721, signed, 9, matrix),
    ]
    behind = 8 + 2 + 12 * len(entries) + 4
    heap = bytearray()
    table = bytearray()
    values_at = behind + sum(len(data) for *_, data in entries if len(data) > 4)
    for tag, kind, count, data in entries:
        stored = struct.pack("<I", values_at) if tag == 273 else data
        if len(stored) > 4:
            table += struct.pack("<HHII", tag, kind, count, behind + len(heap))
            heap += stored
        else:
            table += struct.pack("<HHI", tag, kind, count) + stored.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    return head + bytes(table) + bytes(4) + bytes(heap) + values


def _simulated() -> bytes:
    spec = RecordingSpec(
        name="r", vehicle="v", condition="day", seed=1, duration_s=0.4, rate_hz=10.0,
        start_ns=10**18, width=64, height=48,
    )  # fmt: skip
    return simulate_recording(spec).mcap


def _packed(plain: bytes, kind: CompressionType) -> bytes:
    """The same messages in compressed chunks."""
    sink = io.BytesIO()
    writer = Writer(sink, chunk_size=16 << 10, compression=kind)
    writer.start(profile="ros2", library="fuzz")
    channels: dict[int, int] = {}
    for schema, channel, message in make_reader(io.BytesIO(plain)).iter_messages():
        assert schema is not None
        if channel.id not in channels:
            number = writer.register_schema(schema.name, schema.encoding, schema.data)
            channels[channel.id] = writer.register_channel(
                channel.topic, channel.message_encoding, number
            )
        writer.add_message(
            channels[channel.id], message.log_time, message.data, message.publish_time
        )
    writer.finish()
    return sink.getvalue()


def _foxglove(folder: Path, write: Callable[..., object]) -> bytes:
    """Pictures, plain pictures, points, places and poses of Foxglove's schemas."""
    path = folder / "foxglove.mcap"
    jpeg, turn = encode_jpeg(PIXELS), {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}
    messages: list[Message] = []
    for number in range(6):
        at = 10**18 + number * 10**8
        head = {"timestamp": at, "frame_id": "camera"}
        raw = {"width": 4, "height": 2, "encoding": "rgb8", "step": 12, "data": bytes(24)}
        points = {
            "point_stride": 12,
            "fields": [{"name": axis, "offset": 4 * n, "type": 7} for n, axis in enumerate("xyz")],
            "data": bytes(36),
        }
        pose = {"translation": {"x": 1.0, "y": 0.0, "z": 1.5}, "rotation": turn}
        frames = {"parent_frame_id": "base_link", "child_frame_id": "camera"}
        messages += [
            ("/camera", "CompressedImage", at, head | {"data": jpeg, "format": "jpeg"}),
            ("/raw", "RawImage", at, head | raw),
            ("/lidar", "PointCloud", at, head | points),
            ("/fix", "LocationFix", at, head | {"latitude": 48.0, "longitude": 11.0}),
            ("/tf", "FrameTransform", at, {"timestamp": at} | frames | pose),
        ]
    write(path, messages, enable_crcs=False)  # so that damage gets deep
    return path.read_bytes()


def _bag(folder: Path, compression: str) -> bytes:
    store = get_typestore(Stores.ROS1_NOETIC)
    path = folder / "written.bag"
    path.unlink(missing_ok=True)
    writer = rosbag1.Writer(path)
    if compression:
        writer.set_compression(rosbag1.Writer.CompressionFormat[compression])
    with writer:
        kind = "sensor_msgs/msg/CompressedImage"
        connection = writer.add_connection("/camera", kind, typestore=store)
        for number in range(6):
            data = store.serialize_ros1(_picture(store, number, seq=number), kind)
            writer.write(connection, 10**18 + number * 10**8, data)
    return path.read_bytes()


def _bag2(folder: Path) -> bytes:
    store = get_typestore(Stores.ROS2_HUMBLE)
    with rosbag2.Writer(
        folder / "written", version=8, storage_plugin=rosbag2.StoragePlugin.SQLITE3
    ) as writer:
        kind = "sensor_msgs/msg/CompressedImage"
        connection = writer.add_connection("/camera", kind, typestore=store)
        for number in range(6):
            data = store.serialize_cdr(_picture(store, number), kind)
            writer.write(connection, 10**18 + number * 10**8, data)
    return next((folder / "written").glob("*.db3")).read_bytes()


def _picture(store: object, number: int, **header: int) -> object:
    types = store.types  # type: ignore[attr-defined]  # untyped library
    stamp = types["builtin_interfaces/msg/Time"](10**9, number * 10**8)
    head = types["std_msgs/msg/Header"](stamp=stamp, frame_id="camera", **header)
    data = np.frombuffer(encode_jpeg(PIXELS), np.uint8)
    return types["sensor_msgs/msg/CompressedImage"](header=head, format="jpeg", data=data)
