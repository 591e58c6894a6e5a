"""`ringroad --help` stays light: a budget of CPU and a list of what it must not import."""

import resource
import subprocess
import sys

BUDGET_CPU_S = 0.100
HEAVY = {"numpy", "torch", "pyarrow", "pydantic", "fastapi", "asyncio", "lance", "sqlalchemy", "av"}


def help_cpu_s() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "ringroad.cli", "--help"], check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_within_cpu_budget():
    assert min(help_cpu_s() for _ in range(5)) <= BUDGET_CPU_S


def test_help_imports_nothing_heavy():
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ringroad.cli", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "ringroad.cli.main" in imported
    assert not HEAVY & {name.partition(".")[0] for name in imported}
    assert not {name for name in imported if name.startswith("ringroad.pipelines")}


def test_help_lists_every_command():
    from ringroad.cli.main import COMMANDS

    run = subprocess.run(
        [sys.executable, "-m", "ringroad.cli", "--help"], check=True, capture_output=True, text=True
    )
    for name, (_, line) in COMMANDS.items():
        assert name in run.stdout
        assert line.split(",")[0] in run.stdout
