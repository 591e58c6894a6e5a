"""Studies in the browser: the list, one study with its plots and trials, one that was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_kit import Browser, browser_on, serious

from ringroad.pipelines.train.tuning import tune
from ringroad.service.operations import Stopped
from service_kit import Served, copied, open_here, serve
from study_kit import judged_dataset, study

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

SEARCH = {
    "learning_rate": {"low": 2e-3, "high": 3e-2, "log": True},
    "batch": {"choices": [2, 4]},
    "weight_decay": {"choices": [0.01, 1e38]},
}
TRIALS = 7


@pytest.fixture(scope="module")
def studied(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a study that is done, of which some trials diverged, and one stopped."""
    folder = tmp_path_factory.mktemp("studied") / "workspace"
    copied(demo_workspace.folder, folder)
    workspace = open_here(folder)
    judged_dataset(workspace, frames=80)
    train = {"epochs": 16, "channels": 8}
    tune(workspace, study(name="night", trials=TRIALS, seed=0, train=train, search=SEARCH))
    workspace.close()

    def stop(line: str) -> None:
        raise Stopped

    workspace = open_here(folder, say=stop)
    with pytest.raises(Stopped):
        tune(workspace, study(name="left", trials=5))
    workspace.close()
    return folder


@pytest.fixture
def served(studied: Path, tmp_path: Path) -> Iterator[Served]:
    copied(studied, tmp_path / "workspace")
    yield from serve(tmp_path / "workspace")


@pytest.fixture
def browser(served: Served) -> Iterator[Browser]:
    with browser_on(served) as opened:
        yield opened


def test_from_the_runs_to_a_trial_of_a_study(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/train")
    page.get_by_role("navigation", name="pages of training").get_by_text("Studies").click()
    rows = page.get_by_role("table", name="studies").locator("tbody tr")
    rows.first.wait_for()
    assert rows.count() == 2
    assert "stopped" in rows.filter(has_text="left").inner_text()
    page.get_by_role("link", name="night").click()
    trials = page.get_by_role("table", name="trials").locator("tbody tr")
    trials.first.wait_for()
    assert trials.count() == TRIALS
    assert page.get_by_role("img").count() == 1 + len(SEARCH)
    told = trials.locator("td:nth-child(2)").all_inner_texts()
    figures = [float(text.split()[0]) for text in told if "failed" not in text]
    assert figures == sorted(figures, reverse=True)
    assert 1 < len(figures) < TRIALS
    page.get_by_role("button", name="sort by learning rate").click()
    assert "order=learning_rate" in page.url
    page.reload()
    header = page.get_by_role("columnheader", name="learning rate")
    header.wait_for()
    assert header.get_attribute("aria-sort") == "descending"
    trials.first.get_by_role("link").first.click()
    page.get_by_role("heading", name="One training run").wait_for()


def test_by_the_keyboard(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/train/studies")
    link = page.get_by_role("link", name="night")
    link.focus()
    page.keyboard.press("Enter")
    sort = page.get_by_role("button", name="sort by Trial")
    sort.wait_for()
    sort.focus()
    page.keyboard.press("Enter")
    assert "order=number" in page.url


def test_a_stopped_study_says_how_to_go_on(browser: Browser) -> None:
    page = browser.enter()
    browser.goto(page, "/train/studies/left")
    page.get_by_text("start the same again").wait_for()
    assert page.get_by_role("progressbar").get_attribute("aria-valuenow") == "20"


def test_an_unknown_study_is_told(browser: Browser) -> None:
    page = browser.enter()
    browser.seen.allowed.append("404")
    browser.goto(page, "/train/studies/nobody")
    page.get_by_text("Nothing is called so").wait_for()


def test_no_studies_yet(demo_workspace: Any, tmp_path: Path) -> None:
    copied(demo_workspace.folder, tmp_path / "workspace")
    for served in serve(tmp_path / "workspace"):
        with browser_on(served) as browser:
            page = browser.enter()
            browser.goto(page, "/train/studies")
            page.get_by_text("ringroad tune STUDY.toml").first.wait_for()
            assert not serious(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str) -> None:
    page = browser.enter(color_scheme=scheme)
    for place in ("/train/studies", "/train/studies/night", "/train/studies/left"):
        browser.goto(page, place)
        page.get_by_role("table").first.wait_for()
        assert not serious(page), place
