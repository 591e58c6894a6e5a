"""`ringroad recordings`: what was taken in, and what was refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.cli.recordings.checks import checks
from ringroad.cli.recordings.export import export, transcode
from ringroad.domain.calibration import Calibration
from ringroad.domain.ids import RecordingId
from ringroad.domain.recording import Recording
from ringroad.domain.time import to_iso, to_seconds
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.happening import events_of, read_limits
from ringroad.pipelines.recordings.sweeps import sweeps_of
from ringroad.pipelines.recordings.thinning import (
    ALIAS,
    HOUR_S,
    KEEP_SCORE,
    TERABYTE,
    Thinning,
    mark,
    thin,
)
from ringroad.pipelines.workspace import Workspace

LIMITS = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def recordings() -> None:
    """Recordings that were taken in, and sources that were refused."""


recordings.add_command(checks)
recordings.add_command(export)
recordings.add_command(transcode)


@command(recordings, name="list")
def list_(door: Door) -> None:
    """All recordings and refused sources."""
    with opened(door) as workspace:
        known, refused = workspace.catalog.recordings(), workspace.catalog.refusals()
    value = {
        "recordings": [asdict(item) for item in known],
        "refused": [asdict(item) for item in refused],
    }
    lines = [_line(item) for item in known] or ["no recordings; take some in: ringroad ingest PATH"]
    lines += [f"refused  {item.uri}: {item.reason} ({item.remedy})" for item in refused]
    door.give(value, "\n".join(lines))


@command(recordings)
@click.argument("id")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page: pictures, signals, events and findings over time, map, sweeps from above.",
)
def show(door: Door, id: str, html: Path | None) -> None:
    """One recording with its channels, sweeps and calibrations."""
    with opened(door) as workspace:
        item = workspace.catalog.recording(RecordingId(id))
        place = workspace.catalog.location(item.source)
        sweeps = sweeps_of(workspace, item)
        if html is not None:
            _write_page(workspace, item, html)
    lines = [
        f"{item.id}{'  (synthetic)' if item.synthetic else ''}",
        f"  starts    {to_iso(item.start_ns)} ({item.clock} clock)",
        f"  lasts     {to_seconds(item.duration_ns):.2f} s",
        f"  container {item.container}, source {item.source[:12]}",
        f"  bytes     {place.uri if place else 'in the blobs'}",
    ]
    if item.salvaged:
        lines.append(f"  salvaged  {item.salvaged}")
    for channel in item.channels:
        size = f" {channel.width}x{channel.height}" if channel.width else ""
        lines.append(
            f"  channel   {channel.name}: {channel.sensor}, {channel.encoding}{size}, "
            f"{channel.messages} messages, {channel.rate_hz:.2f} Hz"
        )
    for row in sweeps:
        points = f"{row['points']} points" if row["points"] >= 0 else "points not counted"
        lines.append(f"  sweeps    {row['channel']}: {row['sweeps']}, {points}")
    lines += [f"  placed    {_placed(pose)}" for pose in item.calibrations]
    lines += [f"  page      {html}"] if html is not None else []
    told = {"sweeps": sweeps} | ({"html": str(html)} if html is not None else {})
    door.give(asdict(item) | told, "\n".join(lines))


def _write_page(workspace: Workspace, recording: Recording, path: Path) -> None:
    """Imported here: other commands need neither decoders nor templates."""
    from ringroad.pipelines.recordings.view import view_of
    from ringroad.report.recording_page import recording_page

    path.write_bytes(recording_page(view_of(workspace, recording)))


def _placed(pose: Calibration) -> str:
    """One calibration in a line."""
    said = []
    if pose.translation_m:
        at = ", ".join(f"{part:.3f}" for part in pose.translation_m)
        said.append(f"at ({at}) m of {pose.parent}")
    if pose.rotation:
        said.append(f"turned by ({', '.join(f'{part:.4f}' for part in pose.rotation)})")
    if pose.intrinsics:
        said.append("f {:.1f} {:.1f} c {:.1f} {:.1f} px".format(*pose.intrinsics))
    if pose.distortion_model:
        said.append(f"{pose.distortion_model} lens")
    return f"{pose.channel}: {', '.join(said) or 'nothing is known'} ({pose.axes}; {pose.origin})"


@command(recordings)
@click.argument("id", default="all")
@click.option("--kind", multiple=True, help="Only events of this kind; may be given again.")
@click.option("--limits", type=LIMITS, help="A LIMITS.toml with a section [events].")
def events(door: Door, id: str, kind: tuple[str, ...], limits: Path | None) -> None:
    """What the vehicle did, as its signals tell: hard braking, stops, turns, lane changes ..."""
    rule = read_limits(limits).events
    with opened(door) as workspace:
        taken = scope_of(workspace, id).taken
        found = [
            row
            for part in events_of(workspace, taken, limits=rule)
            for row in table_of(workspace, part).to_pylist()
            if not kind or row["event"] in kind
        ]
    counts = dict(sorted(Counter(row["event"] for row in found).items()))
    lines = [_event_line(row) for row in found]
    lines.append(", ".join(f"{count} {name}" for name, count in counts.items()) or "no events")
    door.give({"events": found, "counts": counts}, "\n".join(lines))


@command(recordings, name="thin")
@click.argument("id", default="all")
@click.option("--dry-run", is_flag=True, help="Tell what would go, and mark nothing.")
@click.option("--keep-score", type=click.FloatRange(0, 1), default=KEEP_SCORE, show_default=True)
@click.option("--limits", type=LIMITS, help="A LIMITS.toml: [events], [usefulness], [storage].")
@click.option(
    "--cost-per-tb-month",
    type=click.FloatRange(0),
    help="In place of [storage] cost_per_tb_month; 23 USD, the list price of S3 Standard.",
)
def thin_(
    door: Door,
    id: str,
    dry_run: bool,
    keep_score: float,
    limits: Path | None,
    cost_per_tb_month: float | None,
) -> None:
    """Tell what of the recordings is hardly useful, in TB, hours and money.

    NOTHING IS DELETED by this command. Without --dry-run it writes down which stretches of
    copied recordings may go; deleting them belongs to the store's retention rules. Recordings in
    place are the user's own files: they are previewed and never marked.
    """
    rule = read_limits(limits)
    if cost_per_tb_month is not None:
        rule = replace(rule, storage=replace(rule.storage, cost_per_tb_month=cost_per_tb_month))
    with opened(door) as workspace:
        taken = scope_of(workspace, id).taken
        found = thin(workspace, taken, keep_score=keep_score, limits=rule)
        decided = None if dry_run else mark(workspace, found)
    lines = _thin_lines(found)
    if decided is not None:
        lines.append(f"{len(decided[1])} stretches of copied recordings are marked in {ALIAS};")
        lines.append("nothing was deleted: that belongs to the store's retention rules")
    door.give(_thin_value(found) | {"marked": decided and decided[0].id}, "\n".join(lines))


def _thin_value(found: Thinning) -> dict[str, Any]:
    return {
        "keep_score": found.keep_score,
        "going": [asdict(item) for item in found.going],
        "going_bytes": found.going_bytes,
        "going_seconds": found.going_s,
        "bytes": found.size_bytes,
        "seconds": found.seconds,
        "saved": found.saved,
        "price": asdict(found.price),
        "in_place": found.in_place,
        "unseen": found.unseen,
    }


def _thin_lines(found: Thinning) -> list[str]:
    lines = [
        f"{item.recording}  {to_iso(item.start_ns)}  "
        f"{to_seconds(item.end_ns - item.start_ns):.1f} s  {item.size_bytes / 1e6:.1f} MB  "
        f"score {item.score:.2f}: {item.reason}"
        for item in found.going
    ]
    price = found.price
    share = found.going_bytes / found.size_bytes if found.size_bytes else 0.0
    gone, all_ = found.going_bytes / TERABYTE, found.size_bytes / TERABYTE
    hours, all_hours = found.going_s / HOUR_S, found.seconds / HOUR_S
    rate = f"{price.cost_per_tb_month:g} {price.currency} per TB and month"
    lines += [
        f"would go  {gone:.6f} TB of {all_:.6f} TB ({share:.1%})",
        f"          {hours:.4f} h of {all_hours:.4f} h",
        f"saves     {found.saved:.2f} {price.currency} in {price.months:g} months at {rate}",
    ]
    if found.in_place:
        lines.append(f"in place  {len(found.in_place)} recordings, whose files are never touched")
    if found.unseen:
        lines.append(
            f"unseen    {len(found.unseen)} recordings, judged by signals alone: no frame was "
            "decoded yet (ringroad ingest PATH --describe 10)"
        )
    return lines


def _event_line(row: dict[str, Any]) -> str:
    lasts = to_seconds(row["end_ns"] - row["start_ns"])
    head = f"{row['recording_id']}  {to_iso(row['start_ns'])}  {lasts:6.2f} s"
    return f"{head}  {row['event']:18} {row['message']}"


def _line(item: Recording) -> str:
    frames = sum(channel.messages for channel in item.channels if channel.sensor == "camera")
    mark = " synthetic" if item.synthetic else ""
    salvaged = f" SALVAGED ({item.salvaged})" if item.salvaged else ""
    return (
        f"{item.id}  {item.container}  {to_seconds(item.duration_ns):.1f} s  "
        f"{frames} frames{mark}{salvaged}"
    )
