"""Coverage of the operational domain by frames of a workspace, what is missing, what to collect."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.curate.coverage import Covered, count, coverage, holes, nearest_cells
from ringroad.curate.odd import DEFAULT, Cells, Odd, cells_of
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.domain.ids import FrameId
from ringroad.pipelines.frame_index import fresh_index
from ringroad.pipelines.scope import frames_named
from ringroad.pipelines.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

ALL = "all"
LEAST_UNITS = 3.0
"""A cell with fewer recordings, as they would count if they were alike, is thin."""
THIN = 0.5
"""So is one whose share lies, with its whole interval, below so much of what is wanted."""
REGIONS = 64
SHOWN = 3


def read_odd(path: Path | None) -> Odd:
    """Read an ODD.toml; the default domain where none is named. Raises InvalidConfig."""
    if path is None:
        return DEFAULT
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConfig(
            f"cannot be read: {error}", subject=str(path), remedy="see docs/coverage.md"
        ) from error
    return build(Odd, values, subject=str(path))


def cover(
    workspace: Workspace, what: str, *, odd: Odd, against: str = "", space: str = "", seed: int
) -> dict[str, Any]:
    """What frames cover, and where they are thin: plain values.

    Args:
        workspace: where the frames are.
        what: `all`, a selection or a dataset version.
        odd: the domain.
        against: a reference to compare with, by cells of the domain and regions of an embedding.
        space: which embedding; the default one where none is named.
        seed: of intervals, tests and regions.

    Raises:
        InputError: nothing is covered: no frames, or nothing is known of any.
        UnknownName: nothing is called so.
    """
    sources = IndexSources(workspace, fresh_index(workspace, wait=True))
    rows = _rows(workspace, sources, what)
    cells = cells_of(sources.rows.take(pa.array(rows)), odd, pairs=True)
    if not cells.names:
        raise InputError(
            "nothing is known of these frames that the domain asks for",
            subject=what,
            remedy="describe them first: ringroad ingest PATH --describe 1",
        )
    counts = count(cells.held, sources.recording[rows])
    found = coverage(counts, seed=seed)
    told: dict[str, Any] = {
        "what": what,
        "frames": len(rows),
        "recordings": len(counts.total),
        "unit": "recording",
        "unknown": dict(cells.unknown),
        "cells": [
            {
                "cell": name,
                "frames": int(found.frames[at]),
                "recordings": int(found.units[at]),
                "effective_recordings": float(found.effective[at]),
                "share": float(found.share[at]),
                "low": _number(found.low[at]),
                "high": _number(found.high[at]),
                "wanted": float(cells.wanted[at]),
                "covered": bool(found.effective[at] >= LEAST_UNITS),
            }
            for at, name in enumerate(cells.names)
        ],
    }
    single = [len(parts) == 1 for parts in cells.parts]
    for name, chosen in (("single", single), ("pairs", [not one for one in single])):
        enough = [row["covered"] for row, mine in zip(told["cells"], chosen, strict=True) if mine]
        told[name] = {"covered": sum(enough), "of": len(enough)}
    seconds = _seconds_a_frame(sources, rows)
    thin = (found.high < THIN * cells.wanted) | (found.effective < LEAST_UNITS)
    told["gaps"] = _gaps(cells, found, thin, cells.wanted, len(rows), seconds)
    if against:
        told["against"] = against
        told["holes"] = _holes(workspace, sources, rows, against, odd, space, seed)
    return told


def _holes(
    workspace: Workspace,
    sources: IndexSources,
    rows: np.ndarray,
    against: str,
    odd: Odd,
    space: str,
    seed: int,
) -> list[dict[str, Any]]:
    """Cells and regions of which a reference has more, beyond chance."""
    others = _rows(workspace, sources, against)
    both = np.concatenate([rows, others])
    cells = cells_of(sources.rows.take(pa.array(both)), odd, pairs=True)
    units = sources.recording[both]
    cut = len(rows)
    here = count(cells.held[:cut], units[:cut])
    there = count(cells.held[cut:], units[cut:])
    lack = holes(here, there, seed=seed)
    told = [
        {
            "cell": name,
            "share": float(lack.share[at]),
            "reference": float(lack.reference[at]),
            "p": float(lack.p[at]),
            "missing_frames": round(float(lack.reference[at] - lack.share[at]) * cut),
            "examples": [],
        }
        for at, name in enumerate(cells.names)
        if lack.lacking[at]
    ]
    if not sources.view.spaces:
        return told
    held = sources.space(space)
    embedded = sources.view.embedded(held.name)
    looked = np.flatnonzero(embedded[both])
    if not (looked < cut).any() or not (looked >= cut).any():
        return told
    regions = nearest_cells(
        sources.view.vectors(held.name, both[looked]),
        cells=min(REGIONS, max(2, len(looked) // 40)),
        seed=seed,
    )
    member = np.eye(regions.max() + 1, dtype=bool)[regions]
    ours = looked < cut
    here = count(member[ours], units[looked[ours]])
    there = count(member[~ours], units[looked[~ours]])
    lack = holes(here, there, seed=seed)
    for at in np.flatnonzero(lack.lacking):
        places = both[looked[(regions == at) & ~ours]][:SHOWN]
        told.append(
            {
                "cell": f"region {at} of {held.name}",
                "share": float(lack.share[at]),
                "reference": float(lack.reference[at]),
                "p": float(lack.p[at]),
                "missing_frames": round(float(lack.reference[at] - lack.share[at]) * cut),
                "examples": sources.rows["frame_id"].take(pa.array(places)).to_pylist(),
            }
        )
    return told


def _gaps(
    cells: Cells,
    found: Covered,
    thin: np.ndarray,
    wanted: np.ndarray,
    frames: int,
    seconds: float | None,
) -> list[dict[str, Any]]:
    """Thin cells, those that miss most first."""
    told = []
    for at in np.flatnonzero(thin):
        missing = max(0, round(float(wanted[at]) * frames) - int(found.frames[at]))
        told.append(
            {
                "cell": cells.names[at],
                "parts": [list(part) for part in cells.parts[at]],
                "frames": int(found.frames[at]),
                "effective_recordings": float(found.effective[at]),
                "share": float(found.share[at]),
                "high": _number(found.high[at]),
                "wanted": float(wanted[at]),
                "missing_frames": missing,
                "missing_hours": None if seconds is None else missing * seconds / 3600,
                "missing_recordings": max(0, int(np.ceil(LEAST_UNITS - found.effective[at]))),
            }
        )
    return sorted(told, key=lambda row: (-row["missing_frames"], len(row["parts"]), row["cell"]))


def campaign_text(told: dict[str, Any], name: str) -> tuple[str, list[str]]:
    """A CAMPAIGN.toml that asks for what is missing, and cells that no trigger can ask for.

    Triggers know light by itself; weather, road and speed are not among what they look at.
    """
    wanted, untold = [], []
    for gap in told["gaps"]:
        parts = dict(gap["parts"])
        if set(parts) == {"light"}:
            wanted.append(parts["light"])
        elif len(parts) == 1:
            untold.append(gap["cell"])
    if not wanted:
        return "", untold
    lines = [f'name = "{name}"', "pre_roll_s = 5.0", "post_roll_s = 5.0"]
    for condition in dict.fromkeys(wanted):
        lines += [
            "",
            "[[triggers]]",
            f'name = "light-{condition}"',
            f'conditions = ["{condition}"]',
        ]
    return "\n".join(lines) + "\n", untold


def _rows(workspace: Workspace, sources: IndexSources, what: str) -> np.ndarray:
    """Rows of frames; those that are in no recording any more are one error."""
    if what == ALL:
        return np.flatnonzero(sources.alive)
    frames: Sequence[FrameId] = frames_named(workspace, what.removeprefix("dataset:"))
    rows = sources.view.rows_of(list(frames))
    if (rows < 0).any():
        gone = [frame for frame, row in zip(frames, rows, strict=True) if row < 0]
        raise InputError(
            f"{len(gone)} of {len(frames)} frames are in no recording any more, such as {gone[0]}",
            subject=what,
            remedy="take the recordings in again, or make the selection anew",
        )
    return rows


def _seconds_a_frame(sources: IndexSources, rows: np.ndarray) -> float | None:
    """Median time between frames of one recording, as they were chosen."""
    times = sources.rows["time_ns"].to_numpy()[rows]
    recording = sources.recording[rows]
    order = np.lexsort((times, recording))
    apart = np.diff(times[order])[np.diff(recording[order]) == 0]
    apart = apart[apart > 0]
    return float(np.median(apart)) / 1e9 if len(apart) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
