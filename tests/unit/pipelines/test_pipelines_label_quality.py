"""Commands of label quality on the workspace of the quick demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from ringroad.domain.errors import InvalidConfig
from ringroad.pipelines.label.quality import read_rehearsal
from service_kit import copied

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


@pytest.fixture(scope="module")
def demo(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: judges and features that errors are ranked by are kept."""
    folder = tmp_path_factory.mktemp("quality") / "workspace"
    copied(demo_workspace.folder, folder)
    return folder


def call(demo: Path, *words: str, status: int = 0) -> dict:
    run = CliRunner().invoke(ringroad, ["labels", *words, "--json", "--workspace", str(demo)])
    assert run.exit_code == status, run.stderr
    return json.loads(run.stdout if status in {0, 5} else run.stderr)


def test_agreement_says_its_unit_and_intervals(demo: Path) -> None:
    found = call(demo, "agreement")["agreement"]
    assert found["annotators"] == 2
    assert found["unit"] in {"recording", "frame"}
    alpha = next(item for item in found["figures"] if item["name"] == "alpha")
    assert alpha["interval"]["low"] < alpha["interval"]["value"] < alpha["interval"]["high"]


def test_a_page_of_the_demo(demo: Path, tmp_path: Path) -> None:
    page = tmp_path / "qa.html"
    told = call(demo, "qa", "--html", str(page), "--pictures", "2")
    assert {person["name"] for person in told["annotators"]} == {"annotator-a", "annotator-b"}
    html = page.read_text()
    assert html.count("<img") == 2
    assert "simulated" in html


def test_one_look_is_one_clear_error(demo: Path) -> None:
    frames = call(demo, "agreement")
    assert frames
    told = call(demo, "agreement", "nobody-named-so", status=2)
    assert told["error"] == "unknown-name"


def test_errors_of_the_demo_come_ranked(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "suspects.jsonl"
    told = call(demo, "errors", "demo", "--model", "demo:candidate", "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert told["count"] == len(rows) >= told["annotations"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    chances = [row["chance"] for row in rows]
    assert chances == sorted(chances, reverse=True)


def test_judges_of_boxes_are_heard_too(demo: Path, test_data: Path) -> None:
    network = str(test_data / "models" / "FastestDet.onnx")
    given = ("errors", "demo", "--model", "demo:candidate", "--limit", "1000000")
    alone, along = (call(demo, *given, *more) for more in ((), ("--backbone", network)))
    ranked = [[(row["frame"], row["kind"]) for row in told["suspects"]] for told in (alone, along)]
    assert ranked[0] != ranked[1]
    assert (alone["annotations"], alone["count"]) == (along["annotations"], along["count"])
    told = call(demo, *given[:2], "--backbone", network, status=2)
    assert "along with a network" in told["what"]


def test_policies_side_by_side(demo: Path, tmp_path: Path) -> None:
    plan = tmp_path / "REHEARSAL.toml"
    plan.write_text(PLAN)
    told = call(demo, "rehearse", "demo", "--plan", str(plan))
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


def test_an_unknown_policy_lists_the_known(demo: Path, tmp_path: Path) -> None:
    plan = tmp_path / "REHEARSAL.toml"
    plan.write_text(PLAN.replace('looks = "adaptive"', 'looks = "clever"'))
    told = call(demo, "rehearse", "demo", "--plan", str(plan), status=2)
    assert "adaptive" in json.dumps(told)
    plan.write_text(PLAN.replace("price = 0.1", "prize = 0.1"))
    told = call(demo, "rehearse", "demo", "--plan", str(plan), status=2)
    assert "prize" in told["what"]
