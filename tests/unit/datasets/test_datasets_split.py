"""Splits: units stay whole, conditions reach each split, blocks keep their distance."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.datasets.split import ROWS, block_unit, by_block, by_recording, declared_block
from ringroad.domain.errors import InputError, UsageError

SPLITS = ("train", "val", "test")


def drives(lengths: dict[str, tuple[int, str]], channels: int = 1) -> pa.Table:
    """Recording -> (frames, condition); channels beat 3 ns apart in frames of 100 ns."""
    return pa.Table.from_pylist(
        [
            {
                "frame_id": f"{name}/cam{c}/{i:06d}",
                "recording_id": name,
                "channel": f"cam{c}",
                "time_ns": 100 * i + 3 * c,
                "condition": condition,
            }
            for name, (count, condition) in lengths.items()
            for c in range(channels)
            for i in range(count)
        ]
    )


def units(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["unit"].to_pylist(), table["split"].to_pylist(), strict=True))


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=4),
        st.tuples(st.integers(1, 9), st.sampled_from(["day", "dusk", "night"])),
        min_size=1,
        max_size=14,
    ),
    st.integers(0, 2**32),
)
def test_recordings_stay_whole_and_conditions_reach_each_split(
    lengths: dict[str, tuple[int, str]], seed: int
) -> None:
    table = by_recording(drives(lengths), seed=seed)
    assert table.schema == ROWS
    assert len(table) == sum(count for count, _ in lengths.values())
    pairs = set(zip(table["unit"].to_pylist(), table["split"].to_pylist(), strict=True))
    assert len(pairs) == len(lengths)
    for condition, have in Counter(c for _, c in lengths.values()).items():
        got = {s for u, s in pairs if lengths[u][1] == condition}
        assert got == {"train", "test", "val"} if have >= 3 else len(got) == have


def test_shares_are_kept() -> None:
    table = by_recording(drives({f"r{i:02d}": (2, "day") for i in range(50)}), seed=1)
    assert Counter(units(table).values()) == {"train": 35, "val": 5, "test": 10}


def test_seeds_repeat_and_differ_and_order_does_not_matter() -> None:
    frames = drives({f"r{i:02d}": (2, "day") for i in range(50)})
    first = by_recording(frames, seed=1)
    assert first.equals(by_recording(frames.take(list(range(len(frames)))[::-1]), seed=1))
    assert units(first) != units(by_recording(frames, seed=2))


def test_another_condition_moves_no_unit() -> None:
    day = {f"r{i:02d}": (2, "day") for i in range(20)}
    before = units(by_recording(drives(day), seed=1))
    after = units(by_recording(drives({**day, "n1": (3, "night")}), seed=1))
    assert {unit: after[unit] for unit in before} == before


def test_assigned_recordings_stay_where_they_were_put() -> None:
    frames = drives(dict.fromkeys("abcdef", (2, "day")))
    table = by_recording(frames, assigned={"a": "test", "b": "val"}, seed=0)
    assert units(table)["a"] == "test"
    assert units(table)["b"] == "val"
    everything = {"a": "test"} | dict.fromkeys("bcdef", "train")
    assert units(by_recording(frames, assigned=everything, seed=0)) == everything


def test_what_cannot_be_split_so() -> None:
    frames = drives({"a": (2, "day")})
    with pytest.raises(InputError, match="x: a split is assigned"):
        by_recording(frames, assigned={"x": "test"}, seed=0)
    with pytest.raises(InputError, match="unknown split 'dev'"):
        by_recording(frames, assigned={"a": "dev"}, seed=0)
    with pytest.raises(InputError, match="unknown split 'dev'"):
        by_recording(frames, fractions={"train": 0.5, "dev": 0.5}, seed=0)
    with pytest.raises(UsageError, match="no shares"):
        by_recording(frames, fractions={"train": 0.5, "test": 0.6}, seed=0)
    with pytest.raises(UsageError, match="block 0"):
        by_block(frames, block=0, gap=0, seed=0)


def test_blocks_and_gaps() -> None:
    table = by_block(drives({"v/a": (23, "day"), "v/b": (4, "night")}), block=5, gap=2, seed=0)
    sequences: dict[str, list[int]] = {}
    for frame, unit in zip(table["frame_id"].to_pylist(), table["unit"].to_pylist(), strict=True):
        sequences.setdefault(unit, []).append(int(frame[-6:]))
    assert sequences == {
        "v/a#block-000": [0, 1, 2, 3, 4],
        "v/a#block-001": [7, 8, 9, 10, 11],
        "v/a#block-002": [14, 15, 16, 17, 18],
        "v/b#block-000": [0, 1, 2, 3],
    }  # two frames from 21 on are less than half a block
    assert block_unit(5, 2) == "block of 5 frames, 2 dropped between"


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 8), st.integers(0, 4), st.integers(1, 60), st.integers(1, 3), st.integers(0, 99)
)
def test_frames_of_different_splits_keep_their_distance(
    block: int, gap: int, count: int, channels: int, seed: int
) -> None:
    frames = drives({"v/a": (count, "day")}, channels)
    table = by_block(frames, block=block, gap=gap, seed=seed)
    times = dict(zip(frames["frame_id"].to_pylist(), frames["time_ns"].to_pylist(), strict=True))
    rows = sorted(
        (times[frame] // 100, split)
        for frame, split in zip(
            table["frame_id"].to_pylist(), table["split"].to_pylist(), strict=True
        )
    )
    assert all(b - a > gap for (a, s), (b, t) in pairwise(rows) if s != t)


def test_recorded_drives_in_blocks(test_data: Path) -> None:
    """530 frames of three drives, one of them at dusk: each split has dusk and day."""
    names = sorted(path.stem for path in (test_data / "camvid" / "images").glob("*.jpg"))
    frames = pa.Table.from_pylist(
        [
            {
                "frame_id": f"camvid/{name[:6]}/front/{name[7:]}",
                "recording_id": f"camvid/{name[:6]}",
                "channel": "front",
                "time_ns": i,
                "condition": "dusk" if name.startswith("0001TP") else "day",
            }
            for i, name in enumerate(names)
        ]
    )
    table = by_block(frames, block=20, gap=5, seed=3)
    blocks = Counter(unit.split("#")[0] for unit in units(table))
    assert blocks == {"camvid/0001TP": 5, "camvid/0006R0": 4, "camvid/0016E5": 12}
    seen = set(zip(table["split"].to_pylist(), table["condition"].to_pylist(), strict=True))
    assert seen == {(split, condition) for split in SPLITS for condition in ("day", "dusk")}


def test_a_header_declares_its_block() -> None:
    assert declared_block(block_unit(20, 5)) == (20, 5)
    assert declared_block("recording") is None
