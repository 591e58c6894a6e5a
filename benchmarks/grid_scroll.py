"""A grid of a million frames in Chromium: cells without their row, while scrolling and after jumps.

Beside service_million.py, whose workspace it serves (RINGROAD_MILLION): its frames have no picture,
so that what is counted is rows that had not come from the server when a line came into view. The
wheel turns as a hand does (120 pixels, 60 times a second), then the bar is dragged to places.

    RINGROAD_MILLION=FOLDER python benchmarks/service_million.py
    RINGROAD_MILLION=FOLDER python benchmarks/grid_scroll.py
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from service import served_at

TURNS, JUMPS = 400, 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
COUNT = """() => {
  const box = document.querySelector('[data-count]').getBoundingClientRect();
  const seen = [...document.querySelectorAll('[data-place]')].filter((cell) => {
    const at = cell.getBoundingClientRect();
    return at.bottom > box.top && at.top < box.bottom;
  });
  return [seen.length, seen.filter((cell) => 'empty' in cell.dataset).length];
}"""
JUMP = """async (share) => {
  const box = document.querySelector('[data-count]');
  const begun = performance.now();
  box.scrollTop = share * (box.scrollHeight - box.clientHeight);
  const empty = () => {
    const place = box.getBoundingClientRect();
    const seen = [...document.querySelectorAll('[data-place]')].filter((cell) => {
      const at = cell.getBoundingClientRect();
      return at.bottom > place.top && at.top < place.bottom;
    });
    return !seen.length || seen.some((cell) => 'empty' in cell.dataset);
  };
  do await new Promise(requestAnimationFrame); while (empty() && performance.now() - begun < 10000);
  return performance.now() - begun;
}"""


def main() -> int:
    """Measure; 1 where more than one cell in a hundred is empty while scrolling."""
    from playwright.sync_api import sync_playwright

    if "RINGROAD_MILLION" not in os.environ:
        print("not measured: RINGROAD_MILLION names no folder in which service_million.py has run")
        return 0
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with served_at(Path(os.environ["RINGROAD_MILLION"])) as address, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.get_by_role("navigation", name="places").wait_for()
        page.goto(address.partition("/enter")[0] + "/curate")
        page.locator("button[data-frame]").first.wait_for(timeout=60_000)
        share = scrolled(page)
        jumps = jumped(page)
        browser.close()
    print(f"jump anywhere by the bar: p50 {np.median(jumps):.0f} ms, "
          f"p95 {np.percentile(jumps, 95):.0f} ms to all rows in view")  # fmt: skip
    return int(share > 0.01)


def scrolled(page: Any) -> float:
    """Share of cells in view that were empty."""
    box = page.locator("[data-count]").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    seen = empty = 0
    for _ in range(TURNS):
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(16)
        cells, bare = page.evaluate(COUNT)
        seen, empty = seen + cells, empty + bare
    print(f"scrolled {TURNS * 120:,} pixels: {empty} of {seen:,} cells in view were empty")
    return empty / max(seen, 1)


def jumped(page: Any) -> list[float]:
    """Milliseconds to rows of each place."""
    shares = np.random.Generator(np.random.PCG64(3)).random(JUMPS)
    return [page.evaluate(JUMP, float(share)) for share in shares]


if __name__ == "__main__":
    sys.exit(main())
