"""Recordings in the browser: scrubbed along one axis, on a map, in the Rerun viewer; the loop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from page_kit import Browser, browser_on, serious, until

from ringroad.cli.main import ringroad
from service_kit import Served, serve

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
PAINTED = "canvas[data-painted]"


def opened(browser: Browser, path: str, **options: Any) -> Any:
    page = browser.enter(**options)
    page.goto(f"http://{browser.served.host}{path}")
    page.wait_for_selector(PAINTED, timeout=60_000)
    return page


def frame_of(page: Any) -> str:
    """The frame that is painted, once it is the one that is meant."""
    until(
        page,
        "(() => { const c = document.querySelector('canvas[data-frame]');"
        " return c.dataset.frame === c.dataset.painted; })()",
    )
    return str(page.locator("canvas[data-frame]").first.get_attribute("data-painted"))


def first_recording(served: Served) -> str:
    return str(served.get("/recordings")["items"][1]["id"])


def test_a_recording_is_scrubbed_by_hand_and_by_keys(browser: Browser) -> None:
    at = first_recording(browser.served)
    lane = browser.served.get("/timeline", recording=at)["lanes"][0]
    page = opened(browser, f"/recording/{at}")
    assert frame_of(page).endswith("/000000")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("canvas[data-painted$='/000002']")
    axis = page.locator("[data-axis]").bounding_box()
    page.mouse.move(axis["x"] + 160, axis["y"] + 10)
    page.mouse.down()
    page.mouse.move(axis["x"] + axis["width"] - 2, axis["y"] + 10, steps=12)
    page.mouse.up()
    assert frame_of(page).endswith(f"/{len(lane['seconds']) - 1:06d}")
    page.wait_for_url("**t=*")
    page.keyboard.press("Home")
    page.keyboard.press(".")
    page.wait_for_url("**t=1")
    address = page.url
    there = frame_of(page)
    page.goto(address)
    page.wait_for_selector(PAINTED)
    assert frame_of(page) == there
    page.keyboard.press("Space")
    until(page, "!location.search.includes('t=1&') && !location.search.endsWith('t=1')")
    assert frame_of(page) != there


def test_events_are_jumped_to_and_annotations_drawn(browser: Browser) -> None:
    served = browser.served
    assert served.done(served.ask("POST", "/events", json={"recordings": []}))["state"] == "done"
    assert served.done(served.ask("POST", "/checks", json={"recordings": []}))["state"] == "done"
    marked = next(
        item["id"]
        for item in served.get("/recordings")["items"]
        if served.get("/annotations", recording=item["id"], channel="/camera/front")["marks"]
    )
    page = opened(browser, f"/recording/{marked}")
    marks = served.get("/annotations", recording=marked, channel="/camera/front")["marks"]
    frame = frame_of(page)
    expected = sum(mark["frame_id"] == frame for mark in marks)
    page.get_by_role("img", name=f"{expected} annotations, 0 predictions").wait_for()
    page.get_by_text("Annotations", exact=True).click()
    page.wait_for_url("**show=*")
    assert page.get_by_role("img", name="annotations, 0 predictions").count() == 0
    page.get_by_role("tab", name="Checks").click()
    page.get_by_role("tab", name="Channels").click()
    page.get_by_role("table", name="channels").get_by_text("/imu", exact=True).wait_for()


def test_the_map_leads_to_a_recording_at_the_place_that_was_clicked(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/recordings?view=map")
    lines = page.locator("svg a[aria-label]")
    assert lines.count() == browser.served.get("/recordings")["count"]
    page.get_by_role("button", name="+ zoom in").click()
    page.get_by_role("button", name="0 show all").click()
    first = lines.first
    name = str(first.get_attribute("aria-label")).partition(",")[0]
    first.focus()
    page.get_by_text(name, exact=True).first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/recording/{name}?t=*")
    page.wait_for_selector(PAINTED)


def test_refused_sources_tell_what_to_do(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/recordings")
    page.get_by_text("could not be taken in").wait_for()
    refusal = browser.served.get("/recordings")["refused"][0]
    page.get_by_text(refusal["reason"]).wait_for()


def test_a_recording_opens_in_the_rerun_viewer(browser: Browser) -> None:
    pytest.importorskip("rerun", reason="pip install 'ringroad[rerun]'")
    at = first_recording(browser.served)
    page = opened(browser, f"/recording/{at}")
    page.get_by_role("button", name="Rerun viewer").click()
    page.get_by_role("button", name="Write it for the viewer").click()
    link = page.get_by_role("link", name="Open the Rerun viewer")
    link.wait_for()
    assert str(link.get_attribute("href")).startswith("/rerun/?view=")


def test_the_loop_tells_what_runs_and_then_what_is_used(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/")
    page.get_by_role("button", name="Judge all recordings").click()
    page.get_by_text("find-events").first.wait_for()
    page.get_by_role("table", name="from raw to used").wait_for()
    page.get_by_role("link", name="Selections").click()
    page.wait_for_url("**/curate?view=selections")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str) -> None:
    at = first_recording(browser.served)
    page = browser.enter(color_scheme=scheme)
    found = {}
    for path in ("/", "/recordings", "/recordings?view=map", f"/recording/{at}"):
        browser.goto(page, path)
        if said := serious(page):
            found[path] = said
    assert not found


@pytest.fixture
def real_recordings(tmp_path: Path) -> Iterator[Browser]:
    """KITTI with sweeps and cuboids, and a nuScenes keyframe of six cameras."""
    data = os.environ.get("RINGROAD_TEST_DATA", "")
    if not data:
        pytest.skip("set RINGROAD_TEST_DATA, see docs/real-data.md")
    place = ["--workspace", str(tmp_path / "real"), "--quiet"]
    for words in (
        ["ingest", f"{data}/kitti_object", f"{data}/nuscenes_keyframe", *place],
        ["labels", "import", f"{data}/kitti_object/training/label_2", "--format", "kitti", *place],
    ):
        result = CliRunner().invoke(ringroad, words)
        assert result.exit_code in {0, 5}, result.output
    for served in serve(tmp_path / "real"):
        with browser_on(served) as opened_here:
            yield opened_here


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lidar_falls_on_pictures_and_cuboids_are_drawn(
    real_recordings: Browser, scheme: str
) -> None:
    real_recordings.seen.allowed.append("willReadFrequently")  # this test reads back what is drawn
    page = opened(real_recordings, "/recording/vehicle/training?t=10&show=annotations%20points",
                  color_scheme=scheme)  # fmt: skip
    until(page, "(document.querySelector('canvas[data-points]')?.dataset.points ?? 0) > 20000")
    page.wait_for_selector("svg[aria-label*='annotations'] line")
    inked = """() => {
      const cloud = document.querySelector('canvas[aria-hidden]');
      const {data} = cloud.getContext('2d').getImageData(0, 0, cloud.width, cloud.height);
      let inked = 0;
      for (let at = 3; at < data.length; at += 4) inked += data[at] > 0;
      return inked;
    }"""
    until(page, f"({inked})() > 5000")
    assert not serious(page)
    page.keyboard.press("Home")
    until(page, f"({inked})() === 0")  # no sweep is near this picture in time
    real_recordings.goto(page, "/recording/vehicle/nuscenes_keyframe?show=points")
    until(page, "document.querySelectorAll('canvas[data-painted]').length === 6")
    page.get_by_role("button", name="CAM_FRONT alone").click()
    page.wait_for_url("**channel=CAM_FRONT**")
    assert page.locator("canvas[data-frame]").count() == 1
