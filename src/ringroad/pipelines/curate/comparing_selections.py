"""Two selections or dataset versions side by side: what each holds, and what the other lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.curate.coverage import count, coverage, holes
from ringroad.curate.diversity import diversity
from ringroad.curate.duplicates import begin, hold, look
from ringroad.curate.odd import Odd, cells_of
from ringroad.pipelines.curate.covering import rows_named
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

COUNTED = ("condition", "weather", "road", "channel", "vehicle", "quality")
"""Columns whose values are counted side by side."""


def compare_selections(
    workspace: Workspace, one: str, other: str, *, odd: Odd, space: str, radius: float, seed: int
) -> dict[str, Any]:
    """Composition, overlap, coverage, effective size and likeness of two, as plain values.

    Args:
        workspace: where the frames are.
        one: a selection or dataset version, or `all`.
        other: likewise.
        odd: the domain whose cells are compared.
        space: which embeddings; the default where none is named.
        radius: distance up to which two frames are alike.
        seed: of intervals, tests and samples.

    Raises:
        InputError: frames of one are in no recording any more, or one is empty.
        UnknownName: nothing is called so.
    """
    sources = IndexSources(workspace, fresh_index(workspace, wait=True))
    names = (one, other)
    rows = [rows_named(workspace, sources, name) for name in names]
    shared = np.intersect1d(rows[0], rows[1])
    units = [sources.recording[part] for part in rows]
    told: dict[str, Any] = {
        "names": list(names),
        "frames": [len(part) for part in rows],
        "recordings": [len(np.unique(part)) for part in units],
        "shared_frames": len(shared),
        "shared_recordings": len(np.intersect1d(units[0], units[1])),
        "composition": _composition(sources, rows),
        "cells": _cells(sources, rows, odd, seed),
    }
    if sources.view.spaces and all(len(part) for part in rows):
        told["likeness"] = _likeness(sources, rows, space, radius, seed)
    return told


def _composition(sources: IndexSources, rows: list[np.ndarray]) -> dict[str, dict[str, list[int]]]:
    """Column -> value -> frames in each of the two; what is null is `unknown`."""
    found: dict[str, dict[str, list[int]]] = {}
    for name in COUNTED:
        column = sources.rows[name].cast(pa.string())
        counts: dict[str, list[int]] = {}
        for at, part in enumerate(rows):
            for pair in column.take(pa.array(part)).value_counts().to_pylist():
                own = counts.setdefault(pair["values"] or "unknown", [0, 0])
                own[at] = pair["counts"]
        found[name] = dict(sorted(counts.items()))
    return found


def _cells(
    sources: IndexSources, rows: list[np.ndarray], odd: Odd, seed: int
) -> list[dict[str, Any]]:
    """Cells of single attributes with the share and interval of each, and who lacks them."""
    both = np.concatenate(rows)
    cells = cells_of(sources.rows.take(pa.array(both)), odd, pairs=True)
    if not cells.names:
        return []
    cut = len(rows[0])
    units = sources.recording[both]
    counts = [count(cells.held[part], units[part]) for part in (slice(None, cut), slice(cut, None))]
    covered = [coverage(part, seed=seed) for part in counts]
    lacks = [holes(counts[0], counts[1], seed=seed), holes(counts[1], counts[0], seed=seed)]
    return [
        {
            "cell": name,
            "frames": [int(part.frames[at]) for part in covered],
            "share": [float(part.share[at]) for part in covered],
            "low": [_number(part.low[at]) for part in covered],
            "high": [_number(part.high[at]) for part in covered],
            "p": float(min(1.0, 2 * min(lack.p[at] for lack in lacks))),
            "lacking": [bool(lack.lacking[at]) for lack in lacks],
        }
        for at, name in enumerate(cells.names)
        if any(part.frames[at] for part in covered)
    ]


def _likeness(
    sources: IndexSources, rows: list[np.ndarray], space: str, radius: float, seed: int
) -> dict[str, Any]:
    """Effective sizes, and how many frames of each look like a frame of the other."""
    held = sources.space(space)
    embedded = sources.view.embedded(held.name)
    seen = [part[embedded[part]] for part in rows]
    told: dict[str, Any] = {
        "space": held.name,
        "radius": radius,
        "without_embedding": [len(a) - len(b) for a, b in zip(rows, seen, strict=True)],
    }
    if not all(len(part) for part in seen):
        return told
    vectors = [sources.view.vectors(held.name, part) for part in seen]
    sizes = [diversity(part, radius=radius, seed=seed) for part in vectors]
    alike = []
    for mine, theirs in ((0, 1), (1, 0)):
        own = ~np.isin(seen[mine], seen[theirs])
        empty = begin(vectors[theirs], radius=radius, expected=len(vectors[theirs]), seed=seed)
        near, _ = look(hold(empty, vectors[theirs]), vectors[mine][own])
        alike.append(int((near >= 0).sum()))
    return told | {
        "effective": [size.vendi for size in sizes],
        "of": [size.sample for size in sizes],
        "alike": alike,
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
