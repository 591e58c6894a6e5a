"""Studies over HTTP: started as long work, seen while they run, cancelled, gone on with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service_kit import Served, open_here, serve
from study_kit import DATASET, judged_dataset

BODY: dict[str, Any] = {
    "name": "wide",
    "dataset": DATASET,
    "trials": 2,
    "sampler": "grid",
    "train": {"epochs": 1, "channels": 4},
    "search": {"weight_decay": {"choices": [0.01, 1e38]}},
}


@pytest.fixture
def judged(served_folder: Path) -> Iterator[Served]:
    workspace = open_here(served_folder)
    judged_dataset(workspace)
    workspace.close()
    yield from serve(served_folder)


def test_a_study_from_its_start_to_its_best_trial(judged: Served):
    assert judged.get("/studies")["items"] == []
    answer = judged.ask("POST", "/studies", json=BODY)
    assert answer.json()["cli"] == "ringroad tune wide.toml"
    done = judged.done(answer)
    assert done["state"] == "done", done["problem"]
    result = done["result"]
    assert (result["trials"], result["failed"], result["best"]) == (2, 1, 0)
    (item,) = judged.get("/studies")["items"]
    assert (item["name"], item["state"], item["done"], item["failed"]) == ("wide", "done", 1, 1)
    told = judged.get("/studies/wide")
    assert told["study"] == judged.get(f"/studies/{result['study']}")["study"]
    assert told["cli"] == "ringroad studies show wide"
    good, bad = told["trials"]
    assert told["study"]["best"] == good
    assert good["names"] == ["wide:candidate"]
    assert good["model"] == result["model"] == judged.get("/aliases/wide:candidate")["artifact"]
    assert judged.get(f"/training-runs/{good['training']}")["run"]["model"] == good["model"]
    assert 0 <= good["kpi"]["value"] <= 1
    assert good["seconds"] > 0
    assert "diverged" in bad["reason"]
    assert (bad["model"], bad["seconds"]) == (None, None)
    assert told["search"]["weight_decay"]["choices"] == [0.01, 1e38]
    assert told["train"]["channels"] == 4
    assert "weight_decay" not in told["train"]
    assert told["influences"] == [{"parameter": "weight_decay", "correlation": None, "trials": 1}]
    assert judged.get(f"/datasets/{DATASET}/looks")["looks"] == []


def test_a_cancelled_study_is_stopped_and_goes_on(judged: Served):
    body = {**BODY, "train": {"epochs": 10_000, "channels": 4},
            "search": {"learning_rate": {"low": 1e-3, "high": 1e-2}}}  # fmt: skip
    body["sampler"] = "random"
    at = judged.ask("POST", "/studies", json=body).json()["operation"]["id"]
    until = time.monotonic() + 60
    while not any(event.name == "progress" for event in judged.service.operations.events(at)):
        assert time.monotonic() < until
        time.sleep(0.02)
    told = judged.get("/studies/wide")
    assert told["study"]["state"] == "running"
    assert [trial["state"] for trial in told["trials"]] == ["asked"]
    judged.ask("POST", f"/operations/{at}:cancel")
    while judged.get(f"/operations/{at}")["operation"]["state"] != "cancelled":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert judged.get("/studies/wide")["study"]["state"] == "stopped"


@pytest.mark.parametrize(
    ("change", "status", "what"),
    [
        ({"search": {}}, 422, "search"),
        ({"search": {"dropout": {"choices": [1]}}}, 422, "no parameter 'dropout'"),
        ({"search": {"batch": {"low": 8, "high": 4}}}, 422, "low 8 is above high 4"),
        ({"train": {"channels": 6}}, 422, "multiple of 4"),
        ({"train": {"weight_decay": 0.1}}, 422, "searched and fixed"),
        ({"dataset": "nobody"}, 404, "nobody"),
        ({"name": "a:b"}, 422, "name"),
        ({"more": 1}, 422, "more"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_begun(
    shared: Served, change: dict[str, Any], status: int, what: str
):
    before = len(shared.get("/operations")["items"])
    answer = shared.ask("POST", "/studies", json={**BODY, "dataset": "demo", **change})
    assert answer.status_code == status
    assert what in answer.text
    assert len(shared.get("/operations")["items"]) == before


def test_a_dataset_without_validation_rows_is_the_problem_of_the_operation(shared: Served):
    done = shared.done(shared.ask("POST", "/studies", json={**BODY, "dataset": "demo"}))
    assert done["state"] == "failed"
    assert "--val-fraction" in done["problem"]["hint"]


def test_an_unknown_study(shared: Served):
    answer = shared.ask("GET", "/studies/nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-name")
