"""Which recordings and frames a name means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringroad.curate import selection as selections
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import FrameId, RecordingId
from ringroad.pipelines.curate.curation import QUERY, SELECTION, as_of_now
from ringroad.pipelines.finding import find_named, table_of
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import taken_of, taken_with
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Recordings, and which of their frames are meant; None means all of them."""

    taken: tuple[Taken, ...]
    frames: tuple[FrameId, ...] | None


def scope_of(workspace: Workspace, name: str) -> Scope:
    """What `--on` and `--from` mean: `all`, a recording, a selection, or a dataset version.

    Raises:
        UnknownName: nothing is called so.
        InputError: it holds no frame, some that are in no recording any more, or there is no
            recording at all.
    """
    if name == "all":
        known = workspace.catalog.recordings()
        if not known:
            raise InputError("there are no recordings yet", remedy="ringroad ingest PATH")
        return Scope(taken=tuple(taken_of(workspace, item) for item in known), frames=None)
    try:
        recording = workspace.catalog.recording(RecordingId(name))
    except UnknownName:
        frames = frames_named(workspace, name)
        if not frames:
            raise InputError(
                "holds no frame",
                subject=name,
                remedy="keep what a search finds: ringroad search QUERY --save NAME",
            ) from None
        taken = taken_with(workspace, frames)
        _check_there(workspace, taken, frames, name)
        return Scope(taken=taken, frames=frames)
    return Scope(taken=(taken_of(workspace, recording),), frames=None)


def _check_there(
    workspace: Workspace, taken: Sequence[Taken], frames: Sequence[FrameId], name: str
) -> None:
    """Raise InputError where a selection outlived frames that it holds."""
    there = {
        frame
        for item in taken
        for frame in table_of(workspace, item.frames)["frame_id"].to_pylist()
    }
    gone = [frame for frame in frames if frame not in there]
    if gone:
        raise InputError(
            f"{len(gone)} of {len(frames)} frames are in no recording any more, such as {gone[0]}",
            subject=name,
            remedy="take the recordings in again, or make the selection anew",
        )


def frames_in(workspace: Workspace, scope: Scope) -> tuple[FrameId, ...]:
    """The frames that are meant, in order: where all are, all of the recordings."""
    if scope.frames is not None:
        return scope.frames
    return tuple(
        FrameId(frame)
        for item in scope.taken
        for frame in table_of(workspace, item.frames)["frame_id"].to_pylist()
    )


def frames_named(workspace: Workspace, name: str) -> tuple[FrameId, ...]:
    """The frames of a selection or of a dataset version, in order; of a living one as of now.

    Raises:
        UnknownName: nothing is called so.
    """
    artifact = named_selection(workspace, name)
    if artifact.kind == SELECTION:
        return selections.from_bytes(workspace.blobs.get(artifact.digest)).frames
    return tuple(rows_of(workspace.blobs, artifact).column("frame_id").to_pylist())


def named_selection(workspace: Workspace, name: str) -> Artifact:
    """A selection or dataset version by name, alias or id; a living one is evaluated now.

    Raises:
        UnknownName: nothing is called so.
    """
    named = workspace.catalog.resolve
    bare = name.removeprefix(f"{SELECTION}:").removeprefix(f"{QUERY}:")
    if named(f"{QUERY}:{bare}") and not named(f"{SELECTION}:{bare}"):
        return as_of_now(workspace, bare)[0]
    prefix = SELECTION if named(f"{SELECTION}:{name}") else "dataset"
    try:
        return find_named(workspace, name, (SELECTION, "dataset"), prefix=prefix)
    except UnknownName as unknown:
        raise UnknownName(
            "is no recording, selection or dataset version",
            subject=name,
            remedy="say all, or see: ringroad recordings list, ringroad selections list",
        ) from unknown
