"""Labelling orders over HTTP: told first, placed once, paused; and guidelines beside them."""

from __future__ import annotations

from typing import Any

import pytest

from ringroad.label.guidelines import guideline_from
from ringroad.pipelines.label.guidelines import create_guideline
from service_kit import Served

TAXONOMY = {
    "name": "streets",
    "text": "Tight to the edges.",
    "categories": [{"name": "car", "shapes": ["box"]}, {"name": "lane", "shapes": ["polyline"]}],
}
ORDER = {"name": "night", "selection": "wanted", "guideline": "streets"}


@pytest.fixture
def desk(served: Served) -> Served:
    """Three frames that want labels, and a guideline."""
    frames = [row["frame_id"] for row in served.get("/search", limit=3)["items"]]
    served.ask("POST", "/selections/wanted", json={"frames": frames})
    with served.service.writing() as workspace:
        create_guideline(workspace, guideline_from(TAXONOMY, subject="streets"))
    return served


def names(desk: Served) -> list[str]:
    return [item["name"] for item in desk.get("/labelling/orders")["items"]]


def test_an_order_is_told_before_it_is_placed(desk: Served):
    body = {**ORDER, "looks_options": {"looks": 2}, "per_hour": 30.0}
    told = desk.ask("POST", "/labelling/orders:preview", json=body)
    assert told.status_code == 200, told.text
    preview = told.json()["preview"]
    assert (preview["frames"], preview["looks"], preview["tasks"]) == (3, 2, 6)
    assert preview["cost"] == pytest.approx(30.0 * preview["hours"])
    assert preview["basis"].startswith("assumed")  # simulated answers took no time
    assert preview["left_out"] == {}
    assert told.json()["cli"].endswith("--dry-run --per-hour 30")
    assert "night" not in names(desk)


def test_an_order_is_placed_once_and_shown(desk: Served):
    body = {**ORDER, "lots": {"size": 2, "aql": 0.01, "ltpd": 0.2}, "annotators": ["Ada"]}
    done = desk.done(desk.ask("POST", "/labelling/orders", json=body))
    assert done["result"]["tasks"] == 3
    again = desk.done(desk.ask("POST", "/labelling/orders", json=body))
    assert (again["result"]["id"], again["result"]["tasks"]) == (done["result"]["id"], 0)
    shown = desk.get("/labelling/orders/night")
    assert [lot["frames"] for lot in shown["lots"]] == [2, 1]
    assert shown["guideline"]["taxonomy"]["categories"][1]["shapes"] == ["polyline"]
    assert shown["by"] == "local"
    ada, ben = (desk.token("labeller", who=who) for who in ("Ada", "Ben"))
    waiting = {
        who: desk.ask("GET", "/labelling/waiting", token=token).json()["open"]
        for who, token in (("Ada", ada), ("Ben", ben))
    }
    assert waiting == {"Ada": {"draw": 1}, "Ben": {}}  # 1 for some
    turn = desk.ask("POST", "/labelling/turns", token=ada, json={}).json()["turn"]
    held = desk.ask("GET", "/labelling/waiting", token=ada).json()["held"]
    assert (held["task"], held["kind"], held["order"]) == (turn["task"], "draw", "night")


def test_an_order_with_a_model_begins_with_what_it_sees(desk: Served):
    body = {**ORDER, "guideline": "", "model": "demo:champion", "min_score": 0.1}
    desk.done(desk.ask("POST", "/labelling/orders", json=body))
    assert desk.get("/labelling/orders/night")["prelabels"].startswith("annotations:")
    body = {**ORDER, "name": "other", "model": "demo:nobody"}
    assert desk.ask("POST", "/labelling/orders", json=body).status_code == 404


def test_a_paused_order_hands_out_nothing(desk: Served):
    desk.done(desk.ask("POST", "/labelling/orders", json=ORDER))
    ada = desk.token("labeller", who="Ada")
    paused = desk.ask("POST", "/labelling/orders/night:turn", json={"state": "paused"})
    assert paused.json()["state"] == "paused"
    assert desk.ask("POST", "/labelling/turns", token=ada, json={}).json()["turn"] is None
    desk.ask("POST", "/labelling/orders/night:turn", json={"state": "active"})
    assert desk.ask("POST", "/labelling/turns", token=ada, json={}).json()["turn"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"selection": "nobody"}, 404),
        ({"guideline": "nobody"}, 404),
        ({"looks": "nobody"}, 404),
        ({"looks_options": {"nobody": 1}}, 422),
        ({"lots": {"size": 2, "aql": 0.5, "ltpd": 0.2}}, 422),
        ({"in_turns": True}, 400),
        ({"model": "demo:champion", "prelabels": "x"}, 400),
        ({"more": 1}, 422),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_once(
    desk: Served, change: dict[str, Any], status: int
):
    answer = desk.ask("POST", "/labelling/orders", json=ORDER | change)
    assert answer.status_code == status, answer.text
    assert "night" not in names(desk)


def test_guidelines_are_read_by_name_and_version(desk: Served):
    (item,) = desk.get("/labelling/guidelines")["items"]
    assert item["categories"] == ["car", "lane"]
    for name in ("streets", item["version"]):
        assert desk.get(f"/labelling/guidelines/{name}")["guideline"]["text"] == TAXONOMY["text"]


def test_a_lead_assigns_and_cancels_tasks(desk: Served):
    desk.done(desk.ask("POST", "/labelling/orders", json=ORDER))
    eve, ada = desk.token("reviewer", who="Eve"), desk.token("labeller", who="Ada")
    first, second, third = desk.get("/labelling/tasks", order="night")["items"]
    given = desk.ask(
        "POST", f"/labelling/tasks/{first['id']}:assign", token=eve, json={"to": "Ben"}
    )
    assert given.json()["assigned"] == "Ben"
    gone = desk.ask(
        "POST", f"/labelling/tasks/{second['id']}:cancel", token=eve, json={"reason": "blurred"}
    )
    assert gone.json()["state"] == "cancelled"
    assert (
        desk.ask("POST", "/labelling/turns", token=ada, json={}).json()["turn"]["task"]
        == (third["id"])
    )


def test_looks_to_decide_on_name_nobody(desk: Served):
    body = {**ORDER, "looks": "disputed", "looks_options": {"looks": 2}}
    desk.done(desk.ask("POST", "/labelling/orders", json=body))
    box = {"category": "car", "x": 10.0, "y": 20.0, "w": 30.0, "h": 40.0}
    for who, marks in (("Ada", [box]), ("Ben", [box, {**box, "x": 200.0}])):
        token = desk.token("labeller", who=who)
        turn = desk.ask("POST", "/labelling/turns", token=token, json={}).json()["turn"]
        body = {"token": turn["token"], "marks": marks}
        path = f"/labelling/tasks/{turn['task']}:submit"
        assert desk.ask("POST", path, token=token, json=body).status_code == 200
    eve = desk.token("reviewer", who="Eve")
    body = {"kinds": ["adjudicate"]}
    turn = desk.ask("POST", "/labelling/turns", token=eve, json=body).json()["turn"]
    assert [len(look) for look in turn["looks"]] == [1, 2]
    assert turn["things"] == [[0, 0], [-1, 1]]
    told = str(turn)
    assert "Ada" not in told
    assert "Ben" not in told
