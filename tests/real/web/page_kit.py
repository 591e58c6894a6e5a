"""A browser on the pages of a served workspace, which holds what it saw to what is allowed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import ringroad
from service_kit import Served

ROOT = Path(__file__).resolve().parents[3]
PAGES = Path(ringroad.__file__).parent / "web" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SERIOUS = ("serious", "critical")


@dataclass
class Seen:
    """What a page did that no page may do."""

    host: str
    console: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    """Parts of messages of the console that a flow provokes, such as `412`."""

    def watch(self, page: Any) -> None:
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", self._asked)

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in self.allowed):
            self.console.append(f"{kind}: {text}")

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"data", "blob"}:
            return
        if parts.netloc != self.host:
            self.strangers.append(request.url)

    def check(self) -> None:
        assert not self.console, self.console
        assert not self.strangers, self.strangers


@dataclass
class Browser:
    """Opens pages of one server. Each context is one person, signed in by a code."""

    chromium: Any
    served: Served
    seen: Seen
    contexts: list[Any] = field(default_factory=list)

    def enter(self, role: str = "", *, who: str = "", **options: Any) -> Any:
        """A page of somebody who has just signed in; with a role, of somebody with a token."""
        context = self.chromium.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        self.seen.watch(page)
        if role:
            secret = self.served.token(role, who=who)
            self.seen.allowed.append("401")
            page.goto(f"http://{self.served.host}/")
            page.get_by_label("Token").first.fill(secret)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_text(f"{who or role}, {role}").wait_for()
        else:
            page.goto(self.served.service.address())
            page.get_by_role("navigation", name="places").wait_for()
        return page

    def goto(self, page: Any, path: str) -> None:
        """Open a place, and wait until nothing is asked for any more."""
        page.goto(f"http://{self.served.host}{path}")
        page.wait_for_load_state("networkidle")


@contextmanager
def browser_on(served: Served) -> Iterator[Browser]:
    """A browser for one test; at its end, what it saw is held to what is allowed.

    Skips, with the remedy, where there is no Playwright, no Chromium or no built pages.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[browser]'")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium: tools/chromium.sh install")
    if not PAGES.is_file():
        pytest.skip("the pages are not built: make web")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path)
        browser = Browser(chromium, served, Seen(served.host))
        try:
            yield browser
        finally:
            for context in browser.contexts:
                context.close()
            chromium.close()
    browser.seen.check()


def until(page: Any, script: str, arg: Any = None, *, seconds: float = 20) -> None:
    """Wait until a script is true; Playwright's own way of it is what the pages' policy refuses."""
    end = time.monotonic() + seconds
    while not page.evaluate(script, arg):
        assert time.monotonic() < end, f"this never held: {script}"
        page.wait_for_timeout(50)


def serious(page: Any) -> list[str]:
    """What axe finds that is serious or worse, a line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{item['id']} ({item['impact']}): {node['target']} {node['failureSummary']}"
        for item in found["violations"]
        if item["impact"] in SERIOUS
        for node in item["nodes"]
    ]
