"""Generated requests: no fault of the server, and no answer that the description does not know.

Half of the cases name things that there are; what nothing is called is soon said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from ringroad.service.build import description
from service_kit import Served, copied, serve
from service_places import furnish, known, replace

load_all_checks()
HELD = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance",
     "response_headers_conformance", "response_schema_conformance"]
)  # fmt: skip
FEW, MANY = 50, 1000
DESCRIBED = description()


@pytest.fixture(scope="module")
def fuzzed(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("fuzzed") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        furnish(served)
        yield served


def takes_anything(operation: Any) -> bool:
    described = operation.definition.raw
    return bool(described.get("parameters") or described.get("requestBody"))


def examine(served: Served, cases: int) -> int:
    """Send cases to every operation; those that take nothing have one."""
    schema, values = schemathesis.openapi.from_dict(DESCRIBED), known(served)
    session = requests.Session()
    session.trust_env = False
    session.headers["authorization"] = served.client.headers["authorization"]
    asked = 0

    def send(case: Any, pick: int) -> None:
        nonlocal asked
        asked += 1
        if pick % 2:
            replace(case.operation.path, values, case, pick // 2)
        case.call_and_validate(
            base_url=f"http://{served.host}", session=session, timeout=60, checks=HELD
        )

    with session:
        for found in schema.get_all_operations():
            operation = found.ok()
            many = settings(
                max_examples=cases if takes_anything(operation) else 1, deadline=None,
                database=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
            )  # fmt: skip
            many(given(case=operation.as_strategy(), pick=st.integers(0, 200))(send))()
    return asked


@pytest.mark.timeout(900)
def test_every_operation_keeps_its_description(fuzzed: Served):
    assert examine(fuzzed, FEW) >= 2500


@pytest.mark.real
@pytest.mark.timeout(3 * 3600)
def test_every_operation_keeps_its_description_in_many_cases(fuzzed: Served):
    assert examine(fuzzed, MANY) >= 40_000
