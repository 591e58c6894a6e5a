"""Search from the terminal over synthetic pictures and real clips: index, likeness, selections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

COUNT = 12


class Terminal:
    """The command line in one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, status: int = 0) -> str:
        shared = ["--workspace", str(self.folder), "--workers", "1"]
        result = CliRunner().invoke(ringroad, [*arguments, *shared])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    def ask(self, *arguments: str, status: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", status=status))

    def refused(self, *arguments: str) -> str:
        """What is said where the command fails; nothing but one clear error."""
        result = CliRunner().invoke(
            ringroad, [*arguments, "--workspace", str(self.folder), "--workers", "1"]
        )
        assert result.exit_code in (1, 2), result.output
        assert isinstance(result.exception, SystemExit), result.exception
        return result.output + result.stderr

    def frames(self, *arguments: str) -> list[str]:
        return [row["frame_id"] for row in self.ask("search", *arguments)["frames"]]


def pictures(folder: Path, *, red: bool, seed: int) -> Path:
    """A drive of a dozen pictures: red ones, or blue ones, dark towards the end."""
    folder.mkdir(parents=True)
    draw = np.random.Generator(np.random.PCG64(seed))
    for number in range(COUNT):
        light = 1.0 if number < 8 else 0.12
        shown = draw.uniform(0, 60, (96, 160, 3)) * light
        shown[:, :, 0 if red else 2] += 160 * light
        shown[10 * (number % 4) : 10 * (number % 4) + 30, 40:80] *= 0.5
        (folder / f"{number:02d}.jpg").write_bytes(encode_jpeg(shown.astype(np.uint8)))
    return folder


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Two drives, described; a third that was only indexed."""
    folder = tmp_path_factory.mktemp("searching")
    terminal = Terminal(folder / "workspace")
    for name, red in (("red", True), ("blue", False)):
        drive = pictures(folder / name, red=red, seed=len(name))
        terminal.run("ingest", str(drive), "--rate-hz", "10", "--describe", "1")
    terminal.run("ingest", str(pictures(folder / "raw", red=True, seed=9)), "--rate-hz", "10")
    return terminal


def test_columns_and_what_is_not_decoded_yet(terminal: Terminal) -> None:
    told = terminal.ask("search", "recording = vehicle/red and brightness > 0.1", "--limit", "3")
    assert (told["matched"], told["searched"], len(told["frames"])) == (8, 3 * COUNT, 3)
    assert any(f"{COUNT} frames are not decoded yet" in note for note in told["notes"])
    assert terminal.frames("recording = vehicle/red order by brightness desc limit 1")


def test_likeness_finds_the_other_drive_of_its_colour(terminal: Terminal, tmp_path: Path) -> None:
    example = "vehicle/red/camera/000002"
    found = terminal.frames("--like", example, "--limit", "7")
    assert example not in found
    assert all(frame.startswith("vehicle/red/") for frame in found)
    path = tmp_path / "blue.jpg"
    blue = np.zeros((96, 160, 3), np.uint8)
    blue[..., 2] = 180
    path.write_bytes(encode_jpeg(blue))
    found = terminal.frames(f"like('{path}')", "--limit", "7")
    assert all(frame.startswith("vehicle/blue/") for frame in found)
    crop = terminal.frames(f"like('{example}', crop 20 20 100 60)", "--limit", "5")
    assert all(frame.startswith("vehicle/red/") for frame in crop)
    far = terminal.frames(f"unlike('{example}')", "--limit", "3")
    assert all(frame.startswith("vehicle/blue/") for frame in far)


def test_bad_examples_are_told(terminal: Terminal, tmp_path: Path) -> None:
    example = "vehicle/red/camera/000002"
    text = tmp_path / "no.jpg"
    text.write_text("not a picture")
    for query, said in [
        (f"like('{example}', crop 20 20 1000 60)", "reaches to"),
        ("like('vehicle/red/camera/999999')", "neither a frame nor a file"),
        ("like('vehicle/raw/camera/000001')", "no embedding"),
        (f"like('{text}')", "JPEG"),
        (f"like('{example}', in nothing)", "embeddings"),
    ]:
        told = CliRunner().invoke(ringroad, ["search", query, "--workspace", str(terminal.folder)])
        assert told.exit_code in (1, 2), told.output
        assert said in told.output + told.stderr


@pytest.mark.parametrize(
    ("query", "place", "nearest"),
    [
        ("condition = night and speeed > 5", "speeed", "did you mean speed_mps?"),
        ("speed > 5 kmm/h", "kmm/h", "did you mean km/h?"),
        ("not hard-brakng", "hard-brakng", "did you mean hard-braking?"),
        ("event(hard-brak)", "hard-brak", "did you mean hard-brake?"),
        ("near(48, 11, 3 kmm)", "kmm", "did you mean km?"),
    ],
)
def test_what_is_not_known_is_pointed_at(
    terminal: Terminal, query: str, place: str, nearest: str
) -> None:
    told = terminal.refused("search", query)
    lines = told.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == query)
    assert lines[at + 1].index("^") == lines[at].index(place)
    assert lines[at + 1].count("^") == len(place)
    assert nearest in told


def test_explain_measures_the_recall_of_the_query(terminal: Terminal) -> None:
    told = terminal.run(
        "search", "brightness > 0", "--like", "vehicle/red/camera/000002", "--explain"
    )
    assert "10 of 10, against comparing all 24" in told


def test_words_are_tags_and_events(terminal: Terminal) -> None:
    assert terminal.frames("--text", "night", "--limit", "3")
    assert terminal.frames("--text", "snow") == []


def test_living_selections_grow_and_frozen_ones_do_not(terminal: Terminal, tmp_path: Path) -> None:
    query = "channel = camera and brightness > 0.1"
    terminal.run("search", query, "--save", "light", "--living")
    before = terminal.ask("selections", "show", "light")
    frozen = terminal.ask("selections", "freeze", "light", "--into", "then")
    assert frozen["query"] == before["query"]
    assert frozen["versions"]["frames"] > 0
    drive = pictures(tmp_path / "late", red=False, seed=5)
    terminal.run("ingest", str(drive), "--rate-hz", "10", "--describe", "1")
    after = terminal.ask("selections", "show", "light")
    assert set(before["frames"]) < set(after["frames"])
    then = terminal.ask("selections", "show", "then")
    assert then["frames"] == before["frames"]
    assert then["versions"]
    listed = terminal.ask("selections", "list")
    assert listed["query:light"]["living"]
    assert "selection:then" in listed
    lineage = terminal.run("lineage", "selection:then")
    assert "keep_selection" in lineage
    terminal.run("selections", "freeze", "nothing", status=2)


def test_near_duplicates_leave_a_selection(terminal: Terminal) -> None:
    told = terminal.ask("selections", "thin", "all", "--radius", "0.6", "--save", "unlike")
    assert told["after"] < told["before"]
    assert told["effective_after"]["vendi"] <= told["effective_before"]["vendi"] + 1e-6
    shown = terminal.ask("selections", "show", "unlike")
    assert len(shown["frames"]) == told["after"]
    again = terminal.ask("selections", "thin", "unlike", "--radius", "0.6", "--save", "twice")
    assert again["after"] == again["before"]
    assert again["without_embedding"] == told["without_embedding"]


def test_the_index_is_made_again_from_the_catalog(terminal: Terminal) -> None:
    before = terminal.frames("brightness > 0.2", "--limit", "100")
    (terminal.folder / "index" / "CURRENT").write_text("{")
    told = CliRunner().invoke(ringroad, ["search", "", "--workspace", str(terminal.folder)])
    assert told.exit_code == 1
    assert "doctor --rebuild" in told.output + told.stderr
    terminal.run("doctor", "--rebuild")
    assert terminal.frames("brightness > 0.2", "--limit", "100") == before


def test_a_network_of_ones_own_embeds(terminal: Terminal, tmp_path: Path) -> None:
    path = mean_colour(tmp_path / "colour.onnx")
    told = terminal.ask("embed", "--model", str(path), "--name", "colour")
    assert told["frames"] >= 2 * COUNT
    found = terminal.frames("like('vehicle/red/camera/000002', in colour)", "--limit", "7")
    assert all("red" in frame or "raw" in frame for frame in found)
    crop = "like('vehicle/red/camera/000002', crop 0 0 90 90, in colour)"
    assert terminal.frames(crop, "--limit", "2")
    again = CliRunner().invoke(
        ringroad,
        ["embed", "--model", str(path), "--name", "colour", "--predictor", "embedding-imagenet",
         "--workspace", str(terminal.folder)],
    )  # fmt: skip
    assert again.exit_code == 2, again.output
    assert "another model version" in again.output + again.stderr


def mean_colour(path: Path) -> Path:
    """A network that answers with the mean of red, green and blue."""
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 224, 224])
    answer = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 3])
    axes = numpy_helper.from_array(np.array([2, 3], np.int64), "axes")
    node = helper.make_node("ReduceMean", ["picture", "axes"], ["vector"], keepdims=0)
    graph = helper.make_graph([node], "colour", [picture], [answer], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    return path
