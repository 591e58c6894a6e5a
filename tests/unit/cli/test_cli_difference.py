"""Two evaluations beside each other, gates on their difference, and exports of some splits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from terminal import Terminal

RULE = """
name = "no-worse"
metric = "AP50 difference"
category = "all"
slice = "all"
minimum = {minimum}
confidence = 0.95
"""


@pytest.fixture(scope="module")
def workspace(demo_workspace, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A copy of the demo, whose two models are evaluated on the same test rows."""
    folder = tmp_path_factory.mktemp("difference") / "workspace"
    shutil.copytree(demo_workspace.folder, folder)
    terminal = Terminal(folder)
    for model in ("demo:champion", "demo:candidate"):
        terminal.run("evaluate", "--model", model, "--truth", "demo")
    return terminal


def whys(workspace: Terminal) -> list[str]:
    return [look["why"] for look in workspace.ask("datasets", "looks", "demo")["looks"]]


def test_a_difference_is_that_of_the_two_scores_and_changes_its_sign(workspace: Terminal) -> None:
    before = whys(workspace)
    told = workspace.ask("experiments", "difference", "demo:champion", "demo:candidate")
    back = workspace.ask("experiments", "difference", "demo:candidate", "demo:champion")
    scores = {
        model: {
            (row["category"], row["slice"]): row["value"]
            for row in workspace.ask("evaluate", "--model", model, "--truth", "demo")["rows"]
            if row["metric"] == "AP50"
        }
        for model in ("demo:champion", "demo:candidate")
    }
    assert {row["metric"] for row in told["rows"]} == {"AP50 difference"}
    for row, other in zip(told["rows"], back["rows"], strict=True):
        key = row["category"], row["slice"]
        old, new = scores["demo:champion"][key], scores["demo:candidate"][key]
        assert row["value"] == pytest.approx(new - old, abs=1e-12)
        assert other["value"] == pytest.approx(old - new, abs=1e-12)
    assert whys(workspace)[len(before) :][:2] == ["compare evaluations", "compare evaluations"]
    told = workspace.ask("experiments", "difference", "demo:champion", "demo:champion")
    assert {(row["value"], row["low"]) for row in told["rows"] if row["slice"] == "all"} == {
        (0.0, 0.0)
    }


def test_a_gate_may_be_about_the_difference(workspace: Terminal, tmp_path: Path) -> None:
    rule = tmp_path / "gate.toml"
    pair = ("--candidate", "demo:candidate", "--champion", "demo:champion", "--truth", "demo")
    rule.write_text(RULE.format(minimum=-1.0))
    told = workspace.ask("gate", "check", str(rule), *pair, status=4)  # four units decide nothing
    assert told["kpi"]["metric"] == "AP50 difference"
    assert told["kpis"].startswith("kpi-differences:")
    again = workspace.ask("gate", "check", str(rule), "--kpis", told["kpis"], status=4)
    assert again["gate"] == told["gate"]
    both = ("--kpis", told["kpis"], "--champion", "demo:champion")
    assert "of a difference already" in workspace.run("gate", "check", str(rule), *both, status=2)


def test_what_was_not_evaluated_alike_is_not_compared(workspace: Terminal) -> None:
    words = ("evaluate", "--model", "demo:candidate", "--truth", "demo", "--confidence", "0.9")
    other = workspace.ask(*words)["kpis"]
    champion = workspace.ask("evaluate", "--model", "demo:champion", "--truth", "demo")["kpis"]
    if other == champion:
        pytest.fail("another confidence makes another evaluation")
    told = workspace.run("experiments", "difference", champion, other, status=1)
    assert "same test rows, categories and confidence" in told
    assert "ringroad evaluate" in told


def test_an_export_without_test_rows_is_no_look(workspace: Terminal, tmp_path: Path) -> None:
    before = whys(workspace)
    workspace.run("datasets", "export", "demo", str(tmp_path / "some"), "--splits", "val,train")
    told = json.loads((tmp_path / "some" / "dataset.json").read_text())
    assert told["frames"]
    assert "test" not in {row["split"] for row in told["frames"]}
    assert not (tmp_path / "some" / "annotations" / "test.json").exists()
    workspace.run("labels", "export", "demo", str(tmp_path / "some.json"), "--splits", "train")
    assert whys(workspace) == before
    workspace.run("labels", "export", "demo", str(tmp_path / "test.json"), "--splits", "test")
    assert whys(workspace)[len(before) :] == ["labels export"]
    parts = [
        {picture["file_name"] for picture in json.loads((tmp_path / name).read_text())["images"]}
        for name in ("some.json", "test.json")
    ]
    assert parts[0]
    assert parts[1]
    assert not parts[0] & parts[1]
    options = ("--splits", "tset")
    refused = workspace.run("datasets", "export", "demo", str(tmp_path / "x"), *options, status=2)
    assert "unknown split 'tset'" in refused
    options = ("--splits", "test")
    refused = workspace.run("labels", "export", "all", str(tmp_path / "x.json"), *options, status=2)
    assert "only a dataset version has splits" in refused
