"""Damaged files at every reader's door: no crash, no hang, bounded memory, one kind of error.

Small whole files are made (MCAP by the simulator and with each compression, MP4 of several codecs,
JPEG, PNG, and more where readers for them are installed), damaged by seed, and handed to the
readers in the sandbox that they always run in, its address space limited as in a workspace. Bombs
are pictures and indexes that claim to be huge.

    python benchmarks/fuzz.py [INPUTS]
"""

from __future__ import annotations

import io
import json
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from fuzz_doors import decode, idle_bytes, take
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "conformance"))
from clips import write_clip
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import IsolationError
from ringroad.media.images import encode_jpeg
from ringroad.simulate.recording import RecordingSpec, simulate_recording
from ringroad.testing.mutations import mutated

SLOWEST_S = 2.0
MEMORY_BYTES = 512 << 20
FINE = {"read", "not recognised", "unreadable-source"}


def corpus(folder: Path) -> dict[str, bytes]:
    """Whole files by name."""
    spec = RecordingSpec(
        name="r", vehicle="v", condition="day", seed=1, duration_s=0.4, rate_hz=10.0,
        start_ns=10**18, width=64, height=48,
    )  # fmt: skip
    plain = simulate_recording(spec).mcap
    pixels = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    found = {"plain.mcap": plain, "a.jpg": encode_jpeg(pixels), "a.png": png.getvalue()}
    for kind in (CompressionType.LZ4, CompressionType.ZSTD):
        found[f"{kind.name.lower()}.mcap"] = _packed(plain, kind)
    for codec in ("h264_b_frames", "hevc_open_gop", "h264_moov_first"):
        found[f"{codec}.mp4"] = write_clip(folder / "clip.mp4", codec, count=8).read_bytes()
    return found


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


def main() -> int:
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    told: dict[str, Counter[str]] = defaultdict(Counter)
    slowest, peak, died = 0.0, 0, []
    sandbox = SpawnSandbox(memory_bytes=3 << 30, timeout_s=30.0)
    idle = sandbox.call(idle_bytes)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        whole = corpus(Path(folder))
        cases = (
            (name, number, mutated(whole[name], number))
            for number in range(inputs)
            for name in [sorted(whole)[number % len(whole)]]
        )
        for name, number, data in [*((n, -1, d) for n, d in bombs()), *cases]:
            path = Path(folder, name)
            path.write_bytes(data)
            try:
                outcome, seconds, most = sandbox.call(take, str(path), name)
                if name.endswith((".jpg", ".png")):
                    second, more, most = sandbox.call(decode, data)
                    outcome, seconds = f"{outcome}, decoded: {second}", seconds + more
            except IsolationError as error:
                outcome, seconds, most = error.code, 0.0, 0
                died.append(f"{name} {number}: {error}")
            told[name][outcome] += 1
            slowest, peak = max(slowest, seconds), max(peak, most)
    sandbox.close()
    wrong = {
        name: outcomes
        for name, counts in told.items()
        if (outcomes := sorted(o for o in counts if not {*o.split(", decoded: ")} <= FINE))
    }
    print(
        json.dumps(
            {
                "inputs": inputs,
                "seconds": round(time.monotonic() - begin, 1),
                "slowest_s": round(slowest, 3),
                "memory_above_idle_mb": round((peak - idle) / 1e6, 1),
                "workers_lost": died[:10],
                "other_errors": wrong,
                "outcomes": {name: dict(counts) for name, counts in sorted(told.items())},
            },
            indent=1,
        )
    )
    bounded = slowest <= SLOWEST_S and peak - idle <= MEMORY_BYTES
    return 0 if bounded and not died and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
