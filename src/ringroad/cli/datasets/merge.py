"""`ringroad datasets merge`: bring one dataset into another, conflicts shown and decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ringroad.cli.datasets.edits import DRY_RUN, PARENT, seen_parent
from ringroad.cli.datasets.telling import told_written, written_values
from ringroad.cli.doors import EXIT_CONFLICT, Door, command
from ringroad.cli.opening import opened
from ringroad.datasets.merge import Choices, Side
from ringroad.datasets.merge_files import choices_from, filled, to_bytes, told
from ringroad.datasets.merge_rows import Row, RowConflict
from ringroad.domain.errors import InputError, MergeConflict
from ringroad.pipelines.datasets.merging import Planned, plan_merge, write_merge

SHOWN = 20


@command()
@click.argument("name")
@click.argument("other")
@click.option("--ours", "side", flag_value="ours", help="Conflicts take the side of NAME.")
@click.option("--theirs", "side", flag_value="theirs", help="Conflicts take the side of OTHER.")
@click.option("--resolutions", type=click.Path(dir_okay=False, path_type=Path),
              help="The file of conflicts, filled in.")  # fmt: skip
@click.option("--conflicts", type=click.Path(dir_okay=False, path_type=Path),
              help="Where undecided ones are written; NAME-conflicts.json by default.")  # fmt: skip
@click.option("--unrelated", is_flag=True, help="Merge though they have no version in common.")
@PARENT
@DRY_RUN
def merge(
    door: Door,
    name: str,
    other: str,
    side: Side | None,
    resolutions: Path | None,
    conflicts: Path | None,
    unrelated: bool,
    parent: str,
    dry_run: bool,
) -> int:
    """Merge the dataset or version OTHER into NAME, cell by cell, from their common ancestor.

    What both changed differently is a conflict. Conflicts are shown, written into a file to fill
    in, and nothing is merged (exit code 6) until every one is decided.
    """
    with opened(door) as workspace:
        planned = plan_merge(
            workspace,
            name,
            other,
            expected=seen_parent(workspace, parent),
            unrelated=unrelated,
        )
        choices = _choices(planned, resolutions, side)
        file = conflicts or Path(f"{planned.name.replace('/', '-')}-conflicts.json")
        wanted = None if dry_run or (resolutions and not conflicts) else file
        try:
            if dry_run:
                return _foretell(door, planned, choices)
            done = write_merge(workspace, planned, choices)
        except MergeConflict as undecided:
            return _show(door, planned, wanted, undecided)
    count = planned.merge.conflicts if planned.merge is not None else 0
    text = told_written(planned.name, done, what="merge")
    if planned.forward:
        text = f"dataset:{planned.name} -> {done.version.id}\n  moved on: nothing had to be merged"
    elif count:
        text += f"; {count} conflicts decided"
    door.give({**written_values(done), "conflicts": count, "forward": planned.forward}, text)
    return 0


def _foretell(door: Door, planned: Planned, choices: Choices) -> int:
    """What merging would do. Raises MergeConflict as it would."""
    head, value = f"dataset:{planned.name}", {"dry_run": True, "forward": planned.forward}
    if planned.merge is None:
        word = "holds it already" if planned.already else "would move on to it"
        door.give({**value, "already": planned.already}, f"{head} {word}")
        return 0
    made = planned.settled(choices)
    door.give(
        {**value, "put": made.put, "removed": made.removed},
        f"{head} would have {made.put} rows put, {made.removed} frames removed; "
        f"{planned.merge.conflicts} conflicts decided",
    )
    return 0


def _choices(planned: Planned, resolutions: Path | None, side: Side | None) -> Choices:
    if resolutions is None or planned.merge is None:
        return Choices(default=side)
    try:
        data = resolutions.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", subject=str(resolutions)) from error
    return choices_from(data, planned.merge, place=str(resolutions), default=side)


def _show(door: Door, planned: Planned, file: Path | None, undecided: MergeConflict) -> int:
    """The conflicts as a table and as a file; the exit code."""
    plan = planned.merge
    if plan is None:
        raise undecided
    found = plan.rows.conflicts
    lines = [f"{plan.conflicts} conflicts; nothing was merged"]
    lines += [
        f"  {item.field}: ours {item.ours}, theirs {item.theirs}" for item in plan.header.conflicts
    ]
    lines += [line for item in found[:SHOWN] for line in _lines(item)]
    if len(found) > SHOWN:
        lines.append(f"  and {len(found) - SHOWN} more")
    if file is not None and file.exists() and filled(file.read_bytes()):
        lines.append(f"{file} holds decisions and is left alone; name another: --conflicts FILE")
        file = None
    if file is not None:
        file.write_bytes(to_bytes(plan))
        lines.append(f"all of them: {file}; fill in `take`, then give it with --resolutions")
    value: dict[str, Any] = {**told(plan), "error": undecided.code, "what": undecided.what}
    door.give({**value, "file": str(file) if file else ""}, "\n".join(lines))
    return EXIT_CONFLICT


def _lines(item: RowConflict) -> list[str]:
    head = f"  {item.frame}  {item.kind}"
    if item.ours is None or item.theirs is None:
        gone = "ours removed it" if item.ours is None else "theirs removed it"
        return [f"{head}: {gone}"]
    sides = item.base, item.ours, item.theirs
    return [head, *(f"    {name}: {_cells(name, *sides)}" for name in item.cells)]


def _cells(name: str, base: Row | None, ours: Row, theirs: Row) -> str:
    before = f"{_short(base[name])} -> " if base else ""
    return f"{before}ours {_short(ours[name])}, theirs {_short(theirs[name])}"


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 else text
