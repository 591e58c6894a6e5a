"""An arena on a small synthetic fleet: both stages, the cache, the page, what it refuses."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from ringroad.cli.main import ringroad
from ringroad.domain.errors import InvalidConfig
from ringroad.pipelines.arena.config import read_arena

ARENA = """
name = "small"
synthetic = true
[fleet]
day = 5
night = 4
duration_s = 1.5
rate_hz = 3.0
[truth]
annotated = ["car", "pedestrian"]
[split]
test = 0.4
start_units = 1
[backbone]
network = "backbone.onnx"
tensors = ["fine", "coarse"]
channels = 8
fit_frames = 6
[rare]
category = "pedestrian"
[head]
hidden = 8
steps = 12
[contest]
strategies = ["entropy", "k-center"]
seeds = [0, 1]
rounds = 2
budget_boxes = 12
start_boxes = 12
[contest.variants.doubtful-people]
strategy = "per-box"
options = { column = "rare_uncertainty" }
"""
FULL = """
[full]
seeds = [7, 8]
width = 64
height = 48
channels = 4
first_steps = 4
steps = 3
"""


def backbone() -> bytes:
    """Random convolutions at strides 8 and 16."""
    rng = np.random.Generator(np.random.PCG64(2))
    weights = {
        "w": rng.normal(size=(8, 3, 8, 8)).astype(np.float32),
        "v": rng.normal(size=(4, 8, 2, 2)).astype(np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], strides=[8, 8]),
            helper.make_node("Relu", ["c"], ["fine"]),
            helper.make_node("Conv", ["fine", "v"], ["coarse"], strides=[2, 2]),
        ],
        "backbone",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 352, 352))],
        [helper.make_tensor_value_info("coarse", TensorProto.FLOAT, (1, 4, 22, 22))],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


class Terminal:
    """The command line in one workspace, beside an ARENA.toml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "ARENA.toml"
        (folder / "backbone.onnx").write_bytes(backbone())

    def ask(self, *arguments: str) -> Any:
        shared = ["--workspace", str(self.folder / "workspace"), "--workers", "1", "--json"]
        result = CliRunner().invoke(ringroad, [*arguments, *shared])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def arena(self, text: str) -> Any:
        self.file.write_text(text)
        return self.ask("arena", "run", str(self.file))

    def steps(self) -> Counter[str]:
        """How often each step has run so far."""
        rows = self.ask("workflows", "list", "--limit", "1000")
        return Counter(row["step"] for row in rows)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A workspace."""
    return Terminal(tmp_path_factory.mktemp("arena"))


@pytest.fixture(scope="module")
def told(terminal: Terminal) -> Any:
    """The verdict of both stages."""
    return terminal.arena(ARENA + FULL)


class TestVerdict:
    """What both stages say."""

    def test_every_arm_starts_alike_and_keeps_to_the_budget(self, told: Any) -> None:
        assert set(told["arms"]) == {"random", "rule", "entropy", "k-center", "doubtful-people"}
        turns = [turn for turn in told["turns"] if turn["round"] >= 0]
        assert len(turns) == 5 * 2 * 3
        for seed in (0, 1):
            start = {turn["boxes"] for turn in turns if (turn["seed"], turn["round"]) == (seed, 0)}
            assert len(start) == 1
        for arm in told["arms"]:
            boxes = [t["boxes"] for t in turns if t["arm"] == arm and t["seed"] == 0]
            assert all(0 <= after - before <= 12 for before, after in pairwise(boxes))

    def test_arms_have_curves_costs_and_slices(self, told: Any) -> None:
        for arm, part in told["arms"].items():
            for measure in ("mean", "rare"):
                assert len(part[measure]["curve"]) == 3
                assert part[measure]["share_to_reach"].keys() == {"value", "low", "high"}
            assert {"all", "day", "night"} <= part["slices"].keys()
            if arm != "rule":
                against = part["rare"]["against_rule"]
                assert against["ratio_of_gains"].keys() == {"value", "low", "high", "why"}
                assert 0.5 <= against["p"] <= 1.0

    def test_stage_two_takes_the_best_random_and_rule_at_seeds_of_its_own(self, told: Any) -> None:
        full = told["full"]
        best = full["name"].partition(": ")[2]
        assert best in {"entropy", "k-center", "doubtful-people"}
        assert set(full["arms"]) == {best, "random", "rule"}
        assert full["seeds"] == [7, 8]
        assert {turn["round"] for turn in full["turns"]} == {-1, 0, 2}

    def test_choices_are_shown_with_their_truth(self, told: Any) -> None:
        choices = told["choices"]
        assert set(choices["arms"]) == set(told["arms"])
        named = {frame for frames in choices["arms"].values() for frame in frames}
        assert named == set(choices["frames"])
        row = choices["frames"][min(named)]
        assert {"seconds", "condition", "width", "height", "boxes"} <= row.keys()


class TestCache:
    """Nothing is done twice, and nothing that nobody asks for."""

    def test_a_further_strategy_costs_what_it_alone_needs(
        self, terminal: Terminal, told: Any
    ) -> None:
        before = terminal.steps()
        assert terminal.arena(ARENA + FULL)["id"] == told["id"]
        assert terminal.steps() == before
        more = ARENA.replace('"k-center"]', '"k-center", "bald"]')
        terminal.arena(more)
        ran = terminal.steps() - before
        assert ran["learn_round"] <= 4
        assert ran["measure_round"] <= 4
        assert ran["feature_recording"] == ran["give_roles"] == ran["train_full"] == 0

    def test_nothing_is_measured_after_the_last_round(self, terminal: Terminal, told: Any) -> None:
        del told
        rows = terminal.ask("workflows", "list", "--limit", "1000")
        measured = [row for row in rows if row["step"] == "measure_round"]
        learnt = [row for row in rows if row["step"] == "learn_round"]
        assert 0 < len(measured) < len(learnt)


def test_the_page_shows_what_each_arm_chose(terminal: Terminal, told: Any) -> None:
    terminal.arena(ARENA + FULL)
    page = terminal.folder / "arena.html"
    shown = terminal.ask("arena", "show", "small", "--html", str(page))
    assert shown["id"] == told["id"]
    text = page.read_text()
    assert "SYNTHETIC" in text.upper()
    assert text.count("data:image/jpeg") == len(told["arms"])
    for arm in told["arms"]:
        assert f"{arm}" in text
    for title in ("All categories", "Labels at equal AP", "By slice", "Stage two"):
        assert title in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_what_is_no_verdict_is_not_shown(terminal: Terminal, told: Any) -> None:
    del told
    rows = terminal.ask("workflows", "list", "--step", "list_choices")
    (other,) = rows[0]["outputs"].values()
    arguments = ["arena", "show", other, "--workspace", str(terminal.folder / "workspace")]
    result = CliRunner().invoke(ringroad, arguments)
    assert result.exit_code == 1, result.output
    assert "no verdict" in result.output


class TestRefused:
    """Bad files get one clear error."""

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ('category = "pedestrian"', 'category = "tram"', "none of truth.annotated"),
            ("synthetic = true", "synthetic = false", "synthetic"),
            ('"entropy", ', '"entropie", ', "entropie"),
            ("rare_uncertainty", "", ""),
            ("[contest.variants.doubtful-people]", "[contest.variants.entropy]", "has the name"),
            ('options = { column = "rare_uncertainty" }', "options = { colour = 1 }", "colour"),
            ("seeds = [7, 8]", "seeds = [1, 8]", "none of contest.seeds"),
            ("[fleet]\nday = 5\nnight = 4", "[fleet]\nday = 0\nnight = 0", "not all 0"),
        ],
    )
    def test_what_does_not_hang_together(
        self, tmp_path: Path, before: str, after: str, said: str
    ) -> None:
        file = tmp_path / "ARENA.toml"
        assert before in ARENA + FULL
        file.write_text((ARENA + FULL).replace(before, after, 1))
        if not said:
            assert read_arena(file).contest.variants["doubtful-people"].options == {"column": ""}
            return
        with pytest.raises(InvalidConfig, match=said):
            read_arena(file)
