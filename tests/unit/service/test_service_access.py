"""Who gets in: tokens, cookies, printed addresses; and the two people of a champion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ringroad.domain.errors import UsageError
from ringroad.service.access import COOKIE
from ringroad.service.settings import ServiceSettings, is_loopback
from ringroad.service.tokens import PREFIX, hashed
from service_kit import API, Served, open_token, serve

OPEN = ServiceSettings(host="0.0.0.0", port=0, names=("127.0.0.1",))  # noqa: S104 (that is it)


@pytest.mark.parametrize("given", ["x", "rr_", "rr_x", "Bearer", "rr_" + "A" * 43,
                                   "rr_" + "A" * 5000, "rr_\u00e9"])  # fmt: skip
def test_what_is_no_token_opens_nothing(shared: Served, given: str):
    with shared.stranger as stranger:
        headers = {"authorization": f"Bearer {given}".encode()}
        assert stranger.get(f"{API}/me", headers=headers).status_code == 401


def test_a_token_says_who_asks(shared: Served):
    me = shared.ask("GET", "/me", token=shared.token("labeller", who="Ada")).json()
    assert (me["who"], me["role"]) == ("Ada", "labeller")
    assert "list_recordings" in me["operations"]
    assert "append_dataset" not in me["operations"]


def test_secrets_are_kept_as_hashes_alone(shared: Served):
    secret = shared.token("viewer")
    stored = shared.service.store.path.read_bytes()
    wal = shared.service.store.path.with_name("service.sqlite-wal").read_bytes()
    assert secret.encode() not in stored + wal
    assert hashed(secret).encode() in stored + wal
    assert len(secret) > len(PREFIX) + 40


def test_a_token_made_over_http_is_used_and_taken_back(shared: Served):
    made = shared.ask("POST", "/tokens", json={"who": "Ben", "role": "viewer"}).json()
    token = made["secret"]
    assert shared.ask("GET", "/me", token=token).json()["who"] == "Ben"
    assert shared.ask("GET", "/tokens", token=token).status_code == 403
    listed = {item["id"]: item for item in shared.get("/tokens")["items"]}
    assert listed[made["token"]["id"]]["used_ns"] is not None
    assert "secret" not in listed[made["token"]["id"]]
    assert shared.ask("DELETE", f"/tokens/{made['token']['id']}").status_code == 200
    assert shared.ask("GET", "/me", token=token).status_code == 401


def test_a_token_that_is_over_opens_nothing(shared: Served):
    tokens, now_ns = shared.service.access.tokens, shared.service.workspace.clock.now_ns()
    _, secret = tokens.create("Cleo", "admin", expires_ns=now_ns + 50_000_000)
    assert shared.ask("GET", "/me", token=secret).status_code == 200
    shared.service.workspace.clock.sleep_ns(60_000_000)
    assert shared.ask("GET", "/me", token=secret).status_code == 401
    with pytest.raises(UsageError, match="before it begins"):
        tokens.create("Cleo", "admin", expires_ns=now_ns)


@pytest.mark.parametrize("body", [{"who": "x", "role": "root"}, {"who": "", "role": "viewer"},
                                  {"who": "x", "role": "viewer", "days": 0},
                                  {"who": "x", "role": "viewer", "scopes": ["all"]},
                                  {"who": "x\ny", "role": "viewer"},
                                  {"who": "x", "role": "viewer", "admin": True}])  # fmt: skip
def test_a_token_that_cannot_be_is_refused(shared: Served, body: dict[str, Any]):
    answer = shared.ask("POST", "/tokens", json=body)
    assert answer.status_code in {400, 422}


def test_the_printed_address_opens_one_browser_once(shared: Served):
    address = shared.service.address()
    with shared.stranger as browser:
        answer = browser.get(address)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        for part in (COOKIE, "HttpOnly", "SameSite=strict", "Path=/"):
            assert part.lower() in cookie.lower()
        assert 'http-equiv="refresh"' in answer.text
        assert browser.get(f"{API}/me").json()["role"] == "admin"
        with shared.stranger as other:
            assert other.get(address).status_code == 401
            assert other.get(f"{API}/me").status_code == 401


def test_a_browser_signs_in_with_a_token_and_out(shared: Served):
    token = shared.token("reviewer", who="Dana")
    with shared.stranger as browser:
        assert browser.post("/enter", json={"token": "rr_wrong"}).status_code == 401
        assert browser.post("/enter", content=b"token=x").status_code == 401
        answer = browser.post("/enter", json={"token": token})
        assert answer.json() == {"signed_in": True, "who": "Dana", "role": "reviewer"}
        secret = browser.cookies[COOKIE]
        assert secret != token
        assert browser.get(f"{API}/me").json()["who"] == "Dana"
        assert browser.post("/leave").status_code == 200
    with shared.stranger as thief:
        thief.cookies.set(COOKIE, secret)
        assert thief.get(f"{API}/me").status_code == 401


def test_a_cookie_is_no_bearer_and_a_token_no_cookie(shared: Served):
    token = shared.token("admin")
    with shared.stranger as browser:
        browser.post("/enter", json={"token": token})
        secret = browser.cookies[COOKIE]
        browser.cookies.clear()
        bearer = {"authorization": f"Bearer {secret}"}
        assert browser.get(f"{API}/me", headers=bearer).status_code == 401
        browser.cookies.set(COOKIE, token)
        assert browser.get(f"{API}/me").status_code == 401


def test_taking_a_token_back_signs_its_browsers_out(shared: Served):
    made = shared.ask("POST", "/tokens", json={"who": "Eve", "role": "viewer"}).json()
    with shared.stranger as browser:
        browser.post("/enter", json={"token": made["secret"]})
        assert browser.get(f"{API}/me").status_code == 200
        shared.ask("DELETE", f"/tokens/{made['token']['id']}")
        assert browser.get(f"{API}/me").status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_addresses_of_this_machine(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize("host", [OPEN.host, "::", "10.0.0.1", "example.org", "", "127.0.0.1.x"])
def test_addresses_that_others_reach(host: str):
    assert not is_loopback(host)


def test_an_address_that_others_reach_takes_a_token_first(served_folder: Path):
    with pytest.raises(UsageError, match="nobody has a token"):
        next(serve(served_folder, OPEN))


def test_two_people_make_a_champion(served: Served):
    models = [item["id"] for item in served.get("/models")["items"]]
    before = served.get("/aliases/demo:champion")["artifact"]
    other = next(at for at in models if at != before)
    ada, ben = (served.token("approver", who=who) for who in ("Ada", "Ben"))
    body = {"name": "demo:champion", "artifact": other, "reason": "better at night"}
    made = served.ask("POST", "/promotions", token=ada, json=body)
    assert made.status_code == 201
    at = f"/promotions/{made.json()['id']}:decide"
    alone = served.ask("POST", at, token=ada, json={"agree": True})
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person")
    assert served.get("/aliases/demo:champion")["artifact"] == before
    agreed = served.ask("POST", at, token=ben, json={"agree": True})
    assert agreed.json()["state"] == "agreed"
    told = served.get("/aliases/demo:champion")
    assert told["artifact"] == other
    assert "proposed by Ada, agreed by Ben" in told["history"][-1]["reason"]
    assert served.ask("POST", at, token=ben, json={"agree": True}).status_code == 409


def test_a_champion_that_moved_since_is_not_overwritten(served: Served):
    models = [item["id"] for item in served.get("/models")["items"]]
    before = served.get("/aliases/demo:champion")["artifact"]
    first, second = [at for at in models if at != before][:2]
    body = {"name": "demo:champion", "artifact": first, "reason": "r"}
    ada, ben = (served.token("approver", who=who) for who in ("Ada", "Ben"))
    made = served.ask("POST", "/promotions", token=ada, json=body).json()
    moved = served.ask("POST", "/aliases/demo:champion", json={"artifact": second})
    assert moved.status_code == 200
    late = served.ask("POST", f"/promotions/{made['id']}:decide", token=ben, json={"agree": True})
    assert (late.status_code, late.json()["code"]) == (412, "alias-moved")
    assert served.get("/promotions")["items"][0]["state"] == "proposed"


def test_an_alias_moves_from_where_it_was_seen(served: Served):
    told = served.ask("GET", "/aliases/demo:candidate")
    etag, champion = told.headers["etag"], served.get("/aliases/demo:champion")["artifact"]
    stale = served.ask(
        "POST", "/aliases/demo:candidate", headers={"if-match": f'"{champion}"'},
        json={"artifact": champion.replace("model:", "model:0")},
    )  # fmt: skip
    assert stale.status_code == 404
    moved = served.ask(
        "POST", "/aliases/demo:candidate", headers={"if-match": etag}, json={"artifact": champion}
    )
    assert moved.status_code == 200
    again = served.ask(
        "POST", "/aliases/demo:candidate", headers={"if-match": etag},
        json={"artifact": told.json()["artifact"]},
    )  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (412, "alias-moved")


@pytest.mark.parametrize("name", ["dataset:demo", "dataset:new", "selection:x", "events:a/b",
                                  "bare", ":champion", "detector:"])  # fmt: skip
def test_a_name_of_something_else_is_not_moved_to_a_model(shared: Served, name: str):
    model = shared.get("/models")["items"][0]["id"]
    before = shared.get("/aliases")["items"]
    answer = shared.ask("POST", f"/aliases/{name}", json={"artifact": model})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert shared.get("/aliases")["items"] == before


def test_where_several_sign_in_a_champion_takes_two(served_folder: Path):
    secret = open_token(served_folder, "admin")
    for served in serve(served_folder, OPEN):
        served.client.headers["authorization"] = f"Bearer {secret}"
        served.client.base_url = f"http://127.0.0.1:{served.host.rpartition(':')[2]}"
        with pytest.raises(UsageError):
            served.service.address()
        at = served.get("/aliases/demo:candidate")["artifact"]
        answer = served.ask("POST", "/aliases/demo:champion", json={"artifact": at})
        assert (answer.status_code, answer.json()["code"]) == (403, "second-person")


def test_a_body_that_does_not_say_it_is_json_is_told_how(shared: Served):
    answer = shared.ask(
        "POST", "/datasets/demo:branch", content='{"name": "x"}',
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status_code in {415, 422}
    assert "Content-Type: application/json" in answer.json()["hint"]
