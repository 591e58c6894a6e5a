"""Dataset versions in the browser: a merge with a conflict, an export with its losses, locks."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from page_kit import Browser, serious, until

from ringroad.pipelines.finding import LABEL_KINDS, table_of
from service_kit import Served

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def fork(served: Served) -> str:
    """`ours` labels a frame anew, `theirs` takes it out; the frame."""
    rows = served.get("/datasets/demo/rows", limit=1000)["items"]
    row = next(row for row in rows if row["split"] == "train")
    frame = str(row["frame_id"])
    for name in ("ours", "theirs"):
        served.ask("POST", "/datasets/demo:branch", json={"name": name})
    workspace = served.service.workspace
    other = next(
        item.id
        for kind in LABEL_KINDS
        for item in workspace.catalog.artifacts(kind)
        if item.digest != row["annotations"]
        and frame in set(table_of(workspace, item)["frame_id"].to_pylist())
    )
    served.ask("POST", "/selections/one", json={"frames": [frame]})
    for name, body in (
        ("ours", {"selection": "one", "labels": [other], "reason": "labelled anew"}),
        ("theirs", {"remove": [frame], "reason": "blurred"}),
    ):
        assert served.done(served.ask("POST", f"/datasets/{name}", json=body))["state"] == "done"
    return frame


def test_two_versions_are_merged_with_a_conflict(browser: Browser):
    """From the graph: two are picked, the conflict is seen on both sides and decided."""
    frame = fork(browser.served)
    page = browser.enter()
    browser.goto(page, "/datasets")
    page.get_by_label("compare ours").check()
    page.get_by_label("compare theirs").check()
    page.get_by_role("button", name="Merge into ours").click()
    page.get_by_text("1 conflict", exact=True).wait_for()
    send = page.get_by_role("button", name="Merge theirs into ours")
    assert send.is_disabled()
    conflict = page.get_by_label(f"conflict on {frame}")
    assert conflict.get_by_text("took it out", exact=True).count() == 1
    conflict.get_by_text("Take ours").click()
    page.get_by_text("1 of 1 decided").wait_for()
    send.click()
    page.get_by_role("link", name="The merged version").click()
    page.get_by_role("tab", name="Frames").wait_for()
    log = browser.served.get("/datasets/ours/log")["versions"]
    assert log[0]["what"] == "merge"
    assert len(log[0]["parents"]) == 2
    rows = browser.served.get("/datasets/ours/rows", limit=1000)["items"]
    assert frame in {row["frame_id"] for row in rows}


def test_a_difference_is_seen_in_pictures(browser: Browser):
    fork(browser.served)
    page = browser.enter()
    browser.goto(page, "/datasets/compare?from=demo&to=ours")
    page.get_by_text("Annotated anew: 1").wait_for()
    picture = page.locator("main img").first
    picture.wait_for()
    until(page, "document.querySelector('main img')?.naturalWidth > 100")
    assert page.locator("main svg path").count() > 2
    assert "before" in str(picture.get_attribute("alt"))


def test_what_was_decided_outlives_a_reload(browser: Browser):
    frame = fork(browser.served)
    page = browser.enter()
    browser.goto(page, "/datasets/merge?into=ours&other=theirs")
    page.get_by_label(f"conflict on {frame}").get_by_text("Take theirs").click()
    page.get_by_text("1 of 1 decided").wait_for()
    page.reload()
    page.get_by_text("1 of 1 decided").wait_for()
    assert page.get_by_role("radio", name="Take theirs").is_checked()
    page.get_by_role("button", name="Undecide all").click()
    page.get_by_text("0 of 1 decided").wait_for()


def test_a_branch_is_written_to_and_not_what_it_came_from(browser: Browser):
    """Two names point at one version: the address says which is meant, else the page asks."""
    served = browser.served
    served.ask("POST", "/datasets/demo:branch", json={"name": "aside"})
    before = served.get("/datasets/demo")["dataset"]["id"]
    page = browser.enter()
    browser.goto(page, "/dataset/aside?tab=append")
    page.get_by_role("heading", name="aside", exact=True).wait_for()
    page.get_by_role("heading", name="Append to aside").wait_for()
    browser.goto(page, f"/dataset/{before}?tab=test")
    page.get_by_label("Why").fill("before the gate")
    lock = page.get_by_role("button", name="Lock", exact=True)
    assert lock.is_disabled()
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="demo", exact=True).wait_for()
    page.keyboard.press("Escape")
    browser.goto(page, "/dataset/aside?tab=test")
    page.get_by_label("Why").fill("before the gate")
    lock.click()
    page.get_by_role("button", name="Unlock", exact=True).wait_for()
    page.get_by_role("heading", name="aside", exact=True).wait_for()
    assert served.get("/datasets/demo")["dataset"]["id"] == before
    assert served.get("/datasets/aside")["dataset"]["id"] != before


def test_a_merge_of_what_moved_on_is_refused(browser: Browser):
    """Somebody edits ours while the conflict is open: 412, and the page says what to look at."""
    fork(browser.served)
    page = browser.enter()
    browser.seen.allowed.append("412")
    browser.goto(page, "/datasets/merge?into=ours&other=theirs")
    page.get_by_role("button", name="All ours").click()
    lock = {"reason": "in between"}
    assert browser.served.ask("POST", "/datasets/ours:lock", json=lock).status_code == 200
    page.get_by_role("button", name="Merge theirs into ours").click()
    page.get_by_text("ours moved on while you decided").wait_for()
    page.get_by_role("link", name="See what came in between").click()
    page.get_by_role("heading", name="What changed").wait_for()


def test_a_version_is_exported_with_its_losses(browser: Browser, tmp_path: Path):
    page = browser.enter()
    browser.goto(page, "/dataset/demo?tab=export&format=yolo")
    losses = page.get_by_role("table", name="losses")
    losses.get_by_text("light_state", exact=True).wait_for()
    page.get_by_role("button", name=re.compile("^Export .* frames$")).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("^Download")).click()
    held = Path(waiting.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        told = json.loads(archive.read("labels/losses.json"))
    assert "light_state" in {loss["what"] for loss in told}
    browser.goto(page, "/dataset/demo?tab=test")
    page.get_by_role("table", name="looks at test rows").get_by_text("labels export").wait_for()


def test_an_export_of_some_splits_is_no_look_at_test_rows(browser: Browser):
    looks = browser.served.get("/datasets/demo/looks")
    page = browser.enter()
    browser.goto(page, "/dataset/demo?tab=export")
    page.get_by_text("This export is a look at the test rows").wait_for()
    splits = page.get_by_role("group", name="splits")
    splits.get_by_text("test", exact=True).click()
    page.get_by_text("No test row goes out").wait_for()
    told = browser.served.get("/datasets/demo")["dataset"]["splits"]
    kept = sum(sum(part.values()) for name, part in told.items() if name != "test")
    page.get_by_role("button", name=f"Export {kept} frames").click()
    page.get_by_role("link", name=re.compile("^Download")).wait_for()
    assert not serious(page)
    assert browser.served.get("/datasets/demo/looks") == looks


def test_a_viewer_reads_and_an_engineer_locks(browser: Browser):
    viewer = browser.enter("viewer")
    browser.goto(viewer, "/dataset/demo?tab=test")
    viewer.get_by_label("Why").fill("x")
    assert viewer.get_by_role("button", name="Lock").is_disabled()
    viewer.get_by_text("The role viewer may not do this").first.wait_for()
    engineer = browser.enter("engineer")
    browser.goto(engineer, "/dataset/demo?tab=test")
    engineer.get_by_label("Why").fill("the gate is frozen")
    engineer.get_by_role("button", name="Lock").click()
    engineer.get_by_text("Test rows are locked").wait_for()
    engineer.get_by_label("Why").fill("again")
    assert engineer.get_by_role("button", name="Unlock").is_disabled()
    assert browser.served.get("/datasets/demo/looks")["locked"]


def test_a_version_is_tagged_branched_and_gone_back_to(browser: Browser):
    frame = fork(browser.served)
    page = browser.enter()
    before = browser.served.get("/datasets/demo")["dataset"]["id"]
    browser.goto(page, f"/dataset/{before}?tab=names")
    page.get_by_label("Tag", exact=True).fill("v1")
    page.get_by_role("button", name="Tag it").click()
    page.get_by_text("demo@v1 stands for this version").wait_for()
    page.get_by_label("Name of the branch").fill("night")
    page.get_by_role("button", name="Branch", exact=True).click()
    page.wait_for_url("**/dataset/night")
    body = {"remove": [frame], "reason": "blurred"}
    browser.served.done(browser.served.ask("POST", "/datasets/demo", json=body))
    browser.goto(page, "/dataset/demo@v1?tab=names")
    page.get_by_label("Why").fill("it was fine")
    page.get_by_role("button", name="Revert demo").click()
    page.get_by_text("demo has these rows again").wait_for()
    log: list[dict[str, Any]] = browser.served.get("/datasets/demo/log")["versions"]
    assert log[0]["what"] == "revert"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str):
    fork(browser.served)
    page = browser.enter(color_scheme=scheme)
    found = {}
    for place in (
        "/datasets",
        *(f"/dataset/demo?tab={tab}" for tab in (
            "holds", "frames", "names", "test", "append", "export&format=kitti")),
        "/datasets/compare?from=demo&to=ours",
        "/datasets/merge?into=ours&other=theirs",
    ):  # fmt: skip
        browser.goto(page, place)
        if said := serious(page):
            found[place] = said
    assert not found
