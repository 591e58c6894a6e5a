"""`ringroad ingest`: take in recordings, in place or copied."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import EXIT_FAILED, EXIT_SOME_REFUSED, Door, command
from ringroad.cli.opening import opened
from ringroad.cli.recordings.checks import counted
from ringroad.curate.scenario.atoms import ATOMS
from ringroad.domain.errors import InvalidConfig
from ringroad.ingest.channel_map import DOUBT
from ringroad.ingest.checks import CheckLimits, read_limits
from ringroad.pipelines.curate.scenarios import scenarios_of
from ringroad.pipelines.recordings.checking import check, findings_of
from ringroad.pipelines.recordings.collect import Collected, Intake, collect
from ringroad.pipelines.recordings.collect import draft_map as drafted_map
from ringroad.pipelines.recordings.happening import events_of
from ringroad.pipelines.recordings.see import see
from ringroad.pipelines.recordings.watching import Watch, watch
from ringroad.pipelines.workspace import Workspace


@command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--in-place/--copy", default=True, help="Leave the bytes where they lie, or copy.")
@click.option("--vehicle", default="vehicle", show_default=True, help="Who recorded them.")
@click.option("--group", default="", help="Images: a regular expression; its group names one.")
@click.option("--rate-hz", type=float, default=0.0, help="Frames per second without a clock.")
@click.option(
    "--signals",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of vehicle signals beside a video: time_s, then one column per signal.",
)
@click.option(
    "--map",
    "channel_map",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the channels are, where readers cannot know.",
)
@click.option(
    "--draft-map",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write such a map of the first recording, with doubts marked, and take nothing in.",
)
@click.option("--replace", is_flag=True, help="New bytes under a known name take its place.")
@click.option("--watch", "watch_", is_flag=True, help="Go on, and take in what arrives.")
@click.option("--every-s", type=float, default=5.0, show_default=True, help="Between two looks.")
@click.option(
    "--settle-s", type=float, default=10.0, show_default=True, help="A file must stand still."
)
@click.option("--until-idle-s", type=float, default=0.0, help="End once nothing came for so long.")
@click.option(
    "--limits",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Limits of the recording checks: a TOML file with a section [checks].",
)
@click.option("--describe", type=click.IntRange(0), default=0, help="Decode each N-th frame too.")
def ingest(
    door: Door,
    paths: tuple[str, ...],
    in_place: bool,
    vehicle: str,
    group: str,
    rate_hz: float,
    signals: Path | None,
    channel_map: Path | None,
    draft_map: Path | None,
    replace: bool,
    watch_: bool,
    every_s: float,
    settle_s: float,
    until_idle_s: float,
    limits: Path | None,
    describe: int,
) -> int:
    """Take in recordings from files, folders and buckets (s3://bucket/prefix).

    What cannot be read is set aside with its reason and the rest goes on. Taking the same bytes
    in again changes nothing. Frames are searched by what they look like once they were decoded:
    --describe 1 decodes all of them, --describe 10 each tenth. --watch waits for more to come;
    any number of watchers may share an inbox. Every recording is checked, its pictures where they
    were decoded; see `ringroad recordings checks`.
    """
    how = Watch(every_s=every_s, settle_s=settle_s, idle_s=until_idle_s)
    options: dict[str, Any] = {
        "vehicle": vehicle,
        "copy": not in_place,
        "rate_hz": rate_hz,
        "signals": signals,
        "channel_map": channel_map,
        "replace": replace,
    }
    check_limits = read_limits(limits) if limits is not None else CheckLimits()
    with opened(door, create=True) as workspace:
        if draft_map is not None:
            return _draft(door, workspace, paths, Intake(**options), draft_map)
        looks = (
            watch(workspace, paths, Intake(**options), how=how, group=group)
            if watch_
            else [collect(workspace, paths, group=group, **options)]
        )
        status = 0
        for found in looks:
            events_of(workspace, found.taken)
            seconds = scenarios_of(workspace, found.taken)[1]
            undecoded = _undecoded(workspace, found, describe) if describe else []
            checks = counted(findings_of(workspace, check(workspace, found.taken, check_limits)))
            told = _value(found) | {
                "undecoded": undecoded,
                "checks": checks,
                "atoms_s": round(seconds, 3),
            }
            door.give(told, _text(found, checks, seconds))
            if found.refused or undecoded:
                status = EXIT_SOME_REFUSED if found.taken or found.twins else EXIT_FAILED
    return EXIT_SOME_REFUSED if watch_ and status else status


def _draft(
    door: Door, workspace: Workspace, paths: tuple[str, ...], intake: Intake, to: Path
) -> int:
    if to.exists() and not door.yes:
        raise InvalidConfig("is there already", subject=str(to), remedy="--yes writes over it")
    text = drafted_map(workspace, paths, intake)
    to.write_text(text)
    doubts = text.count(DOUBT)
    door.give(
        {"map": str(to), "doubts": doubts},
        f"wrote {to} with {doubts} doubts marked; look at it, then: ringroad ingest --map {to} ...",
    )
    return 0


def _undecoded(workspace: Workspace, found: Collected, every: int) -> list[str]:
    """Decode each n-th frame; which recordings were set aside, as `see` tells with the reason."""
    seen = {item.taken.recording.id for item in see(workspace, found.taken, every=every)}
    return [
        item.recording.id
        for item in found.taken
        if item.frames_count and item.recording.id not in seen
    ]


def _value(found: Collected) -> dict[str, object]:
    return {
        "recordings": [asdict(item.recording) for item in found.taken],
        "known": [asdict(item) for item in found.twins],
        "refused": [asdict(item) for item in found.refused],
        "notes": {item.recording.id: item.notes for item in found.taken if item.notes},
    }


def _text(found: Collected, checks: dict[str, int], atoms_s: float) -> str:
    lines = []
    for item in found.taken:
        salvaged = f"  SALVAGED: {item.recording.salvaged}" if item.recording.salvaged else ""
        lines.append(f"{item.recording.id}  {item.frames_count} frames{salvaged}")
        lines += [f"  note: {note}" for note in item.notes]
    for twin in found.twins:
        lines.append(f"known {twin.uri}: the same bytes as {twin.recording}")
    for refusal in found.refused:
        lines.append(f"refused {refusal.uri}: {refusal.reason}\n  what to do: {refusal.remedy}")
    if any(checks.values()):
        said = ", ".join(f"{count} {severity}" for severity, count in checks.items())
        lines.append(f"checks found {said}; see: ringroad recordings checks")
    if found.taken:
        lines.append(f"intervals of {len(ATOMS)} atoms were found in {atoms_s:.2f} s")
    total = sum(item.frames_count for item in found.taken)
    lines.append(f"{len(found.taken)} recordings, {total} frames; {len(found.refused)} refused")
    return "\n".join(lines)
