from __future__ import annotations

import importlib
import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from ringroad.domain.artifact import ExecutionKey
from ringroad.domain.errors import UsageError
from ringroad.media.arrow import to_bytes
from ringroad.workflow.code import code_of
from ringroad.workflow.environment import cpu_class, environment_of
from ringroad.workflow.why import differences

NUMBERS = count()

FILES = {
    "__init__.py": '"""A package."""\n__version__ = "1"\n',
    "steps.py": '''
"""Steps."""
from __future__ import annotations
from typing import TYPE_CHECKING
import {package}.sub.middle as middle
from {package} import lonely
from {package}.other import OTHER
if TYPE_CHECKING:
    from {package}.types import Shape
try:
    import json
except ImportError:
    json = None

FACTOR = 3
UNUSED = 4

class Base:
    size = FACTOR

class Thing(Base):
    """A thing."""

def helper(x):
    return middle.twice(x) * Thing.size

def work(bench, *, x: Shape):
    """Doc."""
    from {package}.late import late
    return late(helper(x))

def neighbour(bench):
    return OTHER + UNUSED + lonely.VALUE
''',
    "sub/__init__.py": "STATE = []\n",
    "sub/middle.py": "from ..low import LOW\n\ndef twice(x):\n    return x * LOW\n",
    "low.py": '"""Low."""\nLOW = 2\n"""How low."""\n',
    "late.py": "def late(x):\n    return x\n",
    "other.py": "OTHER = 1\n",
    "lonely.py": "VALUE = 1\n",
    "types.py": "Shape = int\n",
    "named.py": "NAMED = 1\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A fresh package on the path; `package(name, old, new)` edits one of its files."""
    name = f"shop{next(NUMBERS)}"
    for place, text in FILES.items():
        file = tmp_path / name / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("{package}", name))
    monkeypatch.syspath_prepend(str(tmp_path))
    ticks = count(1)

    def edit(place, old, new):
        file = tmp_path / name / place
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        stamp = file.stat().st_mtime_ns + 10**9 * next(ticks)
        os.utime(file, ns=(stamp, stamp))

    edit.name = name
    edit.code = lambda function="work", **options: {
        module.replace(name, "P"): digest
        for module, digest in code_of(
            getattr(importlib.import_module(f"{name}.steps"), function), **options
        ).items()
    }
    return edit


def changed(before, after):
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def test_the_closure_is_what_runs(package):
    assert sorted(package.code()) == [
        "P",
        "P.late",
        "P.low",
        "P.steps:Base",
        "P.steps:FACTOR",
        "P.steps:Thing",
        "P.steps:helper",
        "P.steps:work",
        "P.sub",
        "P.sub.middle",
    ]


@pytest.mark.parametrize(
    ("place", "old", "new", "names"),
    [
        ("low.py", "LOW = 2", "LOW = 3", ["P.low"]),
        ("late.py", "return x", "return -x", ["P.late"]),
        ("sub/__init__.py", "STATE", "STATES", ["P.sub"]),
        ("steps.py", "FACTOR = 3", "FACTOR = 5", ["P.steps:FACTOR"]),
        ("steps.py", "* Thing.size", "+ Thing.size", ["P.steps:helper"]),
        ("steps.py", "size = FACTOR", "size = -FACTOR", ["P.steps:Base"]),
        ("low.py", "LOW = 2", "# a comment\nLOW   =  (2)", []),
        ("low.py", '"""Low."""', '"""Very low."""', []),
        ("low.py", '"""How low."""', '"""So low."""', []),
        ("__init__.py", '"1"', '"2"', []),
        ("steps.py", '"""Doc."""', '"""Other words."""', []),
        ("steps.py", "UNUSED = 4", "UNUSED = 5", []),
        ("steps.py", "return OTHER + UNUSED", "return OTHER - UNUSED", []),
        ("other.py", "OTHER = 1", "OTHER = 2", []),
        ("lonely.py", "VALUE = 1", "VALUE = 2", []),
        ("types.py", "Shape = int", "Shape = float", []),
        ("steps.py", "FACTOR = 3", "FACTOR = 3\nprint(FACTOR)", ["P.steps:top"]),
    ],
)
def test_only_changes_of_what_runs_count(package, place, old, new, names):
    before = package.code()
    package(place, old, new)
    assert changed(before, package.code()) == names


def test_modules_reached_by_name_are_declared(package):
    before = package.code(also=(f"{package.name}.named",))
    assert "P.named" in before
    package("named.py", "NAMED = 1", "NAMED = 2")
    assert changed(before, package.code(also=(f"{package.name}.named",))) == ["P.named"]
    with pytest.raises(UsageError, match="no module"):
        package.code(also=(f"{package.name}.nowhere",))


def test_distributions_stand_with_their_versions(package):
    assert package.code(uses=("numpy",))["distribution:numpy"].count(".") >= 1


def test_a_neighbour_has_code_of_its_own(package):
    before = package.code("neighbour")
    assert sorted(before) == ["P", "P.lonely", "P.other", "P.steps:UNUSED", "P.steps:neighbour"]
    package("lonely.py", "VALUE = 1", "VALUE = 2")
    assert changed(before, package.code("neighbour")) == ["P.lonely"]


def test_what_a_real_step_of_ours_runs():
    code = code_of(to_bytes)
    assert {"ringroad", "ringroad.media", "ringroad.media.arrow:to_bytes"} <= code.keys()
    assert "ringroad.domain.errors" not in code  # used by its neighbour alone


RUN = """
import sys
from pathlib import Path
sys.path[:0] = [{here!r}, {folder!r}]
from workflow_shop import Shop
from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from loop.steps import count
folder = Path({folder!r})
shop = Shop(SqliteCatalog(folder / "catalog.sqlite"), LocalBlobs(folder / "blobs"))
shop.runner().run(count, text="abc")
event = shop.events[0]
print(event.cached, *event.why, sep="|")
"""


def test_a_change_two_imports_below_runs_the_step_again_and_is_named(tmp_path):
    """From outside, one process per run, as a user meets it."""
    loop = tmp_path / "loop"
    loop.mkdir()
    (loop / "__init__.py").touch()
    (loop / "low.py").write_text("def size(text):\n    return len(text)\n")
    (loop / "middle.py").write_text(
        "from loop.low import size\n\ndef twice(t):\n    return 2 * size(t)\n"
    )
    (loop / "steps.py").write_text(
        "from ringroad.workflow.step import step\n"
        "from loop.middle import twice\n\n"
        "@step()\n"
        "def count(bench, *, text):\n"
        "    return bench.write_json('count', twice(text))\n"
    )

    def run():
        text = RUN.format(here=str(Path(__file__).parent), folder=str(tmp_path))
        done = subprocess.run(
            [sys.executable, "-B", "-c", text], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run() == "False|never ran"
    assert run() == "True"
    (loop / "low.py").write_text("# The size.\n\n\ndef size(text):\n    return len( text )  # so\n")
    assert run() == "True"
    (loop / "low.py").write_text("def size(text):\n    return len(text) + 0\n")
    assert run() == "False|code: loop.low changed"
    assert run() == "True"


def test_the_environment_is_a_class_of_machine(tmp_path):
    found = environment_of(threads=3)
    assert found["threads"] == "3"
    assert "threads" not in environment_of()
    assert found["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    flags = tmp_path / "cpuinfo"
    flags.write_text("processor : 0\nflags\t\t: fpu sse4_2 avx avx2\n")
    if environment_of()["machine"] == "linux-x86_64":
        assert cpu_class(flags) == "avx2"
        (tmp_path / "old").write_text("flags : fpu\n")
        assert cpu_class(tmp_path / "old") == "plain"


def test_differences_of_code_and_distributions():
    def key(code):
        return ExecutionKey(step="s", code=code, environment={}, inputs={}, parameters={}, seed=0)

    before = key({"a": "1", "gone": "1", "distribution:numpy": "1.0"})
    now = key({"a": "2", "new": "1", "distribution:numpy": "2.0"})
    assert list(differences(before, now)) == [
        "code: a changed",
        "code: numpy 1.0 -> 2.0",
        "code: gone is gone",
        "code: new is new",
    ]
