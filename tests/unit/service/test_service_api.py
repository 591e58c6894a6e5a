"""The API's description: committed, current, broken by nobody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ringroad.domain import errors
from ringroad.domain.errors import RingroadError, StepFailed
from ringroad.service import problems
from ringroad.service.build import description
from ringroad.service.changes import breaking

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
DESCRIBED = description()


def test_the_committed_description_is_current():
    """Write it again with `python tools/openapi.py`, which refuses changes that break clients."""
    assert json.loads(FILE.read_text()) == DESCRIBED


def test_every_operation_is_described():
    for path, methods in DESCRIBED["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            assert "default" in operation["responses"]


def test_the_page_names_operations_that_there_are():
    page = (FILE.parent / "service.md").read_text()
    named = set(re.findall(r"`(?:[A-Z]+ )?(?:/api/v1)?/([a-z-]+)", page))
    known = {path.split("/")[3] for path in DESCRIBED["paths"] if path.count("/") > 2}
    parts = {part for path in DESCRIBED["paths"] for part in path.split("/")[4:]}
    assert named - parts - {"openapi"} <= known
    assert known <= named, known - named


def test_every_error_has_a_problem():
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, RingroadError)
    }
    assert codes <= set(problems.KINDS)
    for status, title in problems.KINDS.values():
        assert 400 <= status < 600
        assert title[0].isupper()


def test_a_failed_step_is_told_by_what_made_it_fail():
    failed = StepFailed("failed once")
    failed.__cause__ = errors.SourceMissing("gone", subject="x.mcap", remedy="put it back")
    told = problems.document(failed, request_id="r")
    assert (told["status"], told["code"], told["hint"]) == (410, "source-missing", "put it back")
    bare = problems.document(StepFailed("failed once"), request_id="r")
    assert (bare["status"], bare["code"]) == (500, "step-failed")


def changed(path: str, change: Any) -> dict[str, Any]:
    """The description with a part replaced, or taken out where `change` is None."""
    document = json.loads(json.dumps(DESCRIBED))
    *steps, last = path.split(" ")
    part = document
    for step in steps:
        part = part[int(step) if isinstance(part, list) else step]
    if change is None:
        del part[last]
    else:
        part[last] = change
    return document


SCHEMAS = "components schemas"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("paths /api/v1/recordings", None),
        ("paths /api/v1/tokens post", None),
        ("paths /api/v1/search get parameters 3 required", True),
        ("paths /api/v1/search get operationId", "find"),
        (f"{SCHEMAS} Problem properties code", None),
        (f"{SCHEMAS} Problem properties status type", "string"),
        (f"{SCHEMAS} CreateToken required", ["who", "role", "days"]),
        (f"{SCHEMAS} CreateToken properties days", None),
        ("paths /api/v1/tokens post responses 201", None),
    ],
)
def test_a_change_that_breaks_clients_is_found(path: str, change: Any):
    assert breaking(DESCRIBED, changed(path, change))


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("paths /api/v1/new", {"get": {"operationId": "new", "responses": {}}}),
        (f"{SCHEMAS} Problem properties more", {"type": "string"}),
        ("paths /api/v1/search get description", "Other words."),
        (f"{SCHEMAS} CreateToken properties note", {"type": "string"}),
    ],
)
def test_what_is_added_breaks_nobody(path: str, change: Any):
    assert breaking(DESCRIBED, changed(path, change)) == []
