"""Settings in force; loops from a stage on; exit codes of what failed inside a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ringroad.cli.doors import exit_code
from ringroad.cli.main import ringroad
from ringroad.domain.errors import AliasMoved, InvalidConfig, RingroadError, StepFailed

LOOP = Path(__file__).parents[3] / "examples" / "camvid.toml"


def told(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(ringroad, [*arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_every_setting_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGROAD_WORKSPACE", "/data/w")
    found = json.loads(told("config", "show", "--origin", "--json", "--workers", "3"))
    assert found["workspace"] == {"value": "/data/w", "origin": "environment, RINGROAD_WORKSPACE"}
    assert found["workers"] == {"value": 3, "origin": "command line, --workers"}
    assert found["seed"] == {"value": 0, "origin": "default"}
    assert "catalog" in found
    assert "(default)" in told("config", "show", "--origin")
    assert "(default)" not in told("config", "show")


def test_a_loop_that_begins_behind_its_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGROAD_TEST_DATA", "/nowhere")
    monkeypatch.setenv("CAMVID", "/nowhere")
    result = CliRunner().invoke(
        ringroad, ["run", str(LOOP), "--from", "mine", "--until", "label", "--dry-run"]
    )
    assert result.exit_code == 2, result.output
    result = CliRunner().invoke(ringroad, ["run", str(LOOP), "--from", "train", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "train, mine, ship" in result.output


def failed(cause: RingroadError) -> StepFailed:
    error = StepFailed("failed once", subject="a step")
    error.__cause__ = cause
    return error


def test_a_failed_step_leaves_with_the_code_of_what_failed_it() -> None:
    assert exit_code(failed(InvalidConfig("x"))) == 2
    assert exit_code(failed(AliasMoved("x"))) == 6
    assert exit_code(StepFailed("x")) == 1
