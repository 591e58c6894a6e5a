"""Commands of label quality on the workspace of the quick demo."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ringroad.domain.errors import InvalidConfig
from ringroad.pipelines.label_quality import read_rehearsal

PLAN = """
seeds = 2
price_per_hour = 20.0

[[annotators]]
name = "ann"
miss = 0.05
confusion = { car = { sign = 0.02 } }

[[annotators]]
name = "ben"
miss = 0.10

[[annotators]]
name = "cyd"
hurry = 0.5
speed = 2.0

[[policies]]
name = "two"
options = { looks = 2 }

[[policies]]
name = "adaptive"
looks = "adaptive"
options = { price = 0.1 }
"""


def call(demo, *words: str, status: int = 0) -> dict:
    run = subprocess.run(
        [sys.executable, "-m", "ringroad.cli", "labels", *words, "--json"],
        env=demo.environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == status, run.stderr
    return json.loads(run.stdout if status in {0, 5} else run.stderr)


def test_agreement_says_its_unit_and_intervals(demo_workspace) -> None:
    found = call(demo_workspace, "agreement")["agreement"]
    assert found["annotators"] == 2
    assert found["unit"] in {"recording", "frame"}
    alpha = next(item for item in found["figures"] if item["name"] == "alpha")
    assert alpha["interval"]["low"] < alpha["interval"]["value"] < alpha["interval"]["high"]


def test_a_page_of_the_demo(demo_workspace, tmp_path: Path) -> None:
    page = tmp_path / "qa.html"
    told = call(demo_workspace, "qa", "--html", str(page), "--pictures", "2")
    assert {person["name"] for person in told["annotators"]} == {"annotator-a", "annotator-b"}
    html = page.read_text()
    assert html.count("<img") == 2
    assert "simulated" in html


def test_one_look_is_one_clear_error(demo_workspace) -> None:
    frames = call(demo_workspace, "agreement")
    assert frames
    told = call(demo_workspace, "agreement", "nobody-named-so", status=2)
    assert told["error"] == "unknown-name"


def test_errors_of_the_demo_come_ranked(demo_workspace, tmp_path: Path) -> None:
    out = tmp_path / "suspects.jsonl"
    told = call(demo_workspace, "errors", "demo", "--model", "demo:candidate", "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert told["count"] == len(rows) >= told["annotations"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    chances = [row["chance"] for row in rows]
    assert chances == sorted(chances, reverse=True)


def test_judges_of_boxes_are_heard_too(demo_workspace, test_data: Path) -> None:
    network = str(test_data / "models" / "FastestDet.onnx")
    given = ("errors", "demo", "--model", "demo:candidate", "--limit", "1000000")
    alone, along = (call(demo_workspace, *given, *more) for more in ((), ("--backbone", network)))
    ranked = [[(row["frame"], row["kind"]) for row in told["suspects"]] for told in (alone, along)]
    assert ranked[0] != ranked[1]
    assert (alone["annotations"], alone["count"]) == (along["annotations"], along["count"])
    told = call(demo_workspace, *given[:2], "--backbone", network, status=2)
    assert "along with a network" in told["what"]


def test_policies_side_by_side(demo_workspace, tmp_path: Path) -> None:
    plan = tmp_path / "REHEARSAL.toml"
    plan.write_text(PLAN)
    told = call(demo_workspace, "rehearse", "demo", "--plan", str(plan))
    two, adaptive = told["policies"]
    assert (two["name"], adaptive["name"]) == ("two", "adaptive")
    assert two["figures"]["labels"]["value"] > adaptive["figures"]["labels"]["value"] > 0.8
    assert two["figures"]["cost"]["value"] == pytest.approx(20 * two["figures"]["hours"]["value"])
    assert two["figures"]["errors"]["n"] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("annotators = 3", "annotators"),
        ("[[annotators]]\nname = 'ann'", "two annotators"),
        ("[[annotators]]\nname = 'ann'\nmis = 1", "mis"),
        (PLAN.replace("miss = 0.10", "miss = 1.5"), "not a chance"),
        ("seeds = ", "not TOML"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "REHEARSAL.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfig, match=told):
        read_rehearsal(path)


def test_an_unknown_policy_lists_the_known(demo_workspace, tmp_path: Path) -> None:
    plan = tmp_path / "REHEARSAL.toml"
    plan.write_text(PLAN.replace('looks = "adaptive"', 'looks = "clever"'))
    told = call(demo_workspace, "rehearse", "demo", "--plan", str(plan), status=2)
    assert "adaptive" in json.dumps(told)
    plan.write_text(PLAN.replace("price = 0.1", "prize = 0.1"))
    told = call(demo_workspace, "rehearse", "demo", "--plan", str(plan), status=2)
    assert "prize" in told["what"]
