"""Tracks at the terminal: drawn, listed, shown, cut, joined, renamed; each change is a revision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

CHANNEL = "vehicle/drive/camera"


def frame(number: int) -> str:
    return f"{CHANNEL}/{number:06d}"


class Desk:
    """A workspace of ten frames, asked through the command line."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        pictures = folder / "drive"
        pictures.mkdir()
        for number in range(10):
            pixels = np.full((80, 200, 3), 60 + number, np.uint8)
            (pictures / f"{number:03d}.jpg").write_bytes(encode_jpeg(pixels))
        assert self.run("ingest", str(pictures)).exit_code == 0

    def run(self, *arguments: str) -> Result:
        more = ("--json", "--workspace", str(self.workspace), "--workers", "1")
        return CliRunner().invoke(ringroad, [*arguments, *more])

    def ask(self, *arguments: str) -> dict[str, Any]:
        result = self.run("labels", "tracks", *arguments)
        assert result.exit_code == 0, result.output
        told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return told

    def refused(self, *arguments: str) -> str:
        result = self.run("labels", "tracks", *arguments)
        assert result.exit_code in {1, 2, 6}, result.output
        error: dict[str, str] = json.loads(result.output.splitlines()[-1])
        assert error["remedy"]
        return f"{error['subject']}: {error['what']}"

    def key(self, track: str, number: int, x: float, *more: str) -> dict[str, Any]:
        box = ("--box", f"{x},10,20,20", "--category", "car", "--by", "ann")
        return self.ask("key", track, frame(number), *box, *more)

    def at(self, track: str) -> dict[int, tuple[float, bool]]:
        """Number of the frame -> x, and whether somebody drew it."""
        rows = self.ask("show", track)["frames"]
        return {int(row["frame"][-6:]): (round(row["box"][0], 3), row["key"]) for row in rows}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_track_is_drawn_key_by_key(desk: Desk) -> None:
    desk.key("7", 2, 10)
    made = desk.key("7", 6, 50)
    assert set(made["revisions"]) == {frame(n) for n in (3, 4, 5, 6)}
    assert desk.at("7") == {2: (10, True), 3: (20, False), 4: (30, False), 5: (40, False),
                            6: (50, True)}  # fmt: skip
    desk.key("7", 4, 60)
    assert desk.at("7")[3] == (35, False)
    desk.ask("unkey", "7", frame(4), "--by", "ben", "--reason", "was right before")
    assert desk.at("7")[4] == (30, False)
    (line,) = desk.ask("list")["tracks"]
    assert line == {"channel": CHANNEL, "track": "7", "category": "car", "frames": 5, "keys": 2,
                    "first": frame(2), "last": frame(6)}  # fmt: skip
    history = json.loads(desk.run("labels", "revisions", frame(4)).stdout)["revisions"]
    assert [(one["author"], one["reason"]) for one in history] == [
        ("ann", "track 7"), ("ann", "track 7"), ("ben", "was right before"),
    ]  # fmt: skip


def test_a_track_that_leaves_is_not_filled(desk: Desk) -> None:
    desk.key("7", 0, 10, "--ends")
    desk.key("7", 4, 50)
    assert desk.at("7") == {0: (10, True), 4: (50, True)}


def test_a_track_is_cut_and_joined_again(desk: Desk) -> None:
    desk.key("a", 0, 0)
    desk.key("a", 8, 80)
    desk.ask("split", "a", "--at", frame(5), "--to", "b", "--by", "lea")
    assert list(desk.at("a")) == [0, 1, 2, 3, 4]
    assert desk.at("a")[4] == (40, True)  # the ends at the cut are drawn
    assert desk.at("b") == {5: (50, True), 6: (60, False), 7: (70, False), 8: (80, True)}
    desk.key("b", 8, 110)  # b moves alone now
    assert desk.at("b")[6] == (70, False)
    assert desk.at("a")[4] == (40, True)
    desk.ask("merge", "a", "b", "--by", "lea")
    assert list(desk.at("a")) == list(range(9))
    assert "no track" in desk.refused("show", "b")


def test_a_gap_between_joined_tracks_stays_unless_it_is_filled(desk: Desk) -> None:
    for name, at in (("a", (0, 2)), ("b", (6, 8)), ("c", (0, 2)), ("d", (6, 8))):
        for number in at:
            desk.key(name, number, 10.0 * number)
    desk.ask("merge", "a", "b", "--by", "lea")
    assert list(desk.at("a")) == [0, 1, 2, 6, 7, 8]
    desk.key("a", 8, 90)  # nor is it filled by a later edit
    assert list(desk.at("a")) == [0, 1, 2, 6, 7, 8]
    desk.ask("merge", "c", "d", "--fill", "--by", "lea")
    assert desk.at("c") == {n: (10.0 * n, n in {0, 2, 6, 8}) for n in range(9)}


def test_a_track_gets_another_name(desk: Desk) -> None:
    desk.key("a", 0, 0)
    desk.key("a", 2, 20)
    ids = [row["id"] for row in desk.ask("show", "a")["frames"]]
    desk.ask("rename", "a", "b", "--by", "lea")
    assert [row["id"] for row in desk.ask("show", "b")["frames"]] == ids
    assert [line["track"] for line in desk.ask("list")["tracks"]] == ["b"]


def test_what_makes_no_sense_is_refused(desk: Desk) -> None:
    for name, number in (("a", 0), ("a", 4), ("b", 4), ("b", 6)):
        desk.key(name, number, 10.0 * number)
    by = ("--by", "lea")
    assert "both on it" in desk.refused("merge", "a", "b", *by)
    assert "track of that name" in desk.refused("rename", "a", "b", *by)
    assert "nothing is cut" in desk.refused("split", "a", "--at", frame(0), "--to", "c", *by)
    assert "nothing is cut" in desk.refused("split", "a", "--at", frame(9), "--to", "c", *by)
    assert "no track" in desk.refused("show", "z")
    assert "no track" in desk.refused("show", "a", "--channel", "vehicle/drive/rear")
    assert "is no frame" in desk.refused("key", "a", frame(99), "--box", "1,1,2,2", *by)
    assert "needs a category" in desk.refused("key", "new", frame(1), "--box", "1,1,2,2", *by)
    assert "is no box" in desk.refused("key", "a", frame(1), "--box", "1,1,2", *by)
    assert "nothing changes" in desk.refused("unkey", "a", frame(9), *by)
