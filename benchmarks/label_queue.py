"""The labelling queue: take and submit on 100,000 tasks, against bare sqlite3 with the same rows.

    python benchmarks/label_queue.py [--frames 50000] [--turns 300] [--threads 4]

The peer takes and answers a task with the fewest statements that leave the same rows behind, from
the same thread, with the same durability, its answer written and synced as a file: it checks no
guideline, bars nobody, works out no consensus. The worst case for a queue is an annotator who had
all first looks, and whose second looks are all in the way: it is measured by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ringroad.app import Settings, open_workspace
from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder
from ringroad.domain.task import DONE, DRAW
from ringroad.label.rows import Mark
from ringroad.label.tasks import identified, opening
from ringroad.pipelines.curate.curation import keep_selection
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.orders import place_order
from ringroad.pipelines.label.turns import take
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

BOXES = 8
MARKS = [Mark(category="car", x=10.0 * n, y=5.0, w=40.0, h=30.0) for n in range(BOXES)]


def opened(folder: Path) -> Workspace:
    return open_workspace(
        Settings(folder=folder),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )


def placed(workspace: Workspace, frames: int) -> tuple[LabelOrder, float]:
    names = [f"car/r/cam/{number:06d}" for number in range(frames)]
    selection = workspace.runner.run(
        keep_selection, frames=names, query="", parents=[], reason="", versions=[]
    )
    order = LabelOrder(id="", name="big", selection=selection.id, looks_options={"looks": 2})
    started = time.perf_counter()
    found = place_order(workspace, order).order
    return found, time.perf_counter() - started


def told(name: str, seconds: list[float]) -> dict[str, float]:
    marks = statistics.quantiles(seconds, n=100)
    row = {"p50_ms": marks[49] * 1e3, "p95_ms": marks[94] * 1e3, "max_ms": max(seconds) * 1e3}
    print(f"{name:46} " + "  ".join(f"{key} {value:7.2f}" for key, value in row.items()))
    return row


def timed(call: Callable[[], object], into: list[float]) -> object:
    started = time.perf_counter()
    found = call()
    into.append(time.perf_counter() - started)
    return found


def turns(workspace: Workspace, who: str, count: int) -> tuple[list[float], list[float]]:
    taking: list[float] = []
    answering: list[float] = []
    for _ in range(count):
        turn = timed(lambda: take(workspace, who), taking)
        assert turn is not None
        timed(
            lambda turn=turn: submit(workspace, turn.task, turn.token, by=who, marks=MARKS),
            answering,
        )
    return taking, answering


def one_ahead(workspace: Workspace, order: LabelOrder, done: int) -> None:
    """Let one annotator have answered the first look of `done` frames, straight in the rows."""
    frames = [FrameId(f"car/w/cam/{number:06d}") for number in range(done)]
    other = identified(replace(order, name="one ahead"))
    moves = opening(other, frames, first=2)
    from ringroad.domain.order import OrderMove

    answered = [
        replace(move, task=replace(move.task, state=DONE, annotator="ahead"))
        if move.task.look == 0
        else replace(move, task=replace(move.task, barred=("ahead",)))
        for move in moves
    ]
    rest = [FrameId(f"car/w/cam/{done + number:06d}") for number in range(done)]
    more = opening(other, rest, first=1)
    ordered = OrderMove(order=other, event="ordered", at_ns=1)
    workspace.catalog.change_labels([ordered, *answered, *more], now_ns=1)


def peer(folder: Path, rows: int, count: int) -> tuple[list[float], list[float]]:
    """Bare sqlite3: the same tables and indexes, the same rows written for each turn."""
    source = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        source.execute(f"PRAGMA {pragma}").close()
    lane = "SELECT position FROM label_lane LIMIT 1"
    (place,) = source.execute(lane).fetchone()
    taking: list[float] = []
    answering: list[float] = []
    for number in range(count):
        started = time.perf_counter()
        source.execute("PRAGMA synchronous=NORMAL").close()
        source.execute("BEGIN IMMEDIATE")
        at, name = source.execute(
            "SELECT position, id FROM label_task WHERE lane = ? AND expires_ns <= ? "
            "ORDER BY rank, position LIMIT 1",
            (place, time.time_ns()),
        ).fetchone()
        source.execute("UPDATE counter SET value = value + 1 WHERE name = 'lease'")
        source.execute(
            "UPDATE label_task SET holder='x', token=1, expires_ns=?, taken_ns=?, beat_ns=? "
            "WHERE position = ?",
            (time.time_ns() + 10**12, time.time_ns(), time.time_ns(), at),
        )
        log = "INSERT INTO label_event (order_id, task, kind, event, actor, at_ns, active_ns, "
        log += "marks, detail) VALUES ('o', ?, 'draw', ?, 'x', ?, 0, 0, '{}')"
        source.execute(log, (name, "taken", time.time_ns()))
        source.execute("COMMIT")
        taking.append(time.perf_counter() - started)
        started = time.perf_counter()
        answer = json.dumps([(mark.category, mark.x, mark.y, mark.w, mark.h) for mark in MARKS])
        _written(folder / "answers" / f"{number:06d}", answer.encode())
        source.execute("PRAGMA synchronous=FULL").close()
        source.execute("BEGIN IMMEDIATE")
        key = f"{number:064d}"
        source.execute(
            "INSERT INTO artifact (id, kind, digest, size_bytes, media) VALUES (?,?,?,?,?)",
            (f"annotations:{key}", "annotations", key, len(answer), "x/y"),
        )
        source.execute(
            "INSERT INTO execution (id, step, code, key, inputs, outputs, started_ns, ended_ns, "
            "host, attempts) VALUES (?, 'answer', (SELECT digest FROM code LIMIT 1), '{}', '{}', "
            "'{}', 1, 1, '', 1)",
            (key,),
        )
        edges = "INSERT INTO edge (execution, direction, role, artifact) VALUES (?, ?, ?, ?)"
        selected = source.execute("SELECT id FROM artifact LIMIT 1").fetchone()[0]
        source.execute(edges, (key, "in", "selection", selected))
        source.execute(edges, (key, "out", "answer", f"annotations:{key}"))
        source.execute(
            "UPDATE label_task SET state='done', lane=NULL, annotator='x', answer=?, marks=?, "
            "holder='', token=0, version=version+1 WHERE position = ?",
            (f"annotations:{key}", BOXES, at),
        )
        source.execute(
            "UPDATE label_task SET barred='[\"x\"]', version=version+1 WHERE position = ?",
            (at + 1,),
        )
        source.execute(log, (name, "answered", time.time_ns()))
        source.execute(log, (name, "barred", time.time_ns()))
        source.execute("COMMIT")
        answering.append(time.perf_counter() - started)
    (left,) = source.execute("SELECT count(*) FROM label_task WHERE state='open'").fetchone()
    assert left < rows
    source.close()
    return taking, answering


def _written(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def together(workspace: Workspace, threads: int, count: int) -> tuple[list[float], list[float]]:
    names = [f"annotator {number}" for number in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda who: turns(workspace, who, count), names))
    return [s for taking, _ in found for s in taking], [s for _, ans in found for s in ans]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--threads", type=int, default=4)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="label-queue-"))
    try:
        workspace = opened(folder / "workspace")
        order, seconds = placed(workspace, asked.frames)
        print(f"{2 * asked.frames:,} tasks opened in {seconds:.1f} s")
        workspace.catalog.close()
        shutil.copy(folder / "workspace" / "catalog.sqlite", folder / "peer.sqlite")
        workspace = opened(folder / "workspace")
        turns(workspace, "warm", 20)
        cpu = time.process_time()
        taking, answering = turns(workspace, "ann", asked.turns)
        cpu = (time.process_time() - cpu) / asked.turns
        bare = time.process_time()
        bare_taking, bare_answering = peer(folder, 2 * asked.frames, asked.turns)
        bare = (time.process_time() - bare) / asked.turns
        told("take", taking)
        told("take, bare sqlite3", bare_taking)
        told("submit", answering)
        told("submit, bare sqlite3 and one file", bare_answering)
        print(f"CPU of take and submit {cpu * 1e3:.2f} ms, bare {bare * 1e3:.2f} ms")
        taking, answering = together(workspace, asked.threads, asked.turns // asked.threads)
        told(f"take, {asked.threads} annotators at once", taking)
        told(f"submit, {asked.threads} annotators at once", answering)
        one_ahead(workspace, order, asked.frames)
        walked: list[float] = []
        for _ in range(asked.turns):
            found = timed(
                lambda: workspace.catalog.take_task(
                    "ahead", kinds=(DRAW,), now_ns=time.time_ns(), ttl_ns=1
                ),
                walked,
            )
            assert found is not None
        told(f"take behind {asked.frames:,} tasks of one's own frames", walked)
        workspace.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
