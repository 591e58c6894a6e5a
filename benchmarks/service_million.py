"""Filter, similarity, map and coverage over a million frames, over HTTP on loopback.

The catalog's search index is written by its own writer: columns of recordings of 1,000 frames, and
vectors of 512 numbers drawn from the distribution of real embeddings (real_vectors.py). Every
filter and example is asked once, so that nothing is found in a cache. One client, one request
after the other.

    python benchmarks/service_million.py [FRAMES]      default 1000000
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx2 as httpx
import numpy as np
import pyarrow as pa
from real_vectors import draw
from service import API, opened, rows_of, served, timed, told

from ringroad.app import create_workspace

SPACE, SIZE, AT_ONCE = "look", 512, 50_000
FILTER_MS, ALIKE_MS = 300.0, 200.0
EACH = 60


def main() -> int:
    """Measure; 1 where a budget is missed."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    folder = Path(os.environ.get("RINGROAD_MILLION", "") or tempfile.mkdtemp(prefix="ringroad-"))
    try:
        if not (folder / "index").exists():
            begun = time.perf_counter()
            create_workspace(folder)
            fill(folder, frames)
            print(f"{frames:,} frames x {SIZE} written in {time.perf_counter() - begun:.0f} s")
        with served(folder) as client:
            return measured(client, frames)
    finally:
        if "RINGROAD_MILLION" not in os.environ:
            shutil.rmtree(folder)


def fill(folder: Path, frames: int) -> None:
    """Rows and vectors, as if recordings had been described."""
    vectors = draw(frames, folder=Path(tempfile.gettempdir()))
    workspace = opened(folder)
    try:
        for start in range(0, frames, AT_ONCE):
            count = min(AT_ONCE, frames - start)
            rows = rows_of(start, count)
            part = np.ascontiguousarray(vectors[start : start + count], np.float32)
            packed = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), SIZE)
            table = pa.table({"frame_id": rows["frame_id"], "vector": packed})
            workspace.index.extend(columns=rows, vectors={SPACE: table})
    finally:
        workspace.close()


def measured(client: httpx.Client, frames: int) -> int:
    """Each kind of question; no question twice."""
    first = client.get(f"{API}/search?limit=120").json()
    assert first["count"] == frames, first["count"]
    ids = [client.get(f"{API}/search?limit=1&cursor={first['cursor']}&offset={at}").json()
           ["items"][0]["frame_id"] for at in range(0, frames, frames // 400)]  # fmt: skip

    def search(**parameters: str) -> httpx.Response:
        return client.get(f"{API}/search", params={"limit": "120", **parameters})

    def narrow(n: int) -> httpx.Response:
        return search(q=f"speed between {5 + n / 10:g} m/s and {6 + n / 10:g} m/s")

    def worded(n: int) -> httpx.Response:
        return search(q=f"condition = night and weather = rain and speed > {n / 5:g} m/s")

    def wide(n: int) -> httpx.Response:
        return search(q=f"speed > {3 + n / 50:g} m/s")

    def alike(n: int) -> httpx.Response:
        return search(like=ids[n])

    def alike_at_night(n: int) -> httpx.Response:
        return search(q=f"condition = night and speed > {n / 20:g} m/s", like=ids[200 + n])

    places = np.random.Generator(np.random.PCG64(0)).integers(0, frames, 200)

    def page(n: int) -> httpx.Response:
        asked = f"limit=120&cursor={first['cursor']}&offset={places[n]}"
        return client.get(f"{API}/search?{asked}")

    missed = False
    for name, ask, budget in (
        ("filter, 6 % pass", narrow, FILTER_MS),
        ("filter of three columns, 3 %", worded, FILTER_MS),
        ("filter, 95 % pass", wide, FILTER_MS),
        ("like a frame", alike, ALIKE_MS),
        ("like a frame, at night", alike_at_night, ALIKE_MS),
        ("120 frames anywhere in the list", page, FILTER_MS),
    ):
        found = timed(ask, requests=EACH, warm=5)
        told(f"{frames:,} frames: {name}", found, budget_ms=budget)
        missed |= bool(np.percentile(found.ms, 95) > budget)
    words = ["/search/complete?q=" + quote(f"speed > {n} ") for n in range(70)]
    told(f"{frames:,} frames: words that may follow", timed(
        lambda n: client.get(API + words[n]), requests=EACH, warm=5
    ))  # fmt: skip
    told(f"{frames:,} frames: embedding map of a filter", timed(
        lambda n: client.get(f"{API}/embedding-map?q=" + quote(f"speed > {n} m/s")),
        requests=6, warm=1,
    ))  # fmt: skip
    told(f"{frames:,} frames: coverage", timed(
        lambda n: client.get(f"{API}/coverage?seed={n}"), requests=3, warm=1
    ))  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
