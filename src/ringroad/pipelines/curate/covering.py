"""Coverage of the operational domain by frames of a workspace, what is missing, what to collect."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.coverage import Covered, count, coverage, holes
from ringroad.curate.neighbourhoods import lacking_places
from ringroad.curate.odd import DEFAULT, Cells, Odd, cells_of
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.scope import frames_named
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

ALL = "all"
LEAST_UNITS = 3.0
"""A cell with fewer recordings, as they would count if they were alike, is thin."""
THIN = 0.5
"""So is one whose share lies, with its whole interval, below so much of what is wanted."""
SHOWN = 3
CAMPAIGN_CELLS = 200
"""A trigger names at most so many cells of a kind of road."""


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
    rows = rows_named(workspace, sources, what)
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
    told["road_cells"] = _road_cells(sources)
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
    others = rows_named(workspace, sources, against)
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
    mine = looked < cut
    ours, theirs = both[looked[mine]], both[looked[~mine]]
    places = lacking_places(
        sources.view.vectors(held.name, ours),
        sources.recording[ours],
        sources.view.vectors(held.name, theirs),
        sources.recording[theirs],
        seed=seed,
    )
    for place in places:
        shown = theirs[place.members[:SHOWN]]
        told.append(
            {
                "cell": f"around {sources.rows['frame_id'][int(theirs[place.centre])].as_py()} in "
                f"{held.name}, within {place.radius:.3g}",
                "share": place.share,
                "reference": place.reference,
                "p": place.p,
                "missing_frames": round((place.reference - place.share) * cut),
                "examples": sources.rows["frame_id"].take(pa.array(shown)).to_pylist(),
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

    Triggers know light, and places: a kind of road is asked for where it was driven before.
    Weather and speed are not among what they look at.
    """
    triggers: dict[str, list[str]] = {}
    untold = []
    for gap in told["gaps"]:
        parts = dict(gap["parts"])
        places = told["road_cells"].get(parts.get("road", ""), [])
        if set(parts) - {"light", "road"} or ("road" in parts and not places):
            untold += [gap["cell"]] if len(parts) == 1 else []
            continue
        asked = [f'conditions = ["{parts["light"]}"]'] if "light" in parts else []
        asked += [f"cells = {json.dumps(places)}"] if "road" in parts else []
        triggers["-".join(f"{kind}-{value}" for kind, value in parts.items())] = asked
    if not triggers:
        return "", untold
    lines = [f'name = "{name}"', "pre_roll_s = 5.0", "post_roll_s = 5.0"]
    for trigger, asked in triggers.items():
        lines += ["", "[[triggers]]", f'name = "{trigger}"', *asked]
    return "\n".join(lines) + "\n", untold


def _road_cells(sources: IndexSources) -> dict[str, list[str]]:
    """Kind of road -> H3 cells in which most frames of it were taken."""
    rows = sources.rows.select(["road", "cell"]).filter(pa.array(sources.alive))
    rows = rows.filter(pc.and_(pc.is_valid(rows["road"]), pc.is_valid(rows["cell"])))
    counted = rows.set_column(0, "road", rows["road"].cast(pa.string()))
    counted = counted.group_by(["road", "cell"]).aggregate([([], "count_all")])
    found: dict[str, list[str]] = {}
    for row in counted.sort_by([("count_all", "descending"), ("cell", "ascending")]).to_pylist():
        own = found.setdefault(row["road"], [])
        if len(own) < CAMPAIGN_CELLS:
            own.append(h3.int_to_str(row["cell"]))
    return found


def rows_named(workspace: Workspace, sources: IndexSources, what: str) -> np.ndarray:
    """Rows of the frames of `all`, a selection or a dataset version.

    Raises:
        InputError: some are in no recording any more.
    """
    if what == ALL:
        return np.flatnonzero(sources.alive)
    return sources.living(frames_named(workspace, what.removeprefix("dataset:")), what)


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
