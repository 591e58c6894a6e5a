"""Tags and captions from the terminal: by hand, by a small tagger, by a network, by a plug-in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from test_pipelines_searching import COUNT, Terminal, mean_colour, pictures

from ringroad.plugins import TAGGERS

PLUGIN = """
def colours(frames):
    red = frames[..., 0].mean(axis=(1, 2)) > frames[..., 2].mean(axis=(1, 2))
    return [{"caption": "a red wall" if one else "a blue wall", "road": "urban"} for one in red]


def silent(frames):
    return [{} for _ in frames]


def wrong(frames):
    return ["words"] if len(frames) == 1 else [{"Weather!": 3} for _ in frames]
"""


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Two red drives and two blue ones, described."""
    folder = tmp_path_factory.mktemp("tagging")
    terminal = Terminal(folder / "workspace")
    for name, red in (("red", True), ("red2", True), ("blue", False), ("blue2", False)):
        drive = pictures(folder / name, red=red, seed=len(name) + 10 * red)
        terminal.run("ingest", str(drive), "--rate-hz", "10", "--describe", "1")
    return terminal


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with taggers of its own, as an entry point would name them."""
    (tmp_path / "own_taggers.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("colours", "silent", "wrong"):
        monkeypatch.setitem(TAGGERS.entries, name, f"own_taggers:{name}")
    yield
    sys.modules.pop("own_taggers", None)


def test_a_hand_says_and_searches_find(terminal: Terminal) -> None:
    terminal.run("tags", "set", "weather=rain", "--on", "vehicle/red")
    assert len(terminal.frames("weather = rain", "--limit", "100")) == COUNT
    terminal.run("tags", "set", "weather=clear", "--on", "vehicle/red")  # it changed its mind
    assert terminal.frames("weather = rain") == []
    terminal.run("tags", "set", "surface=gravel", "--on", "vehicle/red2")
    assert len(terminal.frames("--text", "gravel", "--limit", "100")) == COUNT


def test_captions_come_in_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "captions.csv"
    path.write_text('frame_id,caption\nvehicle/red/camera/000003,"one roundabout, wet"\n')
    terminal.run("tags", "import", str(path), "--by", "captioner")
    assert terminal.frames("--text", "roundabout") == ["vehicle/red/camera/000003"]
    for about in ("vehicle/red/camera/999999", "vehicle/nowhere", "nonsense"):
        path.write_text(f"frame_id,caption\n{about},x\n")
        assert about in terminal.refused("tags", "import", str(path))
    told = terminal.ask("tags", "list")
    assert {row["source"] for row in told} >= {"hand", "captioner"}


def test_a_small_tagger_tells_what_it_was_fitted_on(terminal: Terminal) -> None:
    for drive, road in (("red", "urban"), ("red2", "urban"), ("blue", "rural")):
        terminal.run("tags", "set", f"road={road}", "--on", f"vehicle/{drive}")
    text = terminal.run("tags", "fit", "roads", "--kind", "road")
    assert "rural        fitted on 12 frames of 1 recordings" in text
    assert "nothing says how it does on other drives" in text
    terminal.run("tags", "set", "road=rural", "--on", "vehicle/blue2")
    told = terminal.ask("tags", "fit", "roads", "--kind", "road")
    assert told["judged"]["unit"] == "recording"
    assert told["judged"]["frames"] == {"rural": 2 * COUNT, "urban": 2 * COUNT}
    assert told["judged"]["balanced"] > 0.8
    said = terminal.ask("tags", "run", "roads")
    assert sum(said["frames"]["road"].values()) <= said["looked"] == 4 * COUNT
    assert "fit_tagger" in terminal.run("lineage", "tagger:roads")
    refused = terminal.refused("tags", "fit", "more", "--kind", "weather")
    assert "nothing to tell apart" in refused
    assert "failed once" not in refused
    assert "nobody" in terminal.refused("tags", "fit", "x", "--kind", "road", "--from", "me")
    assert "no embeddings" in terminal.refused("tags", "fit", "x", "--kind", "road", "--in", "y")


def test_the_hand_stands_before_every_network(terminal: Terminal, tmp_path: Path) -> None:
    network = mean_colour(tmp_path / "classes.onnx")  # red, green, blue as three values
    terminal.run("tags", "set", "weather=fog", "--on", "vehicle/blue2")
    asked = ("--model", str(network), "--kind", "weather", "--values", "snow,clear,rain")
    told = terminal.ask("tags", "run", "colour", *asked, "--least", "0.34")
    assert told["frames"]["weather"]["snow"] >= COUNT  # red pictures
    assert len(terminal.frames("weather = fog", "--limit", "100")) == COUNT
    assert terminal.frames("weather = rain and recording = vehicle/blue", "--limit", "3")
    again = (*asked, "--predictor", "classes-imagenet")
    assert "another model version" in terminal.refused("tags", "run", "colour", *again)
    assert "3 numbers" in terminal.refused("tags", "run", "two", *asked[:4], "--values", "a,b")
    assert "two values" in terminal.refused("tags", "run", "one", *asked[:4], "--values", "a")


def test_networks_that_answer_nan_are_refused(terminal: Terminal, tmp_path: Path) -> None:
    network = without_numbers(tmp_path / "nan.onnx")
    told = terminal.refused("embed", "--model", str(network), "--name", "broken")
    assert "not a number" in told
    asked = ("--model", str(network), "--kind", "weather", "--values", "a,b,c")
    assert "not a number" in terminal.refused("tags", "run", "broken", *asked)
    assert "broken" not in terminal.refused("search", "like('vehicle/red/camera/000001', in x)")


@pytest.mark.usefixtures("plugin")
def test_a_plug_in_is_one_function(terminal: Terminal) -> None:
    told = terminal.ask("tags", "run", "colours", "--on", "vehicle/blue")
    assert told["frames"] == {"caption": {"": COUNT}, "road": {"urban": COUNT}}
    assert len(terminal.frames("--text", "blue wall", "--limit", "100")) == COUNT
    told = terminal.ask("tags", "run", "silent")
    assert told["frames"] == {}
    assert "Weather!" in terminal.refused("tags", "run", "wrong")
    refused = terminal.refused("tags", "run", "nobody")
    assert "neither a tagger that was fitted nor one that is installed" in refused
    assert "colours" in refused


def test_kinds_values_and_names_are_checked(terminal: Terminal) -> None:
    assert "kind=value" in terminal.refused("tags", "set", "weather", "--on", "all")
    assert "no kind" in terminal.refused("tags", "set", "We ather=x", "--on", "all")
    assert "no tag" in terminal.refused("tags", "set", "weather= ", "--on", "all")
    assert "no name" in terminal.refused("tags", "set", "a=b", "--on", "all", "--by", "signals")


def without_numbers(path: Path) -> Path:
    """A network that answers with numbers on black, and with NaN on anything brighter."""
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 224, 224])
    answer = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 3])
    axes = numpy_helper.from_array(np.array([2, 3], np.int64), "axes")
    least = numpy_helper.from_array(np.array([0.001], np.float32), "least")
    nodes = [
        helper.make_node("ReduceMean", ["picture", "axes"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["least", "mean"], ["left"]),
        helper.make_node("Sqrt", ["left"], ["vector"]),
    ]
    graph = helper.make_graph(nodes, "nan", [picture], [answer], [axes, least])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    return path
