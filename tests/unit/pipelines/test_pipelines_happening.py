from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import InputError, InvalidConfig, UnknownName
from ringroad.ingest.campaigns.declared import parse_campaign
from ringroad.media.export.ros2_types import MOTION
from ringroad.media.export.ros2_write import motion_message
from ringroad.media.messages.ros2 import IMAGE
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.curate.funnel import funnel
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.campaigning import (
    Declared,
    read_campaign,
    read_truth,
    replay_over,
    replayed,
    replays,
    together,
)
from ringroad.pipelines.recordings.collect import Taken, collect
from ringroad.pipelines.recordings.happening import Limits, events_of, read_limits
from ringroad.pipelines.recordings.see import see
from ringroad.pipelines.recordings.thinning import ALIAS, mark, thin
from ringroad.pipelines.workspace import Workspace
from ringroad.report.funnel import funnel_picture
from ringroad.simulate.mcap_file import RecordingFile, image_message
from ringroad.workflow.bench import SilentTracker

START = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
SECONDS = 60
"""Drives for 20 s, brakes hard, stands from about 24 s on with a frozen picture."""

CAMPAIGN = """
name = "braking"
pre_roll_s = 3.0
post_roll_s = 2.0

[[triggers]]
name = "hard"
events = ["hard-brake"]

[[wanted]]
events = ["hard-brake"]
"""


def write_recording(path: Path, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    file = RecordingFile()
    file.channel("/camera", IMAGE)
    file.channel("/motion", MOTION)
    scene = rng.integers(0, 255, (48, 80, 3), np.uint8)
    for tick in range(SECONDS * 10):
        second = tick / 10
        time_ns = START + tick * (SECOND // 10)
        speed = float(np.clip(15.0 - 6.0 * (second - 20.0), 0.0, 15.0))
        file.message("/motion", time_ns, motion_message(time_ns, speed, 0.0))
        if tick % 5 == 0:
            if speed > 0:
                scene = rng.integers(0, 255, (48, 80, 3), np.uint8)
            file.message("/camera", time_ns, image_message(time_ns, encode_jpeg(scene)))
    path.write_bytes(file.finish())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("happening")
    (folder / "in").mkdir()
    write_recording(folder / "in" / "one.mcap", 1)
    write_recording(folder / "in" / "two.mcap", 2)
    opened = open_workspace(
        Settings(folder=folder / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def taken(workspace: Workspace) -> tuple[Taken, ...]:
    """One recording copied, one left in place; both decoded."""
    folder = workspace.folder.parent / "in"
    copied = collect(workspace, [folder / "one.mcap"], vehicle="car", copy=True).taken
    in_place = collect(workspace, [folder / "two.mcap"], vehicle="car", copy=False).taken
    see(workspace, [*copied, *in_place], width=80, height=48)
    return (*copied, *in_place)


def test_events_are_rows_of_their_table(workspace, taken):
    (first, second) = (table_of(workspace, part) for part in events_of(workspace, taken))
    assert first["event"].to_pylist() == ["hard-brake", "stop", "standstill"]
    assert second["event"].to_pylist() == first["event"].to_pylist()
    indexed = workspace.rows("events", where="event = 'hard-brake'")
    assert indexed["recording_id"].to_pylist() == ["car/one.mcap", "car/two.mcap"]


def test_thinning_previews_all_and_marks_what_is_copied(workspace, taken):
    found = thin(workspace, taken, keep_score=0.5, limits=Limits())
    assert {item.recording for item in found.going} == {"car/one.mcap", "car/two.mcap"}
    assert all(item.reason == "duplicate" for item in found.going)
    assert all(item.start_ns >= START + 23 * SECOND for item in found.going)
    assert found.in_place == ("car/two.mcap",)
    assert found.unseen == ()
    frames = table_of(workspace, taken[0].frames)
    assert found.size_bytes == pytest.approx(2 * sum(frames["length"].to_pylist()), rel=0.05)
    assert 0 < found.going_bytes < found.size_bytes
    assert 60 <= found.going_s <= 75
    assert found.saved == pytest.approx(found.going_bytes / 1e12 * 23 * 12)
    assert workspace.catalog.resolve(ALIAS) is None  # a preview marks nothing
    made, marked = mark(workspace, found)
    assert {item.recording for item in marked} == {"car/one.mcap"}
    assert workspace.catalog.resolve(ALIAS) == made.id
    told = workspace.json(made)
    assert sum(item["size_bytes"] for item in told["going"]) == sum(i.size_bytes for i in marked)
    for place in ("one.mcap", "two.mcap"):
        assert (workspace.folder.parent / "in" / place).exists()
    # Nothing was deleted: every byte of the copied one is still read.
    source = taken[0].source
    assert len(workspace.sources.read_range(source.digest, 0, source.size_bytes)) > 0


def test_the_funnel_counts_frames_and_bytes(workspace, taken):
    raw, useful, labelled, used = funnel(workspace)
    assert (raw.name, raw.frames) == ("raw", 2 * SECONDS * 2)
    going = thin(workspace, taken, keep_score=0.5, limits=Limits())
    assert useful.size_bytes == raw.size_bytes - going.going_bytes
    assert 0 < useful.frames < raw.frames
    assert labelled.frames == used.frames == 0
    counts = [(stage.name, stage.frames, stage.size_bytes) for stage in (raw, useful, labelled)]
    picture = funnel_picture(counts, format="png")
    assert picture.startswith(b"\x89PNG")
    assert funnel_picture(counts, format="png") == picture
    assert b"useful" in funnel_picture(counts, format="svg")


def test_a_campaign_is_replayed_and_remembered(workspace, taken, tmp_path):
    path = tmp_path / "braking.toml"
    path.write_text(CAMPAIGN)
    declared = read_campaign(path)
    made = replay_over(workspace, declared, taken)
    told = workspace.json(made)
    assert len(told["captures"]) == 2
    assert told["recall"] == [{"events": ["hard-brake"], "wanted": 2, "kept": 2}]
    hours = 2 * SECONDS / 3600
    assert told["kept_gb_per_hour"] == pytest.approx(told["kept_bytes"] / 1e9 / hours, rel=0.02)
    assert told["of_a_car_of_1000_gb_per_hour"] == pytest.approx(1000 * told["share"])
    assert 0.05 < told["share"] < 0.4
    assert replayed(workspace, "braking") == told
    assert list(replays(workspace)) == ["braking"]
    assert replay_over(workspace, declared, taken) == made
    with pytest.raises(UnknownName, match="was replayed here"):
        replayed(workspace, "other")


def test_truth_decides_recall_where_it_is_given(workspace, taken, tmp_path):
    path = tmp_path / "truth.csv"
    rows = [
        ("car/one.mcap", "hard-brake", START + 20 * SECOND, START + 22 * SECOND),
        ("car/one.mcap", "hard-brake", START + 40 * SECOND, START + 42 * SECOND),
    ]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("recording_id", "event", "start_ns", "end_ns"), *rows])
    plan = Declared(campaign=parse_campaign(CAMPAIGN, subject="c"), text=CAMPAIGN)
    told = workspace.json(replay_over(workspace, plan, taken, truth=read_truth(path)))
    assert told["recall"] == [{"events": ["hard-brake"], "wanted": 2, "kept": 1}]
    path.write_text(path.read_text().replace("one.mcap", "none.mcap"))
    with pytest.raises(UnknownName, match="not replayed"):
        replay_over(workspace, plan, taken, truth=read_truth(path))
    path.write_text("recording_id,event\nx,y\n")
    with pytest.raises(InputError, match="no table of events"):
        read_truth(path)


def test_moments_that_several_campaigns_keep_count_for_the_first(workspace, taken):
    low = CAMPAIGN.replace('"braking"', '"wide"').replace("pre_roll_s = 3.0", "pre_roll_s = 8.0")
    high = CAMPAIGN.replace('name = "braking"', 'name = "first"\npriority = 5')
    told = [
        workspace.json(
            replay_over(
                workspace, Declared(campaign=parse_campaign(text, subject="c"), text=text), taken
            )
        )
        for text in (low, high)
    ]
    first, second = together(told)
    assert (first["campaign"], second["campaign"]) == ("first", "wide")
    assert first["added_s"] == pytest.approx(first["kept_s"])
    assert second["added_s"] == pytest.approx(10.0)  # 5 s more before each of two
    assert second["kept_s"] == pytest.approx(first["kept_s"] + 10.0)


def test_limits_come_from_a_file(tmp_path):
    path = tmp_path / "LIMITS.toml"
    path.write_text("[events]\nbrake_mps2 = 3\n[storage]\ncost_per_tb_month = 4\n")
    found = read_limits(path)
    assert (found.events.brake_mps2, found.storage.cost_per_tb_month) == (3.0, 4.0)
    path.write_text("[events]\nbreak_mps2 = 3\n")
    with pytest.raises(InvalidConfig, match="unknown key 'break_mps2'"):
        read_limits(path)
    path.write_text("[storage]\ncost_per_tb_month = -1\n")
    with pytest.raises(InvalidConfig, match="is no price"):
        read_limits(path)
