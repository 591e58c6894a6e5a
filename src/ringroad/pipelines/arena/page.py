"""An arena's page out of a workspace: its verdict, its hours, and pictures of what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import RingroadError
from ringroad.domain.ids import FrameId, RecordingId, frame_parts
from ringroad.media.frames import read_frames
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.arena_page import arena_page, ranked
from ringroad.report.arena_plots import strip
from ringroad.report.page import Page, Picture, Ref

WIDTH = 320
HOUR_NS = 3_600_000_000_000


def page_of(workspace: Workspace, result: Artifact) -> Page:
    """The page; a frame whose recording is gone is left out and told."""
    told = workspace.json(result)
    pixels, untold = _pictures(workspace, told["choices"]["frames"])
    order = ranked(told["arms"], "mean")
    steps = workspace.catalog.reach(result.id, up=True)
    hours = sum(item.ended_ns - item.started_ns for item in steps) / HOUR_NS
    return arena_page(
        told,
        [
            _strip(told, arm, [frame for frame in frames if frame in pixels], pixels)
            for arm, frames in ((arm, told["choices"]["arms"][arm]) for arm in order)
            if any(frame in pixels for frame in frames)
        ],
        hours=hours,
        ref=Ref(artifact=result.id, label="verdict"),
        untold=untold,
    )


def _pictures(
    workspace: Workspace, frames: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Pixels of frames, recording by recording."""
    owners: dict[RecordingId, list[str]] = {}
    for frame in frames:
        owners.setdefault(frame_parts(FrameId(frame))[0], []).append(frame)
    pixels: dict[str, np.ndarray] = {}
    untold = []
    for owner, wanted in owners.items():
        row = frames[wanted[0]]
        size = (WIDTH, max(2, round(WIDTH * row["height"] / row["width"])))
        try:
            taken = taken_of(workspace, workspace.catalog.recording(owner))
            index = table_of(workspace, taken.frames)
            found = read_frames(workspace.sources, workspace.sandbox, index, wanted, size=size)
        except RingroadError as error:
            untold.append(f"Frames of {owner} cannot be shown: {error}.")
            continue
        pixels |= dict(zip(wanted, found, strict=True))
    return pixels, untold


def _strip(
    told: Mapping[str, Any], arm: str, frames: Sequence[str], pixels: Mapping[str, np.ndarray]
) -> Picture:
    """What one arm chose."""
    known = [told["choices"]["frames"][frame] for frame in frames]
    rare = told["rare"]["category"]
    boxes = [
        [
            (
                box["category"] == rare,
                box["x"] / row["width"],
                box["y"] / row["height"],
                box["w"] / row["width"],
                box["h"] / row["height"],
            )
            for box in row["boxes"]
        ]
        for row in known
    ]
    titles = [f"{_short(row)} {row['seconds']:.1f} s, {row['condition']}" for row in known]
    count = sum(len(part) for part in boxes)
    wanted = sum(mark[0] for part in boxes for mark in part)
    what = f"{len(frames)} frames, {count} boxes, {wanted} of them {rare}"
    way = told["ways"][arm]
    named = "" if way["strategy"] == arm else f" ({way['strategy']} with options of its own)"
    return strip(
        [pixels[frame] for frame in frames],
        boxes,
        titles=titles,
        alt=f"{arm} chose {what}: {'; '.join(titles)}.",
        caption=f"{arm}{named}: {what}.",
    )


def _short(row: Mapping[str, Any]) -> str:
    """The recording's name without its vehicle."""
    return str(row["recording_id"]).partition("/")[2][:16]
