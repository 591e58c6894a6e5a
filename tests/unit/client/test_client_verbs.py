"""The client does what the API does: pages, tables, long work, conditions, one error."""

from __future__ import annotations

import importlib.util
import inspect
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest

from ringroad.client import Client, Problem
from ringroad.domain.errors import RingroadError, UsageError
from ringroad.service.build import description
from service_kit import Served

ROOT = Path(__file__).parents[3]
STREAMS = {"follow_operation"}
"""Heard by `wait`."""


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("client_code", ROOT / "tools" / "client_code.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_committed_is_what_would_be_written():
    """Write it again with `python tools/openapi.py`."""
    tool, document = writer(), description()
    tool.prepare(document)
    found = tool.files_of(document)
    folder = ROOT / "src" / "ringroad" / "client"
    committed = {
        path.relative_to(folder).as_posix(): path.read_text()
        for place in ("verbs", "shapes")
        for path in folder.glob(f"{place}/*.py")
    }
    assert committed == found


def test_every_operation_is_a_verb():
    verbs = {name for name, _ in inspect.getmembers(Client, inspect.isfunction)}
    paths = description()["paths"].values()
    named = {told["operationId"] for methods in paths for told in methods.values()}
    assert named - STREAMS <= verbs


def test_lists_are_iterated_over_all_pages(client: Client, served: Served):
    whole = [row["frame_id"] for row in served.get("/search", limit=1000)["items"]]
    assert [row["frame_id"] for row in client.each(client.search_frames, limit=7)] == whole
    night = client.each(client.search_frames, q="condition = night", limit=2)
    assert len(list(night)) == client.search_frames(q="condition = night")["count"]


def test_bulk_is_an_arrow_table(client: Client):
    table = client.search_frames_table(q="condition = night")
    rows = client.search_frames(q="condition = night", limit=1000)["items"]
    assert table["frame_id"].to_pylist() == [row["frame_id"] for row in rows]
    recording = client.list_recordings()["items"][0]["id"]
    assert client.list_frames_table(recording=recording).num_rows > 0


def test_ids_and_names_with_odd_characters_go_in_as_they_are(client: Client, served: Served):
    frame = client.search_frames(limit=1)["items"][0]["frame_id"]
    told = client.show_frame(frame)
    assert told["frame"]["frame_id"] == frame
    assert client.show_picture(frame)[:2] == b"\xff\xd8"
    assert served.client.get(told["picture"]).content == client.show_picture(frame)
    name = "night/a b%c?d#e"
    client.save_selection(name=name, query="condition = night", limit=3)
    assert client.show_selection(name)["count"] == 3
    assert quote(name) not in {item["name"] for item in client.list_selections()["items"]}


def test_long_work_is_waited_for_and_tells_how_far_it_is(client: Client):
    heard: list[Any] = []
    result = client.wait(client.find_events(), progress=heard.append)
    assert result["recordings"] == client.list_recordings()["count"]
    assert heard
    assert heard[-1]["done"] == heard[-1]["total"]


def test_work_that_fails_is_the_same_error(client: Client):
    accepted = client.append_dataset("demo", remove=["a/b/000001"], reason="r")
    with pytest.raises(Problem) as told:
        client.wait(accepted)
    assert (told.value.code, told.value.status) == ("input", 422)


def test_an_append_on_what_was_not_seen_is_told_who_won(client: Client):
    seen = client.show_dataset("demo")["dataset"]["id"]
    frames = [row["frame_id"] for row in client.list_dataset_rows("demo", limit=2)["items"]]
    done = client.append_dataset("demo", remove=frames[:1], reason="dark", if_match=seen)
    made = client.wait(done)["dataset"]
    with pytest.raises(Problem) as told:
        client.append_dataset("demo", remove=frames[1:], reason="dark", if_match=seen)
    assert (told.value.status, told.value.code) == (412, "version-moved")
    assert told.value.place == made


def test_a_problem_is_one_error_with_a_remedy(client: Client):
    with pytest.raises(Problem) as told:
        client.show_dataset("nothing")
    error = told.value
    assert isinstance(error, RingroadError)
    assert (error.status, error.code, error.subject != "") == (404, "unknown-name", True)
    assert error.request_id
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (ours)
    assert (again.code, again.remedy, again.request_id) == (
        error.code, error.remedy, error.request_id,
    )  # fmt: skip


def test_who_may_not_is_told(served: Served):
    with Client(f"http://{served.host}", token=served.token("viewer", who="Vi")) as viewer:
        assert viewer.who_am_i()["who"] == "Vi"
        with pytest.raises(Problem) as told:
            viewer.save_selection(name="x")
    assert (told.value.status, told.value.code) == (403, "not-allowed")
    with Client(f"http://{served.host}") as nobody, pytest.raises(Problem) as told:
        nobody.who_am_i()
    assert told.value.code == "not-signed-in"


def test_the_token_of_the_environment(served: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RINGROAD_TOKEN", served.token("viewer", who="Env"))
    with Client(f"http://{served.host}/api/v1") as client:
        assert client.who_am_i()["who"] == "Env"


def test_threads_share_a_client(client: Client):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.who_am_i()["who"], range(64)))
    assert set(found) == {"local"}


@pytest.mark.parametrize("address", ["", "host:8321", "ftp://host", "http://", "/api/v1"])
def test_what_is_no_address_is_told(address: str):
    with pytest.raises(UsageError, match="no address"):
        Client(address)


def test_the_client_loads_nothing_heavy():
    code = (
        "import sys, time; begun = time.process_time(); import ringroad.client;"
        "print(time.process_time() - begun, *sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, *modules = run.stdout.split()
    heavy = {"numpy", "pyarrow", "pydantic", "fastapi", "requests", "asyncio", "click"}
    assert not heavy & set(modules)
    assert float(seconds) < 0.5
    assert json.dumps(modules).count("ringroad.pipelines") == 0
