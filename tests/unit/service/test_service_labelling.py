"""Two people label a frame through the API, blind to one another; a third judges."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from ringroad.domain.order import LabelOrder
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label.orders import place_order
from service_kit import Served

BOX = {"category": "car", "x": 10.0, "y": 20.0, "w": 30.0, "h": 40.0}
OTHER = {"category": "car", "x": 200.0, "y": 100.0, "w": 30.0, "h": 40.0}


@pytest.fixture
def desk(served: Served) -> Served:
    """A frame that wants two looks."""
    frame = served.get("/search", limit=1)["items"][0]["frame_id"]
    served.ask("POST", "/selections/wanted", json={"frames": [frame]})
    with served.service.writing() as workspace:
        selection = named_selection(workspace, "wanted")
        place_order(
            workspace,
            LabelOrder(
                id="",
                name="night",
                selection=selection.id,
                looks_options={"looks": 2},
                review_share=1.0,
                by="lead",
            ),
        )
    return served


def take(served: Served, token: str, **body: Any) -> Any:
    answer = served.ask("POST", "/labelling/turns", token=token, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["turn"]


def test_two_look_blind_and_a_third_judges(desk: Served):
    ada, ben = (desk.token("labeller", who=who) for who in ("Ada", "Ben"))
    first, second = take(desk, ada), take(desk, ben)
    assert first["frame"] == second["frame"]
    assert first["task"] != second["task"]
    assert first["marks"] == second["marks"] == second["looks"] == []
    assert take(desk, ada) | {"expires_ns": 0} == first | {"expires_ns": 0}

    def submit(turn: Any, token: str, *marks: Any) -> Any:
        body = {"token": turn["token"], "marks": list(marks)}
        return desk.ask("POST", f"/labelling/tasks/{turn['task']}:submit", token=token, json=body)

    stolen = submit(first, ben, BOX)
    assert (stolen.status_code, stolen.json()["code"]) == (409, "lease-lost")
    beat = desk.ask(
        "POST", f"/labelling/tasks/{first['task']}:beat", token=ada, json={"token": first["token"]}
    )
    assert beat.json()["expires_ns"] >= first["expires_ns"]
    done = submit(first, ada, BOX).json()
    assert (done["marks"], done["again"]) == (1, False)
    assert submit(first, ada, BOX).json()["again"] is True
    assert take(desk, ada) is None  # the other look is not for her
    told = submit(second, ben, BOX).json()
    assert (told["next"], told["hidden"]) == ("", "blind")  # nor whether they agree
    assert len(desk.get("/frames/" + quote(first["frame"]))["annotations"]) > 0
    eve = desk.token("reviewer", who="Eve")
    turn = take(desk, eve)
    assert turn["kind"] == "review"
    assert [mark["x"] for mark in turn["marks"]] == [10.0]
    assert "Ada" not in str(turn)
    path = f"/labelling/tasks/{turn['task']}:review"
    verdict = {"token": turn["token"], "accept": False}
    assert desk.ask("POST", path, token=ada, json=verdict).status_code == 403
    assert desk.ask("POST", path, token=eve, json=verdict).status_code == 400  # and why?
    given = desk.ask("POST", path, token=eve, json={**verdict, "comments": ["too tight"]}).json()
    assert (given["accepted"], given["again"]) == (False, False)
    tasks = {item["id"]: item for item in desk.get("/labelling/tasks", order="night")["items"]}
    assert tasks[given["rework"]]["note"] == "too tight"
    orders = {item["name"]: item for item in desk.get("/labelling/orders")["items"]}
    assert orders["night"]["progress"]["frames"] == 1


def test_who_draws_does_not_see_who_answered_what(desk: Served):
    ada = desk.token("labeller", who="Ada")
    assert desk.ask("GET", "/labelling/tasks", token=ada).status_code == 403
    refused = desk.ask("POST", "/labelling/turns", token=ada, json={"kinds": ["adjudicate"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    viewer = desk.token("viewer")
    assert desk.ask("POST", "/labelling/turns", token=viewer, json={}).status_code == 403


def test_a_task_that_is_skipped_goes_to_another(desk: Served):
    ada, ben = (desk.token("labeller", who=who) for who in ("Ada", "Ben"))
    turn = take(desk, ada)
    path = f"/labelling/tasks/{turn['task']}:skip"
    assert desk.ask("POST", path, token=ada, json={"token": turn["token"]}).status_code == 422
    body = {"token": turn["token"], "reason": "too dark"}
    assert desk.ask("POST", path, token=ada, json=body).json()["state"] == "open"
    assert take(desk, ada)["task"] != turn["task"]
    assert take(desk, ben)["task"] == turn["task"]


def test_a_mark_that_is_none_is_refused(desk: Served):
    ada = desk.token("labeller", who="Ada")
    turn = take(desk, ada)
    for mark in ({**BOX, "x": "NaN"}, {**BOX, "w": 1e300}, {**BOX, "more": 1},
                 {**BOX, "category": ""}, {"category": "car"}):  # fmt: skip
        body = {"token": turn["token"], "marks": [mark]}
        answer = desk.ask("POST", f"/labelling/tasks/{turn['task']}:submit", token=ada, json=body)
        assert answer.status_code == 422, mark
