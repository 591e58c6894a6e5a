"""Guidelines over HTTP: what a change touches is told, made under what was seen, and refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from ringroad.domain.errors import AliasMoved
from ringroad.service.work_guidelines import change_guideline
from service_kit import Served

TOML = """
name = "streets"
min_side_px = 8
[[categories]]
name = "car"
shapes = ["box", "cuboid"]
attributes = { occluded = ["no", "mostly"], note = [] }
[[categories]]
name = "van"
parent = "car"
"""
NEXT = TOML.replace('name = "van"\nparent = "car"', 'name = "lorry"')
PREVIEW, WRITE = "/labelling/guidelines:preview", "/labelling/guidelines"
FRESH = {"if-none-match": "*"}
VAN = {"category": "van", "x": 10.0, "y": 20.0, "w": 30.0, "h": 40.0}


def written(served: Served, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    done = served.done(served.ask("POST", WRITE, json=body, headers=headers))
    assert done["state"] == "done", done
    result: dict[str, Any] = done["result"]
    return result


def test_a_guideline_is_told_made_and_shown(served: Served):
    told = served.ask("POST", PREVIEW, json={"toml": TOML, "text": "Tight."}).json()
    assert (told["name"], told["before"], told["frames"]) == ("streets", None, 0)
    assert told["cli"] == "ringroad labels guideline create guideline.toml --text guideline.md"
    assert served.get("/labelling/guidelines")["count"] == 0, "nothing is written"
    made = written(served, {"toml": TOML, "text": "Tight.", "reason": "first"}, FRESH)
    assert (made["name"], made["version"]) == ("streets", told["after"])
    answer = served.ask("GET", "/labelling/guidelines/streets")
    assert answer.headers["etag"] == f'"{told["after"]}"'
    shown = answer.json()
    assert shown["guideline"]["text"] == "Tight."
    again = served.ask("POST", PREVIEW, json={"toml": shown["toml"], "text": "Tight."}).json()
    assert (again["before"], again["after"]) == (told["after"], told["after"]), (
        "it reads as written"
    )


def test_a_change_gives_annotations_new_revisions(served: Served):
    version = written(served, {"toml": TOML}, FRESH)["version"]
    rows = [row["frame_id"] for row in served.get("/search", limit=200)["items"]]
    frame = next(at for at in rows if served.get(f"/frames/{quote(at)}")["annotations"] is None)
    body = {"marks": [VAN], "guideline": "streets"}
    at = f"/labelling/annotations/{quote(frame)}"
    assert served.ask("POST", at, json=body, headers={"if-match": '"0"'}).status_code == 200
    change = {"toml": NEXT, "map": {"van": "lorry"}, "reason": "vans are lorries"}
    told = served.ask("POST", PREVIEW, json=change).json()
    assert (told["before"], told["frames"], told["unrevised"]) == (version, 1, 0)
    assert told["categories"] == [
        {"category": "van", "becomes": "lorry", "annotations": 1, "frames": 1, "open_tasks": 0}
    ]
    assert "guideline change streets guideline.toml --map van=lorry" in told["cli"]
    assert told["cli"].endswith("--dry-run")
    etag = {"if-match": served.ask("GET", "/labelling/guidelines/streets").headers["etag"]}
    made = written(served, change, etag)
    assert (made["version"], made["frames"]) == (told["after"], 1)
    held = served.get(at)
    assert [mark["category"] for mark in held["marks"]] == ["lorry"]
    assert (held["current"], held["revision"]["author"]) == (2, "local")
    assert held["revision"]["reason"] == "vans are lorries"
    assert served.get(at, revision=1)["marks"][0]["category"] == "van", "nothing is lost"
    noted = [(item["operation"], item["status"]) for item in served.get("/audit")["items"]]
    assert noted.count(("create_guideline", 202)) == 2


def test_who_was_second_is_told(served: Served):
    first = written(served, {"toml": TOML}, FRESH)["version"]
    change = {"toml": NEXT, "map": {"van": ""}}
    unsaid = served.ask("POST", WRITE, json=change)
    assert (unsaid.status_code, unsaid.json()["code"]) == (400, "bad-request")
    second = written(served, change, {"if-match": f'"{first}"'})["version"]
    assert second != first
    for headers in ({"if-match": f'"{first}"'}, FRESH, {"if-match": '"nothing"'}):
        late = served.ask("POST", WRITE, json={"toml": NEXT}, headers=headers)
        assert (late.status_code, late.json()["code"]) == (412, "alias-moved"), headers
        assert late.json()["place"] == second
    body = {"name": "streets", "version": first, "expected": first, "map": {}, "unnamed": False,
            "reason": "", "by": "Ada"}  # fmt: skip
    with served.service.writing() as workspace, pytest.raises(AliasMoved):
        change_guideline(workspace, body | {"map": {"lorry": "van"}})
    assert served.get("/labelling/guidelines/streets")["version"] == second


WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "no TOML": ({"toml": "name = "}, 422),
    "deep": ({"toml": "a = " + "[" * 50_000}, 422),
    "an unknown key": ({"toml": TOML + "more = 1"}, 422),
    "no categories": ({"toml": 'name = "x"\ncategories = []'}, 422),
    "a shape that is none": ({"toml": TOML.replace("cuboid", "cloud")}, 422),
    "a parent that is none": ({"toml": TOML.replace('parent = "car"', 'parent = "bus"')}, 422),
    "a name of two lines": ({"toml": TOML.replace("streets", "a\\nb")}, 422),
    "a name without end": ({"toml": TOML.replace("streets", "x" * 201)}, 422),
    "a text without end": ({"toml": TOML, "text": "x" * 200_001}, 422),
    "a map of nothing": ({"toml": TOML, "map": {"car": "van"}}, 404),
    "a file": ({"toml": TOML, "file": "/etc/passwd"}, 422),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_guideline_is_refused(shared: Served, name: str):
    body, status = WRONG[name]
    for path, headers in ((PREVIEW, {}), (WRITE, FRESH)):
        answer = shared.ask("POST", path, json=body, headers=headers)
        assert answer.status_code == status, (path, answer.text)
        assert len(answer.text) < 5_000
    assert shared.get("/labelling/guidelines")["count"] == 0


def test_a_category_that_goes_needs_a_place(served: Served):
    version = written(served, {"toml": TOML}, FRESH)["version"]
    for path, headers in ((PREVIEW, {}), (WRITE, {"if-match": f'"{version}"'})):
        answer = served.ask("POST", path, json={"toml": NEXT}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-config")
        assert "van" in answer.json()["detail"]


@pytest.mark.parametrize("role", ["labeller", "reviewer"])
def test_who_judges_writes_no_guideline(shared: Served, role: str):
    for path in (PREVIEW, WRITE):
        answer = shared.ask("POST", path, token=shared.token(role), json={"toml": TOML})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
