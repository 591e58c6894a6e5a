"""Training runs compared; from a KPI to its recordings; a gate's frames; two networks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from page_kit import Browser, browser_on, serious, until

from ringroad.cli.main import ringroad
from service_kit import Served, copied, serve

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def scored(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo with predictions from elsewhere that see by day and not by night, and a gate."""
    folder = tmp_path_factory.mktemp("scored") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        file = folder.parent / "predictions.json"
        file.write_text(json.dumps(list(by_day(served))))
        said(folder, "evaluate", "--predictions", str(file), "--truth", "demo")
        rule = {"kpis": newest(served), "name": "night", "metric": "AP50", "category": "all",
                "slice": "night", "minimum": 0.5}  # fmt: skip
        served.done(served.ask("POST", "/gates", json=rule))
        yield served


@pytest.fixture
def browser(scored: Served) -> Iterator[Browser]:
    """A browser on it."""
    with browser_on(scored) as opened:
        yield opened


def said(folder: Path, *words: str) -> None:
    options = ["--json", "--workers", "1", "--workspace", str(folder)]
    result = CliRunner().invoke(ringroad, [*words, *options])
    assert result.exit_code == 0, result.output


def by_day(served: Served) -> Iterator[dict[str, Any]]:
    number = {name: place for place, name in enumerate(categories(served), start=1)}
    for row in served.get("/datasets/demo/rows", limit=1000)["items"]:
        if (row["split"], row["condition"]) != ("test", "day"):
            continue
        told = served.get("/datasets/demo/marks", frame=row["frame_id"])["frames"][0]
        for mark in told["marks"]:
            yield {"image_id": row["frame_id"], "category_id": number[mark["category"]],
                   "bbox": [mark["x"], mark["y"], mark["w"], mark["h"]], "score": 0.9}  # fmt: skip


def newest(served: Served) -> str:
    return str(served.get("/evaluations", limit=1)["items"][0]["id"])


def test_two_training_runs_are_compared(browser: Browser):
    """Filtered, sorted and ticked in the table; then what they differ in, KPIs and curves."""
    page = browser.enter()
    browser.goto(page, "/train")
    rows = page.locator("[role=table] [role=row][aria-rowindex]")
    rows.first.wait_for()
    known = browser.served.get("/training-runs")["count"]
    assert rows.count() == known
    page.get_by_label("Filter").fill("epochs >= 3")
    page.get_by_text(f"1 of {known} shown").wait_for()
    page.get_by_label("Filter").fill("")
    page.get_by_text(f"{known} of {known} shown").wait_for()
    page.get_by_label("sort by epochs").click()
    page.get_by_label("sort by epochs").click()
    for at in (0, -1):
        rows.nth(at).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare 2").click()
    table = page.get_by_role("table", name="parameters that differ")
    table.get_by_text("epochs", exact=True).wait_for()
    cells = table.get_by_role("row").filter(has_text="epochs").get_by_role("cell")
    assert cells.nth(1).inner_text() != cells.nth(2).inner_text()
    page.get_by_label("loss by epoch").wait_for()
    page.get_by_role("table", name="KPIs of the runs").wait_for()
    page.reload()
    page.get_by_role("heading", name="2 training runs").wait_for()


def test_two_training_runs_are_told_apart_by_their_paired_difference(browser: Browser):
    """Both models are scored, then compared unit by unit: a row per slice and category."""
    served = browser.served
    for model in ("demo:champion", "demo:candidate"):
        served.done(served.ask("POST", "/evaluations", json={"model": model, "dataset": "demo"}))
    names = {"demo:champion", "demo:candidate"}
    found = served.get("/training-runs")["items"]
    runs = ",".join(item["id"] for item in found if names & set(item["names"]))
    page = browser.enter()
    browser.goto(page, f"/train/compare?runs={runs}")
    page.get_by_role("button", name="Compare them").click()
    table = page.get_by_role("table", name="paired differences")
    table.wait_for()
    assert table.get_by_role("row").count() == 1 + 4 * (1 + len(categories(served)))
    page.get_by_text("AP50 of demo:c").wait_for()
    page.reload()
    table.wait_for()  # the address says which
    assert not serious(page)
    browser.goto(page, "/dataset/demo?tab=test")
    looks = page.get_by_role("table", name="looks at test rows")
    looks.get_by_text("compare evaluations").wait_for()


def categories(served: Served) -> list[str]:
    return list(served.get("/datasets/demo")["dataset"]["header"]["categories"])


def test_a_kpi_is_followed_to_its_recordings(browser: Browser):
    page = browser.enter()
    browser.goto(page, f"/validate?evaluation={newest(browser.served)}")
    table = page.get_by_role("table", name="KPIs by category and slice")
    table.get_by_role("link", name="frames of all, night").click()
    page.get_by_role("heading", name="Frames of all categories, night").wait_for()
    told = browser.served.get(f"/evaluations/{newest(browser.served)}/frames", slice="night")
    page.get_by_text(f"{told['missed']} of {told['truths']} things missed").wait_for()
    recording = next(iter(told["recordings"]))
    page.get_by_role("button", name=recording).click()
    page.wait_for_url("**recording=**")
    page.get_by_role("note").first.wait_for()
    keep = page.get_by_label("keep").first
    keep.check()
    page.get_by_label("Add to the selection").fill("night errors")
    page.get_by_role("button", name="Keep the 1 frame picked").click()
    page.get_by_role("link", name="Open night errors").wait_for()
    assert browser.served.get("/selections/night errors")["count"] == 1
    page.get_by_role("link", name=recording).first.click()
    page.wait_for_url(f"**/recording/{recording}")


def test_the_frames_that_decided_a_gate_are_seen(browser: Browser):
    page = browser.enter()
    browser.goto(page, "/validate?view=gates")
    page.get_by_role("link", name="night", exact=True).click()
    page.get_by_role("heading", name="Gate night").wait_for()
    page.get_by_role("note").wait_for()
    picture = page.locator("main img").first
    picture.wait_for()
    until(page, "document.querySelector('main img')?.naturalWidth > 100")
    assert "truth, missed" in str(picture.get_attribute("alt"))
    gate = browser.served.get("/gates", limit=1)["items"][0]
    assert page.locator("main img").count() == len(gate["result"]["frames"])
    page.get_by_role("link", name="All frames of the slice").click()
    page.get_by_role("heading", name="Frames of all categories, night").wait_for()


def test_kpis_have_a_course(browser: Browser):
    page = browser.enter()
    browser.goto(page, "/validate?view=course&slice=day")
    page.get_by_role("img", name="AP50 of all on day over time").wait_for()
    told = browser.served.get("/kpis", slice="day")["points"]
    rows = page.get_by_role("table", name="KPIs over time").get_by_role("row")
    assert rows.count() == len(told) + 1


def test_two_networks_are_compared_frame_by_frame(browser: Browser, test_data: Path):
    """Networks from elsewhere; the frames on which they differ are kept as a selection."""
    for name, predictor, file in (("fast:one", "fastestdet", "FastestDet.onnx"),
                                  ("nano:one", "nanodet", "nanodet_m.onnx")):  # fmt: skip
        path = test_data / "models" / file
        if not path.is_file():
            pytest.skip(f"no {path}")
        said(browser.served.folder, "models", "import", str(path), "--name", name,
             "--predictor", predictor)  # fmt: skip
    page = browser.enter()
    page.set_default_timeout(180_000)
    browser.goto(page, "/validate?view=networks")
    for label, name in (("Candidate", "nano:one"), ("Champion", "fast:one"),
                        ("Who is right, by the test rows of", "demo")):  # fmt: skip
        page.get_by_role("combobox", name=label, exact=True).click()
        page.get_by_role("option", name=name, exact=True).click()
    page.get_by_role("button", name="Run both on all recordings").click()
    page.get_by_role("link", name="Where they differ").click()
    page.get_by_role("table", name="differences on this frame").wait_for()
    told = browser.served.get("/resimulations", limit=1)["items"][0]
    assert told["candidate_names"] == ["nano:one"]
    page.get_by_label("Add to the selection").fill("they differ")
    page.get_by_role("button", name="Keep all").click()
    page.get_by_role("link", name="Open they differ").wait_for()
    assert browser.served.get("/selections/they differ")["count"] > 0
    page.mouse.move(0, 0)
    assert not serious(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str):
    served = browser.served
    kpis = newest(served)
    gate = served.get("/gates", limit=1)["items"][0]["id"]
    compared = served.get("/resimulations", limit=1)["items"][0]["id"]
    runs = ",".join(item["id"] for item in served.get("/training-runs", limit=3)["items"])
    page = browser.enter(color_scheme=scheme)
    found = {}
    for place in (
        "/train", f"/train?runs={runs}", f"/train/compare?runs={runs}", "/validate",
        "/validate?view=course", "/validate?view=gates", "/validate?view=networks",
        f"/validate/frames?evaluation={kpis}&slice=night", f"/validate/gate/{gate}",
        f"/validate/disagreements?id={compared}", "/deploy",
    ):  # fmt: skip
        browser.goto(page, place)
        if said := serious(page):
            found[place] = said
    assert not found
