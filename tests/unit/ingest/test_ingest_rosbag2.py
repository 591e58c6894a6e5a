"""Bags of ROS 2, written by the rosbags library: whole, split, packed, damaged and cut off."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest
import xxhash
from rosbags.rosbag2 import CompressionMode, StoragePlugin

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.layout_rosbag2 import Rosbag2Layout
from ringroad.ingest.read_rosbag2 import Rosbag2Reader
from ringroad.ingest.reading import read_source
from ringroad.ingest.rosbag2_metadata import Split, parse_metadata
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from ros2_bags import COUNT, START_NS, STEP_NS, file_of, picture, split_bag, write_bag


def request(path: Path, files: tuple[str, ...] = ()) -> ReadRequest:
    vehicle = vehicle_id("car")
    return ReadRequest(
        path=path, source=digest_of(path.name.encode()), vehicle=vehicle, source_key=path.name,
        recording=recording_id(vehicle, path.name), files=files,
    )  # fmt: skip


def read(path: Path) -> Reading:
    """A lone file, or a folder as `find` finds it."""
    if path.is_file():
        return Rosbag2Reader().read(request(path))
    (found,) = Rosbag2Layout().find(path)
    return Rosbag2Layout().read(request(path, found.files))


class Bytes:
    """The source of a reading as a workspace would read it: the file, or all of a folder's."""

    def __init__(self, path: Path) -> None:
        names = Rosbag2Layout().find(path)[0].files if path.is_dir() else ()
        self.data = b"".join((path / name).read_bytes() for name in names) or path.read_bytes()
        self.read = 0

    def read_range(self, source: str, offset: int, length: int, *, xxh3: int | None = None):
        self.read += length
        return self.data[offset : offset + length]

    def location(self, source: str) -> None:
        """In memory."""


def check_pictures(path: Path, found: Reading, numbers: list[int]) -> None:
    """Frames at random equal the pictures that were written, whose numbers are told."""
    rng = np.random.default_rng(1)
    for at in rng.permutation(len(numbers))[:12]:
        row = found.frames.slice(at, 1)
        pixels = read_decoded(Bytes(path), InlineSandbox(), row, row["sequence"].to_pylist())
        np.testing.assert_array_equal(pixels[0], decode_image(picture(numbers[at])))


@pytest.mark.parametrize("packed", [CompressionMode.NONE, CompressionMode.MESSAGE])
def test_every_message_is_found_with_its_nanoseconds(
    tmp_path: Path, packed: CompressionMode
) -> None:
    path = file_of(write_bag(tmp_path / "drive", packed=packed))
    found = read(path)
    times = found.frames["time_ns"].to_numpy()
    assert times.tolist() == [START_NS + number * STEP_NS for number in range(COUNT)]
    assert {channel.name: channel.messages for channel in found.recording.channels} == {
        "/camera": COUNT, "/imu": COUNT, "/log": COUNT,
    }  # fmt: skip
    turning = [
        row["value"] for row in found.signals.to_pylist() if row["name"] == "imu.angular_velocity.z"
    ]
    assert turning == [number / 100 for number in range(COUNT)]
    assert found.recording.container == "rosbag2"
    assert not found.recording.salvaged
    assert not [note for note in found.notes if "thinned" not in note]
    check_pictures(path, found, list(range(COUNT)))


def test_short_messages_lie_plain_and_long_ones_are_read_with_little_around_them(
    tmp_path: Path,
) -> None:
    path = file_of(write_bag(tmp_path / "drive"))
    found = read(path)
    packed = found.frames["chunk_offset"].to_numpy() >= 0
    assert packed.any()
    assert not packed.all()
    data = path.read_bytes()
    for row in found.frames.filter(~packed).to_pylist():
        stored = data[row["offset"] : row["offset"] + row["length"]]
        assert stored == picture(row["sequence"])
    assert len(set(found.frames["chunk_offset"].to_numpy()[packed])) == packed.sum()
    source = Bytes(path)
    read_decoded(source, InlineSandbox(), found.frames.slice(14, 1), [14])
    assert source.read < 1.5 * len(picture(14)) + 3 * 4096


@pytest.mark.parametrize("plugin", [StoragePlugin.SQLITE3, StoragePlugin.MCAP])
def test_splits_are_one_recording(tmp_path: Path, plugin: StoragePlugin) -> None:
    parts = [range(12), range(12, 17), range(17, COUNT)]
    bags = [write_bag(tmp_path / f"p{part[0]}", part, plugin=plugin) for part in parts]
    bag = split_bag(tmp_path / "bag", *bags)
    found = read(bag)
    whole = write_bag(tmp_path / "whole", plugin=plugin)
    alone = read(whole)
    assert found.frames["sequence"].to_pylist() == list(range(COUNT))
    assert found.frames["time_ns"].to_pylist() == alone.frames["time_ns"].to_pylist()
    assert found.frames["xxh3"].to_pylist() == alone.frames["xxh3"].to_pylist()
    assert len(set(found.frames["frame_id"].to_pylist())) == COUNT
    names = ["channel", "time_ns", "name", "value"]
    few = [row for row in found.signals.select(names).to_pylist() if row["name"].endswith("n.z")]
    assert few == sorted(few, key=lambda row: (row["name"], row["time_ns"]))
    assert {channel.name: channel.messages for channel in found.recording.channels} == {
        "/camera": COUNT, "/imu": COUNT, "/log": COUNT,
    }  # fmt: skip
    rates = {channel.name: channel.rate_hz for channel in found.recording.channels}
    assert rates == {"/camera": 10.0, "/imu": 10.0, "/log": 10.0}
    assert found.recording.start_ns == alone.recording.start_ns
    assert found.recording.duration_ns == alone.recording.duration_ns
    assert found.recording.container == "rosbag2-folder"
    assert not found.recording.salvaged
    check_pictures(bag, found, list(range(COUNT)))


def test_a_split_that_is_missing_is_told_and_one_that_nobody_named_is_read(tmp_path: Path) -> None:
    parts = [write_bag(tmp_path / f"p{at}", range(at, at + 10)) for at in (0, 10, 20)]
    bag = split_bag(tmp_path / "bag", *parts)
    (bag / "bag_1.db3").unlink()
    shutil.copy(file_of(parts[0]), bag / "copy.db3")
    shutil.copy(file_of(parts[1]), bag / "bag_3.db3")
    found = read(bag)
    assert "bag_1.db3 is missing, with 30 messages" in found.recording.salvaged
    assert [note for note in found.notes if "copy.db3 is not of this bag" in note]
    assert [note for note in found.notes if "does not name bag_3.db3" in note]
    numbers = [*range(10), *range(20, 30), *range(10, 20)]
    times = found.frames["time_ns"].to_pylist()
    assert times == [START_NS + number * STEP_NS for number in numbers]
    check_pictures(bag, found, numbers)


def test_a_bag_without_metadata_is_read_by_the_names_of_its_files(tmp_path: Path) -> None:
    parts = [write_bag(tmp_path / f"p{at}", range(at, at + 2)) for at in range(0, 22, 2)]
    bag = split_bag(tmp_path / "bag", *parts)
    (bag / "metadata.yaml").unlink()
    assert Rosbag2Layout().find(bag)[0].files[-2:] == ("bag_9.db3", "bag_10.db3")
    found = read(bag)
    numbers = [(time - START_NS) // STEP_NS for time in found.frames["time_ns"].to_pylist()]
    assert numbers == list(range(22))
    assert [note for note in found.notes if note.startswith("no metadata.yaml")]
    shutil.copy(bag / "bag_0.db3", bag / "other.db3")
    assert Rosbag2Layout().find(bag) == ()


def test_a_split_that_is_no_database_leaves_the_others(tmp_path: Path) -> None:
    parts = [write_bag(tmp_path / f"p{at}", range(at, at + 5)) for at in (0, 5)]
    bag = split_bag(tmp_path / "bag", *parts)
    (bag / "bag_0.db3").write_bytes(b"nothing of the kind" * 1000)
    found = read(bag)
    assert found.frames.num_rows == 5
    assert "bag_0.db3: is no SQLite database, with 15 messages" in found.recording.salvaged
    (bag / "bag_1.db3").unlink()
    with pytest.raises(UnreadableSource, match="holds nothing that can be read"):
        read(bag)


def test_a_bag_that_is_packed_as_a_whole_says_how_to_unpack_it(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / "bag", range(3), packed=CompressionMode.FILE)
    with pytest.raises(UnreadableSource) as refused:
        read(bag)
    assert "zstd -d" in refused.value.remedy
    (packed,) = bag.glob("*.zstd")
    assert Rosbag2Reader().recognises(packed.read_bytes(), packed.name)
    with pytest.raises(UnreadableSource) as refused:
        read(packed)
    assert "zstd -d" in refused.value.remedy
    plain = write_bag(tmp_path / "plain", range(3))
    packed.unlink()
    shutil.copy(file_of(plain), bag / "bag.db3")  # as unpacking leaves it, metadata unchanged
    assert read(bag).frames.num_rows == 3


def test_messages_packed_in_mcap_are_refused_with_a_remedy(tmp_path: Path) -> None:
    bag = write_bag(
        tmp_path / "bag", range(3), plugin=StoragePlugin.MCAP, packed=CompressionMode.MESSAGE
    )
    with pytest.raises(UnreadableSource) as refused:
        read(bag)
    assert "ros2 bag convert" in refused.value.remedy


def test_a_file_that_was_cut_off_is_read_as_far_as_its_pages_go(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / "bag")
    whole = file_of(bag).read_bytes()
    counts = []
    for size in range(len(whole), 20_000, -len(whole) // 25):
        file_of(bag).write_bytes(whole[:size])
        try:
            found = read(bag)
        except UnreadableSource:
            counts.append(0)
            continue
        numbers = [(time - START_NS) // STEP_NS for time in found.frames["time_ns"].to_pylist()]
        counts.append(len(numbers))
        check_pictures(bag, found, numbers)
        if size < len(whole):
            assert "the file was cut off" in found.recording.salvaged
            lost = COUNT - len(numbers)
            assert lost == 0 or "messages" in found.recording.salvaged
            assert lost == 0 or "at the end" in found.recording.salvaged
    assert counts[0] == COUNT
    assert counts == sorted(counts, reverse=True)
    assert counts[len(counts) // 2] > COUNT // 3, "half of the file holds more than this"


def test_damaged_pages_cost_their_messages_and_no_other(tmp_path: Path) -> None:
    path = file_of(write_bag(tmp_path / "drive"))
    whole = path.read_bytes()
    truth = {number: xxhash.xxh3_64_intdigest(picture(number)) for number in range(COUNT)}
    losses = 0
    for page in range(8, len(whole) // 4096, 7):
        data = bytearray(whole)
        data[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
        path.write_bytes(data)
        found = read(path)
        times = found.frames["time_ns"].to_numpy()
        numbers = ((times - START_NS) // STEP_NS).tolist()
        left = dict(zip(numbers, found.frames["xxh3"].to_pylist(), strict=True))
        assert left.items() <= truth.items()
        if len(left) < COUNT:
            losses += 1
            assert found.recording.salvaged
        assert len(left) >= COUNT - 6
    assert losses > 3, "no page was hit: the test has seen nothing"


def test_a_bag_that_was_not_closed_is_told(tmp_path: Path) -> None:
    path = file_of(write_bag(tmp_path / "drive", range(5)))
    recorder = sqlite3.connect(path, isolation_level=None)
    recorder.execute("PRAGMA journal_mode=WAL")
    recorder.execute(
        "INSERT INTO messages SELECT id + 100, topic_id, timestamp, data FROM messages"
    )
    copy = tmp_path / "left.db3"
    shutil.copy(path, copy)
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    recorder.close()
    found = read(copy)
    assert found.frames.num_rows == 5
    assert [note for note in found.notes if "wal_checkpoint" in note]
    assert not [note for note in read(path).notes if "wal_checkpoint" in note]
    assert read(path).frames.num_rows == 10


def test_what_is_no_bag_is_left_to_others(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE things (name TEXT)")
    database.close()
    assert not Rosbag2Reader().recognises(other.read_bytes(), other.name)
    with pytest.raises(UnreadableSource, match="no tables of topics and messages"):
        read(shutil.copy(other, tmp_path / "other.db3"))
    shutil.copy(other, tmp_path / "folder.db3")
    (tmp_path / "metadata.yaml").write_text("name: of another kind of folder\n")
    assert Rosbag2Layout().find(tmp_path) == ()


def test_both_are_found_by_name(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / "bag", range(3))
    files = Rosbag2Layout().find(bag)[0].files
    assert files == ("metadata.yaml", "bag.db3")
    assert read_source("rosbag2-folder", request(bag, files)).frames.num_rows == 3
    assert read_source("rosbag2", request(file_of(bag))).frames.num_rows == 3


def test_metadata_of_both_writers() -> None:
    ros = (
        "rosbag2_bagfile_information:\n  version: 4\n  storage_identifier: sqlite3\n"
        "  relative_file_paths:\n    - drive/drive_0.db3\n    - 'drive_1.db3'\n"
        "  topics_with_message_count:\n    - topic_metadata:\n        name: /files\n"
        '        offered_qos_profiles: "- path: x.db3\\n  depth: 0"\n      message_count: 9\n'
        "  compression_mode: FILE\n  files:\n    -\n      path: drive_1.db3\n"
        "      starting_time:\n        nanoseconds_since_epoch: 1000\n"
        "      duration:\n        nanoseconds: 234\n      message_count: 7\n"
    )
    told = parse_metadata(ros)
    assert told is not None
    assert told.compression == "file"
    assert told.splits == (
        Split(name="drive_0.db3"), Split(name="drive_1.db3", until_ns=1234, messages=7),
    )  # fmt: skip
    assert parse_metadata("something: else\n") is None
    assert parse_metadata("- " * 1000 + "\n\x00: : -\n" * 10) is None
