"""A flood of refusals costs a bounded number of rows; what is counted adds up; the chain holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringroad.backends.clock_system import SystemClock
from ringroad.service.audit import Audit, Entry
from ringroad.service.problems import KINDS
from ringroad.service.refused import MANY, MOST, READS, Refusal, Refusals
from ringroad.service.settings import ServiceSettings
from ringroad.service.store import Store
from service_kit import API, Served, serve

FLOOD = 10_000


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    store = Store(tmp_path, serving=False)
    yield Audit(store, SystemClock())
    store.close()


def refusal(operation: str = "list_tokens", **values: str) -> Refusal:
    told = {"who": "Mallory", "subject": "/api/v1/tokens", "code": "not-allowed"} | values
    return Refusal(operation=operation, status=403, **told)


def rows(audit: Audit) -> list[Entry]:
    entries = audit.entries(limit=1_000_000)
    assert audit.verify().entries == len(entries)
    return entries


def test_a_flood_of_one_kind_is_two_rows(audit: Audit):
    refusals = Refusals(audit)
    for number in range(FLOOD):
        refusals.add(refusal(request_id=str(number)))
    assert [(item.count, item.request_id) for item in rows(audit)] == [(1, "0")], (
        "the first at once"
    )
    refusals.close()
    first, rest = rows(audit)
    assert (rest.who, rest.operation, rest.code, rest.count) == (
        "Mallory", "list_tokens", "not-allowed", FLOOD - 1,
    )  # fmt: skip
    assert (first.peer, rest.request_id) == ("", str(FLOOD - 1))


def test_kinds_are_told_apart_by_who_code_and_operation(audit: Audit):
    refusals = Refusals(audit)
    kinds = [refusal(), refusal(who="Eve"), refusal(code="unknown-name"), refusal("list_audit"),
             refusal(who="", peer="10.0.0.1"), refusal(who="", peer="10.0.0.2")]  # fmt: skip
    for _ in range(3):
        for kind in kinds:
            refusals.add(kind)
    assert [item.peer for item in rows(audit)] == ["", "", "", "", "10.0.0.1", "10.0.0.2"]
    refusals.close()
    assert [item.count for item in rows(audit)] == [1] * 6 + [2] * 6


def test_a_flood_of_kinds_is_bounded_too(audit: Audit):
    """From as many addresses, with as many codes, at as many operations as one likes."""
    refusals, codes = Refusals(audit), sorted(KINDS)
    for number in range(FLOOD):
        code = codes[number % len(codes)]
        refusals.add(refusal(f"GET /{number}", who="", peer=f"fd00::{number:x}", code=code))
    assert len(refusals._open) <= MOST + len(codes)
    refusals.close()
    found = rows(audit)
    assert len(found) <= MOST + 2 * len(codes)
    assert sum(item.count for item in found) == FLOOD
    assert {item.peer for item in found if item.operation == MANY} == {""}


def test_addresses_outside_the_api_are_one_kind(audit: Audit):
    refusals = Refusals(audit)
    for number in range(100):
        refusals.add(refusal(f"GET /{number}", who="", peer="10.0.0.1", kind="outside"))
    refusals.close()
    assert [(item.operation, item.count) for item in rows(audit)] == [
        ("GET /0", 1),
        ("GET /99", 99),
    ]


def test_a_window_that_is_over_is_written_without_another_request(audit: Audit):
    refusals = Refusals(audit, window_s=0.2)
    for _ in range(5):
        refusals.add(refusal())
    until = time.monotonic() + 10
    while len(rows(audit)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert [item.count for item in rows(audit)] == [1, 4]
    refusals.add(refusal())
    assert [item.count for item in rows(audit)] == [1, 4, 1], "the first of the next window"
    refusals.close()
    assert [item.count for item in rows(audit)] == [1, 4, 1], "nothing is written twice"


def test_threads_lose_none(audit: Audit):
    refusals = Refusals(audit, window_s=0.05)
    with ThreadPoolExecutor(8) as pool:
        for number in range(2000):
            pool.submit(refusals.add, refusal(f"at{number % 3}"))
    refusals.close()
    assert sum(item.count for item in rows(audit)) == 2000


def test_what_is_done_is_never_folded_and_old_entries_are_read(audit: Audit):
    for _ in range(3):
        audit.add(who="Ada", operation="save_selection", subject="/x", status=201)
    assert [item.count for item in rows(audit)] == [1, 1, 1]


def test_reads_are_noted_for_what_who_asks_got_wrong():
    assert set(KINDS) > READS
    assert {
        "usage",
        "unknown-name",
        "unknown-route",
        "unknown-parameter",
        "invalid-request",
        "not-signed-in",
        "not-allowed",
        "cursor",
        "bad-request",
        "not-acceptable",
    } <= READS
    assert "not-made-yet" not in READS


ATTACKS = {
    "traversal": ("/recordings/..%252f..%252fetc%252fpasswd", "unknown-name"),
    "traversal beside the API": ("/..%2f..%2fetc%2fpasswd", "unknown-route"),
    "an injected parameter": ("/recordings?callback=x", "unknown-parameter"),
    "a value that breaks out": ("/search?limit=1%20OR%201=1", "invalid-request"),
    "SQL": ("/search?q=sql('drop table frames')", "usage"),
    "a file as an example": ("/search?q=like('/etc/passwd')", "unknown-name"),
    "a forged cursor": ("/recordings?cursor=AAAA", "cursor"),
    "a page as an answer": ("/search", "not-acceptable"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_read_that_attacks_is_noted_once_and_counted(shared: Served, name: str):
    path, code = ATTACKS[name]
    shared.service.refusals.settle()
    before = shared.service.audit.end()[0]
    headers = {"accept": "text/html"} if code == "not-acceptable" else {}
    for _ in range(20):
        assert shared.ask("GET", path, headers=headers).json()["code"] == code
    [first] = shared.service.audit.entries(after=before)
    assert (first.code, first.count) == (code, 1)
    shared.service.refusals.settle()
    rest = shared.service.audit.entries(after=before + 1)
    assert [(item.code, item.count) for item in rest] == [(code, 19)]
    assert shared.service.audit.verify().entries == before + 2


def test_good_reads_and_states_leave_nothing(shared: Served):
    shared.service.refusals.settle()
    before = shared.service.audit.end()[0]
    shared.get("/recordings")
    shared.ask("GET", "/operations/nobody/file")
    shared.service.refusals.settle()
    assert [item.code for item in shared.service.audit.entries(after=before)] == ["unknown-name"]


def test_who_is_not_signed_in_is_noted_by_address(shared: Served):
    shared.service.refusals.settle()
    before = shared.service.audit.end()[0]
    with shared.stranger as stranger:
        for _ in range(50):
            assert stranger.get(f"{API}/me").status_code == 401
    [first] = shared.service.audit.entries(after=before)
    assert (first.who, first.peer, first.operation) == ("", "127.0.0.1", "who_am_i")


def test_a_server_that_ends_writes_what_it_counted(served_folder: Path):
    for served in serve(served_folder, ServiceSettings(port=0)):
        for _ in range(30):
            served.ask("GET", "/tokens", token=served.token("viewer", who="Mallory"))
        store = served.service.store
    again = Store(served_folder, serving=False)
    assert store.path == again.path
    found = [item for item in rows(Audit(again, SystemClock())) if item.who == "Mallory"]
    assert [item.count for item in found] == [1, 29]
    again.close()
