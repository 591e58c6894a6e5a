"""Reading one low-rate signal out of the lane, beside reading it out of the interleaved file.

One MCAP of 120 MB, pictures and IMU interleaved in plain chunks of 1 MiB, taken in where it lies.
Then one axis of the gyroscope over the whole recording: from the lane, which `ingest` wrote; and
from the file through the official `mcap` reader with its ROS 2 decoder, which needs every chunk.
The values must be equal. Bytes are counted at the file; medians of the rounds.

    python benchmarks/lane.py [ROUNDS]
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from indexing import write_mcap
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer
from mcap_ros2.decoder import DecoderFactory

from ringroad.app import Settings, create_workspace, open_workspace
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.collect import collect
from ringroad.workflow.bench import SilentTracker

SIGNAL = "imu.angular_velocity.z"
SHARE = 0.01
DEFINITION = """std_msgs/Header header
geometry_msgs/Quaternion orientation
float64[9] orientation_covariance
geometry_msgs/Vector3 angular_velocity
float64[9] angular_velocity_covariance
geometry_msgs/Vector3 linear_acceleration
float64[9] linear_acceleration_covariance
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: geometry_msgs/Quaternion
float64 x
float64 y
float64 z
float64 w
================================================================================
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
"""


class Counting(io.FileIO):
    """Counts what is read."""

    taken = 0

    def readinto(self, buffer: object) -> int | None:
        """As `io.FileIO` does."""
        count = super().readinto(buffer)  # type: ignore[arg-type]  # any writable buffer
        self.taken += count or 0
        return count


def described(plain: Path, path: Path) -> None:
    """The same messages with the definition that the official decoder needs."""
    with plain.open("rb") as file, path.open("wb") as out:
        writer = Writer(out, chunk_size=1 << 20, compression=CompressionType.NONE)
        writer.start(profile="ros2", library="benchmark")
        known: dict[int, int] = {}
        for schema, channel, message in make_reader(file).iter_messages():
            assert schema is not None
            if channel.id not in known:
                text = DEFINITION.encode() if schema.name.endswith("Imu") else b""
                number = writer.register_schema(schema.name, "ros2msg", text)
                known[channel.id] = writer.register_channel(channel.topic, "cdr", number)
            writer.add_message(
                known[channel.id], message.log_time, message.data, message.publish_time
            )
        writer.finish()


def from_file(path: Path) -> tuple[np.ndarray, int]:
    """Values, and bytes read."""
    with Counting(path) as raw:
        reader = make_reader(io.BufferedReader(raw), decoder_factories=[DecoderFactory()])
        messages = reader.iter_decoded_messages(topics=["/imu"])
        values = [message.angular_velocity.z for *_, message in messages]
        return np.array(values), raw.taken


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "depot").mkdir()
        write_mcap(root / "plain.mcap")
        path = root / "depot" / "drive.mcap"
        described(root / "plain.mcap", path)
        create_workspace(root / "workspace")
        workspace = open_workspace(
            Settings(folder=root / "workspace", workers=1),
            tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None,
        )  # fmt: skip
        signals = collect(workspace, [root / "depot"], vehicle="car", copy=False).taken[0].signals
        spent: dict[str, list[float]] = {"lane": [], "file": []}
        for _ in range(rounds):
            begin = time.perf_counter()
            rows = table_of(workspace, signals)
            lane = rows.filter(pc.equal(rows["name"], SIGNAL))["value"].to_numpy()
            spent["lane"].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            direct, taken = from_file(path)
            spent["file"].append(time.perf_counter() - begin)
            assert np.isin(lane, direct).all()
        workspace.close()
        size = path.stat().st_size
    seconds = {case: statistics.median(times) for case, times in spent.items()}
    share = signals.size_bytes / size
    told = {
        "file_mb": round(size / 1e6, 1),
        "values in the file": len(direct),
        "values in the lane": len(lane),
        "lane_mb, all six signals": round(signals.size_bytes / 1e6, 3),
        "lane_share_of_file": round(share, 4),
        "bytes read, lane": signals.size_bytes,
        "bytes read, file": taken,
        "ms, lane": round(1e3 * seconds["lane"], 1),
        "ms, file": round(1e3 * seconds["file"], 1),
        "times_faster": round(seconds["file"] / seconds["lane"], 1),
        "times_fewer_bytes": round(taken / signals.size_bytes, 1),
    }
    print(json.dumps(told, indent=1))
    return 0 if share <= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
