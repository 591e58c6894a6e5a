"""Search and selections for people: what the tables hold now, and what of it to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate import selection as selections
from ringroad.curate.embed import NAME as EMBEDDER
from ringroad.curate.query import more_like, query_frames
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId
from ringroad.domain.selection import Selection
from ringroad.media.schemas import CHECKS, EVENTS, SWEEPS
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

SHOWN = (
    "frame_id", "recording_id", "channel", "sequence", "time_ns", "width", "height",
    "brightness", "contrast", "sharpness", "saturation", "condition", "speed_mps",
)  # fmt: skip

BESIDE = {"checks": CHECKS, "events": EVENTS, "sweeps": SWEEPS}
"""Tables that a query over frames may look into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows as they are shown, and how they were looked for."""

    rows: list[dict[str, Any]]
    query: str
    note: str


@step()
def keep_selection(
    bench: Bench, *, frames: list[str], query: str, parents: list[str], reason: str
) -> Artifact:
    """Store a selection."""
    kept = Selection(
        frames=tuple(FrameId(frame) for frame in frames),
        query=query,
        parents=tuple(parents),  # type: ignore[arg-type]  # ids are texts
        reason=reason,
    )
    return bench.write(selections.KIND, selections.to_bytes(kept), selections.MEDIA)


def find_frames(workspace: Workspace, query: str, *, like: str, limit: int, order: str) -> Found:
    """Frames by an expression over columns, nearest to an example first where one is given."""
    rows = workspace.rows("frames", columns=list(SHOWN))
    undecoded = rows.column("brightness").null_count
    note = f"{rows.num_rows} frames indexed, {undecoded} of them not decoded yet"
    beside = {name: _whole(workspace, name) for name in BESIDE if name in query}
    if not like:
        found = query_frames(rows, query, limit=limit, order=order, beside=beside)
        return Found(rows=found.to_pylist(), query=query or "true", note=note)
    among = query_frames(rows, query, beside=beside).column("frame_id").to_pylist()
    vectors = workspace.rows(f"embeddings.{EMBEDDER}")
    near = more_like(vectors, FrameId(like), limit=limit, among=among)
    known = {row["frame_id"]: row for row in rows.to_pylist()}
    shown = [known[row["frame_id"]] | {"distance": row["distance"]} for row in near.to_pylist()]
    text = f"like {like}" + (f" where {query}" if query else "")
    return Found(rows=shown, query=text, note=f"{note}; exact distances over {EMBEDDER}")


def _whole(workspace: Workspace, table: str) -> pa.Table:
    """All rows of a table, none where nothing was ever put into it."""
    try:
        return workspace.rows(table)
    except UnknownName:
        return BESIDE[table].empty_table()


def save(workspace: Workspace, found: Found, name: str) -> Artifact:
    """Keep what was found as a selection under a name."""
    frames = [row["frame_id"] for row in found.rows]
    kept = workspace.runner.run(
        keep_selection, frames=frames, query=found.query, parents=[], reason="search"
    )
    workspace.point(f"selection:{name}", kept, reason="search")
    return kept


def add_by_hand(
    workspace: Workspace, name: str, frames: Sequence[str], *, reason: str
) -> tuple[Artifact, int]:
    """Add frames to a selection. Raises UnknownName for a frame that is in no recording."""
    known = workspace.rows("frames", columns=["frame_id"]).column("frame_id")
    missing = [frame for frame in frames if not pc.is_in(frame, value_set=known).as_py()]
    if missing:
        raise UnknownName(
            "no such frame", subject=missing[0], remedy="look for frames: ringroad search"
        )
    before = workspace.catalog.resolve(f"selection:{name}")
    old: tuple[FrameId, ...] = ()
    if before is not None:
        data = workspace.blobs.get(workspace.catalog.artifact(before).digest)
        old = selections.from_bytes(data).frames
    merged = list(dict.fromkeys([*old, *frames]))
    kept = workspace.runner.run(
        keep_selection,
        frames=merged,
        query="",
        parents=[before] if before else [],
        reason=reason or "by hand",
    )
    workspace.point(f"selection:{name}", kept, reason=reason or "by hand")
    return kept, len(merged)
