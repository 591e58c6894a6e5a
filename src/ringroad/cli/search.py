"""`ringroad search`: find frames by columns and by likeness."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curation import find_frames, save


@command()
@click.argument("query", default="")
@click.option("--like", default="", help="Frames most like this one, by embedding.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.option("--order", default="", help="Such as 'brightness DESC'.")
@click.option("--save", "name", default="", help="Keep the answer as a selection of this name.")
def search(door: Door, query: str, like: str, limit: int, order: str, name: str) -> None:
    r"""Frames for which QUERY holds, an SQL expression such as "condition = 'night'".

    Columns: frame_id, recording_id, channel, sequence, time_ns, width, height, brightness,
    contrast, sharpness, saturation, condition, speed_mps. The last six are empty for frames that
    were not decoded yet. Findings and events may be looked into:

    \b
      recording_id NOT IN (SELECT recording_id FROM checks WHERE severity = 'error')
      EXISTS (SELECT 1 FROM events e WHERE e.event = 'hard-brake'
              AND e.recording_id = frames.recording_id
              AND frames.time_ns BETWEEN e.start_ns AND e.end_ns)
    """
    with opened(door) as workspace:
        found = find_frames(workspace, query, like=like, limit=limit, order=order)
        saved = save(workspace, found, name) if name else None
    lines = [
        f"{row['frame_id']}  {row['condition'] or '-':6} "
        + (f"distance {row['distance']:.4f}" if like else _light(row["brightness"]))
        for row in found.rows
    ]
    lines.append(f"{len(found.rows)} frames; {found.note}")
    if saved is not None:
        lines.append(f"kept as selection:{name} ({saved.id})")
    value = {
        "frames": found.rows,
        "note": found.note,
        "selection": saved.id if saved is not None else None,
    }
    door.give(value, "\n".join(lines))


def _light(brightness: float | None) -> str:
    return "not decoded" if brightness is None else f"brightness {brightness:.3f}"
