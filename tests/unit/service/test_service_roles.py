"""Every operation as every role, with every scope alone and without a token, over HTTP.

What may be is read from the page that people read, so that it changes there or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from ringroad.service.access_page import access_page
from ringroad.service.build import application, description
from ringroad.service.door import Door
from ringroad.service.roles import OPERATIONS, ROLES, SCOPES, allows
from service_kit import API, Served, copied, serve
from service_places import Known, furnish, known, place_of

PAGE = Path(__file__).parents[3] / "docs" / "access.md"
DESCRIBED = description()
WITHOUT_TOKEN = {
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/enter"),
    ("GET", "/enter/ways"),
    ("GET", "/enter/oidc"),
    ("GET", "/enter/oidc/back"),
    ("POST", "/enter"),
    ("POST", "/leave"),
    ("GET", "/rerun/"),
    ("GET", "/rerun/start.js"),
    ("GET", "/rerun/{name}"),
    ("GET", "/{path:path}"),
}
"""All addresses that ask for no token: the description, signing in and out, the pages, the viewer
without anybody's recordings."""


@pytest.fixture(scope="module")
def furnished(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("roles") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        furnish(served)
        yield served


def operations() -> Iterator[tuple[str, str, str]]:
    """Name, method and path of each operation, from the API's description."""
    for path, methods in DESCRIBED["paths"].items():
        for method, told in methods.items():
            yield told["operationId"], method.upper(), path


def table() -> dict[str, tuple[str, set[str]]]:
    """Operation -> scope and the roles that may, as the page says."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            marks = dict(zip(ROLES, cells[3:], strict=True))
            found[cells[0].strip("`")] = (cells[2], {at for at, mark in marks.items() if mark})
    return found


def test_the_committed_page_is_current():
    """Write it again with `python tools/openapi.py`."""
    assert PAGE.read_text() == access_page(DESCRIBED)


def test_the_page_names_every_operation_and_every_operation_has_a_rule():
    assert set(table()) == set(OPERATIONS) == {name for name, _, _ in operations()}
    for scope, roles in table().values():
        assert scope in SCOPES
        assert "admin" in roles
        assert (scope == "read") == ("viewer" in roles)


def test_nothing_else_answers_without_a_token(shared: Served):
    app = application(shared.service)
    open_ = [at for at in app.routes if not isinstance(at, Door)]
    assert all(isinstance(at, APIRoute) for at in open_), open_
    assert {(method, at.path) for at in open_ for method in at.methods} == WITHOUT_TOKEN


def address(path: str, values: Known, *, real: bool) -> str:
    """An address of an operation: of something that there is, or of nothing."""
    items = values.get(place_of(path), ())
    one = quote(items[0]) if real and items else "nobody"
    return re.sub(r"\{\w+\}", lambda _: one, path)


@pytest.mark.parametrize("real", [False, True])
def test_every_operation_as_every_role_and_scope(furnished: Served, real: bool):
    """A parameter that nobody reads is refused behind the door, before any work is begun."""
    values = known(furnished)
    holders = [(role, SCOPES) for role in ROLES]
    holders += [(role, (scope,)) for role in ("admin", "engineer") for scope in SCOPES]
    tokens = [(role, scopes, furnished.token(role, scopes=scopes)) for role, scopes in holders]
    listed, wrong = table(), []
    for name, method, path in operations():
        at = f"{address(path, values, real=real)}?nothing=1"
        scope, roles = listed[name]
        for role, scopes, token in tokens:
            answer = furnished.client.request(
                method, at, headers={"authorization": f"Bearer {token}"}
            )
            may = role in roles and scope in scopes
            allowed = answer.status_code == 422 and answer.json()["code"] == "unknown-parameter"
            refused = answer.status_code == 403 and answer.json()["code"] == "not-allowed"
            if (allowed, refused) != (may, not may) or may != allows(role, scopes, name):
                wrong.append((name, role, scopes, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_it_names_alone(shared: Served, scope: str):
    me = shared.ask("GET", "/me", token=shared.token("admin", scopes=(scope,)))
    assert me.status_code == (200 if scope == "read" else 403)
    if scope == "read":
        opened = {name for name, (named, _) in table().items() if named == scope}
        assert set(me.json()["operations"]) == opened


def test_without_a_token_nothing_is_told(furnished: Served):
    values = known(furnished)
    with furnished.stranger as stranger:
        for (name, method, path), real in chain.from_iterable(
            ((at, False), (at, True)) for at in operations()
        ):
            answer = stranger.request(method, address(path, values, real=real))
            assert answer.status_code == 401, name
            assert answer.json()["code"] == "not-signed-in"
            assert answer.headers["www-authenticate"] == "Bearer"


def test_no_method_that_is_not_described_is_answered(furnished: Served):
    """Nothing hides behind another verb; HEAD is refused as it is not described."""
    described = {(method, path) for _, method, path in operations()}
    for path in DESCRIBED["paths"]:
        at = address(path, {}, real=False)
        for method in ("HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW"):
            if (method, path) not in described:
                answer = furnished.ask(method, at.removeprefix(API))
                assert answer.status_code in {400, 404, 405}, (method, path, answer.status_code)
