"""SIGKILL anywhere: nothing acknowledged is lost or doubled, and the end is the same."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.tables_lance import LanceTables
from ringroad.store.doctor import sweep, verify
from ringroad.store.indexing import rebuild
from ringroad.testing.faults import POINTS

PROGRAM = Path(__file__).with_name("crash_program.py")


def start(workspace, fault=""):
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(workspace), *([fault] if fault else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=280)
    return process.returncode, out.splitlines(), err


def done(lines):
    return [line.split()[1] for line in lines if line.startswith("done ")]


def made(lines):
    return {line.split()[1] for line in lines if line.startswith("artifact ")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "workspace"
    status, lines, err = finish(start(folder))
    assert status == 0, err
    return folder, made(lines), done(lines)


def tables_of(folder):
    tables = LanceTables(folder / "tables")
    return {name: tables.read(name).to_pydict() for name in tables.names()}


def check(folder, undisturbed, acknowledged):
    reference, artifacts, executions = undisturbed
    catalog, blobs = SqliteCatalog(folder / "catalog.sqlite"), LocalBlobs(folder / "blobs")
    assert {artifact.id for artifact in catalog.artifacts()} == artifacts
    assert set(acknowledged) <= set(executions)
    assert all(catalog.execution(execution) is not None for execution in acknowledged)
    assert not [one for one, count in Counter(acknowledged).items() if count > 1]
    assert tables_of(folder) == tables_of(reference)
    sweep(blobs, catalog, now_ns=time.time_ns() + 10**9, grace_ns=0)
    assert not verify(blobs, catalog).damage
    assert sweep(blobs, catalog, now_ns=time.time_ns() + 10**9, grace_ns=0).blobs == 0
    rebuild(catalog, blobs, LanceTables(folder / "tables"))
    assert tables_of(folder) == tables_of(reference)
    catalog.close()


def killed_again_and_again(folder, faults):
    """Start with each fault in turn, then undisturbed; returns acknowledged ids and kills."""
    acknowledged, kills = [], 0
    for fault in faults:
        process = start(folder, fault if isinstance(fault, str) else "")
        if not isinstance(fault, str):
            time.sleep(fault)
            process.kill()
        status, lines, err = finish(process)
        acknowledged += done(lines)
        assert status in {0, -9}, err
        kills += status == -9
    status, lines, err = finish(start(folder))
    assert status == 0, err
    return acknowledged + done(lines), kills


def test_killed_at_points_between_blob_table_and_commit(tmp_path, undisturbed):
    folder = tmp_path / "workspace"
    faults = ["blob:after#2", "catalog:before-commit#3", "catalog:after-commit#2", "table:after#1"]
    acknowledged, kills = killed_again_and_again(folder, faults)
    assert kills >= 3
    check(folder, undisturbed, acknowledged)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_fifty_times(tmp_path, undisturbed):
    """At least 20 kills at named points, the rest at any time; each workspace until it is done."""
    rng, kills, starts, number = random.Random(7), Counter(), 0, 0
    while kills.total() < 50 or sum(kills[point] for point in POINTS) < 20:
        folder, acknowledged, status = tmp_path / f"workspace{number}", [], -9
        number += 1
        while status:
            point, nth = rng.choice(POINTS), rng.randint(1, 3)
            named = rng.random() < 0.6
            process = start(folder, f"{point}#{nth}" if named else "")
            if not named:
                time.sleep(rng.uniform(0.6, 2.6))
                process.kill()
            status, lines, err = finish(process)
            assert status in {0, -9}, err
            acknowledged += done(lines)
            starts += 1
            kills[point if named else "any time"] += status == -9
        check(folder, undisturbed, acknowledged)
    named = sum(kills[point] for point in POINTS)
    print(f"{kills.total()} kills in {starts} starts of {number} workspaces, {named} at points:")
    print(dict(sorted(kills.items())))
