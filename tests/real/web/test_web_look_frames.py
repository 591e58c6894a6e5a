"""Frames in the browser: found by words and likeness, chosen by hand and by lasso, never blank."""

from __future__ import annotations

from typing import Any

import pytest
from page_kit import Browser, serious, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

BLANK = """() => {
  const box = document.querySelector('[data-count]')?.getBoundingClientRect();
  if (!box) return [0, 1];
  const cells = [...document.querySelectorAll('[data-place]')].filter((cell) => {
    const at = cell.getBoundingClientRect();
    return at.bottom > box.top && at.top < box.bottom;
  });
  const blank = cells.filter((cell) => {
    const picture = cell.querySelector('img');
    return !picture || !picture.complete || !picture.naturalWidth;
  });
  return [cells.length, blank.length];
}"""


def keep(page: Any, name: str) -> None:
    page.get_by_label("Name of the selection").fill(name)
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text(f"selection:{name} holds").wait_for()


def test_frames_are_found_by_a_query_with_its_explanation_and_kept(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/curate")
    box = page.get_by_role("combobox", name="Query")
    box.fill("cond")
    page.get_by_role("option").first.wait_for()
    box.fill("condition = night")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**/curate?q=*")
    region = page.locator("[data-count]")
    region.wait_for()
    count = browser.served.get("/search", q="condition = night")["count"]
    until(page, f"document.querySelector('[data-count]').dataset.count === '{count}'")
    page.get_by_role("button", name="How it was found").click()
    page.get_by_role("table", name="plan").get_by_text("condition = 'night'").wait_for()
    page.get_by_role("button", name="Keep all as a selection").click()
    keep(page, "dark")
    assert browser.served.get("/selections/dark")["count"] == count


def test_a_wrong_query_is_pointed_at(browser: Browser) -> None:
    browser.seen.allowed.append("400")
    page = browser.enter()
    browser.goto(page, "/curate?q=speeed%20%3E%205")
    page.get_by_text("no column is called 'speeed'").wait_for()
    assert page.locator("pre").inner_text().count("^") >= 6


def test_frames_are_found_by_likeness_of_a_frame_and_of_a_part(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/curate?q=condition%20%3D%20day")
    page.locator("button[data-frame]").nth(3).click()
    frame = browser.served.get("/search", q="condition = day")["items"][3]["frame_id"]
    page.get_by_role("button", name="Frames like this one").click()
    page.wait_for_url("**like=*")
    liked = browser.served.get("/search", q="condition = day", like=frame)["items"]
    page.locator(f"button[data-frame='{liked[0]['frame_id']}'][data-place='0']").wait_for()
    page.locator("button[data-frame]").first.click()
    cutter = page.locator("[data-cutter]").bounding_box()
    page.mouse.move(cutter["x"] + 100, cutter["y"] + 120)
    page.mouse.down()
    page.mouse.move(cutter["x"] + 300, cutter["y"] + 260, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Frames like this part").click()
    page.wait_for_url("**crop=*")
    page.get_by_text("like a part of").wait_for()
    page.locator("button[data-place='0']").wait_for()
    page.get_by_role("button", name="Keep all as a selection").click()
    keep(page, "part")
    assert "crop" in browser.served.get("/selections/part")["query"]


def test_frames_are_chosen_by_keys_and_ranges(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/curate")
    page.locator("button[data-place='0']").focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement.dataset.place === '1'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.get_by_role("button", name="Keep 2 frames").wait_for()
    page.locator("button[data-place='2']").click(modifiers=["Control"])
    page.locator("button[data-place='5']").click(modifiers=["Shift"])
    page.get_by_role("button", name="Keep 6 frames").click()
    keep(page, "hand")
    held = browser.served.get("/selections/hand")
    every = [row["frame_id"] for row in browser.served.get("/search", limit=6)["items"]]
    assert {every[0], *every[2:6]} <= set(held["items"])
    assert held["count"] == 6


def test_a_lasso_chooses_the_frames_inside(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/curate?view=map")
    plot = page.locator("[data-map]").bounding_box()
    left, top, right, bottom = (plot["x"] + 4, plot["y"] + 4, plot["x"] + plot["width"] - 4,
                                plot["y"] + plot["height"] - 4)  # fmt: skip
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 8)):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    count = browser.served.get("/embedding-map")["embedded"]
    page.get_by_role("button", name=f"Keep {count} frames").wait_for()
    middle = (left + right) / 2
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((middle, top), (middle, bottom), (left, bottom), (left, top + 8)):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    until(page, f"!document.body.innerText.includes('Keep {count} frames')")
    page.get_by_role("button", name="Keep").first.click()
    keep(page, "left-half")
    assert 0 < browser.served.get("/selections/left-half")["count"] < count


def test_no_cell_is_blank_while_the_grid_is_scrolled(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/curate")
    until(page, f"({BLANK})()[1] === 0")
    box = page.locator("[data-count]").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    seen = blank = 0
    for _ in range(40):
        page.mouse.wheel(0, 120)
        page.evaluate("() => new Promise(requestAnimationFrame)")
        cells, empty = page.evaluate(BLANK)
        seen, blank = seen + cells, blank + empty
    print(f"{blank} of {seen} cells were blank while scrolling")
    assert seen > 500
    assert blank <= 0.02 * seen


def test_a_selection_is_thinned_and_compared(browser: Browser) -> None:
    body = {"name": "days", "query": "condition = day"}
    assert browser.served.ask("POST", "/selections", json=body).status_code == 201
    page = browser.enter()
    browser.goto(page, "/curate?view=selections")
    page.get_by_role("row", name="days").get_by_role("button", name="Thin").click()
    page.get_by_label("Radius").fill("0.4")
    page.get_by_role("button", name="Thin").last.click()
    page.get_by_role("link", name="Open days-unlike").click()
    page.get_by_role("heading", name="Selection days-unlike").wait_for()
    browser.goto(page, "/curate?view=selections&compare=days%20days-unlike")
    page.get_by_role("table", name="cells of the domain in both").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str) -> None:
    body = {"name": "dark", "query": "condition = night"}
    assert browser.served.ask("POST", "/selections", json=body).status_code == 201
    page = browser.enter(color_scheme=scheme)
    found = {}
    views = ("", "?view=map", "?view=coverage", "?view=coverage&against=dark",
             "?view=selections&compare=dark", "?selection=dark")  # fmt: skip
    for view in views:
        browser.goto(page, f"/curate{view}")
        if said := serious(page):
            found[view] = said
    browser.goto(page, "/curate")
    page.locator("button[data-frame]").first.click()
    page.get_by_role("button", name="Frames like this one").wait_for()
    page.wait_for_timeout(500)
    if said := serious(page):
        found["peek"] = said
    assert not found
