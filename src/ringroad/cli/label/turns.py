"""`ringroad labels take | beat | submit | skip | review`: an annotator's turn at a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.task import KINDS
from ringroad.domain.time import from_seconds, to_iso
from ringroad.label.work_files import WorkFile, read_work, work_document
from ringroad.pipelines.label import turns
from ringroad.pipelines.label.answers import submit as answer
from ringroad.pipelines.label.desk import review as judge
from ringroad.pipelines.label.pictures import picture_of

FILE = click.Path(dir_okay=False, path_type=Path)


@command()
@click.option("--by", required=True, help="Who takes it.")
@click.option("--order", "name", default="", help="Out of this order; out of all without.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="All without.")
@click.option("--minutes", type=click.FloatRange(0.1), default=15.0, show_default=True)
@click.option("--out", type=FILE, help="Where to write the task; submit reads it.")
@click.option("--picture", type=FILE, help="Where to write the frame, as JPEG.")
def take(
    door: Door,
    by: str,
    name: str,
    kinds: tuple[str, ...],
    minutes: float,
    out: Path | None,
    picture: Path | None,
) -> None:
    """Hold the next task for a while, and write it to a file with its pre-labels.

    Draw by editing `annotations` in the file, then submit it. Whoever holds a task gets the same
    again.
    """
    with opened(door) as workspace:
        turn = turns.take(
            workspace,
            by,
            kinds=kinds or KINDS,
            order=name,
            lease_ns=from_seconds(60 * minutes),
        )
        if turn is None:
            door.give({"task": None}, f"there is nothing to do for {by}")
            return
        if picture is not None:
            _write(picture, picture_of(workspace, turn.frame))
    work = WorkFile(task=turn.task, token=turn.token, by=by, frame=turn.frame, marks=turn.marks)
    document = work_document(
        work,
        kind=turn.kind,
        order=turn.order,
        guideline=turn.guideline,
        looks=turn.looks,
        note=turn.note,
    )
    if out is not None:
        _write(out, json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")
    told = f"{turn.kind} {turn.frame}, yours until {to_iso(turn.expires_ns)[:19]}Z"
    note = f"\n{turn.note}" if turn.note else ""
    where = f"\nwritten to {out}" if out is not None else ""
    door.give({**document, "expires_ns": turn.expires_ns}, told + note + where)


@command()
@click.argument("file", type=FILE)
@click.option("--minutes", type=click.FloatRange(0.1), default=15.0, show_default=True)
def beat(door: Door, file: Path, minutes: float) -> None:
    """Say that work on the task in FILE goes on: it is held longer, and the time counts."""
    work = read_work(file)
    with opened(door) as workspace:
        until = turns.beat(workspace, work.task, work.token, lease_ns=from_seconds(60 * minutes))
    door.give({"task": work.task, "expires_ns": until}, f"yours until {to_iso(until)[:19]}Z")


@command()
@click.argument("file", type=FILE)
def submit(door: Door, file: Path) -> None:
    """Answer the task in FILE with the annotations in it. Submitting again changes nothing."""
    work = read_work(file)
    with opened(door) as workspace:
        done = answer(workspace, work.task, work.token, by=work.by, marks=work.marks)
    led = {"settled": f"the frame is settled as revision {done.revision}"}
    told = "it was here already" if done.again else led.get(done.next, done.next or "thank you")
    door.give(asdict(done), f"{done.marks} annotations on {work.frame}: {told}")


@command()
@click.argument("file", type=FILE)
@click.option("--reason", required=True, help="Why.")
def skip(door: Door, file: Path, reason: str) -> None:
    """Give the task in FILE back for others."""
    work = read_work(file)
    with opened(door) as workspace:
        task = turns.skip(workspace, work.task, work.token, by=work.by, reason=reason)
    door.give(asdict(task), f"{work.frame} is {task.state} again, for others")


@command()
@click.argument("file", type=FILE)
@click.option("--accept/--reject", required=True, help="Whether the annotations stand.")
@click.option("--comment", "comments", multiple=True, help="What is wrong; needed to reject.")
def review(door: Door, file: Path, accept: bool, comments: tuple[str, ...]) -> None:
    """Accept the annotations in FILE, or send them back to be mended."""
    work = read_work(file)
    with opened(door) as workspace:
        done = judge(workspace, work.task, work.token, by=work.by, accept=accept, comments=comments)
    told = "accepted" if accept else "sent back"
    door.give(asdict(done), f"{work.frame}: {told}{', as before' if done.again else ''}")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
