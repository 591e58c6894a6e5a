"""Browsers that are signed in are seen and signed out: one, all of a person, one's own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from test_service_serving import cli

from ringroad.backends.clock_system import SystemClock
from ringroad.service.access import Access
from ringroad.service.settings import DAY_NS, ServiceSettings
from ringroad.service.store import Store
from ringroad.service.tokens import BROWSER, BY_ISSUER, BY_TOKEN, Tokens
from service_kit import API, Served


@contextmanager
def entered(served: Served, token: str) -> Iterator[httpx.Client]:
    """A browser that is signed in with a token."""
    with served.stranger as browser:
        assert browser.post("/enter", json={"token": token}).status_code == 200
        yield browser


def listed(served: Served) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = served.get("/sessions", limit=1000)["items"]
    return items


def me(browser: httpx.Client) -> int:
    return browser.get(f"{API}/me").status_code


def test_an_admin_sees_who_is_signed_in_and_how(served: Served):
    assert listed(served) == [], "a program's token is no session"
    with served.stranger as browser, entered(served, served.token("viewer", who="Vi")) as other:
        browser.get(served.service.address())
        first, second = listed(served)
        assert [(item["who"], item["role"], item["how"]) for item in (first, second)] == [
            ("Vi", "viewer", "token"), ("local", "admin", "printed address"),
        ]  # fmt: skip
        assert first["used_ns"] is None
        assert me(other) == 200
        assert listed(served)[0]["used_ns"] >= first["created_ns"]
        assert first["expires_ns"] <= first["created_ns"] + DAY_NS, "no longer than the token"
        assert abs(second["expires_ns"] - second["created_ns"] - 7 * DAY_NS) < 10**9
        own = {item["who"]: item["own"] for item in browser.get(f"{API}/sessions").json()["items"]}
        assert own == {"Vi": False, "local": True}
        assert "hash" not in str(first)


def test_one_session_is_ended_and_others_stay(served: Served):
    token = served.token("viewer", who="Vi")
    with entered(served, token) as first, entered(served, token) as second:
        at = listed(served)[0]["id"]
        ended = served.ask("DELETE", f"/sessions/{at}")
        assert (ended.status_code, ended.json()["id"]) == (200, at)
        assert (me(first), me(second)) == (401, 200)
        assert [item["id"] for item in listed(served)] != []
        again = served.ask("DELETE", f"/sessions/{at}")
        assert (again.status_code, again.json()["code"]) == (404, "unknown-name")
        assert served.ask("GET", "/me", token=token).status_code == 200, "the token stays"
        noted = [(item["operation"], item["status"]) for item in served.get("/audit")["items"]]
        assert {("end_session", 200), ("end_session", 404)} <= set(noted)


def test_all_sessions_of_a_person_are_ended(served: Served):
    token = served.token("viewer", who="Vi")
    with (
        entered(served, token) as first,
        entered(served, token) as second,
        entered(served, served.token("viewer", who="Ada")) as other,
    ):
        ended = served.ask("POST", "/sessions/Vi:end")
        assert (ended.status_code, ended.json()["ended"]) == (200, 2)
        assert [me(browser) for browser in (first, second, other)] == [401, 401, 200]
        assert served.ask("POST", "/sessions/Vi:end").status_code == 404
        assert [item["who"] for item in listed(served)] == ["Ada"]


def test_a_token_is_no_session_that_could_be_ended(served: Served):
    made = served.ask("POST", "/tokens", json={"who": "Ben", "role": "viewer"}).json()
    assert served.ask("DELETE", f"/sessions/{made['token']['id']}").status_code == 404
    assert served.ask("GET", "/me", token=made["secret"]).status_code == 200
    assert made["token"]["how"] == ""


@pytest.mark.parametrize("role", ["viewer", "reviewer", "approver"])
def test_others_neither_see_nor_end_sessions(served: Served, role: str):
    with entered(served, served.token(role, who="Vi")) as browser:
        own = {"origin": f"http://{served.host}"}
        at = listed(served)[0]["id"]
        assert browser.get(f"{API}/sessions").status_code == 403
        assert browser.delete(f"{API}/sessions/{at}", headers=own).status_code == 403
        assert browser.post(f"{API}/sessions/Vi:end", headers=own).status_code == 403
        assert me(browser) == 200


def test_who_signs_out_ends_the_own_session_alone(served: Served):
    token = served.token("viewer", who="Vi")
    with entered(served, token) as first, entered(served, token) as second:
        assert first.post("/leave").status_code == 200
        last = served.get("/audit")["items"][-1]
        assert (last["who"], last["operation"], last["status"]) == ("Vi", "leave", 200)
        assert (me(first), me(second)) == (401, 200)
        before = served.service.audit.end()
        assert first.post("/leave").status_code == 200, "nobody signs out"
        assert served.service.audit.end() == before


def test_sessions_by_command_line(served: Served):
    token = served.token("viewer", who="Vi")
    with entered(served, token) as first, entered(served, token) as second:
        told = json.loads(cli(served.folder, "sessions", "list", "--json"))["sessions"]
        assert "by token" in cli(served.folder, "sessions", "list")
        cli(served.folder, "sessions", "end", told[0]["id"])
        assert (me(first), me(second)) == (401, 200)
        assert "1 of Vi" in cli(served.folder, "sessions", "end", "--who", "Vi")
        assert me(second) == 401
        cli(served.folder, "sessions", "end", status=2)
        cli(served.folder, "sessions", "end", "nobody", status=2)


def test_without_an_issuer_nobody_vouches_for_its_sessions(tmp_path: Path):
    store, clock = Store(tmp_path, serving=False), SystemClock()
    tokens, end_ns = Tokens(store, clock), clock.now_ns() + DAY_NS
    for how in (BY_ISSUER, BY_TOKEN):
        tokens.create("Ada", "engineer", expires_ns=end_ns, kind=BROWSER, how=how)
    Access(tokens, ServiceSettings(), clock)
    assert [item.how for item in tokens.sessions()] == [BY_TOKEN]
    store.close()


def test_what_an_older_version_wrote_is_read(tmp_path: Path):
    store, clock = Store(tmp_path, serving=False), SystemClock()
    _, secret = Tokens(store, clock).create(
        "Ada", "viewer", expires_ns=clock.now_ns() + DAY_NS, kind=BROWSER, how=BY_TOKEN
    )
    store.close()
    with sqlite3.connect(store.path) as db:
        db.execute("ALTER TABLE token DROP COLUMN how")
        db.execute("PRAGMA user_version=1")
    db.close()
    again = Store(tmp_path, serving=False)
    [item] = Tokens(again, clock).sessions()
    assert (item.who, item.how) == ("Ada", "")
    found = Tokens(again, clock).find(secret)
    assert found is not None
    assert found.id == item.id
    again.close()
