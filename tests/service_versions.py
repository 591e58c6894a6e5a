"""One answer of every operation about versions and what stands behind KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from service_kit import Served


def versions_asked(served: Served) -> Iterator[tuple[str, httpx.Response]]:
    """Of versions of a branch of the demo, which is made for it."""
    ask = served.ask

    def post(verb: str, **body: Any) -> httpx.Response:
        return ask("POST", f"/datasets/asked:{verb}", json=body)

    frame = quote(served.get("/datasets/demo/rows", limit=1)["items"][0]["frame_id"])
    yield "branch_dataset", ask("POST", "/datasets/demo:branch", json={"name": "asked"})
    yield "tag_dataset", post("tag", tag="v 1", reason="first")
    for name, asked in (
        ("merge_datasets", post("merge", other="demo", take="ours")),
        ("revert_dataset", post("revert", version="asked@v 1", reason="it was fine")),
    ):
        served.done(asked)
        yield name, asked
    yield "lock_dataset", post("lock", reason="the gate is frozen")
    yield "unlock_dataset", post("unlock", reason="a wrong frame")
    for name, path in {
        "list_dataset_names": "/datasets/asked/names",
        "show_merge": "/datasets/asked/merge?other=demo",
        "list_looks": "/datasets/asked/looks",
        "show_card": "/datasets/asked/card?form=markdown",
        "list_marks": f"/datasets/asked/marks?frame={frame}",
        "list_losses": "/datasets/asked/losses?format=yolo",
        "list_formats": "/label-formats",
    }.items():
        yield name, ask("GET", path)
    export = post("export", format="coco")
    yield "export_dataset", export
    assert served.done(export)["state"] == "done"
    operation = export.json()["operation"]["id"]
    yield "download_file", ask("GET", f"/operations/{operation}/file")
    yield from _judged(served, frame)


def _judged(served: Served, frame: str) -> Iterator[tuple[str, httpx.Response]]:
    ask, model = served.ask, "demo:champion"
    run = served.get("/training-runs", limit=1)["items"][0]["id"]
    kpis = f"/evaluations/{served.get('/evaluations', limit=1)['items'][0]['id']}"
    compared = f"/resimulations/{served.get('/resimulations', limit=1)['items'][0]['id']}"
    for name, path in {
        "compare_training_runs": f"/training-runs/comparison?run={run}",
        "list_kpis": f"/kpis?alias={model}",
        "list_studies": "/studies",
        "list_judged_frames": f"{kpis}/frames?slice=night",
        "list_judged_marks": f"{kpis}/marks?frame={frame}",
        "list_resimulations": "/resimulations",
        "show_resimulation": compared,
        "list_differing_frames": f"{compared}/frames?right=candidate",
        "list_differences": f"{compared}/differences?frame={frame}",
    }.items():
        yield name, ask("GET", path)
    runs = served.get("/evaluations", limit=2)["items"]
    beside = {"champion": runs[-1]["id"], "candidate": runs[0]["id"]}
    yield "compare_evaluations", ask("POST", "/evaluation-differences", json=beside)
    beside = {"candidate": model, "champion": model, "truth": "demo"}
    yield "compare_models", ask("POST", "/resimulations", json=beside)
    lesson = {"dataset": "demo", "epochs": 1, "name": "asked", "start_from": model}
    yield "train_network", ask("POST", "/training-runs", json=lesson)
    searched = {"name": "lr", "dataset": "demo", "search": {"batch": {"choices": [4, 8]}}}
    yield "start_study", ask("POST", "/studies", json=searched)
