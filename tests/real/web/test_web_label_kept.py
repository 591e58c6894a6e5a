"""Work is not lost: without a connection, after a reload, when somebody else has the task."""

from __future__ import annotations

import json

import pytest
from label_kit import Desk, drawn, frame_shown, listed, ready
from page_kit import Browser, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
BOX = (0.2, 0.3, 0.2, 0.2)
OTHER = (0.6, 0.3, 0.2, 0.2)
SAVED = "Saved in this browser"
NOTHING = "There is nothing to do for you"


def test_a_lost_connection_loses_nothing(browser: Browser) -> None:
    desk = Desk(browser.served)
    first, second = desk.bare(2)
    desk.order("away", [first, second])
    browser.seen.allowed += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    drawn(page, BOX)
    page.get_by_text(SAVED).wait_for()
    page.context.set_offline(True)
    page.get_by_text("The server cannot be reached").wait_for()
    drawn(page, OTHER)  # in mid-edit, work goes on
    assert len(listed(page)) == 2
    page.get_by_text(f"Offline. {SAVED}").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Your answer is kept in this browser").wait_for()
    assert desk.tasks("away")[0]["state"] == "open"
    page.context.set_offline(False)
    until(page, "frame => document.querySelector('main .mono')?.textContent !== frame", first)
    ready(page)
    assert frame_shown(page) == second
    assert len(desk.marks(first)) == 2
    assert page.evaluate("localStorage.length") == page.evaluate(
        "Object.keys(localStorage).filter(name => !name.startsWith('ringroad.draft')).length"
    )


def test_an_answer_that_waits_outlives_the_page(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("closed", [frame])
    browser.seen.allowed += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    drawn(page, BOX)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.get_by_text("Your answer is kept in this browser").wait_for()
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    browser.seen.watch(page)
    browser.goto(page, "/label/task")
    page.get_by_text(NOTHING).wait_for()
    assert len(desk.marks(frame)) == 1


def test_a_reload_brings_the_draft_back(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("again", [frame])
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    drawn(page, BOX)
    drawn(page, OTHER)
    page.reload()
    ready(page)
    assert len(listed(page)) == 2
    page.get_by_text(SAVED).wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    page.keyboard.press("s")
    page.get_by_label("Reason").fill("too dark")
    page.keyboard.press("Enter")
    page.get_by_text(NOTHING).wait_for()
    assert desk.tasks("again")[0]["note"] == "too dark"


def test_a_lost_lease_keeps_the_draft_and_says_who_has_the_task(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("lost", [frame])
    browser.seen.allowed += ["409"]
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    drawn(page, BOX)
    page.get_by_text(SAVED).wait_for()
    (task,) = desk.tasks("lost")
    given = browser.served.ask("POST", f"/labelling/tasks/{task['id']}:assign", json={"to": "Ben"})
    assert given.status_code == 200
    ben = browser.served.token("labeller", who="Ben")
    taken = browser.served.ask("POST", "/labelling/turns", token=ben, json={}).json()["turn"]
    assert taken["task"] == task["id"]
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # a sign of life is refused
    page.get_by_text("This task is not yours any more").wait_for()
    assert "Ben has it" in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Submit").is_disabled()
    page.keyboard.press("Enter")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Keep as a file").click()
    kept = json.loads(downloading.value.path().read_text())
    assert (kept["frame"], len(kept["annotations"]), kept["by"]) == (frame, 1, "Ada")
    browser.goto(page, "/label")
    page.get_by_text("A draft in this browser").wait_for()
    page.get_by_role("button", name="discard").click()
    assert page.get_by_text("A draft in this browser").count() == 0
    assert desk.tasks("lost")[0]["state"] == "open"
