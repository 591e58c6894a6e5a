"""32 clients at once on one service: labelling, editing, appending; what is lost, what it holds.

16 people edit annotations of the same 24 frames, each on the revision that they saw; 8 answer tasks
of a queue; 8 append versions to the same dataset, on the version that they saw. Each notes what it
was told. At the end the service is asked for its history, which has to hold every note, in order,
and nothing else. The cache of what was looked at is so small (`serve --cache 1`) that a minute
fills it: what grows after the first third is no cache.

    python benchmarks/service_soak.py [SECONDS] [CLIENTS]      default 60 and 32
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ringroad.client import Client, Problem

SAVE_BUDGET_MS, GROWTH = 100.0, 0.05
FRAMES, THINK_S = 24, 1.0
CACHE_MIB = 1
EXPECTED = frozenset({"stale-revision", "version-moved", "lease-lost", "input", "task-moved"})


@dataclass
class Notes:
    """What clients were told, and how long they waited."""

    revisions: dict[str, list[int]] = field(default_factory=dict)
    versions: list[tuple[str, str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, what: str, verb: Callable[..., Any], *words: Any, **asked: Any) -> Any:
        """Call it; None where somebody else was first."""
        begun = time.perf_counter()
        try:
            return verb(*words, **asked)
        except Problem as problem:
            with self.turn:
                self.refused[problem.code] += 1
                if problem.code not in EXPECTED:
                    self.faults.append(f"{what}: {problem}")
            return None
        finally:
            with self.turn:
                self.waits.setdefault(what, []).append(1000 * (time.perf_counter() - begun))


def main() -> int:
    """Run it; 1 where something was lost or a budget missed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"{clients} clients for {seconds:g} s")  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="ringroad-soak-"))
    try:
        cli = [sys.executable, "-m", "ringroad.cli"]
        subprocess.run(
            [*cli, "demo", "--quick", "--quiet", "--workspace", folder / "w"], check=True
        )
        words = ["serve", "--port", "0", "--json", "--cache", str(CACHE_MIB)]
        with served([*cli, *words, "--workspace", folder / "w"]) as (server, told):
            return soak(server, told, seconds, clients)
    finally:
        shutil.rmtree(folder)


@contextmanager
def served(words: list[Any]) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """A service as a process of its own."""
    with subprocess.Popen(words, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield server, json.loads(server.stdout.readline())
        finally:
            server.terminate()


def soak(
    server: subprocess.Popen[bytes], told: dict[str, str], seconds: float, clients: int
) -> int:
    """All clients until the time is over; then what they were told is held to what there is."""
    admin = Client(told["api"], token=told["token"])
    frames = [row["frame_id"] for row in admin.search_frames(limit=FRAMES)["items"]]
    admin.add_to_selection("soak", frames=frames)
    dataset = admin.show_dataset("demo")["dataset"]["id"]
    begun_at = {at: _number(admin, at) for at in frames}
    notes, over = Notes(), threading.Event()
    jobs = [editing] * (clients // 2) + [answering] * (clients // 4)
    jobs += [appending] * (clients - len(jobs))
    threads = []
    for number, job in enumerate(jobs):
        made = admin.create_token(who=f"client-{number}", role="engineer", days=1)
        one = Client(told["api"], token=made["secret"])
        arguments = (one, random.Random(number), frames, notes, over)  # noqa: S311
        threads.append(threading.Thread(target=job, args=arguments))
    place(admin, 0)
    for thread in threads:
        thread.start()
    sizes = watched(admin, server.pid, seconds)
    over.set()
    for thread in threads:
        thread.join()
    wrong = [*notes.faults, *lost(admin, notes, frames, begun_at, dataset)]
    return report(notes, sizes, seconds, wrong)


def watched(admin: Client, pid: int, seconds: float) -> list[tuple[float, float, int]]:
    """Time, resident MB and open files of the server; new tasks as the queue runs out."""
    begun, found, orders = time.monotonic(), [], 1
    while time.monotonic() - begun < seconds:
        time.sleep(min(1.0, seconds / 60))
        found.append((time.monotonic() - begun, resident_mb(pid), open_files(pid)))
        if len(found) % 10 == 0:
            place(admin, orders)
            orders += 1
    return found


def place(admin: Client, number: int) -> None:
    """A labelling order: every frame, one look."""
    admin.wait(
        admin.place_order(name=f"soak-{number}", selection="soak", looks_options={"looks": 1})
    )


def editing(
    client: Client, chance: random.Random, frames: list[str], notes: Notes, over: threading.Event
) -> None:
    """Draw a box on a frame that others draw on as well."""
    while not over.wait(chance.uniform(0, 2 * THINK_S)):
        frame = chance.choice(frames)
        seen = _number(client, frame)
        box = {"category": "car", "x": chance.randint(0, 50), "y": 5, "w": 20, "h": 10}
        done = notes.timed(
            "save annotations",
            client.edit_annotations,
            frame,
            marks=[box],
            if_match=str(seen),
            reason="soak",
        )
        if done is not None:
            with notes.turn:
                notes.revisions.setdefault(frame, []).append(done["revisions"][frame])


def answering(
    client: Client, chance: random.Random, frames: list[str], notes: Notes, over: threading.Event
) -> None:
    """Take a task, draw, answer."""
    del frames
    while not over.wait(chance.uniform(0, 2 * THINK_S)):
        taken = notes.timed("take a task", client.take_turn, kinds=["draw"])
        if taken is None or taken["turn"] is None:
            continue
        turn = taken["turn"]
        box = {"category": "car", "x": chance.randint(0, 50), "y": 5, "w": 20, "h": 10}
        done = notes.timed(
            "answer a task", client.submit_task, turn["task"], token=turn["token"], marks=[box]
        )
        if done is not None:
            with notes.turn:
                notes.answers.append(turn["task"])
                if done["revision"]:
                    notes.revisions.setdefault(turn["frame"], []).append(done["revision"])


def appending(
    client: Client, chance: random.Random, frames: list[str], notes: Notes, over: threading.Event
) -> None:
    """Take a frame out of a dataset or put some in, on the version that was seen."""
    del frames
    while not over.wait(chance.uniform(0, 4 * THINK_S)):
        seen = client.show_dataset("demo")["dataset"]
        rows = client.list_dataset_rows("demo", limit=1000)["items"]
        asked: dict[str, Any] = {"selection": "soak"}
        if len(rows) > 10 and chance.random() < 0.7:
            asked = {"remove": [chance.choice(rows)["frame_id"]], "reason": "soak"}
        accepted = notes.timed(
            "ask for a version", client.append_dataset, "demo", if_match=seen["id"], **asked
        )
        if accepted is None:
            continue
        done = notes.timed("a version, waited for", client.wait, accepted)
        if done is not None and done["changed"]:
            with notes.turn:
                notes.versions.append((done["dataset"], done["parent"]))


def lost(
    admin: Client, notes: Notes, frames: list[str], begun_at: dict[str, int], dataset: str
) -> Iterator[str]:
    """What the history has and nobody was told, and the reverse."""
    for frame in frames:
        numbers = [item["number"] for item in admin.list_revisions(frame)["revisions"]]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            yield f"revisions of {frame} have gaps: {numbers}"
        told = sorted(notes.revisions.get(frame, []))
        there = [number for number in numbers if number > begun_at[frame]]
        if told != there:
            yield f"{frame}: told {told}, there are {there}"
    log = {item["id"]: item["parents"] for item in admin.show_dataset_log("demo")["versions"]}
    chain, at = [], admin.show_dataset("demo")["dataset"]["id"]
    while at != dataset:
        (parent,) = log[at]
        chain.append((at, parent))
        at = parent
    if sorted(chain) != sorted(notes.versions):
        yield f"versions: told {len(notes.versions)}, there are {len(chain)}"
    done = {item["id"] for item in admin.each(admin.list_tasks, state="done", limit=1000)}
    if len(notes.answers) != len(set(notes.answers)) or not set(notes.answers) <= done:
        yield f"tasks: told {len(notes.answers)}, done {len(done)}"
    verified = admin.verify_audit()
    print(f"audit chain whole, {verified['entries']:,} entries")


def report(
    notes: Notes, sizes: list[tuple[float, float, int]], seconds: float, wrong: list[str]
) -> int:
    """Print; 1 where something is wrong."""
    print(f"{'':24}{'asked':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'most ms':>9}")
    for what, waits in sorted(notes.waits.items()):
        ranked = sorted(waits)
        figures = [ranked[min(len(ranked) - 1, int(part * len(ranked)))]
                   for part in (0.5, 0.95, 0.99, 1.0)]  # fmt: skip
        print(f"{what:24}{len(ranked):8,}" + "".join(f"{value:9.1f}" for value in figures))
    print(f"kept: {sum(map(len, notes.revisions.values())):,} revisions, "
          f"{len(notes.versions):,} versions, {len(notes.answers):,} answers; "
          f"somebody was first: {dict(notes.refused)}")  # fmt: skip
    settled = [size for at, size, _ in sizes if at > seconds / 3]
    third = max(1, len(settled) // 3)
    before, after = (sorted(part)[third // 2] for part in (settled[:third], settled[-third:]))
    files = [count for _, _, count in sizes]
    print(
        f"resident {before:.0f} MB, then {after:.0f} MB ({after / before - 1:+.1%}); "
        f"open files {files[len(files) // 2]}, then {files[-1]}; load {os.getloadavg()[0]:.1f}"
    )
    for line in wrong[:20]:
        print("WRONG", line)
    saves = sorted(notes.waits.get("save annotations", [0.0]))
    slow = saves[int(0.95 * len(saves))] > SAVE_BUDGET_MS
    print("lost: nothing" if not wrong else f"wrong: {len(wrong)}",
          "| saves p95 over budget" if slow else "| saves within budget",
          "| memory grows" if after > before * (1 + GROWTH) else "| memory is flat")  # fmt: skip
    return int(bool(wrong) or slow or after > before * (1 + GROWTH))


def _number(client: Client, frame: str) -> int:
    return int(client.show_annotations(frame)["current"])


def resident_mb(pid: int) -> float:
    """Memory of its own that a process and its children hold now.

    Pages of mapped files are left out: they are the system's cache, which takes them back.
    """
    total = 0
    for one in (pid, *children(pid)):
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{one}/status").read_text()
            total += int(told.split("RssAnon:")[1].split()[0])
    return total * 1024 / 1e6


def children(pid: int) -> list[int]:
    """Processes that it started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in listed]


def open_files(pid: int) -> int:
    """Descriptors that it holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (counted, not read)


if __name__ == "__main__":
    sys.exit(main())
