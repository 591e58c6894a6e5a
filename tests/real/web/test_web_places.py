"""Every place opens with content, without an error and without asking anybody else."""

from __future__ import annotations

import pytest
from page_kit import Browser, serious

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

PLACES = (
    "/",
    "/recordings",
    "/curate",
    "/label",
    "/datasets",
    "/train",
    "/validate",
    "/deploy",
    "/gear",
)


def test_every_place_opens(browser: Browser) -> None:
    page = browser.enter()
    for place in PLACES:
        browser.goto(page, place)
        assert page.locator("main h1").count() == 1, place
        assert page.get_by_text("What to do:").count() == 0, place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, scheme: str) -> None:
    page = browser.enter(color_scheme=scheme)
    found = {}
    for place in PLACES:
        browser.goto(page, place)
        if said := serious(page):
            found[place] = said
    assert not found
