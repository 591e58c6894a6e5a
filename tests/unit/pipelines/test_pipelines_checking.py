"""Checks of recordings that were taken in: through reader, sandbox and decoder, by the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

COUNT = 16
BLACK = slice(6, 10)


def pictures(folder: Path, *, black: bool) -> Path:
    """A textured wall that passes by; some of its pictures are black."""
    rng = np.random.Generator(np.random.PCG64(2))
    wall = np.kron(rng.integers(20, 230, (12, 60, 3)), np.ones((8, 8, 1)))
    folder.mkdir(parents=True)
    for number in range(COUNT):
        shown = wall[:, 9 * number : 9 * number + 160] + rng.normal(0, 3, (96, 160, 1))
        if black and number in range(COUNT)[BLACK]:
            shown = np.full((96, 160, 3), 2.0)
        picture = np.clip(shown, 0, 255).astype(np.uint8)
        (folder / f"{number:02d}.jpg").write_bytes(encode_jpeg(picture))
    return folder


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

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def checks(self, *arguments: str) -> list[str]:
        return [row["check"] for row in self.ask("recordings", "checks", *arguments)["findings"]]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Two recordings: `bad`, decoded, with black pictures; `good`, which was only indexed."""
    folder = tmp_path_factory.mktemp("checking")
    terminal = Terminal(folder / "workspace")
    terminal.run("ingest", str(pictures(folder / "good", black=False)), "--rate-hz", "10")
    bad = str(pictures(folder / "bad", black=True))
    told = terminal.ask("ingest", bad, "--rate-hz", "10", "--describe", "1")
    assert told["checks"]["error"] == 2
    return terminal


def test_low_rate_checks_run_at_ingest_and_pictures_where_they_were_decoded(terminal: Terminal):
    assert terminal.checks("vehicle/good") == ["no-clock"]
    assert set(terminal.checks("vehicle/bad")) == {"no-clock", "frozen", "black", "exposure-jump"}
    assert len(terminal.checks()) == len(terminal.checks("vehicle/bad")) + 1


def test_findings_are_lines_by_severity(terminal: Terminal):
    assert set(terminal.checks("--severity", "error")) == {"frozen", "black"}
    assert terminal.checks("vehicle/good", "--severity", "warning") == []
    lines = terminal.run("recordings", "checks", "vehicle/bad", "--severity", "error").splitlines()
    assert lines[-1] == "2 findings in 1 recordings"
    assert "0.60 to 0.90 s" in lines[0]


def test_other_limits_check_again_and_hold_until_others_are_asked_for(
    terminal: Terminal, tmp_path: Path
):
    usual = terminal.checks("vehicle/bad")
    strict, loose = tmp_path / "strict.toml", tmp_path / "loose.toml"
    loose.write_text('[checks]\noff = ["no-clock", "black", "exposure-jump"]\n')
    strict.write_text("[checks]\n")
    assert terminal.checks("vehicle/bad", "--limits", str(loose)) == ["frozen"]
    assert terminal.checks("vehicle/bad") == ["frozen"]
    assert terminal.checks("vehicle/bad", "--again") == usual
    assert terminal.checks("vehicle/bad", "--limits", str(strict)) == usual
    assert terminal.checks("vehicle/bad") == usual


def test_a_search_looks_into_the_findings_that_hold(terminal: Terminal, tmp_path: Path):
    def black() -> set[str]:
        held = "SELECT recording_id FROM checks WHERE \"check\" = ''black''"
        query = f"sql('recording_id IN ({held})')"
        return {row["recording_id"] for row in terminal.ask("search", query)["frames"]}

    loose = tmp_path / "loose.toml"
    loose.write_text('[checks]\noff = ["no-clock", "black", "frozen", "exposure-jump"]\n')
    assert black() == {"vehicle/bad"}
    assert terminal.checks("--limits", str(loose)) == []
    assert black() == set()
    terminal.checks("--again")
    assert black() == {"vehicle/bad"}
    assert terminal.ask("search", "event(hard-brake)")["frames"] == []


def test_a_report_shows_the_pictures_and_loads_nothing(terminal: Terminal, tmp_path: Path):
    page = tmp_path / "out.html"
    terminal.run("recordings", "checks", "vehicle/bad", "--report", str(page))
    html = page.read_text()
    assert "Checks of vehicle/bad" in html
    assert html.count("data:image/jpeg;base64,") >= 2
    assert "http://" not in html.replace("http://www.w3.org", "")
    again = tmp_path / "again.html"
    terminal.run("recordings", "checks", "vehicle/bad", "--report", str(again))
    assert again.read_bytes() == page.read_bytes()


def test_what_cannot_be_asked_is_told(terminal: Terminal, tmp_path: Path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[checks]\nno_such = 1\n")
    terminal.run("recordings", "checks", "--limits", str(wrong), status=2)
    terminal.run("recordings", "checks", "--report", str(tmp_path / "x.html"), status=2)
    terminal.run("recordings", "checks", "vehicle/nobody", status=2)


def test_taking_in_again_checks_nothing_again(terminal: Terminal):
    before = terminal.ask("workflows", "list")
    terminal.checks()
    assert terminal.ask("workflows", "list") == before
