"""The whole loop, small: digests, caching, lineage, rebuilt tables."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import ringroad as ringroad_package
from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog


def started(command, workspace, *arguments):
    return subprocess.run(
        [*command, *arguments], env=workspace.environment, capture_output=True, text=True
    )


@pytest.fixture
def ringroad(ready_program):
    return partial(started, [ready_program / "ringroad"])


def artifacts_of(folder):
    catalog = SqliteCatalog(folder / "catalog.sqlite")
    found = {artifact.id for artifact in catalog.artifacts()}
    catalog.close()
    return found


def test_report_is_one_file_that_says_it_is_synthetic(demo_workspace):
    page = (demo_workspace.folder / "report.html").read_text()
    assert "Synthetic data" in page
    assert "INCONCLUSIVE" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_damaged_recordings_do_not_stop_the_rest(demo_workspace, ringroad):
    told = json.loads(ringroad(demo_workspace, "recordings", "list", "--json").stdout)
    assert len(told["recordings"]) == 10
    assert [item["uri"].rpartition("/")[2] for item in told["refused"]] == ["card-error.mcap"]
    assert [r["id"] for r in told["recordings"] if r["salvaged"]] == ["fleet/day-004.mcap"]


def test_second_run_executes_nothing(demo_workspace, ringroad):
    run = ringroad(demo_workspace, "demo", "--quick", "--why", "--workers", "2")
    assert run.returncode == 0, run.stderr
    assert not ran(run.stderr)
    assert "nothing changed, not run" in run.stderr


def test_another_folder_and_more_workers_give_equal_digests(
    demo_workspace, run_quick_demo, tmp_path
):
    other = run_quick_demo(tmp_path / "elsewhere" / "workspace", workers=2)
    assert artifacts_of(other.folder) == artifacts_of(demo_workspace.folder)


def test_lineage_from_kpi_down_to_recordings_and_from_a_recording_up_to_plans(
    demo_workspace, ringroad
):
    kpis = demo_workspace.told["arms"][-1]["kpis"]
    told = json.loads(ringroad(demo_workspace, "lineage", kpis, "--json").stdout)
    text = json.dumps(told)
    for kind in ("source:", "truth:", "annotations:", "dataset:", "model:", "proxies:"):
        assert kind in text
    assert "seed" in text
    down = ringroad(demo_workspace, "lineage", "fleet/day-000.mcap", "--down", "--json")
    assert demo_workspace.told["plan"] in json.dumps(json.loads(down.stdout))


def test_rebuilt_tables_answer_the_same(demo_workspace, tmp_path, ringroad):
    copy = tmp_path / "copy"
    shutil.copytree(demo_workspace.folder, copy)
    query = ("search", "brightness < 0.3", "--limit", "50", "--json", "--workspace", str(copy))
    before = ringroad(demo_workspace, *query)
    rebuilt = ringroad(demo_workspace, "doctor", "--rebuild", "--json", "--workspace", str(copy))
    after = ringroad(demo_workspace, *query)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert json.loads(rebuilt.stdout)["verified"]["damage"] == []
    assert json.loads(before.stdout)["frames"]
    assert before.stdout == after.stdout


def test_sweep_leaves_what_is_referred_to(demo_workspace, tmp_path, ringroad):
    copy = tmp_path / "copy"
    shutil.copytree(demo_workspace.folder, copy)
    stray = LocalBlobs(copy / "blobs").put(b"left by a crash")
    run = ringroad(
        demo_workspace, "doctor", "--sweep", "--grace-s", "0", "--json", "--workspace", str(copy)
    )
    told = json.loads(run.stdout)
    assert run.returncode == 0, run.stderr
    assert told["swept"]["blobs"] >= 1
    assert told["verified"]["damage"] == []
    assert LocalBlobs(copy / "blobs").size(stray) is None


@pytest.mark.parametrize("command", [("demo",), ("recordings", "list"), ("lineage",), ("ingest",)])
def test_help_of_commands(demo_workspace, command, ringroad):
    run = ringroad(demo_workspace, *command, "--help")
    assert run.returncode == 0
    assert "Usage" in run.stdout


def test_a_line_two_imports_below_a_step_runs_exactly_what_depends_on_it(demo_workspace, tmp_path):
    """`evaluate_split` imports `evaluate.score`, which imports `metrics.matching`."""
    copy, source = tmp_path / "copy", tmp_path / "src"
    shutil.copytree(demo_workspace.folder, copy)
    shutil.copytree(
        Path(ringroad_package.__file__).parent,
        source / "ringroad",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    workspace = replace(demo_workspace, folder=copy, more={"PYTHONPATH": str(source)})
    command = ("demo", "--quick", "--why", "--workers", "1", "--workspace", str(copy))
    edited = partial(started, [sys.executable, "-m", "ringroad.cli"], workspace, *command)
    same = edited()
    with (source / "ringroad" / "metrics" / "matching.py").open("a") as file:
        file.write("\nONE_MORE_LINE = 1\n")
    changed = edited()
    assert same.returncode == changed.returncode == 0, changed.stderr
    assert not ran(same.stderr)
    steps = ran(changed.stderr)
    assert {step for step, _ in steps} == {"evaluate_split"}
    assert all("ringroad.metrics.matching changed" in why for _, why in steps)


def ran(text):
    """Steps that ran, and why, out of what --why printed."""
    return re.findall(r"^(\w+): ran \((.*)\), [\d.]+ s$", text, re.MULTILINE)
