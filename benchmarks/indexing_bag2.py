"""What it costs to index a ROS 2 bag in SQLite where it lies, beside reading its rows by SQLite.

Two bags of about 1 GB as the rosbags library writes them: pictures of two cameras and an IMU, and
the same with pictures of 8 KB. Three cases run in turn: `sqlite3` reading every message's bytes;
the index of all messages with every chain of pages followed; the whole of the reader, which looks
at every picture and hashes it. CPU seconds are user + system; medians of the rounds. `around` is
what is read for all pictures one by one, beside their own bytes.

    python benchmarks/indexing_bag2.py [ROUNDS] [MEGABYTES]
"""

from __future__ import annotations

import json
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_rosbag2 import Rosbag2Reader
from ringroad.media.containers.bag2_index import index_bag2
from ringroad.media.pictures.images import encode_jpeg
from ringroad.protocols.reader import Reading, ReadRequest

START_NS, STEP_NS, IMU_EACH = 1_600_000_000_000_000_000, 33_000_000, 10
STORE = get_typestore(Stores.ROS2_HUMBLE)
TYPES = STORE.types


def write(folder: Path, picture_bytes: int, megabytes: int) -> Path:
    """Pictures of 0.7 to 1.0 times a size; their tails are noise, which no index looks at."""
    rng = np.random.Generator(np.random.PCG64(0))
    head = encode_jpeg(np.zeros((360, 640, 3), np.uint8), quality=50)
    whole = np.frombuffer(head + rng.bytes(picture_bytes), np.uint8)
    camera, imu = "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Imu"
    vector, nine = TYPES["geometry_msgs/msg/Vector3"](0.0, 0.0, 9.81), np.zeros(9)
    turned = TYPES["geometry_msgs/msg/Quaternion"](0.0, 0.0, 0.0, 1.0)
    with Writer(folder, version=9, storage_plugin=StoragePlugin.SQLITE3) as bag:
        cameras = [bag.add_connection(f"/cam{at}", camera, typestore=STORE) for at in range(2)]
        moved = bag.add_connection("/imu", imu, typestore=STORE)
        written, time_ns = 0, START_NS
        while written < megabytes * 1_000_000:
            stamp = TYPES["builtin_interfaces/msg/Time"](*divmod(time_ns, 10**9))
            header = TYPES["std_msgs/msg/Header"](stamp, "vehicle")
            for channel in cameras:
                picture = whole[: int(len(whole) * rng.uniform(0.7, 1.0))]
                data = STORE.serialize_cdr(TYPES[camera](header, "jpeg", picture), camera)
                bag.write(channel, time_ns, data)
                written += len(data)
            said = TYPES[imu](header, turned, nine, vector, nine, vector, nine)
            for at in range(IMU_EACH):
                data = STORE.serialize_cdr(said, imu)
                bag.write(moved, time_ns + at * STEP_NS // IMU_EACH, data)
                written += len(data)
            time_ns += STEP_NS
    return folder / f"{folder.name}.db3"


def by_sqlite(path: Path) -> int:
    database = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    total = sum(len(data) for (data,) in database.execute("SELECT data FROM messages"))
    database.close()
    return total


def by_reader(path: Path) -> Reading:
    vehicle = vehicle_id("car")
    asked = ReadRequest(
        path=path, source=digest_of(b""), vehicle=vehicle, source_key=path.name,
        recording=recording_id(vehicle, path.name),
    )  # fmt: skip
    return Rosbag2Reader().read(asked)


def around(reading: Reading) -> float:
    packed = reading.frames["chunk_offset"].to_numpy() >= 0
    own = reading.frames["length"].to_numpy()
    read = np.where(packed, reading.frames["chunk_length"].to_numpy(), own)
    return round(float(read.sum() / own.sum()), 3)


def seconds(rounds: int, cases: dict[str, Callable[[], object]]) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            begin = time.process_time()
            case()
            spent[name].append(time.process_time() - begin)
    return {name: statistics.median(values) for name, values in spent.items()}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    report: dict[str, object] = {"machine": platform.machine(), "rounds": rounds}
    for kilobytes in (100, 8):
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder, "bag"), kilobytes * 1000, megabytes)
            size, reading = path.stat().st_size, by_reader(path)
            cases: dict[str, Callable[[], object]] = {
                "sqlite3 reads all": lambda path=path: by_sqlite(path),
                "index": lambda path=path: index_bag2(path),
                "reader": lambda path=path: by_reader(path),
            }
            spent = seconds(rounds, cases)
        report[f"pictures of {kilobytes} KB"] = {
            "bytes": size,
            "messages": sum(channel.messages for channel in reading.recording.channels),
            "MB/s of CPU": {name: round(size / 1e6 / took) for name, took in spent.items()},
            "around": around(reading),
        }
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
