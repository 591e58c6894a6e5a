"""Programs that race for the same annotations and tasks in a process of their own.

    python label_race_program.py edits WORKSPACE NAME        edits every frame at every revision
    python label_race_program.py queue WORKSPACE NAME SEED   takes, is late, answers twice
    python label_race_program.py submit WORKSPACE POINT      answers a task, and is killed there

Each prints one JSON line per thing that it did.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from label_floor import box, frame, opened

from ringroad.domain.errors import Conflict, LeaseLost, StaleRevision
from ringroad.domain.time import MILLISECOND_NS
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.revisions import edit
from ringroad.pipelines.label.turns import skip, take
from ringroad.pipelines.workspace import Workspace
from ringroad.testing.faults import Faults, faulty_blobs, faulty_catalog

FRAMES, ROUNDS = 5, 25


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


def edits(workspace: Workspace, name: str) -> None:
    """One edit on top of each revision of each frame; of all who try, one gets through."""
    for number in range(ROUNDS):
        for at in range(FRAMES):
            while number and workspace.catalog.head(frame(at)).number < number:
                time.sleep(0.001)  # somebody is about to make it
            expected = {frame(at): number}
            try:
                edit(workspace, {frame(at): [box(number)]}, expected=expected, author=name)
            except StaleRevision as error:
                tell(frame=at, revision=number + 1, won=False, told=str(error))
            else:
                tell(frame=at, revision=number + 1, won=True)


def queue(workspace: Workspace, name: str, seed: int) -> None:
    """Work until nothing is left, with leases so short that many expire."""
    chance = random.Random(seed)
    old = []
    while True:
        lease_ns = chance.choice([30, 60, 2000]) * MILLISECOND_NS
        turn = take(workspace, name, lease_ns=lease_ns)
        if turn is None:
            if all(task.state != "open" for task in workspace.catalog.tasks()):
                return
            if not any(name not in t.barred for t in workspace.catalog.tasks(state="open")):
                return
            time.sleep(0.02)
            continue
        old.append(turn)
        if chance.random() < 0.3:
            time.sleep(0.08)
        if chance.random() < 0.05:
            outcome(workspace, name, turn, give_back=True)
            continue
        outcome(workspace, name, turn)
        if chance.random() < 0.3:  # late, once more, or never due
            outcome(workspace, name, chance.choice(old), x=99.0)


def outcome(workspace, name, turn, *, x: float = 1.0, give_back: bool = False) -> None:
    marks = [box(x)]
    try:
        if give_back:
            skip(workspace, turn.task, turn.token, by=name, reason="chance")
        else:
            done = submit(workspace, turn.task, turn.token, by=name, marks=marks)
            tell(task=turn.task, token=turn.token, done=not done.again, x=x)
    except LeaseLost as error:
        tell(task=turn.task, token=turn.token, done=False, told=str(error))
    except Conflict as error:  # a task that others never let go of
        tell(task=turn.task, token=turn.token, done=False, told=str(error))


def killed(workspace: Workspace, point: str) -> None:
    """Answer what ben holds; the process ends at a point of that."""
    faults = Faults.parse(point)
    held = next(task for task in workspace.catalog.tasks() if task.holder == "ben")
    failing = replace(
        workspace,
        catalog=faulty_catalog(workspace.catalog, faults),
        blobs=faulty_blobs(workspace.blobs, faults),
    )
    submit(failing, held.id, held.token, by="ben", marks=[box(12.0)])
    tell(survived=True)


def main() -> None:
    what, folder, *rest = sys.argv[1:]
    workspace = opened(Path(folder))
    if what == "edits":
        edits(workspace, rest[0])
    elif what == "queue":
        queue(workspace, rest[0], int(rest[1]))
    else:
        killed(workspace, rest[0])
    workspace.close()


if __name__ == "__main__":
    main()
