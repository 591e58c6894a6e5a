"""Takes near-duplicates out of selections: of frames that look alike the earliest stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.curate.diversity import Diversity, diversity
from ringroad.curate.duplicates import Duplicates, Kept, begin, extend, hold
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.media import arrow
from ringroad.pipelines.curate.curation import SELECTION, keep
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.scope import frames_named, named_selection
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

SAMPLE = 200_000
ALL = "all"
CELLS = "cells"
"""Prefix of aliases: in which cells the frames of a selection that was thinned lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """What is left, and how different it is.

    Attributes:
        unseen: frames without an embedding; they stay, because nobody looked.
        alike_within: left out for an earlier frame of the selection itself.
        alike_before: left out for a frame of what came before.
        before_frames: how many frames came before.
        taken_up: whether the cells of what came before were known from an earlier time.
    """

    selection: Artifact
    before: int
    after: int
    unseen: int
    alike_within: int
    alike_before: int
    before_frames: int
    taken_up: bool
    diversity_before: Diversity
    diversity_after: Diversity


@step(uses=("pyarrow",))
def keep_cells(
    bench: Bench, *, selection: Artifact, cells: Artifact, centres: Artifact, space: str
) -> Artifact:
    """Remember where the frames of a thinned selection lie, for those that come after."""
    told = {"selection": selection.id, "cells": cells.id, "centres": centres.id, "space": space}
    return bench.write_json(CELLS, told)


def drop_alike(
    workspace: Workspace,
    name: str,
    frames: tuple[FrameId, ...] | None,
    *,
    radius: float,
    space: str,
    within_recording: bool,
    save: str,
    seed: int,
    against: str = "",
) -> Unlike:
    """Keep a selection without frames that look like an earlier one of it, or like history.

    Args:
        workspace: where the frames are.
        name: of the selection.
        frames: those of the selection; None for all frames.
        radius: distance in the space up to which two frames are alike.
        space: which embeddings; the default where none is named.
        within_recording: frames of different recordings are never alike.
        save: name of the new selection.
        seed: of the cells and samples.
        against: a selection or dataset version that came before; it is compared with and stays
            as it is.

    Raises:
        InputError: no frame of it was embedded, frames are gone, or none is left.
    """
    fresh = fresh_index(workspace, wait=True)
    sources = IndexSources(workspace, fresh)
    held, view = sources.space(space), fresh.view
    rows = np.flatnonzero(view.alive) if frames is None else sources.living(frames, name)
    looked = view.embedded(held.name)[rows]
    if not looked.any():
        raise InputError(
            f"no frame of it has an embedding in {held.name!r}",
            subject=name,
            remedy="describe the frames first: ringroad ingest PATH --describe 1",
        )
    history, known = _history(workspace, sources, held.name, against)
    seen = _by_time(sources, np.setdiff1d(rows[looked], history))
    unseen = rows[~looked]
    vectors = view.vectors(held.name, seen)
    of = sources.recording.astype(np.int64) if within_recording else None
    state, taken_up = _begun(sources, held.name, history, vectors, known, radius, seed, of)
    grown, told = extend(state, vectors, groups=None if of is None else of[seen])
    kept = np.sort(np.concatenate([seen[told.kept], unseen]))
    if not len(kept):
        raise InputError(
            f"all {len(rows)} frames are in {against!r} or look like frames of it",
            subject=name,
            remedy="take other frames, or a smaller --radius",
        )
    parents = [] if frames is None else [named_selection(workspace, name).id]
    parents += [named_selection(workspace, against).id] if against else []
    beside = f", against {against}" if against else ""
    made = keep(
        workspace,
        view.columns["frame_id"].take(pa.array(kept)).to_pylist(),
        parents=parents,
        reason=f"without near-duplicates: {held.name}, radius {radius:g}{beside}",
    )
    workspace.point(f"{SELECTION}:{save}", made, reason="without near-duplicates")
    _remember(workspace, sources, made, held.name, grown, seen[told.kept], len(state.vectors))
    return Unlike(
        selection=made,
        before=len(rows),
        after=len(kept),
        unseen=len(unseen),
        alike_within=int((~told.kept & (told.stands_for >= len(state.vectors))).sum()),
        alike_before=len(rows) - len(unseen) - len(seen) + _of_history(told, len(state.vectors)),
        before_frames=len(history),
        taken_up=taken_up,
        diversity_before=diversity(view.vectors(held.name, rows[looked]), radius=radius, seed=seed),
        diversity_after=diversity(
            vectors[told.kept] if told.kept.any() else vectors[:1], radius=radius, seed=seed
        ),
    )


def _of_history(told: Duplicates, old: int) -> int:
    return int((~told.kept & (told.stands_for < old)).sum())


def _by_time(sources: IndexSources, rows: np.ndarray) -> np.ndarray:
    """Rows by recording and time."""
    times = sources.rows["time_ns"].to_numpy()[rows]
    order = np.lexsort((times, sources.recording[rows]))
    found: np.ndarray = rows[order]
    return found


def _history(
    workspace: Workspace, sources: IndexSources, space: str, against: str
) -> tuple[np.ndarray, dict[str, Any] | None]:
    """Embedded rows of what came before, and what is remembered of its cells."""
    if not against:
        return np.empty(0, np.int64), None
    rows = sources.living(frames_named(workspace, against), against)
    rows = rows[sources.view.embedded(space)[rows]]
    artifact = named_selection(workspace, against)
    target = workspace.catalog.resolve(f"{CELLS}:{artifact.digest}:{space}")
    known = None if target is None else workspace.json(workspace.catalog.artifact(target))
    return _by_time(sources, rows), known


def _begun(
    sources: IndexSources,
    space: str,
    history: np.ndarray,
    vectors: np.ndarray,
    known: dict[str, Any] | None,
    radius: float,
    seed: int,
    of: np.ndarray | None,
) -> tuple[Kept, bool]:
    """What came before, held without being compared with itself; whether its cells were known."""
    if not len(history):
        expected = len(vectors)
        return begin(vectors[:SAMPLE], radius=radius, expected=expected, seed=seed), False
    old = sources.view.vectors(space, history)
    groups = None if of is None else of[history]
    cells = None
    if known is not None:
        catalog = sources.workspace.catalog
        table = table_of(sources.workspace, catalog.artifact(known["cells"]))
        place = dict(zip(table["frame_id"].to_pylist(), table["cell"].to_pylist(), strict=True))
        ids = sources.rows["frame_id"].take(pa.array(history)).to_pylist()
        if all(frame in place for frame in ids):
            centres = table_of(sources.workspace, catalog.artifact(known["centres"]))
            flat = np.asarray(centres["vector"].combine_chunks().flatten(), np.float32)
            cells = np.array([place[frame] for frame in ids], np.int32)
            empty = Kept(
                radius=radius,
                centres=flat.reshape(centres.num_rows, -1),
                vectors=np.empty((0, old.shape[1]), np.float32),
                cells=np.empty(0, np.int32),
                groups=np.empty(0, np.int64),
            )
            return hold(empty, old, cells=cells, groups=groups), True
    started = begin(old[:SAMPLE], radius=radius, expected=len(old) + len(vectors), seed=seed)
    return hold(started, old, groups=groups), False


def _remember(
    workspace: Workspace,
    sources: IndexSources,
    made: Artifact,
    space: str,
    grown: Kept,
    seen: np.ndarray,
    old: int,
) -> None:
    """Keep the cells of what was kept, so that what comes next is compared without finding them."""
    ids = sources.rows["frame_id"].take(pa.array(seen))
    table = pa.table({"frame_id": ids, "cell": pa.array(grown.cells[old:])})
    flat = pa.array(grown.centres.reshape(-1))
    vectors = pa.FixedSizeListArray.from_arrays(flat, grown.centres.shape[1])
    told = workspace.runner.run(
        keep_cells,
        selection=made,
        cells=_loose(workspace, "cells", table),
        centres=_loose(workspace, "centres", pa.table({"vector": vectors})),
        space=space,
    )
    workspace.point(f"{CELLS}:{made.digest}:{space}", told, reason="thinned")


def _loose(workspace: Workspace, kind: str, rows: pa.Table) -> Artifact:
    digest = workspace.blobs.put(arrow.to_bytes(rows))
    size = workspace.blobs.size(digest) or 0
    return Artifact(kind=kind, digest=digest, size_bytes=size, media=arrow.ARROW_FILE)
