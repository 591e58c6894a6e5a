"""Selections from the terminal: compared, picked, thinned against history, and outlived."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from test_pipelines_searching import COUNT, Terminal, mean_colour, pictures

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A red drive and a blue one, described, ten frames a second."""
    folder = tmp_path_factory.mktemp("selections")
    terminal = Terminal(folder / "workspace")
    for name, red in (("red", True), ("blue", False)):
        drive = pictures(folder / name, red=red, seed=len(name))
        terminal.run("ingest", str(drive), "--rate-hz", "10", "--describe", "1")
    for name in ("red", "blue"):
        terminal.run("search", f"recording = vehicle/{name}", "--save", name)
    terminal.run("search", "recording = vehicle/red and sequence < 6", "--save", "half")
    return terminal


def test_two_selections_side_by_side(terminal: Terminal) -> None:
    told = terminal.ask("selections", "compare", "half", "red", "--radius", "0.6")
    assert told["frames"] == [6, COUNT]
    assert (told["shared_frames"], told["shared_recordings"]) == (6, 1)
    assert sum(pair[1] for pair in told["composition"]["condition"].values()) == COUNT
    likeness = told["likeness"]
    assert likeness["effective"][0] <= 6
    assert likeness["alike"][0] == 0  # all of its frames are in the other
    assert 0 < likeness["alike"][1] <= COUNT - 6
    text = terminal.run("selections", "compare", "red", "blue", "--radius", "0.2")
    assert "0 frames and 0 recordings are in both" in text
    assert "no recording, selection or dataset" in terminal.refused(
        "selections", "compare", "red", "green"
    )


def test_what_came_before_is_not_taken_again(terminal: Terminal) -> None:
    alone = terminal.ask("selections", "thin", "red", "--radius", "0.5", "--save", "alone")
    first = terminal.ask("selections", "thin", "half", "--radius", "0.5", "--save", "first")
    asked = ("selections", "thin", "red", "--radius", "0.5", "--against", "first")
    told = terminal.ask(*asked, "--save", "fresh")
    assert told["cells_taken_up"]
    assert told["compared_with"] == first["after"]
    assert told["after"] == alone["after"] - first["after"]
    assert told["alike_before"] >= 6
    lineage = terminal.run("lineage", "selection:fresh")
    assert "selection:first" in lineage
    assert "recording vehicle/red" in lineage
    other = terminal.ask("selections", "thin", "blue", "--against", "half", "--save", "b")
    assert not other["cells_taken_up"]
    refused = terminal.refused(
        "selections", "thin", "half", "--radius", "0.5", "--against", "red", "--save", "none"
    )
    assert "all 6 frames are in 'red' or look like frames of it" in refused


def test_the_lineage_of_a_search_ends_at_its_recordings(terminal: Terminal) -> None:
    query = "brightness > 0.1 and recording = vehicle/blue"
    terminal.run("search", query, "--save", "lit", "--living")
    terminal.run("selections", "freeze", "lit")
    lineage = terminal.run("lineage", "selection:lit")
    assert "recording vehicle/blue" in lineage
    assert "vehicle/red" not in lineage
    assert "query:lit" in lineage
    shown = terminal.run("selections", "show", "lit")
    assert "query: brightness > 0.1 and recording_id = 'vehicle/blue'" in shown
    assert "searched up to batch: " in shown


def test_key_frames_serve_tracks_and_nothing_is_picked_twice(
    terminal: Terminal, tmp_path: Path
) -> None:
    rows = [
        ("vehicle/red", f"{thing}", "car", at * SECOND // 10, 5.0 + abs(at - near), 0.0)
        for thing, near in (("a", 2), ("b", 9))
        for at in range(COUNT)
    ]
    names = ("recording_id", "track_id", "category", "time_ns", "x_m", "y_m")
    path = tmp_path / "tracks.csv"
    pa.csv.write_csv(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), path)
    terminal.run("tracks", "import", str(path))
    asked = ("selections", "pick", "all", "--per-track", "1", "--min-gap-s", "0.2")
    told = terminal.ask(*asked, "--per-recording", "3", "--save", "keys")
    assert (told["tracks"], told["served"], told["untracked"]) == (2, 2, 1)
    assert told["least_gap_s"] >= 0.2
    keys = terminal.ask("selections", "show", "keys")["frames"]
    red = [frame for frame in keys if "red" in frame]
    assert len(red) == len(keys) - len(red) == 3
    assert {"vehicle/red/camera/000009"} <= set(red)  # where b is nearest, in the dark
    more = terminal.ask(*asked, "--per-recording", "2", "--without", "keys", "--save", "more")
    later = terminal.ask("selections", "show", "more")["frames"]
    assert not set(later) & set(keys)
    assert more["without"] == len(keys)
    refused = terminal.refused(*asked, "--without", "red", "--without", "blue", "--save", "x")
    assert "no frame is left" in refused


def test_a_query_over_time_needs_no_frames(terminal: Terminal) -> None:
    told = terminal.ask("search", "brightness < 0.1", "--stretches")
    assert [row["recording_id"] for row in told["rows"]] == ["vehicle/blue", "vehicle/red"]
    assert told["rows"][0]["start_ns"] == 8 * SECOND // 10
    assert "holds at some times" in terminal.refused("search", "", "--stretches")
    assert "stands with QUERY" in terminal.refused(
        "search", "stopped", "--stretches", "--text", "a"
    )


def test_braking_is_found_in_a_real_minute_without_frames(
    terminal: Terminal, test_data: Path
) -> None:
    """comma2k19 as it lies: signals, no video."""
    terminal.run("ingest", str(test_data / "comma2k19"))
    told = terminal.ask("search", "braking", "--stretches")
    assert len(told["rows"]) >= 3
    assert all("b0c9d2329ad1606b" in row["recording_id"] for row in told["rows"])
    moving = terminal.ask("search", "moving for 50 s", "--stretches")
    assert moving["rows"][0]["seconds"] > 55
    assert terminal.ask("search", "stopped", "--stretches")["rows"] == []


def test_a_selection_that_outlived_its_frames(tmp_path: Path) -> None:
    """Eight of twelve pictures come back under the name of the drive: four frames are no more."""
    terminal = Terminal(tmp_path / "workspace")
    drive = pictures(tmp_path / "drive", red=True, seed=3)
    taken = ("ingest", str(drive), "--rate-hz", "10", "--describe", "1")
    terminal.run(*taken)
    terminal.run("search", "", "--save", "every")
    for picture in sorted(drive.iterdir())[8:]:
        picture.unlink()
    terminal.run(*taken, "--replace")
    assert len(terminal.frames("brightness >= 0", "--limit", "100")) == 8
    assert len(terminal.ask("selections", "show", "every")["frames"]) == COUNT  # what it was
    network = str(mean_colour(tmp_path / "colour.onnx"))
    model = ("--model", network, "--predictor", "embedding")
    for asked in (
        ("selections", "thin", "every", "--save", "x"),
        ("selections", "pick", "every", "--save", "x"),
        ("selections", "compare", "every", "every"),
        ("coverage", "every"),
        ("tags", "set", "weather=rain", "--on", "every"),
        ("mine", "--from", "every", *model, "--strategy", "k-center", "--save", "x"),
    ):
        assert "4 of 12 frames are in no recording any more" in terminal.refused(*asked)
    gone = "vehicle/drive/camera/000009"
    assert "neither a frame nor a file" in terminal.refused("search", f"like('{gone}')")
    assert "no such frame" in terminal.refused("selections", "add", "every", gone)
    assert "selection:x" not in terminal.ask("selections", "list")


def test_scores_that_are_no_numbers(terminal: Terminal, tmp_path: Path) -> None:
    """A network that embeds says nothing of how sure it is."""
    model = ("--model", str(mean_colour(tmp_path / "c.onnx")), "--predictor", "embedding")
    told = terminal.refused("mine", *model, "--strategy", "entropy", "--save", "x")
    assert "not a number" in told
    terminal.run("mine", *model, "--strategy", "k-center", "--budget", "3", "--save", "fine")
