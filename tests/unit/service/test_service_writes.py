"""Writes: once per key, on what the caller saw; long ones as operations that can be followed."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest

from ringroad.domain.errors import Conflict
from ringroad.pipelines.datasets.looks import looks_at
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace
from ringroad.service.operations import Operations
from ringroad.service.store import Store
from service_kit import Served, open_here, open_worker_of, serve

WAIT_S = 30


def test_the_same_key_gets_the_same_answer(served: Served):
    body, key = {"name": "n", "limit": 3}, {"idempotency-key": "4f1c"}
    first = served.ask("POST", "/selections", json=body, headers=key)
    again = served.ask("POST", "/selections", json=body, headers=key)
    assert again.json() == first.json()
    assert again.status_code == first.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["ringroad-cli"] == first.headers["ringroad-cli"]
    assert "idempotent-replayed" not in first.headers
    entries = served.get("/audit")["items"]
    noted = [item for item in entries if item["operation"] == "save_selection"]
    assert len(noted) == 2, "both are noted, one is done"


def test_a_key_is_of_one_request(served: Served):
    key = {"idempotency-key": "4f1c"}
    served.ask("POST", "/selections", json={"name": "n"}, headers=key)
    for path, body in (("/selections", {"name": "m"}), ("/checks", {})):
        other = served.ask("POST", path, json=body, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    mine = served.ask(
        "POST", "/selections", json={"name": "m"}, headers=key,
        token=served.token("admin", who="Eve"),
    )  # fmt: skip
    assert mine.status_code == 201


def test_a_refusal_is_replayed_too(served: Served):
    key = {"idempotency-key": "k"}
    body = {"who": "Ada", "role": "root"}
    first, again = (served.ask("POST", "/tokens", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (400, 400)
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["x" * 256, "a b"])
def test_a_key_that_is_none(shared: Served, key: str):
    body = {"who": "Ada", "role": "viewer"}
    answer = shared.ask("POST", "/tokens", json=body, headers={"idempotency-key": key})
    assert answer.status_code == 422


def test_many_at_once_do_it_once(served: Served):
    def send(_: int) -> httpx.Response:
        body, key = {"frames": [frame]}, {"idempotency-key": "same"}
        return served.ask("POST", "/selections/n", json=body, headers=key)

    frame = served.get("/search", limit=1)["items"][0]["frame_id"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [item for item in served.get("/audit")["items"] if item["status"] == 200]
    assert len(done) == sum(answer.status_code == 200 for answer in answers) >= 1
    assert len({answer.text for answer in answers if answer.status_code == 200}) == 1
    assert served.get("/selections/n")["count"] == 1


def test_a_selection_is_saved_and_added_to(served: Served):
    body = {"name": "night/first", "query": "condition = night"}
    made = served.ask("POST", "/selections", json=body)
    assert made.status_code == 201, made.text
    wanted = served.get("/search", q="condition = night", limit=1000)
    told = served.get("/selections/night/first", limit=1000)
    assert sorted(told["items"]) == sorted(row["frame_id"] for row in wanted["items"])
    day = served.get("/search", q="condition = day", limit=1)["items"][0]["frame_id"]
    added = served.ask("POST", "/selections/night/first", json={"frames": [day]})
    assert added.json()["frames"] == wanted["count"] + 1
    unknown = served.ask("POST", "/selections/night/first", json={"frames": ["a/b/c"]})
    assert unknown.status_code == 404


def test_a_living_selection_holds_what_its_query_finds(served: Served):
    body = {"name": "dusk", "query": "condition = dusk", "living": True}
    assert served.ask("POST", "/selections", json=body).json()["living"]
    told = served.get("/selections/dusk")
    assert told["living"]
    assert told["count"] == served.get("/search", q="condition = dusk")["count"]


def version(served: Served, name: str = "demo") -> tuple[str, str]:
    answer = served.ask("GET", f"/datasets/{name}")
    return answer.json()["dataset"]["id"], answer.headers["etag"]


def test_a_version_is_appended_on_the_one_that_was_seen(served: Served):
    """`POST /datasets/{id}`, as in the deck: 202, an operation, a version with its parent."""
    before, etag = version(served)
    frames = served.get("/datasets/demo/rows", limit=2)["items"]
    train = [row["frame_id"] for row in frames]
    answer = served.ask(
        "POST", "/datasets/demo", json={"remove": train[:1], "reason": "blurred"},
        headers={"if-match": etag},
    )  # fmt: skip
    assert answer.headers["location"] == f"/api/v1/operations/{answer.json()['operation']['id']}"
    done = served.done(answer)
    assert done["state"] == "done", done
    assert done["result"] | {"dataset": ""} == {
        "dataset": "", "parent": before, "changed": True, "put": 0, "removed": 1,
    }  # fmt: skip
    after, _ = version(served)
    assert after == done["result"]["dataset"]
    log = served.get("/datasets/demo/log")["versions"]
    assert (log[0]["id"], log[0]["parents"]) == (after, [before])
    late = served.ask(
        "POST", "/datasets/demo", json={"remove": train[1:]}, headers={"if-match": etag}
    )
    assert late.status_code == 412
    assert (late.json()["code"], late.json()["place"]) == ("version-moved", after)
    assert version(served)[0] == after


def test_who_comes_second_is_told_who_won(served: Served):
    """Both saw the same version, and both were taken in before either was done."""
    _, etag = version(served)
    rows = served.get("/datasets/demo/rows", limit=2)["items"]
    answers = [
        served.ask(
            "POST", "/datasets/demo", json={"remove": [row["frame_id"]]},
            headers={"if-match": etag},
        )
        for row in rows
    ]  # fmt: skip
    taken = [answer for answer in answers if answer.status_code == 202]
    done = [served.done(answer) for answer in taken]
    assert [item["state"] for item in done].count("done") == 1
    winner, _ = version(served)
    lost = [item["problem"] for item in done if item["state"] == "failed"]
    lost += [answer.json() for answer in answers if answer.status_code == 412]
    assert [(item["status"], item["code"], item["place"]) for item in lost] == [
        (412, "version-moved", winner)
    ]


def test_frames_are_put_into_a_dataset_that_is_made(served: Served):
    _, before = version(served)
    rows = served.get("/datasets/demo/rows", limit=6)["items"]
    some = [row["frame_id"] for row in rows]
    labels = sorted({row["annotations"] for row in rows})
    served.ask("POST", "/selections/some", json={"frames": some})
    refused = served.ask(
        "POST", "/datasets/demo", json={"selection": "some"}, headers={"if-none-match": "*"}
    )
    assert (refused.status_code, refused.json()["place"]) == (412, before.strip('"'))
    unknown = served.ask("POST", "/datasets/fresh", json={"selection": "some"})
    assert unknown.status_code == 404
    made = served.done(
        served.ask(
            "POST", "/datasets/fresh",
            json={"selection": "some", "labels": labels, "test_fraction": 0},
            headers={"if-none-match": "*"},
        )
    )  # fmt: skip
    assert made["state"] == "done", made["problem"]
    fresh = served.get("/datasets/fresh/rows", limit=100)
    assert [row["frame_id"] for row in fresh["items"]] == some
    body = {"selection": "some", "labels": labels}
    again = served.done(served.ask("POST", "/datasets/fresh", json=body))
    assert again["result"]["changed"] is False


@pytest.mark.parametrize("body", [{}, {"selection": "all", "remove": ["x"]}])
def test_an_append_of_nothing_or_of_both_fails_as_a_problem(served: Served, body: dict[str, Any]):
    done = served.done(served.ask("POST", "/datasets/demo", json=body))
    assert done["state"] == "failed"
    assert done["problem"]["code"] == "usage"


@pytest.mark.parametrize("etag", ["x", "*", '"a", "b"', '""'])
def test_an_etag_that_is_none(shared: Served, etag: str):
    answer = shared.ask("POST", "/datasets/demo", json={}, headers={"if-match": etag})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


def test_a_gate_is_checked_and_a_model_evaluated(served: Served):
    evaluation = served.get("/evaluations")["items"][0]
    body = {"kpis": evaluation["id"], "name": "n", "metric": "AP50", "category": "all",
            "slice": "all", "minimum": 0.0}  # fmt: skip
    ada = served.token(who="Ada")
    done = served.done(served.ask("POST", "/gates", json=body, token=ada))
    assert done["result"]["verdict"] in {"PASS", "FAIL", "INCONCLUSIVE"}
    assert served.get(f"/gates/{done['result']['gate']}")["gate"]["kpis"] == evaluation["id"]
    dataset = dataset_of(served.service.workspace, "demo")
    body = {"model": evaluation["models"][0], "dataset": dataset.id}
    assert served.done(served.ask("POST", "/evaluations", json=body, token=ada))["result"]
    looks, _ = looks_at(served.service.workspace, dataset)
    told = [(look.why, look.who) for look in looks[-2:]]
    assert told == [("gate n", "Ada"), ("evaluate", "Ada")], "not who runs the server"


def events_of(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_an_operation_is_followed_and_resumed(served: Served):
    answer = served.ask("POST", "/events", json={})
    at = answer.json()["events"]
    heard = served.client.get(at, timeout=WAIT_S)
    assert heard.headers["content-type"].startswith("text/event-stream")
    events = events_of(heard.text)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    states = [data["state"] for _, name, data in events if name == "state"]
    assert states == ["queued", "running", "done"]
    assert {"progress", "step"} <= {name for _, name, _ in events}
    rest = served.client.get(at, headers={"last-event-id": str(len(events) - 2)})
    assert events_of(rest.text) == events[-2:]
    assert served.client.get(at, headers={"last-event-id": "x"}).status_code == 422


class Line:
    """Work that goes on until it is told to, in steps of its own."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def wait(self, workspace: Workspace, body: Any) -> dict[str, Any]:
        self.begun.set()
        while not self.go.wait(0.01):
            workspace.progress("waiting", 0, 0)
            workspace.say("still here")
        return {"body": dict(body)}

    def fail(self, workspace: Workspace, body: Any) -> dict[str, Any]:
        raise RuntimeError("a secret of the server")


@pytest.fixture
def line(served_folder: Path):
    """Operations on a real workspace whose work waits for the test."""
    work, store = Line(), Store(served_folder, serving=True)
    clock = open_here(served_folder)
    kinds = {"wait": work.wait, "fail": work.fail}
    operations = Operations(store, clock.clock, kinds.__getitem__, open_worker_of(served_folder))
    yield operations, work, store, clock, kinds
    operations.close()
    store.close()
    clock.close()


def until_over(operations: Operations, at: str) -> str:
    for _ in range(WAIT_S * 100):
        state = operations.get(at).state
        if state not in {"queued", "running"}:
            return state
        threading.Event().wait(0.01)
    raise AssertionError(state)


def test_what_runs_and_what_waits_can_be_cancelled(line):
    operations, work, *_ = line
    running = operations.submit("wait", {"n": 1}, "Ada")
    waiting = operations.submit("wait", {"n": 2}, "Ada")
    last = operations.submit("wait", {"n": 3}, "Ada")
    assert work.begun.wait(WAIT_S)
    assert operations.cancel(waiting.id).state == "cancelled"
    operations.cancel(running.id)
    assert until_over(operations, running.id) == "cancelled"
    work.go.set()
    assert until_over(operations, last.id) == "done"
    asked = {"n": 3, "who": "Ada", "operation": last.id}
    assert operations.get(last.id).result == {"body": asked}
    assert [item.id for item in operations.all()] == [last.id, waiting.id, running.id]


def test_a_fault_is_a_problem_that_tells_nothing(line):
    operations, *_ = line
    failed = operations.submit("fail", {}, "Ada")
    assert until_over(operations, failed.id) == "failed"
    problem = operations.get(failed.id).problem
    assert (problem["status"], problem["code"]) == (500, "error")
    assert "secret" not in json.dumps(problem)


def test_what_the_end_cuts_off_is_interrupted(line):
    operations, work, *_ = line
    running = operations.submit("wait", {}, "Ada")
    waiting = operations.submit("wait", {}, "Ada")
    assert work.begun.wait(WAIT_S)
    operations.close()
    assert operations.get(running.id).state == "interrupted"
    assert operations.get(waiting.id).state == "interrupted"


def test_what_a_kill_cuts_off_is_interrupted_at_the_next_start(line, served_folder: Path):
    operations, work, store, workspace, kinds = line
    running = operations.submit("wait", {}, "Ada")
    assert work.begun.wait(WAIT_S)
    again = Operations(store, workspace.clock, kinds.__getitem__, open_worker_of(served_folder))
    assert again.get(running.id).state == "interrupted"
    names = [(event.name, event.data.get("state")) for event in again.events(running.id)]
    assert ("state", "interrupted") in names


def test_one_server_has_a_workspace(served: Served):
    with pytest.raises(Conflict, match="another server"):
        next(serve(served.folder))


def test_a_name_with_odd_characters_is_one_word_of_the_command_line(shared: Served):
    answer = shared.ask("GET", "/search", params={"q": "weather = 'a; rm -rf /'"})
    assert answer.json()["cli"] == """ringroad search 'weather = '"'"'a; rm -rf /'"'"''"""
    assert quote("'") not in answer.headers["ringroad-cli"]


def test_threads_that_ended_hold_no_file_open(served: Served):
    """Servers end threads that have nothing to do, and begin others, for weeks."""

    def open_files() -> int:
        names = [os.path.realpath(at) for at in Path("/proc/self/fd").iterdir()]
        return sum("sqlite" in name for name in names)

    def work() -> None:
        served.service.access.tokens.all()
        served.service.workspace.catalog.names()

    before, most = open_files(), 0
    for _ in range(12):
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        most = max(most, open_files())
    assert most <= before + 8 * 6, "not more than eight threads have at once"
