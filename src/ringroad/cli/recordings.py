"""`ringroad recordings`: what was taken in, and what was refused."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.ids import RecordingId
from ringroad.domain.recording import Recording
from ringroad.domain.time import to_iso, to_seconds


@click.group()
def recordings() -> None:
    """Recordings that were taken in, and sources that were refused."""


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
def show(door: Door, id: str) -> None:
    """One recording with its channels."""
    with opened(door) as workspace:
        item = workspace.catalog.recording(RecordingId(id))
        place = workspace.catalog.location(item.source)
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
    door.give(asdict(item), "\n".join(lines))


def _line(item: Recording) -> str:
    frames = sum(channel.messages for channel in item.channels if channel.sensor == "camera")
    mark = " synthetic" if item.synthetic else ""
    salvaged = f" SALVAGED ({item.salvaged})" if item.salvaged else ""
    return (
        f"{item.id}  {item.container}  {to_seconds(item.duration_ns):.1f} s  "
        f"{frames} frames{mark}{salvaged}"
    )
