"""`ringroad search`: find frames by what is known of them, by likeness and by words."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.curate.language.explain import render
from ringroad.pipelines.curate.curation import save, save_living
from ringroad.pipelines.curate.searching import find_stretches
from ringroad.pipelines.curate.searching import search as find

SHOWN = 20


@command()
@click.argument("query", default="")
@click.option("--like", default="", help="Frames most like this frame, or this picture.")
@click.option("--text", default="", help="Frames whose tags, events and captions hold words.")
@click.option("--limit", type=click.IntRange(1), help="At most so many; 20 are shown without.")
@click.option("--order", default="", help="Such as 'brightness desc'.")
@click.option("--save", "name", default="", help="Keep all frames found as a selection.")
@click.option("--living", is_flag=True, help="With --save: keep the query, not its answer.")
@click.option("--explain", is_flag=True, help="How it was found, and what approximations missed.")
@click.option("--stretches", is_flag=True, help="When it held, instead of frames.")
def search(
    door: Door,
    query: str,
    like: str,
    text: str,
    limit: int | None,
    order: str,
    name: str,
    living: bool,
    explain: bool,
    stretches: bool,
) -> None:
    r"""Frames for which QUERY holds. The whole language: docs/search.md.

    \b
      condition = night and speed > 50 km/h
      near(48.137, 11.575, 200 m) and not quality = error
      event(hard-brake, within 3 s)
      like('car/drive/front/000017') and weather = rain
      track(pedestrian and crossing-ego-path then occluded within 2 s)
      sql('time_ns % 2 = 0') order by brightness desc

    --stretches tells when QUERY held, in recordings without frames too.
    """
    if stretches:
        if like or text or order or name:
            raise click.UsageError("--stretches stands with QUERY and --limit alone")
        _tell_stretches(door, query, limit)
        return
    asked = f"{query} order by {order}" if order else query
    with opened(door) as workspace:
        found = find(
            workspace,
            asked,
            like=like,
            words=text,
            limit=limit if limit or name else SHOWN,
            measure=explain,
        )
        kept = None
        if name:
            kept = (save_living if living else save)(workspace, found, name)
    rows = found.shown()[: limit or SHOWN]
    lines = [_line(row) for row in rows]
    if explain:
        lines.append(render(found.explain))
    notes = "" if explain else "".join(f"; {note}" for note in found.explain.notes)
    lines.append(
        f"{len(rows)} of {found.matched:,} frames that match, {found.indexed:,} searched{notes}"
    )
    if kept is not None:
        what = "query" if living else "selection"
        lines.append(f"kept as {what}:{name}, {len(found.frames):,} frames now ({kept.id})")
    value: dict[str, Any] = {
        "frames": rows,
        "matched": found.matched,
        "searched": found.indexed,
        "query": found.query,
        "notes": list(found.explain.notes),
        "selection": kept.id if kept is not None else None,
    }
    if explain:
        value["explain"] = asdict(found.explain)
    door.give(value, "\n".join(lines))


def _tell_stretches(door: Door, query: str, limit: int | None) -> None:
    with opened(door) as workspace:
        found = find_stretches(workspace, query)
    rows = found.rows[: limit or SHOWN]
    lines = [f"{row['recording_id']}  {row['start']}  {row['seconds']:8.2f} s" for row in rows]
    recordings = len({row["recording_id"] for row in found.rows})
    lines.append(
        f"{len(rows)} of {len(found.rows):,} stretches in {recordings:,} recordings, "
        f"{1e3 * found.seconds:.1f} ms"
    )
    door.give(asdict(found) | {"rows": rows, "matched": len(found.rows)}, "\n".join(lines))


def _line(row: dict[str, Any]) -> str:
    known = [row["frame_id"], f"{row.get('condition', '-'):6}"]
    if "speed_mps" in row:
        known.append(f"{row['speed_mps']:5.1f} m/s")
    if "score" in row:
        known.append(f"score {row['score']:.4f}")
    elif "brightness" in row:
        known.append(f"brightness {row['brightness']:.3f}")
    return "  ".join(known)
