"""Takes near-duplicates out of selections: of frames that look alike the earliest stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.curate.diversity import Diversity, diversity
from ringroad.curate.duplicates import begin, extend
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.pipelines.curation import SELECTION, keep_selection
from ringroad.pipelines.frame_index import fresh_index
from ringroad.pipelines.scope import named_selection
from ringroad.pipelines.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

SAMPLE = 200_000
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """What is left, and how different it is."""

    selection: Artifact
    before: int
    after: int
    unseen: int
    """Frames without an embedding; they stay, because nobody looked."""
    diversity_before: Diversity
    diversity_after: Diversity


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
) -> Unlike:
    """Keep a selection without frames that look like an earlier one of it.

    Args:
        workspace: where the frames are.
        name: of the selection.
        frames: those of the selection; None for all frames.
        radius: distance in the space up to which two frames are alike.
        space: which embeddings; the default where none is named.
        within_recording: frames of different recordings are never alike.
        save: name of the new selection.
        seed: of the cells and samples.

    Raises:
        InputError: no frame of it was embedded.
    """
    fresh = fresh_index(workspace, wait=True)
    sources = IndexSources(workspace, fresh)
    held, view = sources.space(space), fresh.view
    rows = np.flatnonzero(view.alive) if frames is None else view.rows_of(list(frames))
    gone = int((rows < 0).sum())
    if gone:
        raise InputError(
            f"{gone} of {len(rows)} frames are in no recording any more",
            subject=name,
            remedy="take the recordings in again, or make the selection anew",
        )
    looked = view.embedded(held.name)[rows]
    if not looked.any():
        raise InputError(
            f"no frame of it has an embedding in {held.name!r}",
            subject=name,
            remedy="describe the frames first: ringroad ingest PATH --describe 1",
        )
    seen = rows[looked]
    times = view.columns["time_ns"].to_numpy()[seen]
    recordings = sources.recording[seen]
    order = np.lexsort((times, recordings))
    seen = seen[order]
    vectors = view.vectors(held.name, seen)
    state = begin(vectors[:SAMPLE], radius=radius, expected=len(vectors), seed=seed)
    groups = recordings[order].astype(np.int64) if within_recording else None
    _, told = extend(state, vectors, groups=groups)
    kept = np.sort(np.concatenate([seen[told.kept], rows[~looked]]))
    ids = view.columns["frame_id"].take(pa.array(kept)).to_pylist()
    parents = [] if frames is None else [named_selection(workspace, name).id]
    made = workspace.runner.run(
        keep_selection,
        frames=ids,
        query="",
        parents=parents,
        reason=f"without near-duplicates: {held.name}, radius {radius:g}",
        versions=[],
    )
    workspace.point(f"{SELECTION}:{save}", made, reason="without near-duplicates")
    return Unlike(
        selection=made,
        before=len(rows),
        after=len(ids),
        unseen=int((~looked).sum()),
        diversity_before=diversity(vectors, radius=radius, seed=seed),
        diversity_after=diversity(vectors[told.kept], radius=radius, seed=seed),
    )
