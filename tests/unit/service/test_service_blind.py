"""Who draws learns of no answer of others, of no gold answer, and not which task is a honeypot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest

from ringroad.domain.ids import FrameId, frame_parts
from ringroad.domain.order import LabelOrder
from ringroad.label.rows import Mark
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label import desk as label_desk
from ringroad.pipelines.label.orders import place_order
from ringroad.pipelines.label.revisions import edit
from ringroad.service.build import description
from ringroad.service.roles import BLIND, OPERATIONS, ROLES, SCOPES, WITHHELD, allows
from service_kit import API, Served, copied, serve
from service_places import furnish, known, place_of

GOLD = {"category": "car", "x": 17.171875, "y": 31.5, "w": 30.0, "h": 40.0}
FIRST = {"category": "car", "x": 23.234375, "y": 50.5, "w": 33.0, "h": 20.0}
WORDS = ("Goldine", "Gilda", "Benedikt", "17.171875", "23.234375", "honeypot")
"""Who drew and who promoted, where, and what the task is: none of it is to be read anywhere."""
FOR_ARROW = {"accept": "application/vnd.apache.arrow.stream"}


@dataclass(frozen=True)
class Blind:
    """A gold frame, a frame with a first look, and somebody who is to look at both."""

    served: Served
    gold: str
    half: str
    ids: list[str]
    token: str
    turns: list[Any] = field(default_factory=list)

    def take(self) -> Any:
        answer = self.served.ask("POST", "/labelling/turns", token=self.token, json={})
        self.turns.append(answer)
        return answer.json()["turn"]

    def submit(self, turn: Any, *marks: Any, token: str = "") -> httpx.Response:
        body = {"token": turn["token"], "marks": list(marks)}
        at = f"/labelling/tasks/{turn['task']}:submit"
        answer = self.served.ask("POST", at, token=token or self.token, json=body)
        assert answer.status_code == 200, answer.text
        return answer


def blind_on(served: Served, looks: int = 2) -> Blind:
    furnish(served)
    served.ask("POST", "/labelling/orders/night:turn", json={"state": "closed"})
    rows = [row["frame_id"] for row in served.get("/search", limit=1000)["items"]]
    workspace = served.service.workspace
    heads = workspace.catalog.heads([FrameId(at) for at in rows])
    bare = [at for at in rows if at not in heads]
    gold, *others = bare[:4]
    with served.service.writing() as held:
        made = edit(
            held,
            {FrameId(gold): [Mark(**GOLD)]},
            expected={FrameId(gold): 0},
            author="Goldine",
        )
        label_desk.promote(held, FrameId(gold), by="Gilda", reason="measured")
    served.ask("POST", "/selections/wanted", json={"frames": others})
    with served.service.writing() as held:
        place_order(
            held,
            LabelOrder(
                id="",
                name="blind",
                selection=named_selection(held, "wanted").id,
                looks_options={"looks": looks},
                honeypot_share=1.0,
                annotators=("Ada", "Benedikt"),
                by="lead",
            ),
        )
    found = Blind(served, gold, others[0], [made.batch.id], served.token("labeller", who="Ada"))
    if looks > 1:
        ben = served.token("labeller", who="Benedikt")
        turn = served.ask("POST", "/labelling/turns", token=ben, json={}).json()["turn"]
        assert turn["frame"] == others[0]
        found.submit(turn, FIRST, token=ben)
        [task] = [
            item
            for item in served.get("/labelling/tasks", order="blind", limit=1000)["items"]
            if item["annotator"] == "Benedikt"
        ]
        found.ids.append(task["answer"])
    return found


def _mark(values: dict[str, Any]) -> Any:
    from ringroad.label.rows import Mark

    return Mark(**values)


@pytest.fixture(scope="module")
def blind(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blind]:
    folder = tmp_path_factory.mktemp("blind") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        yield blind_on(served)


def addresses(blind: Blind) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every GET of the API, of all things that there are, in every form."""
    some = {place: list(items) for place, items in known(blind.served).items()}
    frames = [blind.gold, blind.half]
    some["frames"] = some["pictures"] = some["annotations"] = some["revisions"] = frames
    for path, methods in description()["paths"].items():
        if "get" not in methods:
            continue
        told = methods["get"]
        name, bare = told["operationId"], path.removeprefix(API)
        items = [quote(item) for item in some.get(place_of(path), ["nobody"])][:6]
        paths = [bare.replace("{id}", at).replace("{name}", at) for at in items]
        for at in dict.fromkeys(paths):
            for asked in _asked(name, told, blind):
                yield name, f"{at}{asked}", {}
                if name in {"search_frames", "list_frames", "list_dataset_rows", "list_events"}:
                    yield name, f"{at}{asked}", FOR_ARROW


def _asked(name: str, told: Any, blind: Blind) -> list[str]:
    """What follows the question mark: once for each of the two frames where it names one."""
    needed = {item["name"] for item in told.get("parameters", ()) if item.get("required")}
    found = []
    for frame in (blind.gold, blind.half):
        recording, channel, _ = frame_parts(FrameId(frame))
        values = {"recording": recording, "channel": channel, "frame": frame, "name": "speed",
                  "one": "wanted", "other": "some", "to": "demo", "format": "coco"}  # fmt: skip
        words = [f"{item}={quote(values[item], safe='')}" for item in sorted(needed & set(values))]
        if "limit" in {item["name"] for item in told.get("parameters", ())}:
            words.append("limit=1000")
        if name == "search_frames":
            words.append("q=" + quote(f"frame = '{frame}'"))
        found.append("?" + "&".join(words) if words else "")
    return list(dict.fromkeys(found))


def text_of(answer: httpx.Response) -> str:
    return answer.content.decode("latin-1") + str(answer.headers)


def test_no_answer_of_others_is_read_at_any_address(blind: Blind):
    """All that a labeller may call, with a look of somebody else waiting for their own."""
    told: dict[str, set[int]] = {}
    found, seen_by_admin = [], set()
    first = blind.take()
    assert (first["frame"], first["marks"], first["looks"]) == (blind.half, [], [])
    secrets = (*WORDS, *blind.ids)
    for name, at, headers in addresses(blind):
        if name == "follow_operation":
            continue  # a stream of an operation, which is withheld
        answer = blind.served.ask("GET", at, token=blind.token, headers=headers)
        told.setdefault(name, set()).add(answer.status_code)
        found += [(at, word) for word in secrets if word in text_of(answer)]
        if name in BLIND and answer.status_code != 403:
            assert answer.json()["hidden"] == "blind", name
        admin = blind.served.ask("GET", at, headers=headers)
        if any(word in text_of(admin) for word in secrets):
            seen_by_admin.add(name)
    assert not found
    withheld = {name for name, codes in told.items() if codes == {403}}
    allowed = {name for name in told if allows("labeller", SCOPES, name)}
    assert withheld == set(told) - allowed
    assert {"show_frame", "list_annotations", "list_revisions", "list_tasks", "list_executions",
            "show_annotations", "show_stretch"} <= seen_by_admin  # fmt: skip
    answered = {name for name in allowed if 200 in told[name]}
    without = {"show_view", "show_guideline", "show_sweep", "show_study", "compare_training_runs"}
    assert allowed - answered <= without, "the demo has no lidar, guideline, study or view"


def test_what_is_posted_tells_nothing_either(blind: Blind):
    """Answers to what a labeller sends, the honeypot among them."""
    secrets = (*WORDS, *blind.ids)
    answers = [blind.submit(blind.take(), FIRST | {"x": 400.0})]
    pot = blind.take()
    assert (pot["frame"], pot["kind"], pot["marks"]) == (blind.gold, "draw", [])
    [task] = [item for item in blind.served.get("/labelling/tasks", order="blind")["items"]
              if item["id"] == pot["task"]]  # fmt: skip
    assert task["kind"] == "honeypot"
    held, ask = {"token": pot["token"]}, blind.served.ask
    bodies = {
        "beat": held, "submit": {"token": 99, "marks": []}, "skip": {**held, "reason": ""},
        "review": {**held, "accept": True}, "assign": {}, "cancel": {},
    }  # fmt: skip
    for verb, body in bodies.items():
        at = f"/labelling/tasks/{pot['task']}:{verb}"
        answers.append(ask("POST", at, token=blind.token, json=body))
    answers.append(ask("GET", "/labelling/waiting", token=blind.token))
    answers.append(blind.submit(pot, GOLD | {"x": 300.0}))
    answers += blind.turns
    for answer in answers:
        assert not [word for word in secrets if word in text_of(answer)], answer.text


COUNTED = ("/status", "/loop", "/storage", "/funnel", "/labelling/waiting")


def test_a_honeypot_moves_no_count_that_another_task_does_not(served: Served):
    """One look settles a frame: what follows and every count differ for whoever may see them."""
    blind = blind_on(served, looks=1)

    def counts(token: str = "") -> list[Any]:
        told = [served.ask("GET", at, token=token).json() for at in COUNTED]
        for item in told:
            for free in ("free_bytes", "held"):
                item.pop(free, None)
        return told

    def change(turn: Any) -> tuple[bool, bool, Any]:
        mine, all_ = counts(blind.token), counts()
        answer = blind.submit(turn, FIRST).json()
        marks = {key: answer[key] for key in ("marks", "again", "next", "revision", "hidden")}
        return mine == counts(blind.token), all_ == counts(), marks

    draw = blind.take()
    assert draw["frame"] != blind.gold
    told = change(draw)
    pot = blind.take()
    assert pot["frame"] == blind.gold
    assert {*pot} == {*draw}
    assert {key: pot[key] for key in ("kind", "order", "note", "marks", "looks")} == {
        key: draw[key] for key in ("kind", "order", "note", "marks", "looks")
    }
    assert change(pot) == told
    assert told[:2] == (True, False), "somebody who may see them sees counts move"
    assert told[2]["hidden"] == "blind"


@pytest.mark.parametrize("kinds", [["honeypot"], ["draw"], ["draw", "rework"], []])
def test_asking_for_a_kind_does_not_tell_a_honeypot(served: Served, kinds: list[str]):
    blind = blind_on(served, looks=1)

    def take() -> Any:
        body = {"kinds": kinds}
        answer = served.ask("POST", "/labelling/turns", token=blind.token, json=body)
        return answer.json()["turn"]

    draw = take()
    assert (draw["frame"] != blind.gold, draw["kind"]) == (True, "draw")
    blind.submit(draw, FIRST)
    pot = take()
    assert (pot["frame"], pot["kind"]) == (blind.gold, "draw")


def test_every_rule_of_the_blind_is_of_an_operation_and_of_labellers_alone():
    assert set(BLIND) <= set(OPERATIONS)
    for name, how in BLIND.items():
        least = ROLES.index(OPERATIONS[name].role)
        may = [role for role in ROLES if allows(role, SCOPES, name)]
        assert may == [role for role in ROLES[least:] if (role, how) != ("labeller", WITHHELD)]


def test_who_judges_sees_as_before(blind: Blind):
    reviewer = blind.served.token("reviewer", who="Rob")
    told = blind.served.ask("GET", f"/frames/{quote(blind.gold)}", token=reviewer).json()
    assert (told["annotations"]["author"], told["hidden"]) == ("Goldine", "")
    waiting = blind.served.ask("GET", "/labelling/waiting", token=reviewer).json()
    assert waiting["hidden"] == ""
    refused = blind.served.ask("GET", "/labelling/orders", token=blind.token)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert "blind" in refused.json()["detail"]
    assert refused.json()["hint"]
    me = blind.served.ask("GET", "/me", token=blind.token).json()
    assert "list_orders" not in me["operations"]
