"""Lets the search index follow the catalog; says what it does not hold yet. Searches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.index_rows import index_rows
from ringroad.curate.scenario.ego import ego_state
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import RecordingId, artifact_parts
from ringroad.media import arrow
from ringroad.media.schemas import ABOUT, CHECKS, EGO, EVENTS
from ringroad.pipelines.curate.tag_rows import TAGS, of_signals, recording_of, tags_in, tags_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.catalog import Batch
from ringroad.protocols.index import IndexView

FOLLOWED = ("frames", "events", "checks", TAGS)
"""Tables whose batches change rows of the index."""
EMBEDDINGS = "embeddings."
RECORDINGS_AT_ONCE = 64
"""How many recordings' rows are joined and written together."""
DEAD_SHARE = 0.5
"""Above it, the index is made again without the rows that were replaced."""
SMALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """The index, and what of the catalog it does not hold."""

    view: IndexView
    waiting: int
    """Batches that are committed and not indexed."""

    @property
    def note(self) -> str:
        """In words; empty where nothing is missing."""
        if not self.waiting:
            return ""
        return f"{self.waiting} batches are not indexed yet, another process is at it"


def fresh_index(workspace: Workspace, *, wait: bool = False) -> Fresh:
    """The index after it followed the catalog.

    Where somebody else is writing it, what it held before is answered at once, unless `wait`, or
    unless it held nothing: that there are no frames would be no answer.
    """
    before = workspace.index.view()
    if _pending(workspace, before.reached):
        with workspace.index.writing(wait=wait or not before.size) as held:
            if held:
                _follow(workspace)
    view = workspace.index.view()
    return Fresh(view=view, waiting=waiting_batches(workspace, view))


def waiting_batches(workspace: Workspace, view: IndexView) -> int:
    """How many committed batches a view does not hold."""
    return sum(len(batches) for batches in _pending(workspace, view.reached).values())


def rebuild_index(workspace: Workspace) -> int:
    """Make the index again from the catalog; return how many rows it has."""
    with workspace.index.writing():
        workspace.index.clear()
        _follow(workspace)
    return workspace.index.view().size


def _follow(workspace: Workspace) -> None:
    """Bring in what is new; the turn to write is held."""
    view = workspace.index.view()
    if view.size > SMALL and view.alive.mean() < DEAD_SHARE:
        workspace.index.clear()
        view = workspace.index.view()
    pending = _pending(workspace, view.reached)
    touched = sorted(
        {
            recording
            for table in FOLLOWED
            for batch in pending.get(table, ())
            for recording in _recordings(workspace, batch)
        }
    )
    known = set(pc.unique(view.columns["recording_id"]).to_pylist()) if touched else set()
    for start in range(0, len(touched), RECORDINGS_AT_ONCE):
        some = touched[start : start + RECORDINGS_AT_ONCE]
        rows = _rows(workspace, some)
        gone = _gone(view, rows, [recording for recording in some if recording in known])
        workspace.index.extend(columns=rows, gone=gone)
        workspace.progress("index", min(start + RECORDINGS_AT_ONCE, len(touched)), len(touched))
    for table, batches in pending.items():
        if table.startswith(EMBEDDINGS):
            _embed(workspace, table, batches)
    reached = {table: batches[-1].position for table, batches in pending.items()}
    workspace.index.extend(reached=reached)


def _gone(view: IndexView, rows: pa.Table, recordings: Sequence[str]) -> list[str]:
    """Frames that the index holds of these recordings, and that they have no more."""
    if not recordings:
        return []
    held = view.columns.select(["frame_id", "recording_id"]).filter(pa.array(view.alive))
    held = held.filter(pc.is_in(held["recording_id"].cast(pa.string()), pa.array(recordings)))
    left = pc.is_in(held["frame_id"], rows["frame_id"].combine_chunks())
    found: list[str] = held["frame_id"].filter(pc.invert(left)).to_pylist()
    return found


def _pending(workspace: Workspace, reached: Mapping[str, int]) -> dict[str, Sequence[Batch]]:
    """Batches that the index does not hold, by table; tables without any are left out."""
    tables = [
        name
        for name in workspace.catalog.batch_tables()
        if name in FOLLOWED or name.startswith(EMBEDDINGS)
    ]
    found = {name: workspace.catalog.batches(name, after=reached.get(name, -1)) for name in tables}
    return {name: batches for name, batches in found.items() if batches}


def _recordings(workspace: Workspace, batch: Batch) -> set[str]:
    """The recordings that a batch speaks of, with rows in it or without."""
    rows = _batch(workspace, batch)
    about = json.loads((rows.schema.metadata or {}).get(ABOUT, b"[]"))
    if batch.table == TAGS:
        about = [recording_of(scope) for scope in about]
    return {*pc.unique(rows["recording_id"]).to_pylist(), *about}


def _rows(workspace: Workspace, recordings: Sequence[str]) -> pa.Table:
    """Index rows of recordings, from what the tables hold of them now."""
    where = f"recording_id IN ({', '.join(_quoted(recording) for recording in recordings)})"
    tables = {
        "frames": workspace.rows("frames", where=where),
        "events": _or_none(workspace, "events", where, EVENTS),
        "checks": _or_none(workspace, "checks", where, CHECKS),
        TAGS: tags_in(workspace, where),
    }
    return pa.concat_tables(
        [
            _of_one(
                workspace, recording, {name: _of(rows, recording) for name, rows in tables.items()}
            )
            for recording in recordings
        ]
    )


def _of_one(workspace: Workspace, recording: str, rows: Mapping[str, pa.Table]) -> pa.Table:
    """Index rows of one recording: its frames, joined with all that is known at their times.

    Frames of bytes that others took the place of (`ingest --replace`) are in it no more.
    """
    signals = _signals(workspace, RecordingId(recording))
    source = workspace.catalog.recording(RecordingId(recording)).source
    frames = rows["frames"].filter(pc.equal(rows["frames"]["source"], str(source)))
    ego = EGO.empty_table() if signals is None else ego_state(signals, RecordingId(recording))
    tags, captions = tags_of(rows[TAGS])
    return index_rows(
        frames,
        ego=ego,
        events=rows["events"],
        checks=rows["checks"],
        tags=of_signals(frames, signals, ego) if signals is not None else {},
        better=tags,
        captions=captions,
    )


def _signals(workspace: Workspace, recording: RecordingId) -> pa.Table | None:
    """A recording's signals; None where its index is gone."""
    try:
        taken = taken_of(workspace, workspace.catalog.recording(recording))
    except (InputError, UnknownName):
        return None
    return table_of(workspace, taken.signals)


def _embed(workspace: Workspace, table: str, batches: Iterable[Batch]) -> None:
    space = table.removeprefix(EMBEDDINGS)
    parts = [_batch(workspace, batch) for batch in batches]
    rows = pa.concat_tables(part.replace_schema_metadata(None) for part in parts)
    if rows.num_rows:
        workspace.index.extend(vectors={space: rows})


def _batch(workspace: Workspace, batch: Batch) -> pa.Table:
    _, digest = artifact_parts(batch.artifact)
    return arrow.from_bytes(workspace.blobs.get(digest))


def _or_none(workspace: Workspace, table: str, where: str, schema: pa.Schema) -> pa.Table:
    try:
        return workspace.rows(table, where=where)
    except UnknownName:
        return schema.empty_table()


def _of(rows: pa.Table, recording: str) -> pa.Table:
    return rows.filter(pc.equal(rows["recording_id"], recording))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
