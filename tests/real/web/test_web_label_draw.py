"""Pre-labelled frames corrected with the keyboard alone, and a frame with 500 annotations."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from label_kit import CATEGORIES, Desk, frame_shown, listed, ready
from page_kit import Browser, until

from ringroad.domain.ids import FrameId
from ringroad.label.rows import Mark

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
FRAMES = 20
MOVED_PX = 10.0
GOAL_S = 3.0
SLOW_S = 10.0
"""A machine that does much else at the same time is slower than the goal; this is a defect."""


def wronged(marks: Sequence[Mark]) -> list[Mark]:
    """As a network may see it: one is off, one is called something else, one is nothing."""
    first, second, *rest = marks
    other = next(name for name in CATEGORIES if name != second.category)
    off = replace(first, x=first.x + MOVED_PX)
    nothing = Mark(category="sign", x=4.0, y=4.0, w=20.0, h=20.0)
    return [off, replace(second, category=other, light_state=""), *rest, nothing]


def test_a_prelabelled_frame_is_corrected_by_keyboard_alone(browser: Browser) -> None:
    desk = Desk(browser.served)
    truth = desk.labelled(FRAMES)
    truth = {
        frame: [
            replace(mark, x=min(mark.x, 400.0), light_state="", attributes={}, track="", key=True)
            for mark in marks
        ]
        for frame, marks in truth.items()
    }
    batch = desk.prelabels({frame: wronged(marks) for frame, marks in truth.items()})
    desk.order("fix", list(truth), prelabels=batch)
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label")
    page.keyboard.press("n")
    seconds = []
    for _ in range(FRAMES):
        ready(page)
        frame = FrameId(frame_shown(page))
        assert "pre-labels not looked at" in page.locator("#annotations").inner_text()
        began = time.perf_counter()
        second = CATEGORIES.index(truth[frame][1].category) + 1
        for key in ("Tab", "Shift+ArrowLeft", "Tab", str(second), "Escape", "Shift+Tab", "Delete"):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        until(page, "frame => document.querySelector('main .mono')?.textContent !== frame", frame)
        if len(seconds) < FRAMES - 1:
            ready(page)
        seconds.append(time.perf_counter() - began)
    page.get_by_text("There is nothing to do for you").wait_for()
    median = statistics.median(seconds)
    print(f"\n{FRAMES} frames: median {median:.2f} s, worst {max(seconds):.2f} s a frame; "
          f"goal {GOAL_S} s")  # fmt: skip
    for frame, marks in truth.items():
        now = sorted((mark.category, mark.x, mark.y) for mark in desk.marks(frame))
        wanted = sorted((mark.category, mark.x, mark.y) for mark in marks)
        assert [one[0] for one in now] == [one[0] for one in wanted], frame
        assert [one[1:] for one in now] == [pytest.approx(one[1:], abs=0.02) for one in wanted]
    assert median < SLOW_S


def test_every_shape_attribute_and_step_back(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("shapes", [frame])
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    shown = page.locator(".label-canvas svg image").bounding_box()

    def at(x: float, y: float) -> tuple[float, float]:
        return shown["x"] + x * shown["width"], shown["y"] + y * shown["height"]

    page.keyboard.press("l")
    for point in ((0.2, 0.9), (0.4, 0.7), (0.5, 0.6)):
        page.mouse.click(*at(*point))
    page.keyboard.press("Enter")
    assert listed(page) == ["1 lane 3 points"]
    page.keyboard.press("v")
    page.mouse.dblclick(*at(0.3, 0.8))
    assert listed(page) == ["1 lane 4 points"]
    page.keyboard.press("Delete")  # the vertex that was put in
    assert listed(page) == ["1 lane 3 points"]
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    page.keyboard.press("p")
    for point in ((0.6, 0.2), (0.7, 0.2), (0.65, 0.3)):
        page.mouse.click(*at(*point))
    page.mouse.dblclick(*at(0.6, 0.3))
    assert listed(page)[1].startswith("2 sign")
    page.keyboard.press("t")
    page.mouse.move(*at(0.1, 0.4))
    page.mouse.down()
    page.mouse.move(*at(0.3, 0.5))
    page.mouse.up()
    page.keyboard.press("q")
    page.keyboard.press("q")
    assert "car, occluded partly" in listed(page)[2]
    for key in ("Control+z", "Control+z", "Control+z"):
        page.keyboard.press(key)
    assert len(listed(page)) == 2
    for key in ("Control+Shift+z",) * 3:
        page.keyboard.press(key)
    assert "car, occluded partly" in listed(page)[2]
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("There is nothing to do for you").wait_for()
    marks = {mark.shape: mark for mark in desk.marks(frame)}
    assert set(marks) == {"polyline", "polygon", "rotated-box"}
    assert marks["rotated-box"].attributes == {"occluded": "partly"}
    assert len(marks["polygon"].points) == 8
    assert marks["polyline"].guideline


def test_a_frame_is_looked_at_near_and_beside_its_neighbours(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    desk.order("near", [frame])
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    view = page.locator(".label-canvas svg > g")
    whole = view.get_attribute("transform")
    canvas = page.locator(".label-canvas").bounding_box()
    page.mouse.move(canvas["x"] + 200, canvas["y"] + 150)
    page.mouse.wheel(0, -600)
    until(
        page,
        "was => document.querySelector('.label-canvas svg > g').getAttribute('transform') !== was",
        whole,
    )
    near = view.get_attribute("transform")
    page.keyboard.down("Space")
    page.mouse.down()
    page.mouse.move(canvas["x"] + 260, canvas["y"] + 190)
    page.mouse.up()
    page.keyboard.up("Space")
    assert view.get_attribute("transform") not in {near, whole}
    assert listed(page) == []  # the picture was moved, nothing was drawn
    page.keyboard.press("0")
    assert view.get_attribute("transform") == whole
    page.get_by_role("group", name="neighbouring frames").wait_for()
    page.keyboard.press(".")
    page.get_by_text("This is a neighbour").wait_for()
    assert page.get_by_role("button", name="Submit").is_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("i")  # a box without any mouse
    for key in ("ArrowRight", "Shift+ArrowDown", "Alt+Shift+ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("h")
    assert page.locator(".label-canvas svg").get_attribute("data-shapes") == "0"
    page.keyboard.press("Enter")
    page.get_by_text("There is nothing to do for you").wait_for()
    (mark,) = desk.marks(frame)
    assert (mark.category, round(mark.w - mark.h)) == ("car", 10)


def test_500_annotations_are_worked_on_at_a_usable_speed(browser: Browser) -> None:
    desk = Desk(browser.served)
    (frame,) = desk.bare(1)
    crowd = [
        Mark(category=CATEGORIES[n % 5], x=2 + 12.0 * (n % 25), y=2 + 9.0 * (n // 25), w=10, h=7)
        for n in range(500)
    ]
    desk.order("crowd", [frame], prelabels=desk.prelabels({frame: crowd}))
    page = browser.enter("labeller", who="Ada")
    browser.goto(page, "/label/task")
    ready(page)
    assert page.locator(".label-canvas svg").get_attribute("data-shapes") == "500"

    def spent(key: str) -> float:
        began = time.perf_counter()
        page.keyboard.press(key)
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return 1000 * (time.perf_counter() - began)

    told = {}
    for name, key in {
        "next": "Tab",
        "nudge": "ArrowRight",
        "nearer": "+",
        "undo": "Control+z",
    }.items():
        told[name] = statistics.median(spent(key) for _ in range(9))
    shown = page.locator(".label-canvas").bounding_box()
    x, y = shown["x"] + shown["width"] / 2, shown["y"] + shown["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    began = time.perf_counter()
    for step in range(30):
        page.mouse.move(x + step, y + step)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    told["drag"] = 1000 * (time.perf_counter() - began) / 30
    page.mouse.up()
    print("\n500 annotations, median ms until painted: "
          + ", ".join(f"{name} {ms:.0f}" for name, ms in told.items()))  # fmt: skip
    assert max(told.values()) < 500
