"""Documents are run: every shell, Python and TOML block, unless the line above says why not."""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+?) -->\n)?^```(?P<kind>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    code: str
    why_not: str


@pytest.fixture(scope="module")
def reader_workspace(demo_workspace, tmp_path_factory):
    """The demo of someone who follows the pages: a copy, since they take recordings in."""
    folder = tmp_path_factory.mktemp("reader") / "workspace"
    shutil.copytree(demo_workspace.folder, folder)
    return replace(demo_workspace, folder=folder)


def blocks(kind: str) -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            line = text[: match.start("code")].count("\n")
            name = str(page.relative_to(ROOT))
            found.append(Block(name, line, match["kind"], match["code"], match["why"] or ""))
    return [block for block in found if block.kind == kind]


def cases(kind: str) -> list[pytest.param]:
    return [
        pytest.param(block, id=f"{block.page}:{block.line}")
        for block in blocks(kind)
        if not block.why_not
    ]


def test_every_block_says_what_it_is():
    assert not [block for block in blocks("") if not block.why_not and not drawing(block.code)]


def test_blocks_that_are_not_run_say_why():
    untold = [block for kind in ("bash", "python") for block in blocks(kind) if block.why_not]
    assert len(untold) <= 2  # more than these should be run
    assert all(len(block.why_not) > 20 for block in untold)


def drawing(code: str) -> bool:
    """Plain blocks are for layouts and diagrams, not for commands."""
    return not re.search(r"^\s*(\$ |make |ringroad |pip |python )", code, re.MULTILINE)


@pytest.mark.parametrize("block", cases("bash"))
def test_shell_block_runs(block, reader_workspace, ready_program, tmp_path):
    """The first page runs what is installed, the others the same without its start."""
    tools = str(Path(sys.executable).parent)
    if block.page != "README.md":
        tools = f"{ready_program}:{tools}"
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.code],
        cwd=tmp_path,
        env=reader_workspace.environment | {"PATH": f"{tools}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert run.returncode in {0, 3, 4, 5}, run.stderr


@pytest.mark.parametrize("block", cases("python"))
def test_python_block_runs(block, reader_workspace, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:ringroad", "-c", block.code],
        cwd=tmp_path,
        env=reader_workspace.environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("block", cases("toml"))
def test_toml_block_is_what_its_keys_say(block, tmp_path, monkeypatch):
    from ringroad.ingest.channel_map import parse
    from ringroad.label.guidelines import read_guideline
    from ringroad.pipelines.curate.covering import read_odd
    from ringroad.pipelines.loop_config import read_loop
    from ringroad.pipelines.recordings.campaigning import read_campaign
    from ringroad.pipelines.recordings.happening import read_limits
    from ringroad.service.oidc.settings import read_oidc
    from ringroad.tune.config import read_study

    values = tomllib.loads(block.code)
    monkeypatch.setenv("RINGROAD_TEST_DATA", "/data")
    path = tmp_path / "FILE.toml"
    path.write_text(block.code)
    if "oidc" in values:
        assert read_oidc(path).back
    elif "channels" in values:
        assert parse(block.code).channels
    elif "attributes" in values:
        assert read_odd(path).attributes
    elif "categories" in values:
        assert read_guideline(path).taxonomy.names
    elif "search" in values:
        assert read_study(path).search
    elif "triggers" in values:
        assert read_campaign(path).campaign.name
    elif {"events", "usefulness", "storage"} & set(values):
        assert read_limits(path)
    else:
        assert read_loop(path).name


def test_links_between_pages_exist():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_commands_in_documents_exist():
    from ringroad.cli.main import COMMANDS

    named = {
        found for page in PAGES for found in re.findall(r"`ringroad ([a-z]+)\b", page.read_text())
    }
    assert named <= set(COMMANDS)
