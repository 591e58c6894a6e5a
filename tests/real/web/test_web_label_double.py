"""Two look, blind; a third decides; a fourth sends it back, and it is mended."""

from __future__ import annotations

from typing import Any

import pytest
from label_kit import Desk, drawn, listed, ready
from page_kit import Browser

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
CAR = (0.1, 0.5, 0.2, 0.2)
SIGN = (0.6, 0.2, 0.1, 0.2)


def test_two_looks_differ_and_a_third_decides(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("double", [frame], looks="disputed", looks_options={"looks": 2}, review_share=1.0)
    ada, ben = (browser.enter("labeller", who=who) for who in ("Ada", "Ben"))
    look(browser, ada, "1")
    browser.goto(ben, "/label/task")
    ready(ben)
    assert listed(ben) == []  # nothing of the first look
    assert "Ada" not in ben.locator("main").inner_text()
    look(browser, ben, "2", more=SIGN)
    eve = browser.enter("reviewer", who="Eve")
    decide(browser, eve)
    marks = desk.marks(frame)
    assert sorted(mark.category for mark in marks) == ["pedestrian", "sign"]
    send_back(browser, browser.enter("reviewer", who="Dan"))
    mend(browser, eve)
    assert sorted(mark.category for mark in desk.marks(frame)) == ["pedestrian"]
    done = {task["kind"]: task["annotator"] for task in desk.tasks("double")}
    assert done["adjudicate"] == "Eve"


def look(browser: Browser, page: Any, category: str, more: Any = None) -> None:
    browser.goto(page, "/label/task")
    ready(page)
    page.keyboard.press(category)
    drawn(page, CAR)
    if more:
        page.keyboard.press("Escape")
        page.keyboard.press("4")
        drawn(page, more)
    page.keyboard.press("Enter")
    page.get_by_text("There is nothing to do for you").wait_for()


def decide(browser: Browser, page: Any) -> None:
    browser.goto(page, "/label/task?kind=adjudicate")
    page.locator(".label-canvas svg image").nth(1).wait_for(timeout=60_000)
    told = page.locator("main").inner_text()
    assert "Ada" not in told
    assert "Ben" not in told
    assert page.get_by_text("2 of 2 things to decide").is_visible()
    assert page.get_by_role("button", name="Submit").is_disabled()
    page.keyboard.press("Enter")  # nothing is decided yet, nothing is sent
    page.keyboard.press("b")
    page.keyboard.press("a")  # that look has none: it stays open
    assert page.get_by_text("1 of 2 things to decide").is_visible()
    page.keyboard.press("b")
    page.get_by_text("All is decided").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("There is nothing to do for you").wait_for()


def send_back(browser: Browser, page: Any) -> None:
    browser.goto(page, "/label/task?kind=review")
    ready(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.get_by_label("What is wrong with 2").is_visible()
    page.get_by_label("What is wrong with 2").fill("no sign")
    page.get_by_label("What is wrong with the frame").fill("look again")
    page.get_by_role("button", name="Send back").click()
    page.get_by_text("There is nothing to do for you").wait_for()


def mend(browser: Browser, page: Any) -> None:
    """Whoever decided mends it, with the comment at the annotation that it is about."""
    browser.goto(page, "/label/task?kind=rework")
    ready(page)
    assert page.get_by_text("look again").is_visible()
    noted = [row for row in listed(page) if "no sign" in row]
    assert len(noted) == 1
    place = int(noted[0].split()[0])
    for _ in range(place):
        page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.get_by_text("There is nothing to do for you").wait_for()
