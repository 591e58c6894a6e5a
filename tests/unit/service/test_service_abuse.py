"""What people try against services: each is refused, told as a problem, and written down."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from ringroad.backends.clock_system import SystemClock
from ringroad.domain.errors import IntegrityError
from ringroad.service.access import COOKIE
from ringroad.service.audit import Audit
from ringroad.service.store import Store
from service_kit import API, Served

TRAVERSALS = [
    "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd", "....//....//etc/passwd", "..\\..\\etc\\passwd",
    "%5c..%5c..%5cetc%5cpasswd", "/etc/passwd", "//etc/passwd", "file:///etc/passwd",
    "%c0%ae%c0%ae/etc/passwd", "a/../../../etc/passwd", "%00", "x%00.mcap", "~root/.ssh/id_rsa",
    "catalog.sqlite", "service.sqlite", "ringroad.json",
]  # fmt: skip
PLACES = ("recordings", "frames", "pictures", "datasets", "selections", "models", "lineage",
          "plans", "aliases")  # fmt: skip


def refusals(served: Served) -> int:
    served.service.refusals.settle()  # so that what comes next is the first of its kind
    return sum(item.status >= 400 for item in served.service.audit.entries(limit=100_000))


@pytest.mark.parametrize("path", TRAVERSALS)
def test_ids_reach_no_file(shared: Served, path: str):
    for place in PLACES:
        before = refusals(shared)
        answer = raw(shared, f"GET {API}/{place}/{path}")
        assert answer[0] in {400, 404, 405, 422}, (place, path, answer)
        assert refusals(shared) == before + 1, (place, path, "is not noted")
        assert b"root:" not in answer[1]
    answer = raw(shared, f"GET /{path}")
    assert answer[0] in {200, 404}
    assert b"root:" not in answer[1]
    assert b"SQLite" not in answer[1]


@pytest.mark.parametrize("q", ["like('/etc/passwd')", "like('{folder}/ringroad.json')",
                               "condition = night and like('/etc/hosts')"])  # fmt: skip
def test_a_query_reads_no_file(shared: Served, q: str):
    answer = shared.ask("GET", "/search", params={"q": q.format(folder=shared.folder)})
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such frame")


@pytest.mark.parametrize("sql", ["read_text('/etc/passwd') is not null",
                                 "(select count(*) from read_csv('/etc/passwd')) > 0",
                                 "true); copy frames to '/tmp/x'; select (true",
                                 "(select 1 from glob('/etc/*') limit 1) = 1"])  # fmt: skip
def test_sql_in_a_query_is_sealed(shared: Served, sql: str):
    text, before = sql.replace("'", "''"), refusals(shared)
    answer = shared.ask("GET", "/search", params={"q": f"sql('{text}')"})
    assert answer.status_code == 400
    assert refusals(shared) == before + 1
    assert "root:" not in answer.text


@pytest.mark.parametrize("file", ["x.onnx", "../model.onnx", "/evil.safetensors"])
def test_a_model_is_no_file(shared: Served, file: str, tmp_path, monkeypatch):
    (tmp_path / "x.onnx").write_bytes(b"not a network")
    monkeypatch.chdir(tmp_path)
    body = {"model": file, "dataset": "demo"}
    assert shared.ask("POST", "/evaluations", json=body).status_code == 404
    assert shared.ask("POST", "/plans", json={"model": file}).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example",
                                  "localhost.evil.example", "169.254.169.254", "[::ffff:7f00:1]",
                                  "", "127.0.0.1@evil.example"])  # fmt: skip
def test_a_name_that_was_rebound_is_refused(shared: Served, host: str):
    before = refusals(shared)
    status, body = raw(shared, f"GET {API}/me", host=host)
    assert status in {400, 421}, body
    if status == 421:
        assert json.loads(body)["code"] == "unknown-host"
        assert refusals(shared) == before + 1


def test_two_hosts_are_one_too_many(shared: Served):
    status, _ = raw(shared, f"GET {API}/me", extra="Host: evil.example\r\n")
    assert status in {400, 421}


def test_a_cookie_without_its_page_writes_nothing(shared: Served):
    with shared.stranger as browser:
        browser.post("/enter", json={"token": shared.token("admin")})
        body = {"who": "x", "role": "viewer"}
        silent = browser.post(f"{API}/tokens", json=body)
        assert (silent.status_code, silent.json()["code"]) == (403, "other-origin")
        own = {"origin": f"http://{shared.host}"}
        assert browser.post(f"{API}/tokens", json=body, headers=own).status_code == 201


def test_a_form_of_another_page_is_no_body(shared: Served):
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = shared.ask(
            "POST", "/tokens", content='{"who": "x", "role": "admin"}',
            headers={"content-type": media},
        )  # fmt: skip
        assert answer.status_code == 422


def test_a_body_that_says_it_is_huge_is_not_read(shared: Served):
    head = "Content-Type: application/json\r\nContent-Length: 99999999999\r\n"
    status, body = raw(shared, f"POST {API}/checks", extra=head)
    assert (status, json.loads(body)["code"]) == (413, "too-large")


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "0x10"])
def test_a_length_that_is_no_number(shared: Served, length: str):
    head = f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
    assert raw(shared, f"POST {API}/checks", extra=head)[0] in {400, 413}


def test_a_body_that_does_not_end_is_cut_off(shared: Served):
    def parts():
        for _ in range(shared.service.settings.body_bytes // (1 << 20) + 8):
            yield b" " * (1 << 20)

    answer = shared.ask(
        "POST", "/checks", content=parts(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("body", ["[" * 100_000, "{" * 5000, '{"recordings": ' + "[" * 50_000,
                                  "NaN", '{"a": 1e999999}', "\xff", ""])  # fmt: skip
def test_json_that_is_none(shared: Served, body: str):
    answer = shared.ask(
        "POST", "/checks", content=body.encode("latin-1"),
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["x\r\nset-cookie: a=b", "x\ny", "x\u2028y", "x\x00y", "x" * 400])
def test_a_name_brings_no_header(shared: Served, name: str):
    for path in (f"/aliases/{quote(name)}", f"/selections/{quote(name)}", "/search"):
        parameters = {"text": name} if path == "/search" else None
        answer = shared.ask("GET", path, params=parameters)
        assert "set-cookie" not in answer.headers
        assert answer.status_code in {200, 400, 404, 422}
    answer = shared.ask("GET", "/me", headers={"x-request-id": "<script>"})
    assert answer.headers["x-request-id"] != "<script>"


def test_markup_stays_text(shared: Served):
    bad = "<img src=x onerror=alert(1)>"
    answer = shared.ask("GET", f"/models/{quote(bad, safe='')}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with shared.stranger as browser:
        page = browser.get(f"/enter?code={quote(bad)}")
    assert page.status_code == 401
    assert bad not in page.text


def test_every_answer_lets_nothing_out(shared: Served):
    with shared.stranger as browser:
        for answer in (browser.get("/"), browser.get("/curate?q=x"), browser.get(f"{API}/me"),
                       browser.get("/enter"), browser.get(f"{API}/openapi.json")):  # fmt: skip
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "http" not in policy
            assert "*" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert "server" not in answer.headers
            assert "access-control-allow-origin" not in answer.headers


def test_a_cursor_of_someone_else_is_none(shared: Served):
    cursor = shared.get("/executions", limit=1)["next"]
    for path, more in (("/models", {}), ("/executions", {"step": "x"}), ("/recordings", {})):
        answer = shared.ask("GET", path, params={"cursor": cursor, **more})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor")
    bent = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    for given in (bent, "x", "....", "A" * 400, cursor + "A"):
        answer = shared.ask("GET", "/executions", params={"cursor": given})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor")


def test_the_chain_shows_who_changed_it(served: Served):
    for who in ("Ada", "Ben", "Cleo"):
        served.ask("GET", "/tokens", token=served.token("viewer", who=who))
    assert served.get("/audit/verification")["entries"] == 3
    db = sqlite3.connect(served.service.store.path)
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        db.execute("DELETE FROM audit")
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        db.execute("UPDATE audit SET entry = ''")
    db.execute("DROP TRIGGER audit_stays")
    entry = db.execute("SELECT entry FROM audit WHERE number = 2").fetchone()[0]
    db.execute("UPDATE audit SET entry = ? WHERE number = 2", (entry.replace("403", "200"),))
    db.commit()
    db.close()
    answer = served.ask("GET", "/audit/verification")
    assert (answer.status_code, answer.json()["place"]) == (500, "entry 2")


TAMPERED = {
    "a field": "UPDATE audit SET entry = replace(entry, '403', '200') WHERE number = 2",
    "a name": "UPDATE audit SET entry = replace(entry, 'viewer', 'Ada') WHERE number = 1",
    "a hash": "UPDATE audit SET hash = '0' || substr(hash, 2) WHERE number = 2",
    "the first gone": "DELETE FROM audit WHERE number = 1",
    "one in the middle gone": "DELETE FROM audit WHERE number = 2",
    "the last gone": "DELETE FROM audit WHERE number = 3",
    "all gone": "DELETE FROM audit",
    "two changed places": "UPDATE audit SET number = 7 - number WHERE number IN (2, 3);"
    "UPDATE audit SET number = number - 2 WHERE number > 3",
    "one twice": "INSERT INTO audit SELECT 4, entry, hash FROM audit WHERE number = 3",
    "no text": "UPDATE audit SET entry = x'00ff' WHERE number = 2",
    "no object": "UPDATE audit SET entry = '[]' WHERE number = 2",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_every_change_of_the_chain_is_found(tmp_path: Path, how: str):
    store = Store(tmp_path, serving=False)
    audit = chain_of_three(store)
    assert audit.verify().entries == 3
    tamper(store, TAMPERED[how])
    with pytest.raises(IntegrityError):
        audit.verify()
    store.close()


def test_a_chain_that_was_written_anew_is_found(tmp_path: Path):
    """Every hash fits; the end is not where it was."""
    store = Store(tmp_path, serving=False)
    audit = chain_of_three(store)
    noted = audit.verify().head
    with store.reading() as db:
        kept = bytes(db.execute("SELECT value FROM secret WHERE name = 'audit-head'").fetchone()[0])
    tamper(store, "DELETE FROM audit; DELETE FROM secret WHERE name = 'audit-head'")
    for _ in range(3):
        audit.add(who="nobody", operation="nothing", subject="", status=200)
    assert audit.verify().head != noted, "only a head that was kept elsewhere tells"
    with store.writing() as db:
        db.execute("UPDATE secret SET value = ? WHERE name = 'audit-head'", (kept,))
    with pytest.raises(IntegrityError, match="does not end where it ended"):
        audit.verify()
    store.close()


def chain_of_three(store: Store) -> Audit:
    audit = Audit(store, SystemClock())
    for status in (200, 403, 201):
        audit.add(who="viewer", operation="x", subject="/y", status=status)
    return audit


def tamper(store: Store, script: str) -> None:
    """As somebody who has the file."""
    with store.reading() as db:
        db.executescript(f"DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps; {script}")


def test_writes_and_refusals_are_in_the_chain(served: Served):
    token = served.token("viewer", who="Mallory")
    served.ask("POST", "/checks", token=token, json={})
    served.ask("POST", "/tokens", json={"who": "Ada", "role": "viewer"})
    served.ask("GET", "/me", headers={"authorization": "Bearer rr_nobody"})
    served.get("/recordings")
    found = [(item["who"], item["operation"], item["status"], item["code"])
             for item in served.get("/audit")["items"]]  # fmt: skip
    assert found == [
        ("Mallory", "check_recordings", 403, "not-allowed"),
        ("local", "create_token", 201, ""),
        ("", "who_am_i", 401, "not-signed-in"),
    ]


def test_a_stolen_cookie_ends_with_its_owner(shared: Served):
    made = shared.ask("POST", "/tokens", json={"who": "Frank", "role": "admin"}).json()
    with shared.stranger as browser, shared.stranger as thief:
        browser.post("/enter", json={"token": made["secret"]})
        thief.cookies.set(COOKIE, browser.cookies[COOKIE])
        assert thief.get(f"{API}/me").status_code == 200
        shared.ask("DELETE", f"/tokens/{made['token']['id']}")
        assert thief.get(f"{API}/me").status_code == 401


def raw(
    served: Served, line: str, *, host: str | None = None, extra: str = ""
) -> tuple[int, bytes]:
    """A request as it is typed: clients would put paths and headers right."""
    name, _, port = served.host.rpartition(":")
    bearer = served.client.headers["authorization"]
    text = (
        f"{line} HTTP/1.1\r\nHost: {served.host if host is None else host}\r\n"
        f"Authorization: {bearer}\r\n{extra}Connection: close\r\n\r\n"
    )
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.sendall(text.encode())
        data = b""
        while part := connection.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
