"""Latency of the API's main reads, over HTTP on loopback, beside a bare FastAPI route.

Two workspaces: the quick demo, and a generated catalog (recordings with frames that are indexed and
never decoded, so that lists, filters and pages are as large as they will be; pictures are measured
on the demo alone). One client on one connection, one request after the other; the bare route
answers with the same number of bytes and does nothing else.

    python benchmarks/service.py [FRAMES]      default 100000; 1000000 takes some minutes to make
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import numpy as np
import pyarrow as pa
from fastapi import FastAPI, Response

from ringroad.app import Settings, create_workspace, open_workspace
from ringroad.media.schemas import INDEX, NAME
from ringroad.pipelines.workspace import Workspace
from ringroad.service.build import application, open_service
from ringroad.service.operations import Told
from ringroad.service.serving import authority, listen, server_of
from ringroad.service.settings import ServiceSettings
from ringroad.service.state import Service
from ringroad.workflow.bench import SilentTracker

REQUESTS, WARM, EACH = 200, 10, 1000
FILTER_BUDGET_MS, SEEK_BUDGET_MS = 300.0, 150.0
API = "/api/v1"


def main() -> int:
    """Measure; 1 where a budget is missed."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="ringroad-service-"))
    try:
        status = bare() | demo(folder / "demo")
        return status | generated(folder / "generated", frames)
    finally:
        shutil.rmtree(folder)


def bare() -> int:
    """The peer: what FastAPI and the socket cost alone."""
    app = FastAPI()

    @app.get("/small")
    def small() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/large")
    def large() -> Response:
        return Response(b"x" * 60_000)

    with running(app) as base, httpx.Client(base_url=base, trust_env=False) as client:
        told("bare route, 17 bytes", timed(lambda _: client.get("/small")))
        told("bare route, 60 kB of bytes", timed(lambda _: client.get("/large")))
    return 0


def demo(folder: Path) -> int:
    """The quick demo: every kind of read."""
    subprocess.run(
        [sys.executable, "-m", "ringroad.cli", "demo", "--quick", "--quiet", "--workspace", folder],
        check=True,
    )
    with served(folder) as client:
        rows = client.get(f"{API}/search?limit=1000").json()["items"]
        ids = [quote(row["frame_id"]) for row in rows]
        recordings = sorted({row["recording_id"] for row in rows})
        paths = {
            "me": ["/me"],
            "recordings": ["/recordings"],
            "one recording": [f"/recordings/{quote(at)}" for at in recordings],
            "one frame": [f"/frames/{at}" for at in ids],
            "curves of a signal": [
                f"/signals/curves?recording={quote(at)}&name=speed" for at in recordings
            ],
            "search with a filter": [f"/search?q=speed_mps%20%3E%20{n}" for n in range(20)],
            "datasets": ["/datasets"],
            "training runs": ["/training-runs"],
            "evaluations": ["/evaluations"],
            "lineage of the champion": ["/lineage/demo:champion"],
            "status": ["/status"],
        }
        for name, some in paths.items():
            told(f"demo: {name}", timed(asking(client, some)))
        seen = timed(lambda n: client.get(f"{API}/pictures/{ids[n % len(ids)]}?width={400 + n}"))
        told("demo: a frame decoded in the sandbox, as JPEG", seen, budget_ms=SEEK_BUDGET_MS, at=50)
        told("demo: a proxy as JPEG", timed(
            lambda n: client.get(f"{API}/pictures/{ids[n % len(ids)]}?form=proxy&width={100 + n}")
        ))  # fmt: skip
        return int(np.percentile(seen.ms, 50) > SEEK_BUDGET_MS)


def generated(folder: Path, frames: int) -> int:
    """Many frames: first pages, pages far behind, filters."""
    create_workspace(folder)
    begun = time.perf_counter()
    fill(folder, frames)
    print(f"{frames:,} frames indexed in {time.perf_counter() - begun:.0f} s")
    with served(folder) as client:
        first = client.get(f"{API}/search?limit=100").json()
        assert first["count"] == frames, first["count"]
        cursor = first["cursor"]
        rng = np.random.Generator(np.random.PCG64(0))
        places = rng.integers(0, frames, REQUESTS + WARM)

        def page(n: int) -> httpx.Response:
            at = int(places[n])
            return client.get(f"{API}/search?limit=100&cursor={cursor}&offset={at}")

        def grid(n: int) -> httpx.Response:
            low = 5 + (n % 200) / 10
            return client.get(f"{API}/search?q=speed_mps%20between%20{low}%20and%20{low + 1}")

        told(f"{frames:,} frames: 100 of them anywhere in a pinned list", timed(page))
        found = timed(grid, requests=60)
        told(f"{frames:,} frames: grid with a filter", found, budget_ms=FILTER_BUDGET_MS, at=95)
        told(
            f"{frames:,} frames: first page of all", timed(asking(client, ["/search"]), requests=60)
        )
        ordered = asking(client, ["/search?order=brightness%20desc"])
        told(f"{frames:,} frames: ordered by a column", timed(ordered, requests=10, warm=1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak of this process, client and generator with it: {peak:.0f} MB")
    return int(np.percentile(found.ms, 95) > FILTER_BUDGET_MS)


def fill(folder: Path, frames: int) -> None:
    """Rows of the search index, as if recordings of 1,000 frames had been described."""
    workspace = opened(folder)
    try:
        for start in range(0, frames, 100_000):
            workspace.index.extend(columns=rows_of(start, min(100_000, frames - start)))
    finally:
        workspace.close()


def rows_of(start: int, count: int) -> pa.Table:
    """(count,) rows of `schemas.INDEX`, seeded by where they start."""
    rng = np.random.Generator(np.random.PCG64(start))
    number = np.arange(start, start + count)
    recordings = [f"car-{at % 30:02d}/drive-{at:05d}.mcap" for at in number // EACH]
    text: dict[str, Any] = {
        "frame_id": [f"{name}/front/{at % EACH:06d}" for name, at in zip(recordings, number,
                                                                        strict=True)],
        "recording_id": recordings,
        "vehicle": [name[:6] for name in recordings],
        "channel": ["front"] * count,
        "condition": rng.choice(["day", "dusk", "night"], count, p=[0.7, 0.1, 0.2]).tolist(),
        "weather": rng.choice(["clear", "rain", "fog"], count, p=[0.8, 0.15, 0.05]).tolist(),
    }  # fmt: skip
    numbers: dict[str, Any] = {
        "sequence": number % EACH,
        "time_ns": 1_790_000_000_000_000_000 + number * 40_000_000,
        "width": np.full(count, 1920),
        "height": np.full(count, 1080),
        "brightness": rng.random(count),
        "speed_mps": rng.gamma(4.0, 4.0, count),
    }
    columns = []
    for field in INDEX:
        values = text.get(field.name, numbers.get(field.name))
        if values is None:
            columns.append(pa.nulls(count, field.type))
        elif field.type == NAME:
            columns.append(pa.array(values, pa.string()).dictionary_encode().cast(NAME))
        else:
            columns.append(pa.array(values).cast(field.type))
    return pa.table(columns, schema=INDEX)


def opened(folder: Path) -> Workspace:
    """The workspace, silent."""
    return open_workspace(
        Settings(folder=folder), tracker=SilentTracker(), listener=silent, say=silent, create=False
    )


def silent(what: object) -> None:
    del what


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """A client of the service on a workspace, signed in."""
    with (
        _serving(folder) as (service, base),
        httpx.Client(base_url=base, trust_env=False, timeout=120) as client,
    ):
        client.headers["authorization"] = f"Bearer {service.access.server_token()}"
        yield client


@contextmanager
def served_at(folder: Path) -> Iterator[str]:
    """An address that lets one browser in."""
    with _serving(folder) as (service, base):
        yield f"{base}/enter?code={service.access.code()}"


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[Service, str]]:
    def worker(told: Told) -> Workspace:
        del told
        return opened(folder)

    with ExitStack() as closing:
        workspace = opened(folder)
        closing.callback(workspace.close)
        service = open_service(workspace, ServiceSettings(port=0), open_worker=worker, say=silent)
        closing.callback(service.close)
        yield service, closing.enter_context(running(application(service)))


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """An application on a socket of its own, in a thread."""
    settings = ServiceSettings(port=0)
    with listen(settings) as taken:
        server = server_of(app, settings)
        thread = threading.Thread(target=lambda: server.run(sockets=[taken]))
        thread.start()
        try:
            yield f"http://{authority(taken, settings)}"
        finally:
            server.should_exit = True
            thread.join()


def asking(client: httpx.Client, paths: Sequence[str]) -> Callable[[int], httpx.Response]:
    """Some addresses in turn."""
    return lambda n: client.get(API + paths[n % len(paths)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """(n,) milliseconds from sending to the last byte; CPU of server and client, a request."""

    ms: np.ndarray
    cpu_ms: float


def timed(
    ask: Callable[[int], httpx.Response], *, requests: int = REQUESTS, warm: int = WARM
) -> Timed:
    """Ask one after the other."""
    found, cpu = [], 0.0
    for n in range(requests + warm):
        if n == warm:
            cpu = time.process_time()
        begun = time.perf_counter()
        answer = ask(n)
        took = time.perf_counter() - begun
        assert answer.status_code == 200, answer.text
        found.append(1e3 * took)
    return Timed(ms=np.array(found[warm:]), cpu_ms=1e3 * (time.process_time() - cpu) / requests)


def told(name: str, found: Timed, *, budget_ms: float = 0, at: int = 95) -> None:
    """One line."""
    p50, p95 = np.percentile(found.ms, (50, 95))
    text = (
        f"{name:58}  p50 {p50:8.2f} ms  p95 {p95:8.2f} ms  {found.cpu_ms:7.2f} ms of CPU"
        f"  ({len(found.ms)} requests)"
    )
    if budget_ms:
        held = "met" if np.percentile(found.ms, at) <= budget_ms else "MISSED"
        text += f"  budget p{at} {budget_ms:g} ms: {held}"
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
