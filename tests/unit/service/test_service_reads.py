"""What the API reads is what the command line says, for every noun of the demo."""

from __future__ import annotations

import io
import json
import re
import shlex
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import decode_image, encode_jpeg, size_of
from ringroad.pipelines.recordings.frame_pictures import warm
from ringroad.service.settings import CACHE_BYTES
from service_kit import API, Served


def said(served: Served, *arguments: str) -> Any:
    result = CliRunner().invoke(
        ringroad, [*arguments, "--json", "--workers", "1", "--workspace", str(served.folder)]
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def first_frame(served: Served) -> str:
    found: str = served.get("/search", limit=1)["items"][0]["frame_id"]
    return found


def test_recordings_are_those_of_the_command_line(shared: Served):
    told = shared.get("/recordings")
    known = said(shared, "recordings", "list")
    assert [item["id"] for item in told["items"]] == [item["id"] for item in known["recordings"]]
    assert told["refused"] == known["refused"]
    assert told["count"] == len(known["recordings"]) > 5


def test_a_recording_is_that_of_the_command_line(shared: Served):
    at = shared.get("/recordings")["items"][0]["id"]
    told = shared.get(f"/recordings/{quote(at)}")
    known = said(shared, "recordings", "show", at)
    assert told["recording"] == {name: known[name] for name in told["recording"]}
    assert told["sweeps"] == known["sweeps"]


def test_every_answer_says_its_command_line(shared: Served):
    for path in ("/recordings", "/search?q=condition%20=%20night", "/plans"):
        answer = shared.client.get(API + path)
        line = answer.json()["cli"]
        assert answer.headers["ringroad-cli"] == line
        words = shlex.split(line)
        assert words[0] == "ringroad"
        said(shared, *words[1:])


def test_search_finds_what_the_command_line_finds(shared: Served):
    told = shared.get("/search", q="condition = night", limit=1000)
    known = said(shared, "search", "condition = night", "--limit", "1000")
    ids = [row["frame_id"] for row in told["items"]]
    assert sorted(ids) == sorted(row["frame_id"] for row in known["frames"])
    assert told["matched"] == told["count"] == known["matched"] > 0


def test_an_order_and_a_likeness_are_those_of_the_command_line(shared: Served):
    told = shared.get("/search", order="brightness desc", limit=20)
    known = said(shared, "search", "--order", "brightness desc", "--limit", "20")
    assert [r["frame_id"] for r in told["items"]] == [r["frame_id"] for r in known["frames"]]
    frame = first_frame(shared)
    told = shared.get("/search", like=frame, limit=5)
    known = said(shared, "search", "--like", frame, "--limit", "5")
    assert [r["frame_id"] for r in told["items"]] == [r["frame_id"] for r in known["frames"]]
    assert [r["score"] for r in told["items"]] == [r["score"] for r in known["frames"]]


def test_a_search_explains_itself(shared: Served):
    assert shared.get("/search", q="speed > 3 m/s")["explain"] is None
    told = shared.get("/search", q="speed > 3 m/s", explain=True)
    assert told["explain"]["parts"][0]["rows"] == told["matched"]


def test_a_query_with_a_mistake_shows_the_place(shared: Served):
    answer = shared.ask("GET", "/search", params={"q": "brightnes > 1"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "usage"
    assert "brightness" in answer.json()["hint"] + answer.json()["detail"]


def test_words_are_completed(shared: Served):
    told = shared.get("/search/complete", q="cond", cursor=4)
    assert "condition" in [item["text"] for item in told["suggestions"]]


def test_bulk_is_the_whole_list_in_both_forms(shared: Served):
    pages = shared.get("/search", limit=1000)
    lines = shared.ask("GET", "/search", headers={"accept": "application/x-ndjson"})
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert [row["frame_id"] for row in rows] == [row["frame_id"] for row in pages["items"]]
    accept = {"accept": "application/vnd.apache.arrow.stream"}
    data = shared.ask("GET", "/search", headers=accept).content
    table = pa.ipc.open_stream(io.BytesIO(data)).read_all()
    assert table["frame_id"].to_pylist() == [row["frame_id"] for row in rows]
    assert shared.ask("GET", "/search", headers={"accept": "text/csv"}).status_code == 406


def test_an_empty_list_is_an_arrow_stream_too(shared: Served):
    accept = {"accept": "application/vnd.apache.arrow.stream"}
    for path in ("/checks", "/search?q=condition%20=%20'none'"):
        data = shared.ask("GET", path, headers=accept).content
        assert pa.ipc.open_stream(io.BytesIO(data)).read_all().num_rows == 0


def test_a_frame_has_neighbours_and_a_picture(shared: Served):
    frame = first_frame(shared)
    told = shared.get(f"/frames/{quote(frame)}")
    assert told["before"] is None
    again = shared.get(f"/frames/{quote(told['after'])}")
    assert again["before"] == frame
    answer = shared.client.get(told["picture"])
    assert answer.headers["content-type"] == "image/jpeg"
    pixels = decode_image(answer.content)
    assert pixels.shape == (told["frame"]["height"], told["frame"]["width"], 3)


def test_a_picture_is_the_frame_as_recorded(shared: Served):
    """Decoded again from the source bytes by hand; JPEG at quality 85 is near, not equal."""
    frame = first_frame(shared)
    row = shared.get(f"/frames/{quote(frame)}")["frame"]
    data = shared.service.workspace.sources.read_range(row["source"], row["offset"], row["length"])
    wanted = decode_image(data)
    found = decode_image(shared.client.get(f"{API}/pictures/{quote(frame)}").content)
    assert np.abs(found.astype(int) - wanted.astype(int)).mean() < 4


def test_a_proxy_and_a_width_are_smaller_pictures(shared: Served):
    frame = quote(first_frame(shared))
    whole, proxy, small = (
        decode_image(shared.client.get(f"{API}/pictures/{frame}{query}").content).shape
        for query in ("", "?form=proxy", "?width=100")
    )
    assert whole[1] > proxy[1] > small[1] == 100


def test_a_picture_is_asked_for_once(shared: Served):
    frame = quote(first_frame(shared))
    answer = shared.client.get(f"{API}/pictures/{frame}?form=proxy")
    assert "immutable" in answer.headers["cache-control"]
    again = shared.ask(
        "GET", f"/pictures/{frame}?form=proxy", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    other = shared.client.get(f"{API}/pictures/{frame}")
    assert other.headers["etag"] != answer.headers["etag"]


def test_json_that_did_not_change_is_not_sent_again(shared: Served):
    answer = shared.client.get(f"{API}/datasets")
    again = shared.ask("GET", "/datasets", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_signals_and_their_curves(shared: Served):
    recording = shared.get("/recordings")["items"][0]["id"]
    known = shared.get("/signals", recording=recording)["signals"]
    speed = next(item for item in known if item["name"] == "speed")
    told = shared.get("/signals/curves", recording=recording, name="speed", points=10)
    curve = told["curves"][0]
    assert curve["recorded"] == speed["values"]
    assert len(curve["values"]) <= 10
    whole = shared.get("/signals/curves", recording=recording, name="speed")["curves"][0]
    assert {min(whole["values"]), max(whole["values"])} <= set(curve["values"])


def test_lineage_goes_both_ways(shared: Served):
    up = shared.get("/lineage/demo:champion")
    known = said(shared, "lineage", "demo:champion")
    assert {k: v for k, v in up.items() if k != "cli"} == known
    recording = shared.get("/recordings")["items"][0]["id"]
    down = shared.get(f"/lineage/{quote(recording)}", direction="down")
    assert down["direction"] == "down"
    assert any(item["kind"] == "model" for item in down["artifacts"])


def test_datasets_are_those_of_the_command_line(shared: Served):
    told = shared.get("/datasets")["items"]
    known = said(shared, "datasets", "list")["datasets"][::-1]
    assert [(item["id"], item["splits"]) for item in told] == [
        (row["id"], row["splits"]) for row in known
    ]
    one = shared.get("/datasets/demo")["dataset"]
    rows = shared.get("/datasets/demo/rows", limit=1000)
    assert rows["count"] == one["frames"] == len(rows["items"])
    log = shared.get("/datasets/demo/log")["versions"]
    assert log[0]["id"] == one["id"]
    diff = shared.get("/datasets/demo/diff", to=log[-1]["id"])
    assert diff["counts"]["removed"] == log[0]["frames"] - log[-1]["frames"]


def test_training_runs_models_evaluations_gates_and_plans(shared: Served):
    runs = shared.get("/training-runs")["items"]
    assert runs
    run = shared.get(f"/training-runs/{runs[0]['id']}")
    made = shared.service.workspace.catalog.execution(runs[0]["id"])
    at = shared.service.workspace.catalog.artifact(made.outputs["curve"])
    assert run["curve"] == shared.service.workspace.json(at) != []
    models = shared.get("/models")["items"]
    assert [row["id"] for row in models] == [
        row["id"] for row in said(shared, "models", "list")["models"]
    ]
    assert {run["model"] for run in runs} <= {item["id"] for item in models}
    model = shared.get("/models/demo:champion")
    assert model["made_by"][0]["step"] == "train_network"
    for path in ("/evaluations", "/gates", "/plans"):
        first = shared.get(path)["items"][0]
        assert shared.get(f"{path}/{first['id']}")
    evaluation = shared.get("/evaluations")["items"][0]
    assert evaluation["headline"]["category"] == "all"
    assert evaluation["dataset"].startswith("dataset:")
    assert evaluation["models"]


def test_what_nobody_computed_is_said_to_be_missing(served: Served):
    told = served.get("/events")
    assert told["missing"] == [item["id"] for item in served.get("/recordings")["items"]]
    unknown = served.get("/funnel")
    assert (unknown["stages"], unknown["missing"]) == ([], "POST /api/v1/events")
    served.done(served.ask("POST", "/events", json={}))
    assert served.get("/events")["missing"] == []
    stages = {item["name"]: item["frames"] for item in served.get("/funnel")["stages"]}
    assert stages["raw"] >= stages["useful"] > 0
    assert not served.get("/funnel")["missing"]
    served.done(served.ask("POST", "/checks", json={}))
    checks = served.get("/checks")
    assert checks["missing"] == []
    known = said(served, "recordings", "checks")["findings"]
    assert [row["check_id"] for row in checks["items"]] == [row["check_id"] for row in known]


def test_metrics_are_what_prometheus_reads(shared: Served):
    shared.get("/status")
    shared.get("/datasets/demo/rows")
    text = shared.client.get(f"{API}/metrics").text
    held = re.search(r'^ringroad_cache_bytes{of="tables"} (\S+)$', text, re.MULTILINE)
    assert held
    assert 0 < float(held[1]) < CACHE_BYTES
    assert 'ringroad_requests_total{operation="show_status",method="GET",status="200"}' in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) >= 4
    for line in text.splitlines():
        if not line.startswith("#"):
            float(line.rpartition(" ")[2])


@pytest.mark.parametrize("path", ["/recordings/no/such", "/frames/no", "/frames/a/b/000001",
                                  "/pictures/a/b/x", "/datasets/no", "/models/no", "/plans/no",
                                  "/gates/no", "/evaluations/no", "/training-runs/no",
                                  "/executions/no", "/operations/no", "/lineage/no",
                                  "/selections/no", "/aliases/no", "/nothing"])  # fmt: skip
def test_what_is_not_there_is_one_problem(shared: Served, path: str):
    answer = shared.ask("GET", path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in {"unknown-name", "unknown-route"}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_decoder_is_started_before_anybody_asks(shared: Served):
    warm(shared.service.workspace)
    told = shared.service.workspace.sandbox.call(size_of, encode_jpeg(np.zeros((8, 12, 3), "u1")))
    assert tuple(told) == (12, 8)
