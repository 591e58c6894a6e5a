"""Annotations outside the queue over HTTP: revisions, edits, tracks, and who was first."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from service_kit import Served

BOX = {"category": "car", "x": 10.0, "y": 20.0, "w": 30.0, "h": 40.0}


@pytest.fixture
def frame(served: Served) -> str:
    """A frame of the demo."""
    return str(served.get("/search", limit=1)["items"][0]["frame_id"])


def edit(served: Served, frame: str, seen: int, *marks: Any, token: str = "") -> Any:
    return served.ask(
        "POST",
        f"/labelling/annotations/{quote(frame)}",
        token=token,
        headers={"if-match": f'"{seen}"'},
        json={"marks": list(marks), "reason": "by hand"},
    )


def test_an_edit_is_a_revision_and_the_second_is_told_who_won(served: Served, frame: str):
    eve, dan = (served.token("reviewer", who=who) for who in ("Eve", "Dan"))
    told = served.ask("GET", f"/labelling/annotations/{quote(frame)}")
    seen = told.json()["current"]
    assert told.headers["etag"] == f'"{seen}"'
    first = edit(served, frame, seen, BOX, token=eve)
    assert first.status_code == 200, first.text
    assert first.json()["revisions"] == {frame: seen + 1}
    late = edit(served, frame, seen, {**BOX, "x": 50.0}, token=dan)
    assert (late.status_code, late.json()["code"]) == (412, "stale-revision")
    assert "Eve" in late.json()["detail"]
    now = served.get(f"/labelling/annotations/{quote(frame)}")
    assert [mark["x"] for mark in now["marks"]] == [10.0]
    listed = served.get(f"/labelling/revisions/{quote(frame)}")["revisions"]
    assert (listed[-1]["author"], listed[-1]["reason"]) == ("Eve", "by hand")


def test_annotations_without_a_revision_are_where_an_edit_begins(served: Served):
    rows = served.service.workspace.rows("annotations", columns=["frame_id", "annotation_id"])
    frame = rows["frame_id"].to_pylist()[0]
    told = served.get(f"/labelling/annotations/{quote(frame)}")
    assert (told["current"], told["revision"]) == (0, None)
    held = {
        name
        for at, name in zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True)
        if at == frame
    }
    assert {mark["id"] for mark in told["marks"]} == held
    track = {"track": "9", "frames": [frame], "keys": {frame: BOX}}
    assert served.ask("POST", "/labelling/tracks", json=track).status_code == 200
    after = served.get(f"/labelling/annotations/{quote(frame)}")["marks"]
    assert {mark["id"] for mark in after} >= held
    assert len(after) == len(held) + 1


def test_an_earlier_revision_counts_again(served: Served, frame: str):
    seen = served.get(f"/labelling/annotations/{quote(frame)}")["current"]
    edit(served, frame, seen, BOX)
    edit(served, frame, seen + 1)
    path = f"/labelling/revisions/{quote(frame)}"
    stale = served.ask("POST", path, headers={"if-match": f'"{seen}"'}, json={"revision": seen + 1})
    assert stale.status_code == 412
    back = served.ask(
        "POST", path, headers={"if-match": f'"{seen + 2}"'}, json={"revision": seen + 1}
    )
    assert back.json()["revision"]["number"] == seen + 3
    assert len(served.get(f"/labelling/annotations/{quote(frame)}")["marks"]) == 1


@pytest.mark.parametrize("seen", [None, '"x"', '"1", "2"', '"99999999999999999999"', "*"])
def test_an_edit_says_which_revision_it_is_of(served: Served, frame: str, seen: str | None):
    headers = {} if seen is None else {"if-match": seen}
    answer = served.ask(
        "POST", f"/labelling/annotations/{quote(frame)}", headers=headers, json={"marks": []}
    )
    assert answer.status_code == 400, answer.text


def test_who_draws_does_not_see_revisions(served: Served, frame: str):
    ada = served.token("labeller", who="Ada")
    for path in ("annotations", "revisions"):
        answer = served.ask("GET", f"/labelling/{path}/{quote(frame)}", token=ada)
        assert answer.status_code == 403


def test_a_stretch_is_a_frame_and_its_neighbours(served: Served, frame: str):
    found = served.get("/labelling/stretch", frame=frame, before=2, after=3)
    frames = [item["frame"] for item in found["frames"]]
    assert frame in frames
    assert len(frames) <= 6
    sequences = [item["sequence"] for item in found["frames"]]
    assert sequences == sorted(sequences)
    around = served.get(
        "/frames", recording=found["recording"], channel=found["channel"], around=frame, limit=3
    )
    assert frame in [row["frame_id"] for row in around["items"]]
    gone = served.ask("GET", "/labelling/stretch", params={"frame": f"{frame[:-1]}x"})
    assert gone.status_code == 404
    assert (
        served.ask(
            "GET", "/frames", params={"recording": found["recording"], "around": "x"}
        ).status_code
        == 404
    )


def test_a_track_is_seen_before_it_is_written(served: Served, frame: str):
    found = served.get("/labelling/stretch", frame=frame, before=0, after=4)
    frames = [item["frame"] for item in found["frames"]]
    first, last = frames[0], frames[-1]
    keys = {first: {**BOX, "track": "7"}, last: {**BOX, "x": 50.0, "track": "7"}}
    body = {"track": "7", "frames": frames, "keys": keys}
    filled = served.ask("POST", "/labelling/tracks:fill", json=body).json()["marks"]
    assert [filled[at]["x"] for at in frames] == pytest.approx(
        [10.0 + 40.0 * place / (len(frames) - 1) for place in range(len(frames))]
    )
    expected = {item["frame"]: item["revision"] for item in found["frames"]}
    made = served.ask("POST", "/labelling/tracks", json={**body, "expected": expected})
    assert made.status_code == 200, made.text
    again = served.get("/labelling/stretch", frame=frame, before=0, after=4)["frames"]
    written = {
        item["frame"]: mark for item in again for mark in item["marks"] if mark["track"] == "7"
    }
    assert {at: mark["x"] for at, mark in written.items()} == {
        at: mark["x"] for at, mark in filled.items()
    }
    assert [written[at]["key"] for at in frames] == [True, *[False] * (len(frames) - 2), True]
    late = {**body, "keys": {first: {**BOX, "x": 0.0}}, "expected": expected}
    assert served.ask("POST", "/labelling/tracks", json=late).status_code == 412


def test_a_track_is_on_frames_of_one_camera(served: Served, frame: str):
    for body in (
        {"track": "7", "frames": [frame, "car/nowhere/x/000001"], "keys": {frame: BOX}},
        {"track": "7", "frames": ["x"], "keys": {"x": BOX}},
    ):
        assert served.ask("POST", "/labelling/tracks:fill", json=body).status_code == 404
    lost = {"track": "7", "frames": [frame], "keys": {f"{frame}9": BOX}}
    assert served.ask("POST", "/labelling/tracks:fill", json=lost).status_code == 422


def test_quality_and_costs_are_told_to_reviewers(served: Served):
    eve, ada = served.token("reviewer", who="Eve"), served.token("labeller", who="Ada")
    found = served.ask("GET", "/labelling/quality", token=eve, params={"worst": 2}).json()
    assert found["frames"] > 0
    assert found["synthetic"] is True
    assert {bar["name"] for bar in found["agreement"]} >= {"matched", "alpha"}
    assert found["people"][0]["seen"]["counted"] > 0
    for item in found["worst"]:
        for look in (item["first"], item["second"]):
            assert all(place < len(look["marks"]) for place in look["alone"])
    assert served.ask("GET", "/labelling/quality", token=ada).status_code == 403
    costs = served.ask("GET", "/labelling/costs", token=eve, params={"per_hour": 20}).json()
    assert costs["per_hour"] == 20
