"""Frames for labelling without a network: key frames of tracks, spread in time, none twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.curate.key_frames import Seen, key_frames
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.pipelines.curate.curation import SELECTION, keep
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.scenarios import TRACKS
from ringroad.pipelines.curate.scope import frames_named, named_selection
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.workspace import Workspace

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPick:
    """What was picked.

    Attributes:
        frames: how many; of how many `candidates`, after `labelled` and `without` were left out.
        recordings: of which it has frames.
        tracks: that candidates show, and how many of them are `served` by a frame.
        untracked: recordings that have no tracks: there time alone decided.
        least_gap_s: between two frames of one recording and channel; 0 where there are no two.
    """

    selection: Artifact
    frames: int
    candidates: int
    labelled: int
    without: int
    recordings: int
    tracks: int
    served: int
    untracked: int
    least_gap_s: float


def pick_key_frames(
    workspace: Workspace,
    name: str,
    *,
    channel: str,
    per_track: int,
    per_recording: int,
    min_gap_ns: int,
    without: Sequence[str],
    save: str,
) -> KeyPick:
    """Keep frames of a selection that are worth a label, as a selection of their own.

    Args:
        workspace: where the frames are.
        name: of a selection or dataset version, or `all`.
        channel: frames of this channel alone; all channels without.
        per_track: moments wanted of each track.
        per_recording: at most so many frames of each.
        min_gap_ns: between two frames of one recording.
        without: selections and dataset versions whose frames are left out.
        save: name of the new selection.

    Raises:
        InputError: frames of it are gone, or none is left to pick from.
    """
    sources = IndexSources(workspace, fresh_index(workspace, wait=True))
    rows = (
        np.flatnonzero(sources.alive)
        if name == ALL
        else sources.living(frames_named(workspace, name), name)
    )
    if channel:
        channels = sources.rows["channel"].cast(pa.string()).take(pa.array(rows)).to_pylist()
        rows = rows[np.array([own == channel for own in channels], bool)]
    ids = sources.rows["frame_id"].take(pa.array(rows)).to_pylist()
    done = set(workspace.catalog.heads([FrameId(frame) for frame in ids]))
    taken = {frame for other in without for frame in frames_named(workspace, other)}
    left = np.array([f not in done and f not in taken for f in ids], bool)
    if not left.any():
        raise InputError(
            f"no frame is left of {len(ids)}: {len(done)} are labelled, {len(taken)} are in "
            f"{', '.join(without) or 'no selection'}",
            subject=name,
            remedy="pick from other frames",
        )
    rows = rows[left]
    recordings = sources.recording[rows]
    tracks = _tracks(workspace, sources, np.unique(recordings))
    found = key_frames(
        sources.rows["time_ns"].to_numpy()[rows],
        recordings,
        tracks,
        per_track=per_track,
        per_recording=per_recording,
        min_gap_ns=min_gap_ns,
    )
    picked = rows[found.rows]
    parents = [] if name == ALL else [named_selection(workspace, name).id]
    made = keep(
        workspace,
        sources.rows["frame_id"].take(pa.array(picked)).to_pylist(),
        parents=parents,
        reason=f"key frames: {per_track} a track, {per_recording} a recording, "
        f"{min_gap_ns / 1e9:g} s apart",
    )
    workspace.point(f"{SELECTION}:{save}", made, reason="key frames")
    return KeyPick(
        selection=made,
        frames=len(picked),
        candidates=len(rows),
        labelled=len(done),
        without=int((~left).sum()) - len(done - taken),
        recordings=len(np.unique(sources.recording[picked])),
        tracks=found.tracks,
        served=found.served,
        untracked=len({*np.unique(recordings).tolist()} - {track.recording for track in tracks}),
        least_gap_s=_least_gap_s(sources, picked),
    )


def _tracks(workspace: Workspace, sources: IndexSources, recordings: np.ndarray) -> list[Seen]:
    """The tracks of some recordings, as far as any came in."""
    name_of = {number: name for name, number in sources.recordings.items()}
    found: list[Seen] = []
    for number in recordings.tolist():
        known = workspace.catalog.resolve(f"{TRACKS}:{name_of[number]}")
        if known is None:
            continue
        table = table_of(workspace, workspace.catalog.artifact(known))
        codes = np.asarray(table["track_id"].combine_chunks().indices)
        times = table["time_ns"].to_numpy()
        away = np.hypot(table["x_m"].to_numpy(), table["y_m"].to_numpy())
        visible = table["visible"].to_numpy()
        for code in np.unique(codes):
            own = np.flatnonzero(codes == code)
            own = own[np.argsort(times[own], kind="stable")]
            found.append(
                Seen(
                    recording=number,
                    time_ns=times[own],
                    distance_m=away[own],
                    visible=visible[own],
                )
            )
    return found


def _least_gap_s(sources: IndexSources, rows: np.ndarray) -> float:
    times = sources.rows["time_ns"].to_numpy()[rows]
    recording = sources.recording[rows]
    order = np.lexsort((times, recording))
    apart = np.diff(times[order])[np.diff(recording[order]) == 0]
    return float(apart.min()) / 1e9 if len(apart) else 0.0
