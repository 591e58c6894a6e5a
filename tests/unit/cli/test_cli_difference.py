"""Two evaluations beside each other, gates on their difference, and exports of some splits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad

RULE = """
name = "no-worse"
metric = "AP50 difference"
category = "all"
slice = "all"
minimum = {minimum}
confidence = 0.95
"""


@pytest.fixture(scope="module")
def workspace(demo_workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo, whose two models are evaluated on the same test rows."""
    folder = tmp_path_factory.mktemp("difference") / "workspace"
    shutil.copytree(demo_workspace.folder, folder)
    for model in ("demo:champion", "demo:candidate"):
        run(folder, "evaluate", "--model", model, "--truth", "demo")
    return folder


def run(folder: Path, *words: str, status: int = 0) -> str:
    result = CliRunner().invoke(ringroad, [*words, "--workspace", str(folder), "--workers", "1"])
    assert result.exit_code == status, result.output
    return result.output


def ask(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    told = json.loads(run(folder, *words, "--json", status=status))
    assert isinstance(told, dict)
    return told


def whys(folder: Path) -> list[str]:
    return [look["why"] for look in ask(folder, "datasets", "looks", "demo")["looks"]]


def test_a_difference_is_that_of_the_two_scores_and_changes_its_sign(workspace: Path) -> None:
    before = whys(workspace)
    told = ask(workspace, "experiments", "difference", "demo:champion", "demo:candidate")
    back = ask(workspace, "experiments", "difference", "demo:candidate", "demo:champion")
    scores = {
        model: {
            (row["category"], row["slice"]): row["value"]
            for row in ask(workspace, "evaluate", "--model", model, "--truth", "demo")["rows"]
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
    told = ask(workspace, "experiments", "difference", "demo:champion", "demo:champion")
    assert {(row["value"], row["low"]) for row in told["rows"] if row["slice"] == "all"} == {
        (0.0, 0.0)
    }


def test_a_gate_may_be_about_the_difference(workspace: Path, tmp_path: Path) -> None:
    rule = tmp_path / "gate.toml"
    pair = ("--candidate", "demo:candidate", "--champion", "demo:champion", "--truth", "demo")
    rule.write_text(RULE.format(minimum=-1.0))
    told = ask(workspace, "gate", "check", str(rule), *pair, status=4)  # four units decide nothing
    assert told["kpi"]["metric"] == "AP50 difference"
    assert told["kpis"].startswith("kpi-differences:")
    again = ask(workspace, "gate", "check", str(rule), "--kpis", told["kpis"], status=4)
    assert again["gate"] == told["gate"]
    both = ("--kpis", told["kpis"], "--champion", "demo:champion")
    assert "of a difference already" in run(workspace, "gate", "check", str(rule), *both, status=2)


def test_what_was_not_evaluated_alike_is_not_compared(workspace: Path) -> None:
    words = ("evaluate", "--model", "demo:candidate", "--truth", "demo", "--confidence", "0.9")
    other = ask(workspace, *words)["kpis"]
    champion = ask(workspace, "evaluate", "--model", "demo:champion", "--truth", "demo")["kpis"]
    if other == champion:
        pytest.fail("another confidence makes another evaluation")
    told = run(workspace, "experiments", "difference", champion, other, status=1)
    assert "same test rows, categories and confidence" in told
    assert "ringroad evaluate" in told


def test_an_export_without_test_rows_is_no_look(workspace: Path, tmp_path: Path) -> None:
    before = whys(workspace)
    run(workspace, "datasets", "export", "demo", str(tmp_path / "some"), "--splits", "val,train")
    told = json.loads((tmp_path / "some" / "dataset.json").read_text())
    assert told["frames"]
    assert "test" not in {row["split"] for row in told["frames"]}
    assert not (tmp_path / "some" / "annotations" / "test.json").exists()
    run(workspace, "labels", "export", "demo", str(tmp_path / "some.json"), "--splits", "train")
    assert whys(workspace) == before
    run(workspace, "labels", "export", "demo", str(tmp_path / "test.json"), "--splits", "test")
    assert whys(workspace)[len(before) :] == ["labels export"]
    parts = [
        {picture["file_name"] for picture in json.loads((tmp_path / name).read_text())["images"]}
        for name in ("some.json", "test.json")
    ]
    assert parts[0]
    assert parts[1]
    assert not parts[0] & parts[1]
    assert "unknown split 'tset'" in run(
        workspace, "datasets", "export", "demo", str(tmp_path / "x"), "--splits", "tset", status=2
    )
    assert "only a dataset version has splits" in run(
        workspace, "labels", "export", "all", str(tmp_path / "x.json"), "--splits", "test",
        status=2,
    )  # fmt: skip
