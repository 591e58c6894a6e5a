"""`ringroad recordings export` and `transcode` as they are typed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("typed")

    def typed(*arguments: str, status: int = 0) -> str:
        options = ("--workspace", str(folder / "workspace"), "--workers", "1")
        result = CliRunner().invoke(ringroad, [*arguments, *options])
        assert result.exit_code == status, result.output
        return result.output

    clip = write_clip(folder / "clip.mp4", "h264_b_frames")
    typed("ingest", str(clip), "--vehicle", "car")
    return typed


def test_a_recording_leaves_and_the_losses_are_told(run, tmp_path):
    told = run("recordings", "export", "car/clip.mp4", "--to", str(tmp_path / "a.mcap"))
    assert "36 messages on 1 topics" in told
    assert "lost  checks, events, annotations and predictions" in told
    again = run("recordings", "export", "car/clip.mp4", "--to", str(tmp_path / "a.mcap"), status=2)
    assert "is there already" in again


def test_json_says_it_all(run, tmp_path):
    told = run(
        "recordings", "export", "car/clip.mp4", "--to", str(tmp_path), "--from-s", "0.7",
        "--profile", "training", "--width", "64", "--json",
    )  # fmt: skip
    (value,) = json.loads(told)["exported"]
    assert Path(value["path"]).name == "car+clip.mp4@0.700-1.800s.mcap"
    assert (value["profile"], value["format"]) == ("training", "mcap")
    assert value["messages"] == {"/camera": 26}
    assert {loss["channel"] for loss in value["losses"]} == {"", "camera"}


def test_a_form_is_made_once(run):
    first = run("recordings", "transcode", "car/clip.mp4", "--profile", "preview", "--json")
    (value,) = json.loads(first)["transcoded"]
    assert (value["frames"], value["width"], value["height"]) == (18, 96, 64)
    assert json.loads(
        run("recordings", "transcode", "car/clip.mp4", "--profile", "preview", "--json")
    ) == json.loads(first)
    line = run("recordings", "transcode", "car/clip.mp4", "--profile", "preview")
    assert "camera  18 frames as" in line


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("export", "car/none.mp4", "--to", "x"), "car/none.mp4"),
        (("export", "car/clip.mp4", "--to", "x", "--width", "64"), "have their own width"),
        (("export", "car/clip.mp4", "--to", "x", "--channel", "rear"), "no channel 'rear'"),
        (("transcode", "car/clip.mp4", "--profile", "training", "--width", "3"), "3 pixels"),
        (("transcode", "car/clip.mp4", "--profile", "tiny"), "tiny"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(run, arguments, what):
    assert what in run("recordings", *arguments, status=2)
