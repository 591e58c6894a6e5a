"""The other pages of labelling: orders, quality, revisions of a frame, tracks; axe on all."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from label_kit import Desk, drawn, listed, ready
from page_kit import Browser, serious, until

from ringroad.domain.ids import frame_parts

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
BOX = (0.2, 0.3, 0.2, 0.2)
MARK = {"category": "car", "x": 20.0, "y": 20.0, "w": 30.0, "h": 30.0}


def two_looks(desk: Desk, *frames: Any) -> None:
    """Looks that differ, answered by programs."""
    desk.order("double", frames, looks="disputed", looks_options={"looks": 2}, review_share=1.0)
    for _ in frames:
        for who, category in (("Ada", "car"), ("Ben", "cyclist")):
            token = desk.served.token("labeller", who=who)
            turn = desk.served.ask("POST", "/labelling/turns", token=token, json={}).json()["turn"]
            body = {"token": turn["token"], "marks": [MARK | {"category": category}]}
            path = f"/labelling/tasks/{turn['task']}:submit"
            assert desk.served.ask("POST", path, token=token, json=body).status_code == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str) -> None:
    desk = Desk(browser.served)
    frame = next(iter(desk.labelled(1)))
    bare = desk.bare(4)
    two_looks(desk, bare[0], bare[1])
    desk.order("more", bare[2:])
    page = browser.enter("engineer", who="Eve", color_scheme=scheme)
    found = {}

    def check(name: str) -> None:
        if said := serious(page):
            found[name] = said

    at = quote(frame, safe="")
    browser.goto(page, "/label")
    check("queue")
    browser.goto(page, "/label?order=double")
    page.get_by_text("Next task of it").wait_for()
    check("order")
    browser.goto(page, "/label?new=1")
    page.get_by_label("Name").wait_for()
    check("form")
    browser.goto(page, "/label/task?kind=adjudicate")
    page.locator(".label-canvas svg image").nth(1).wait_for(timeout=60_000)
    check("adjudication")
    for key in ("a", "Enter"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.get_by_text("There is nothing to do for you").wait_for()
    browser.goto(page, "/label/task?kind=draw")
    ready(page)
    drawn(page, BOX)
    page.keyboard.press("g")
    check("editor")
    page.keyboard.press("s")
    page.get_by_label("Reason").wait_for()
    check("skip")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("Shift+?")
    page.get_by_role("heading", name="Editor").wait_for()
    check("keys")
    browser.goto(page, "/label/quality")
    page.get_by_role("heading", name="Agreement", exact=True).wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    check("quality")
    browser.goto(page, f"/label/frame?id={at}")
    ready(page)
    check("frame")
    browser.goto(page, f"/label/track?frame={at}")
    ready(page)
    check("track")
    other = browser.enter("reviewer", who="Dan", color_scheme=scheme)
    browser.goto(other, "/label/task?kind=review")
    ready(other)
    other.keyboard.press("Tab")
    if said := serious(other):
        found["review"] = said
    assert not found


def test_an_order_is_told_and_placed(browser: Browser) -> None:
    desk = Desk(browser.served)
    served = browser.served
    served.ask("POST", "/selections/wanted", json={"frames": list(desk.bare(3))})
    page = browser.enter("engineer", who="Lea")
    browser.goto(page, "/label")
    page.get_by_role("button", name="Place an order").click()
    page.get_by_label("Name").fill("night")
    page.get_by_label("Selection").select_option("wanted")
    page.get_by_label("Guideline").select_option("streets")
    page.get_by_text("tight to its edges").wait_for()
    page.get_by_label("What an hour costs").fill("30")
    page.get_by_role("button", name="What does it take?").click()
    page.get_by_text("6 tasks on 3 frames").wait_for()
    assert "night" not in [one["name"] for one in served.get("/labelling/orders")["items"]]
    page.get_by_role("button", name="Place it: 6 tasks").click()
    page.get_by_role("dialog").wait_for(state="hidden", timeout=60_000)
    page.get_by_role("button", name="night", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for()
    assert served.get("/labelling/orders/night")["order"]["state"] == "paused"
    assert served.get("/labelling/orders/night")["by"] == "Lea"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_guideline_is_changed_on_a_page(browser: Browser, scheme: str) -> None:
    desk = Desk(browser.served)
    page = browser.enter("engineer", who="Eve", color_scheme=scheme)
    browser.seen.allowed += ["422"]
    browser.goto(page, "/label")
    page.get_by_role("button", name="Write a guideline").click()
    page.get_by_label("Begin with").select_option("streets")
    toml = page.get_by_label("Taxonomy (TOML)")
    until(page, "document.querySelector('textarea').value.includes('cyclist')")
    toml.fill(toml.input_value().replace('"cyclist"', '"rider"'))
    assert "tight to its edges" in page.get_by_label("How to draw (Markdown)").input_value()
    page.get_by_role("button", name="What would it change?").click()
    page.get_by_text("say what becomes of cyclist").wait_for()
    page.get_by_label("What becomes of categories that go").fill("cyclist=rider")
    page.get_by_role("button", name="What would it change?").click()
    page.get_by_text("streets goes from").wait_for()
    assert page.get_by_role("row").filter(has_text="rider").count() == 1
    page.get_by_text("guideline change streets guideline.toml").wait_for()
    assert not serious(page)
    assert desk.served.get("/labelling/guidelines/streets")["toml"].count("cyclist") == 1
    page.get_by_role("button", name="Change it").click()
    page.get_by_role("dialog").wait_for(state="detached")
    told = desk.served.get("/labelling/guidelines/streets")
    names = [item["name"] for item in told["guideline"]["taxonomy"]["categories"]]
    assert ("rider" in names, "cyclist" in names) == (True, False)
    page.get_by_role("button", name="Write a guideline").click()
    page.get_by_label("Taxonomy (TOML)").fill('name = "signs"\ncategories = [{ name = "sign" }]')
    page.get_by_role("button", name="What would it change?").click()
    page.get_by_text("signs is new").wait_for()
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert desk.served.get("/labelling/guidelines")["count"] == 2
    reviewer = browser.enter("reviewer", who="Rob")
    browser.goto(reviewer, "/label")
    assert reviewer.get_by_role("button", name="Write a guideline").count() == 0


def test_who_draws_is_shown_neither_tasks_nor_quality(browser: Browser) -> None:
    desk = Desk(browser.served)
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label")
    assert page.get_by_role("heading", name="Tasks").count() == 0
    assert page.get_by_role("heading", name="Orders").count() == 0
    page.get_by_text("looks are blind").wait_for()
    browser.goto(page, "/label/quality")
    page.get_by_text("Quality is for reviewers").wait_for()
    browser.goto(page, "/")
    page.get_by_text("Long work is not told to who draws").wait_for()
    recording = quote(frame_parts(desk.bare(1)[0])[0], safe="/")
    browser.goto(page, f"/recording/{recording}")
    page.get_by_text("Annotations and predictions are not told to who draws").wait_for()


def test_a_frame_is_edited_beside_the_queue_and_the_second_is_told_who_won(
    browser: Browser,
) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    browser.seen.allowed += ["412"]
    eve, dan = (browser.enter("reviewer", who=who) for who in ("Eve", "Dan"))
    for page in (eve, dan):
        browser.goto(page, f"/label/frame?id={quote(frame, safe='')}")
        ready(page)
        drawn(page, BOX)
    eve.get_by_role("button", name="Save revision 1").click()
    eve.get_by_text("Save revision 2").wait_for()
    dan.get_by_role("button", name="Save revision 1").click()
    dan.get_by_text("Somebody was first").wait_for()
    assert "Eve" in dan.locator("main").inner_text()
    dan.get_by_role("button", name="Keep mine").click()
    dan.get_by_role("button", name="Save revision 2").click()
    dan.get_by_text("Save revision 3").wait_for()
    workspace = browser.served.service.workspace
    assert [item.author for item in workspace.catalog.revisions(frame)] == ["Eve", "Dan"]
    eve.reload()
    ready(eve)
    eve.get_by_role("region", name="revisions").get_by_text("Eve").click()
    eve.get_by_text("Revision 1 of 2").wait_for()
    eve.get_by_role("button", name="Make it count again").click()
    eve.get_by_text("Save revision 4").wait_for()
    assert workspace.catalog.revisions(frame)[-1].author == "Eve"


def test_a_track_is_drawn_on_two_frames_and_seen_between(browser: Browser) -> None:
    desk = Desk(browser.served)
    frame = desk.bare(1)[0]
    found = browser.served.get("/labelling/stretch", frame=frame, before=15, after=25)
    frames = [item["frame"] for item in found["frames"]]
    page = browser.enter("reviewer", who="Eve")
    browser.goto(page, f"/label/track?frame={quote(frames[0], safe='')}")
    ready(page)
    drawn(page, BOX)
    for _ in frames[1:]:
        page.keyboard.press(".")
    page.get_by_text("Draw it here").wait_for()
    ready(page)
    drawn(page, (0.6, 0.3, 0.2, 0.2))
    strip = page.get_by_role("group", name="neighbouring frames")
    page.get_by_role("button", name="frame").nth(1).wait_for(timeout=60_000)
    strip.get_by_label("interpolated").first.wait_for()
    assert strip.get_by_label("interpolated").count() == len(frames) - 2
    assert strip.get_by_label("key frame").count() == 2
    page.keyboard.press(",")
    page.get_by_text("Interpolated: change it").wait_for()
    assert "interpolated" in listed(page)[0]
    page.keyboard.press("Enter")
    page.get_by_text(f"{len(frames)} frames have a new revision").wait_for()
    places = [desk.marks(at)[-1].x for at in frames]
    assert places == sorted(places)
    assert places[-1] - places[0] > 50
    assert [mark.key for at in frames for mark in desk.marks(at) if mark.track] == [
        True, *[False] * (len(frames) - 2), True,
    ]  # fmt: skip


def test_key_frames_outlive_a_lost_connection_a_reload_and_somebody_who_was_first(
    browser: Browser,
) -> None:
    desk = Desk(browser.served)
    frame = desk.bare(1)[0]
    at = f"/label/track?frame={quote(frame, safe='')}"
    page = browser.enter("reviewer", who="Eve")
    browser.seen.allowed += ["ERR_INTERNET_DISCONNECTED", "412"]
    browser.goto(page, at)
    ready(page)
    page.context.set_offline(True)
    drawn(page, BOX)
    page.get_by_text("Offline. Saved in this browser").wait_for()
    page.keyboard.press("Enter")  # cannot arrive
    page.get_by_text("The server cannot be reached").wait_for()
    page.context.set_offline(False)
    browser.goto(page, at)
    page.get_by_role("button", name="Save 1 key frame").wait_for()
    path = f"/labelling/annotations/{quote(frame)}"
    there = browser.served.ask("GET", path)
    body = {"marks": [MARK | {"x": 1.0}], "reason": "first"}
    seen = {"if-match": there.headers["etag"]}
    assert browser.served.ask("POST", path, json=body, headers=seen).status_code == 200
    page.keyboard.press("Enter")
    page.get_by_text("Somebody was first").wait_for()
    page.get_by_role("button", name="Load what is there now").click()
    page.get_by_text("They were drawn on earlier annotations").wait_for()
    assert not serious(page)
    page.get_by_role("button", name="Go on with them").click()
    page.get_by_role("button", name="Save 1 key frame").click()
    page.get_by_text(" new revision").first.wait_for()
    assert {mark.x for mark in desk.marks(frame)} >= {1.0}
    assert any(mark.track for mark in desk.marks(frame))
    browser.goto(page, at)
    ready(page)
    assert page.get_by_role("button", name="Save", exact=False).first.is_disabled()
