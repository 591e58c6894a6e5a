"""Campaigns over past recordings: replays, what they share, and what was replayed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, InvalidConfig, UnknownName
from ringroad.domain.ids import RecordingId
from ringroad.ingest.campaigns.declared import Campaign, parse_campaign
from ringroad.ingest.campaigns.evaluator import GIGABYTE
from ringroad.media import arrow
from ringroad.media.schemas import EVENTS
from ringroad.pipelines.recordings.campaign_steps import gather_moments, replay_campaign
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.happening import events_of, known_of
from ringroad.pipelines.workspace import Workspace

PREFIX = "campaign:"
"""Of the alias that points at a campaign's last replay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A campaign and the text that declares it."""

    campaign: Campaign
    text: str


def read_campaign(path: Path) -> Declared:
    """Read a CAMPAIGN.toml. Raises InvalidConfig."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfig(
            f"cannot be read: {error}", subject=str(path), remedy="name a CAMPAIGN.toml"
        ) from error
    return Declared(campaign=parse_campaign(text, subject=str(path)), text=text)


def replay_over(
    workspace: Workspace,
    declared: Declared,
    taken: Sequence[Taken],
    *,
    truth: pa.Table | None = None,
) -> Artifact:
    """Replay one campaign; its alias then points at what came of it.

    Triggers see what is there: conditions where frames were described, uncertainty where a network
    looked. Nothing is decoded for it.

    Args:
        workspace: where the recordings are.
        declared: the campaign.
        taken: the recordings.
        truth: rows of `schemas.EVENTS` that [[wanted]] looks for, in place of the events found.
    """
    known = [known_of(workspace, item) for item in taken]
    events = events_of(workspace, taken)
    arguments: list[dict[str, Any]] = []
    for item, more, happened in zip(taken, known, events, strict=True):
        seen = {"frames": more.described, "scores": more.scores}
        given = {role: part for role, part in seen.items() if part is not None}
        arguments.append({"signals": item.signals, "events": happened} | given)
    moments = workspace.runner.map(gather_moments, arguments)
    bulk = [
        [item.frames, *([more.sweeps] if more.sweeps is not None else [])]
        for item, more in zip(taken, known, strict=True)
    ]
    made = workspace.runner.run(
        replay_campaign,
        campaign=declared.text,
        recordings=[_told(item, len(own)) for item, own in zip(taken, bulk, strict=True)],
        moments=moments,
        truth=events if truth is None else _truth_of(workspace, taken, truth),
        bulk=[part for own in bulk for part in own],
    )
    workspace.point(f"{PREFIX}{declared.campaign.name}", made, reason="replay")
    return made


def replays(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Name -> what came of the last replay of each campaign, highest priority first."""
    found = {
        name.removeprefix(PREFIX): workspace.json(workspace.catalog.artifact(target))
        for name, target in workspace.catalog.names(PREFIX).items()
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1]["priority"], item[0])))


def replayed(workspace: Workspace, name: str) -> dict[str, Any]:
    """The last replay of one campaign. Raises UnknownName."""
    known = replays(workspace)
    if name not in known:
        raise UnknownName(
            "no campaign of this name was replayed here",
            subject=name,
            remedy="replay it: ringroad campaigns replay CAMPAIGN.toml",
        )
    return known[name]


def together(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each campaign adds to those of higher priority, in seconds: moments count once."""
    held: dict[str, list[tuple[int, int]]] = {}
    rows = []
    ordered = sorted(told, key=lambda item: (-item["priority"], item["campaign"]))
    for item in ordered:
        added = 0
        for capture in item["captures"]:
            spans = held.setdefault(capture["recording"], [])
            added += _uncovered((capture["start_ns"], capture["end_ns"]), spans)
        for capture in item["captures"]:
            held[capture["recording"]].append((capture["start_ns"], capture["end_ns"]))
        rows.append(
            {
                "campaign": item["campaign"],
                "priority": item["priority"],
                "kept_s": item["kept_s"],
                "added_s": added / 1e9,
                "kept_gb": item["kept_bytes"] / GIGABYTE,
            }
        )
    return rows


def read_truth(path: Path) -> pa.Table:
    """Events out of a CSV: `recording_id,event,start_ns,end_ns`, and `value` where it matters.

    Raises:
        InputError: a column is missing, or a cell is of another type.
    """
    remedy = "columns: recording_id,event,start_ns,end_ns and optionally value"
    types = {name: EVENTS.field(name).type for name in EVENTS.names}
    try:
        rows = pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(column_types=types))
        given = {name: rows[name] for name in ("recording_id", "event", "start_ns", "end_ns")}
    except (pa.ArrowInvalid, KeyError) as error:
        raise InputError(
            f"is no table of events: {error}", subject=str(path), remedy=remedy
        ) from error
    count = rows.num_rows
    silent = pa.repeat(pa.scalar("", pa.string()), count)
    value = rows["value"] if "value" in rows.column_names else pa.repeat(pa.scalar(1.0), count)
    ids = pa.array([f"truth/{number}" for number in range(count)], pa.string())
    told = {"event_id": ids, "value": value, "unit": silent, "message": silent}
    return pa.table(given | told).select(EVENTS.names).cast(EVENTS)


def _told(item: Taken, bulk: int) -> dict[str, Any]:
    recording = item.recording
    return {
        "recording": recording.id,
        "vehicle": recording.vehicle,
        "start_ns": recording.start_ns,
        "end_ns": recording.start_ns + recording.duration_ns,
        "bulk": bulk,
    }


def _truth_of(workspace: Workspace, taken: Sequence[Taken], truth: pa.Table) -> list[Artifact]:
    """One artifact of events per recording. Raises UnknownName for one that is not replayed."""
    known = {item.recording.id for item in taken}
    strange = sorted({RecordingId(name) for name in truth["recording_id"].to_pylist()} - known)
    if strange:
        raise UnknownName(
            "the truth names a recording that is not replayed",
            subject=strange[0],
            remedy="name it with --on, or leave its rows out",
        )
    found = []
    for item in taken:
        rows = truth.filter(pc.equal(truth["recording_id"], item.recording.id))
        data = arrow.to_bytes(rows)
        digest = workspace.blobs.put(data)
        found.append(
            Artifact(kind="events", digest=digest, size_bytes=len(data), media=arrow.ARROW_FILE)
        )
    return found


def _uncovered(span: tuple[int, int], held: Sequence[tuple[int, int]]) -> int:
    """How much of a span none of those that are held covers, in nanoseconds."""
    at, end = span
    free = 0
    for begin, until in sorted(held):
        if until > at and begin < end:
            free += max(begin - at, 0)
            at = max(at, until)
    return free + max(end - at, 0)
