"""What it costs to take recordings in where they lie, beside reading or copying them.

MCAP: 3,000 pictures of 37 KB and 30,000 IMU messages, plain chunks of 1 MiB. The index of all
messages beside iterating them with the official reader; with it, where the encoded bytes lie in
each picture's message, which takes a look into each of them; one picture by time, read and
verified, beside the official reader's seek. MP4: the index of a file beside `cp` of it. The passes
that look at every byte (checksums, XXH3, signals) are given for themselves: a source is hashed
once at ingest in any case.

CPU is user + system of this process and its children; cases run in turn; medians of the rounds.

    python benchmarks/indexing.py [ROUNDS]
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from ringroad.domain.ids import Digest, digest_of, recording_id, vehicle_id
from ringroad.domain.recording import Location
from ringroad.ingest.read_mcap import McapReader
from ringroad.media.containers.mcap_index import index_mcap
from ringroad.media.messages.mcap import find_images
from ringroad.media.messages.ros2 import IMAGE
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.video.container import hashed, index_video
from ringroad.protocols.reader import ReadRequest
from ringroad.store.sources import PlacedSources

PICTURES, IMU_EACH, STEP_NS = 3_000, 10, 33_333_333
SEEKS = 200
INDEX_TIMES, SEEK_TIMES, CP_SHARE = 150.0, 40.0, 0.1


class NoBlobs:
    """The recording lies in place."""

    def __getattr__(self, name: str) -> object:
        raise NotImplementedError(name)


def cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def in_turn(cases: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each case."""
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            begin = cpu_s()
            case()
            spent[name].append(cpu_s() - begin)
    return {name: statistics.median(times) for name, times in spent.items()}


def write_mcap(path: Path, *, seed: int = 0) -> None:
    """One drive; another seed gives another of the same size."""
    rng = np.random.Generator(np.random.PCG64(seed))
    pictures = []
    for _ in range(40):
        coarse = rng.integers(0, 255, (96, 160, 3), np.uint8)
        pixels = np.kron(coarse, np.ones((4, 4, 1), np.uint8))
        pictures.append(encode_jpeg(pixels, quality=60)[:37_000].ljust(37_000, b"\0"))
    said = rng.normal(size=(PICTURES * IMU_EACH, 37))

    def head(time_ns: int, frame: bytes) -> bytes:
        return b"\0\1\0\0" + struct.pack("<iII", *divmod(time_ns, 10**9), 4) + frame + b"\0"

    with path.open("wb") as file:
        writer = Writer(file, chunk_size=1 << 20, compression=CompressionType.NONE)
        writer.start(profile="ros2", library="benchmark")
        channels = {
            topic: writer.register_channel(
                topic, "cdr", writer.register_schema(kind, "ros2msg", b"")
            )
            for topic, kind in (("/camera", IMAGE), ("/imu", "sensor_msgs/msg/Imu"))
        }
        for number in range(PICTURES):
            time_ns = (number + 1) * STEP_NS
            data = pictures[number % len(pictures)]
            picture = struct.pack("<I", 5) + b"jpeg\0\0\0\0" + struct.pack("<I", len(data)) + data
            writer.add_message(
                channels["/camera"], time_ns, head(time_ns, b"cam") + picture, time_ns
            )
            for late in range(IMU_EACH):
                at = time_ns + late * 3_000_000
                values = said[number * IMU_EACH + late].tobytes()
                writer.add_message(channels["/imu"], at, head(at, b"imu") + values, at)
        writer.finish()


def write_mp4(
    path: Path, *, seed: int = 0, frames: int = 240, size_bytes: int = 100_000_000
) -> None:
    """Noise that takes many bits, encoded once and repeated."""
    rng = np.random.Generator(np.random.PCG64(seed))
    pattern = rng.integers(0, 255, (360, 640, 3), np.uint8)
    part = path.with_name("part.mp4")
    with av.open(str(part), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(frames):
            shifted = np.roll(pattern, 37 * number, axis=1)
            frame = av.VideoFrame.from_ndarray(shifted, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    times = max(1, size_bytes // part.stat().st_size)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as out:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(part)) as given:
                origin = given.streams.video[0]
                stream = stream or out.add_stream_from_template(origin)
                for packet in given.demux(origin):
                    if packet.size:
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        out.mux(packet)
                shift += origin.duration
    part.unlink()


def mcap_figures(folder: Path, rounds: int) -> dict[str, float]:
    path = folder / "drive.mcap"
    write_mcap(path)
    index = index_mcap(path)
    camera = next(number for number, told in index.channels.items() if told.kind == IMAGE)

    def iterate() -> int:
        with path.open("rb") as file:
            return sum(1 for _ in make_reader(file).iter_messages())

    def take_in_place() -> None:
        found = find_images(path, index_mcap(path), camera)
        assert len(found.offset) == PICTURES

    assert iterate() == PICTURES * (1 + IMU_EACH)
    source = digest_of(b"drive")
    request = ReadRequest(
        path=path,
        source=source,
        recording=recording_id(vehicle_id("car"), path.name),
        vehicle=vehicle_id("car"),
        source_key=path.name,
    )
    reading = McapReader().read(request)
    spent = in_turn(
        {
            "iterate": iterate,
            "index": lambda: index_mcap(path),
            "pictures": take_in_place,
            "ingest": lambda: McapReader().read(request),
        },
        rounds,
    )
    seeks = seek_figures(path, source, reading.frames, rounds)
    return {
        "mcap_mb": path.stat().st_size / 1e6,
        "iterate_ms": 1e3 * spent["iterate"],
        "index_ms": 1e3 * spent["index"],
        "index_and_pictures_ms": 1e3 * spent["pictures"],
        "ingest_ms": 1e3 * spent["ingest"],
        "index_times_cheaper": spent["iterate"] / spent["index"],
        "index_and_pictures_times_cheaper": spent["iterate"] / spent["pictures"],
        **seeks,
    }


def seek_figures(path: Path, source: Digest, frames: object, rounds: int) -> dict[str, float]:
    rng = np.random.Generator(np.random.PCG64(1))
    wanted = rng.integers(STEP_NS, PICTURES * STEP_NS, SEEKS).tolist()
    columns = {
        name: np.asarray(frames.column(name))  # type: ignore[attr-defined]  # an Arrow table
        for name in ("time_ns", "offset", "length", "xxh3")
    }
    log_ns = np.arange(1, PICTURES + 1) * STEP_NS
    state = path.stat()
    place = Location(
        digest=source,
        uri=f"file:{path.as_uri().removeprefix('file:')}",
        size_bytes=state.st_size,
        modified_ns=state.st_mtime_ns,
    )
    sources = PlacedSources(NoBlobs(), lambda _: place)  # type: ignore[arg-type]  # in place
    found: dict[str, list[bytes]] = {"own": [], "official": []}

    def own() -> None:
        found["own"] = []
        for time_ns in wanted:
            at = int(np.searchsorted(log_ns, time_ns))
            offset, length = int(columns["offset"][at]), int(columns["length"][at])
            xxh3 = int(columns["xxh3"][at])
            found["own"].append(sources.read_range(source, offset, length, xxh3=xxh3))

    def official() -> None:
        found["official"] = []
        with path.open("rb") as file:
            reader = make_reader(file)
            for time_ns in wanted:
                messages = reader.iter_messages(topics=["/camera"], starting_at=time_ns)
                found["official"].append(next(iter(messages))[2].data)

    own()
    spent = in_turn({"official": official, "own": own}, rounds)
    assert all(o.endswith(p) for o, p in zip(found["official"], found["own"], strict=True))
    return {
        "seek_us": 1e6 * spent["own"] / SEEKS,
        "mcap_seek_us": 1e6 * spent["official"] / SEEKS,
        "seek_times_cheaper": spent["official"] / spent["own"],
    }


def mp4_figures(folder: Path, rounds: int) -> dict[str, float]:
    path = folder / "drive.mp4"
    write_mp4(path)
    index = index_video(path)
    spent = in_turn(
        {
            "cp": lambda: subprocess.run(["cp", path, folder / "copy.mp4"], check=True),
            "index": lambda: index_video(path),
            "hashed": lambda: hashed(path, index.samples),
        },
        rounds,
    )
    return {
        "mp4_mb": path.stat().st_size / 1e6,
        "mp4_frames": len(index.samples.pts),
        "cp_ms": 1e3 * spent["cp"],
        "mp4_index_ms": 1e3 * spent["index"],
        "mp4_hash_ms": 1e3 * spent["hashed"],
        "mp4_index_of_cp": spent["index"] / spent["cp"],
        "mp4_index_and_hash_of_cp": (spent["index"] + spent["hashed"]) / spent["cp"],
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        figures = mcap_figures(Path(folder), rounds) | mp4_figures(Path(folder), rounds)
    met = {
        "index": figures["index_times_cheaper"] >= INDEX_TIMES,
        "seek": figures["seek_times_cheaper"] >= SEEK_TIMES,
        "mp4": figures["mp4_index_of_cp"] <= CP_SHARE,
    }
    print(
        json.dumps({"benchmark": "indexing", "machine": platform.machine(), **figures, "met": met})
    )
    print(readable(figures))


def readable(figures: dict[str, float]) -> str:
    return (
        f"MCAP {figures['mcap_mb']:.0f} MB: index {figures['index_ms']:.1f} ms of CPU, "
        f"{figures['index_times_cheaper']:.0f} x cheaper than iterating (budget "
        f"{INDEX_TIMES:.0f}); with the place of each picture's bytes "
        f"{figures['index_and_pictures_ms']:.1f} ms, "
        f"{figures['index_and_pictures_times_cheaper']:.0f} x; whole ingest with checksums, "
        f"hashes and signals {figures['ingest_ms']:.0f} ms\n"
        f"one picture by time: {figures['seek_us']:.0f} us, {figures['seek_times_cheaper']:.0f} x "
        f"cheaper than a seek (budget {SEEK_TIMES:.0f})\n"
        f"MP4 {figures['mp4_mb']:.0f} MB: index {figures['mp4_index_ms']:.2f} ms, "
        f"{figures['mp4_index_of_cp']:.3f} x the CPU of cp (budget {CP_SHARE}); with the hashes "
        f"of all packets {figures['mp4_index_and_hash_of_cp']:.2f} x"
    )


if __name__ == "__main__":
    main()
