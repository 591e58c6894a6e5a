"""2,000 training runs in the catalog: listed with their KPIs, compared, and shown as a page.

Every record is committed as the runner commits it: an execution of `train_network` with a curve, of
`export_network`, of `predict_recording` and of `evaluate_split` with 80 KPIs. Weights and
predictions are a few bytes each, because nobody reads them here. The page is measured where
Playwright and Chromium are at hand and the pages were built.

    python benchmarks/service_runs.py [RUNS]      default 2000
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
from service import API, opened, running, served, silent, timed, told

from ringroad.app import create_workspace
from ringroad.domain.artifact import Artifact, Execution, ExecutionKey
from ringroad.domain.kpi import Kpi
from ringroad.pipelines.workspace import Workspace
from ringroad.service.build import application, open_service
from ringroad.service.settings import ServiceSettings
from ringroad.workflow.keys import execution_id

BUDGET_MS = 1000.0
EPOCHS, COMPARED = 20, 8
CATEGORIES = ("car", "pedestrian", "cyclist", "sign", "light", "all")
SLICES = ("all", "day", "dusk", "night")
CODE = {f"ringroad.module_{number}": f"{number:064x}" for number in range(40)}


def main() -> int:
    """Measure; 1 where the budget is missed."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="ringroad-runs-"))
    try:
        create_workspace(folder / "w")
        begun = time.perf_counter()
        workspace = opened(folder / "w")
        try:
            write(workspace, runs)
        finally:
            workspace.close()
        print(f"{runs:,} training runs written in {time.perf_counter() - begun:.0f} s")
        return api(folder / "w", runs) | page(folder / "w", runs)
    finally:
        shutil.rmtree(folder)


def write(workspace: Workspace, runs: int) -> None:
    """Training runs with all that an evaluation of each leaves behind."""
    rng = np.random.Generator(np.random.PCG64(0))
    dataset = stored(workspace, "dataset", {"name": "runs"})
    for number in range(runs):
        network = {"channels": int(8 * (1 + number % 5)), "stride": 8, "width": 320, "height": 192}
        parameters = {
            "network": network,
            "epochs": EPOCHS,
            "batch": int(4 * (1 + number // 5 % 4)),
            "learning_rate": round(float(10 ** rng.uniform(-4, -2)), 6),
            "threads": 1,
        }
        quality = float(np.clip(rng.normal(0.5, 0.1), 0, 1))
        curve = [{"epoch": at, "loss": round(3 / (1 + at * quality), 4), "lr": 0.001}
                 for at in range(EPOCHS)]  # fmt: skip
        model = stored(workspace, "model", {"weights": number})
        onnx = stored(workspace, "onnx", {"network": number})
        said = stored(workspace, "predictions", {"said": number})
        kpis = stored(workspace, "kpis", {"gate": list(kpis_of(quality)), "report": [],
                                          "worst": {}, "run": number})  # fmt: skip
        outputs = {"model": model, "curve": stored(workspace, "curve", curve)}
        commit(workspace, "train_network", {"dataset": dataset}, outputs, parameters, number)
        commit(workspace, "export_network", {"model": model}, {"onnx": onnx}, {}, number)
        predicted = {"predictions": said}
        commit(workspace, "predict_recording", {"network": onnx}, predicted, {}, number)
        inputs = {"dataset": dataset, "predictions[0]": said}
        commit(workspace, "evaluate_split", inputs, {"result": kpis}, {}, number)


def kpis_of(quality: float) -> Iterator[dict[str, Any]]:
    """As an evaluation writes them: two metrics, six categories, four slices."""
    for slice_ in SLICES:
        for category in CATEGORIES:
            for metric in ("AP50", "AP"):
                yield asdict(Kpi(
                    metric=metric, category=category, slice=slice_, value=quality,
                    low=max(0.0, quality - 0.1), high=min(1.0, quality + 0.1), confidence=0.95,
                    units=12, unit="recording", truths=300, frames=200,
                ))  # fmt: skip


def stored(workspace: Workspace, kind: str, value: object) -> Artifact:
    """A JSON artifact that is in the blobs."""
    data = json.dumps(value).encode()
    return Artifact(kind=kind, digest=workspace.blobs.put(data), size_bytes=len(data),
                    media="application/json")  # fmt: skip


def commit(
    workspace: Workspace,
    step: str,
    inputs: Mapping[str, Artifact],
    outputs: Mapping[str, Artifact],
    parameters: Mapping[str, object],
    seed: int,
) -> None:
    """One execution with its artifacts, in one transaction."""
    key = ExecutionKey(
        step=step,
        code=CODE,
        environment={"python": "3.11", "cpu": "x86-64-v4"},
        inputs={role: item.digest for role, item in inputs.items()},
        parameters=parameters,
        seed=seed,
    )
    begun = workspace.clock.now_ns()
    execution = Execution(
        id=execution_id(key),
        key=key,
        inputs={role: item.id for role, item in inputs.items()},
        outputs={role: item.id for role, item in outputs.items()},
        started_ns=begun,
        ended_ns=begun + 10**9,
        host="here",
    )
    workspace.catalog.commit(execution, [*inputs.values(), *outputs.values()])


def api(folder: Path, runs: int) -> int:
    """The whole list, as the page asks for it: the first time, and again; eight runs compared."""
    missed = False
    with served(folder) as client:
        begun = time.perf_counter()
        items = whole(client)
        first_ms = 1e3 * (time.perf_counter() - begun)
        assert len(items) == runs, len(items)
        assert all(item["headline"] and item["loss"] for item in items)
        print(f"{runs:,} runs with loss and KPI, server just started: {first_ms:.0f} ms")
        again = timed_whole(client)
        print(f"{runs:,} runs again: {held(float(np.median(again)))}")
        missed = bool(np.median(again) > BUDGET_MS)
        query = "&".join(f"run={item['id']}" for item in items[:COMPARED])
        told(f"{COMPARED} of {runs:,} runs compared",
             timed(lambda _: client.get(f"{API}/training-runs/comparison?{query}"), requests=20),
             budget_ms=BUDGET_MS)  # fmt: skip
        one = timed(lambda n: client.get(f"{API}/training-runs/{items[n]['id']}"), requests=20)
        told("one run with its curve", one)
    return int(missed)


def held(middle: float) -> str:
    """A median against the budget."""
    verdict = "met" if middle <= BUDGET_MS else "missed"
    return f"p50 {middle:.0f} ms; budget {BUDGET_MS:.0f} ms: {verdict}"


def whole(client: httpx.Client) -> list[dict[str, Any]]:
    """All pages of the list."""
    found, cursor = [], ""
    while True:
        asked = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        told = client.get(f"{API}/training-runs", params=asked).json()
        found += told["items"]
        if not told["next"]:
            return found
        cursor = told["next"]


def timed_whole(client: httpx.Client, times: int = 7) -> np.ndarray:
    """(times,) milliseconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        whole(client)
        found.append(1e3 * (time.perf_counter() - begun))
    return np.array(found)


def page(folder: Path, runs: int) -> int:
    """In Chromium: from opening the place to rows on the screen; sorting; eight runs compared."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("page: not measured, there is no Playwright")
        return 0
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("page: not measured, there is no Chromium")
        return 0
    workspace = opened(folder)
    service = open_service(workspace, ServiceSettings(port=0), open_worker=lambda _: opened(folder),
                           say=silent)  # fmt: skip
    try:
        with running(application(service)) as base, sync_playwright() as playing:
            service.authority[0] = base.removeprefix("http://")
            chromium = playing.chromium.launch(executable_path=path)
            sheet = chromium.new_page()
            sheet.goto(service.address())
            sheet.get_by_role("heading", level=1).wait_for()  # it leads on by itself
            sheet.goto(f"{base}/train")
            sheet.get_by_text(every(runs)).wait_for()
            return measured(sheet, base, runs)
    finally:
        service.close()
        workspace.close()


def measured(sheet: Any, base: str, runs: int) -> int:
    """Medians of seven, each in the page's own clock from the act to the next frame painted."""
    figures: dict[str, list[float]] = {
        "first rows": [],
        "all rows": [],
        "sorted": [],
        "filtered": [],
        "compared": [],
    }
    row = "[role=table] [role=row][aria-rowindex]"
    for _ in range(7):
        begun = time.perf_counter()
        sheet.goto(f"{base}/train")
        sheet.locator(row).first.wait_for()
        figures["first rows"].append(1e3 * (time.perf_counter() - begun))
        sheet.get_by_text(every(runs)).wait_for()
        figures["all rows"].append(1e3 * (time.perf_counter() - begun))
        before = sheet.locator(row).first.inner_text()
        other = f"document.querySelector('{row}').innerText !== {json.dumps(before)}"
        by_kpi = sheet.get_by_label("sort by AP50, all")
        figures["sorted"].append(took(sheet, by_kpi.click, other))
        figures["filtered"].append(took(
            sheet, lambda: sheet.get_by_label("Filter").fill("network.channels = 16, batch >= 8"),
            f"!document.body.innerText.includes('{every(runs)}')",
        ))  # fmt: skip
        boxes = sheet.locator(f"{row} input[type=checkbox]")
        for at in range(COMPARED):
            boxes.nth(at).check()
        begun = time.perf_counter()
        sheet.get_by_role("button", name=f"Compare {COMPARED}").click()
        sheet.get_by_role("table", name="KPIs of the runs").wait_for()
        figures["compared"].append(1e3 * (time.perf_counter() - begun))
    shown = sheet.evaluate("performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0")
    worst = 0
    for name, some in figures.items():
        middle = float(np.median(some))
        worst |= int(middle > BUDGET_MS)
        print(f"page: {name}, {runs:,} runs: {held(middle)}; most {max(some):.0f} ms")
    print(f"page: {shown:.0f} MB of script heap")
    return worst


def every(runs: int) -> str:
    """What the page says where nothing is filtered out."""
    number = f"{runs:,}".replace(",", "\u2009")
    return f"{number} of {number} shown"


def took(sheet: Any, act: Any, until: str) -> float:
    """Milliseconds from an act until something holds in the page."""
    begun = time.perf_counter()
    act()
    sheet.wait_for_function(until)
    return 1e3 * (time.perf_counter() - begun)


if __name__ == "__main__":
    sys.exit(main())
