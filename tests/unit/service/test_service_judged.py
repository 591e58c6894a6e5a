"""From a KPI to its frames and boxes, KPIs over time, runs compared, networks beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from service_kit import Served, copied, serve


@pytest.fixture(scope="module")
def scored(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo with predictions from elsewhere: all truths of day, none of night, one invented."""
    folder = tmp_path_factory.mktemp("scored") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        file = folder.parent / "predictions.json"
        file.write_text(json.dumps(list(_predictions(served))))
        result = CliRunner().invoke(
            ringroad,
            ["evaluate", "--predictions", str(file), "--truth", "demo", "--json", "--workers", "1",
             "--workspace", str(folder)],
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        yield served


def _predictions(served: Served) -> Iterator[dict[str, Any]]:
    told = served.get("/datasets/demo")["dataset"]["header"]["categories"]
    number = {name: place for place, name in enumerate(told, start=1)}
    for row in kept_back(served):
        marks = served.get("/datasets/demo/marks", frame=row["frame_id"])["frames"][0]["marks"]
        for mark in marks if row["condition"] == "day" else ():
            yield {"image_id": row["frame_id"], "category_id": number[mark["category"]],
                   "bbox": [mark["x"], mark["y"], mark["w"], mark["h"]], "score": 0.9}  # fmt: skip
    yield {"image_id": kept_back(served)[0]["frame_id"], "category_id": number["car"],
           "bbox": [1, 1, 9, 9], "score": 0.8}  # fmt: skip


def kept_back(served: Served) -> list[dict[str, Any]]:
    rows = served.get("/datasets/demo/rows", limit=1000)["items"]
    return [row for row in rows if row["split"] == "test"]


def newest(served: Served) -> str:
    return str(served.get("/evaluations", limit=1)["items"][0]["id"])


def test_a_kpi_leads_to_its_frames(scored: Served):
    at = newest(scored)
    day = scored.get(f"/evaluations/{at}/frames", slice="day", limit=1000)
    assert day["missed"] == 0
    assert day["false"] == 1
    assert day["items"][0]["false"] == day["items"][0]["errors"] == 1
    assert all(item["condition"] == "day" for item in day["items"])
    night = scored.get(f"/evaluations/{at}/frames", slice="night", limit=1000)
    assert night["missed"] == night["truths"] > 0
    kpis = scored.get(f"/evaluations/{at}")["kpis"]
    of_night = next(k for k in kpis if (k["slice"], k["category"], k["metric"])
                    == ("night", "all", "AP50"))  # fmt: skip
    assert (night["count"], night["truths"]) == (of_night["frames"], of_night["truths"])
    assert sum(night["recordings"].values()) == night["count"]
    recording = next(iter(night["recordings"]))
    part = scored.get(f"/evaluations/{at}/frames", slice="night", recording=recording)
    assert part["count"] == night["recordings"][recording]
    cars = scored.get(f"/evaluations/{at}/frames", category="car", limit=1000)
    assert 0 < cars["truths"] < day["truths"] + night["truths"] + 1000


def test_every_box_says_what_it_came_to(scored: Served):
    at, rows = newest(scored), kept_back(scored)
    first = rows[0]["frame_id"]
    dark = next(row["frame_id"] for row in rows if row["condition"] == "night")
    told = scored.get(f"/evaluations/{at}/marks", frame=[first, dark, "a/b/000001"])["frames"]
    assert [item["frame"] for item in told] == [first, dark]
    bright, night = told
    assert {box["came_to"] for box in bright["truth"]} == {"found"}
    assert [box["came_to"] for box in bright["predictions"]].count("false") == 1
    assert {box["came_to"] for box in night["truth"]} == {"missed"}
    assert night["predictions"] == []
    assert bright["width"] > 100
    strict = scored.get(f"/evaluations/{at}/marks", frame=first, threshold=0.95)["frames"][0]
    assert {box["came_to"] for box in strict["truth"]} == {"missed"}


def test_looking_at_test_frames_is_a_look_once_a_day(scored: Served):
    ada = scored.token("viewer", who="Ada")
    at = newest(scored)
    for _ in range(3):
        scored.ask("GET", f"/evaluations/{at}/frames", token=ada)
    mine = [look for look in scored.get("/datasets/demo/looks")["looks"] if look["who"] == "Ada"]
    assert [look["why"] for look in mine] == ["frames behind KPIs"]


def test_a_kpi_has_a_course(scored: Served):
    told = scored.get("/kpis", slice="day")
    assert [point["at_ns"] for point in told["points"]] == sorted(
        point["at_ns"] for point in told["points"]
    )
    last = told["points"][-1]
    assert last["evaluation"] == newest(scored)
    assert last["kpi"]["slice"] == "day"
    assert last["models"] == []
    by_name = scored.get("/kpis", alias="demo:champion")["points"]
    history = scored.get("/aliases/demo:champion")["history"]
    assert [point["models"] for point in by_name] == [[move["artifact"]] for move in history]
    assert scored.ask("GET", "/kpis").status_code == 200
    assert scored.ask("GET", "/kpis?alias=no:such").status_code == 404


def test_a_gate_names_the_frames_that_decided(scored: Served):
    rule = {"kpis": newest(scored), "name": "night", "metric": "AP50", "category": "all",
            "slice": "night", "minimum": 0.5}  # fmt: skip
    done = scored.done(scored.ask("POST", "/gates", json=rule))
    told = scored.get(f"/gates/{done['result']['gate']}")["gate"]
    frames = told["result"]["frames"]
    assert frames
    marks = scored.get(f"/evaluations/{told['kpis']}/marks", frame=frames)["frames"]
    assert [item["frame"] for item in marks] == frames
    assert all(box["came_to"] == "missed" for item in marks for box in item["truth"])


def test_runs_are_compared_by_what_differs(scored: Served):
    runs = scored.get("/training-runs")["items"]
    assert len(runs) > 1
    assert all(run["loss"] > 0 for run in runs)
    ids = [run["id"] for run in runs[:2]]
    told = scored.get("/training-runs/comparison", run=ids)
    assert [run["id"] for run in told["runs"]] == ids
    for values in told["parameters"].values():
        assert len(values) == 2
        assert values[0] != values[1]
    assert "network.width" in {**told["equal"], **told["parameters"]}
    assert all(len(row["values"]) == 2 for row in told["kpis"])
    assert scored.ask("GET", f"/training-runs/comparison?run={ids[0]}&run=no").status_code == 404
    assert scored.get(f"/training-runs/{runs[0]['model']}")["run"]["id"] == runs[0]["id"]


def test_networks_that_answer_alike_share_their_kpis(served: Served):
    """Those of the quick demo see nothing: equal answers are one artifact, and count for all."""
    alone = {}
    ids = [run["id"] for run in served.get("/training-runs")["items"]]
    for at in ids:
        told = served.get("/training-runs/comparison", run=at)  # before the list was asked for
        alone[at] = told["evaluations"][0]
    listed = served.get("/training-runs")["items"]
    assert {run["id"]: run["evaluation"] for run in listed} == alone
    shown = {at: served.get(f"/training-runs/{at}")["run"]["evaluation"] for at in ids}
    assert shown == alone
    assert any(alone.values())


def test_runs_are_compared_at_a_terminal_as_over_http(scored: Served):
    """`ringroad experiments` says what the API says; the start of an id is enough."""
    ids = [run["id"] for run in scored.get("/training-runs")["items"][:2]]
    told = scored.get("/training-runs/comparison", run=ids)
    options = ["--json", "--workers", "1", "--workspace", str(scored.folder)]
    said = CliRunner().invoke(
        ringroad, ["experiments", "compare", *(at[:12] for at in ids), *options]
    )
    assert said.exit_code == 0, said.output
    known = json.loads(said.stdout)
    assert known["runs"] == ids
    assert known["parameters"] == told["parameters"]
    assert [row["values"] for row in known["kpis"]] == [row["values"] for row in told["kpis"]]
    listed = CliRunner().invoke(ringroad, ["experiments", "list", *options])
    assert json.loads(listed.stdout)["count"] == scored.get("/training-runs")["count"]
    none = CliRunner().invoke(ringroad, ["experiments", "compare", "no", *options])
    assert none.exit_code == 2, none.output


def test_two_networks_stand_beside_each_other(scored: Served):
    body = {"candidate": "demo:candidate", "champion": "demo:champion", "truth": "demo",
            "threshold": 0.0}  # fmt: skip
    done = scored.done(scored.ask("POST", "/resimulations", json=body))
    assert done["state"] == "done", done
    told = scored.get(f"/resimulations/{done['result']['resimulation']}")["resimulation"]
    assert told["truth"]
    assert told["summary"][0]["condition"] == "all"
    frames = scored.get(f"/resimulations/{told['id']}/frames", limit=1000)
    assert frames["count"] == told["summary"][0]["disagreeing"]
    scores = [row["disagreement"] for row in frames["items"]]
    assert scores == sorted(scores, reverse=True)
    frame = kept_back(scored)[0]["frame_id"]
    said = scored.get(f"/resimulations/{told['id']}/differences", frame=frame)
    assert said["truth"]
    assert said["width"] > 100
    wrong = body | {"champion": "demo:nobody"}
    assert scored.ask("POST", "/resimulations", json=wrong).status_code == 404


def test_a_training_run_is_started_and_told(scored: Served):
    body = {"dataset": "demo", "epochs": 1, "name": "taught", "channels": 8, "width": 64,
            "height": 48}  # fmt: skip
    done = scored.done(scored.ask("POST", "/training-runs", json=body))
    assert done["state"] == "done", done
    assert done["result"]["name"] == "taught:candidate"
    run = scored.get(f"/training-runs/{done['result']['model']}")
    assert run["run"]["names"] == ["taught:candidate"]
    assert run["run"]["parameters"]["network"]["channels"] == 8
    assert len(run["curve"]) == 1
    odd = scored.ask("POST", "/training-runs", json=body | {"height": None})
    assert odd.status_code == 422


def test_a_plan_tells_its_parity(scored: Served):
    plan = scored.get("/plans")["items"][0]
    assert plan["parity"]["cosine"] >= plan["manifest"]["parity"]["cosine"]
    assert plan["parity"]["frames"] > 0
    assert plan["made_ns"] > 0
