"""Labels of other tools: any format in as the current annotations of frames."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.canonical import canonical_json
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, InvalidAnnotations, StaleRevision, StepFailed
from ringroad.domain.ids import ArtifactId, FrameId, artifact_parts
from ringroad.domain.problem import Problem
from ringroad.domain.revision import Revision
from ringroad.label.formats.craft.zip_files import unpack
from ringroad.label.formats.files import LabelFiles, bundle
from ringroad.label.formats.known import format_of, guessed
from ringroad.label.formats.losses import Loss
from ringroad.media import arrow
from ringroad.media.schemas import SWEEPS
from ringroad.pipelines.finding import mapped_of
from ringroad.pipelines.label.files import (
    BUNDLE,
    FILE,
    move_heads,
    read_labels,
    rejoin_labels,
)
from ringroad.pipelines.recordings.checking import made_of
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A batch of labels, the frames whose annotations it now is, and what was set aside."""

    batch: Artifact
    format: str
    frames: int
    boxes: int
    """Annotations that the batch holds."""
    moved: int
    """Frames whose head was moved; those in which nothing changed were left alone."""
    kept: int
    """Annotations that the format cannot hold, and which stay for that reason."""
    problems: tuple[Problem, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a file is to be read.

    Attributes:
        format: name or alias; guessed where it is empty.
        categories: the file's category -> ours; all under their own names where it is empty.
        author: stands in rows that do not say who drew them; the format's name where it is empty.
        guideline: version that rows were made under which do not say it.
        channel: `recording/channel` whose frames the file counts, where it only counts.
        revision: refuse where the annotations of a frame are not at this revision.
        dry_run: read and compare, but make nothing current.
    """

    format: str = ""
    categories: Mapping[str, str]
    author: str
    guideline: str = ""
    channel: str = ""
    revision: int | None = None
    dry_run: bool = False


def bring_in(workspace: Workspace, path: Path, wanted: Wanted) -> Imported:
    """Import annotations for frames of all recordings, and make them current.

    An annotation that left from here and comes back unchanged stays as it was, with its author
    and all that the format cannot hold; a frame in which nothing changed is left alone.

    Args:
        workspace: where to.
        path: a file, a folder, or a ZIP of either.
        wanted: how.

    Raises:
        InputError: there is no such file, or no recording.
        InvalidAnnotations: the whole cannot be used; nothing was imported.
        StaleRevision: the annotations of a frame are at another revision, or moved meanwhile.
        UsageError: the format is not to be guessed.
    """
    with tempfile.TemporaryDirectory(prefix="ringroad-") as folder:
        files = opened_files(workspace, path, Path(folder))
        format_ = format_of(wanted.format) if wanted.format else guessed(files)
        name = path.name if len(files.names()) > 1 else files.names()[0].rpartition("/")[2]
        labels = _stored(workspace, files, Path(folder))
    taken = [taken_of(workspace, item) for item in workspace.catalog.recordings()]
    if not taken:
        raise InputError(
            "there are no recordings that it could belong to",
            subject=str(path),
            remedy="take them in first: ringroad ingest PATH",
        )
    try:
        made = workspace.runner.run(
            read_labels,
            labels=labels,
            name=name,
            format=format_.name,
            categories=dict(wanted.categories),
            author=wanted.author or format_.name,
            guideline=wanted.guideline,
            channel=wanted.channel,
            **indexed(workspace, taken),
        )
    except StepFailed as failed:
        error = failed.__cause__
        if not isinstance(error, InvalidAnnotations):
            raise
        below = error.subject.partition("/")[2]
        raise InvalidAnnotations(
            error.what,
            subject=f"{path}/{below}" if below else str(path),
            place=error.place,
            remedy=error.remedy,
        ) from error
    found = _settled(workspace, made["annotations"], format_.name, wanted)
    told = {"subject": str(path)}
    return replace(
        found,
        problems=tuple(build(Problem, row, **told) for row in workspace.json(made["problems"])),
        losses=tuple(
            Loss(**{**row, "examples": tuple(row["examples"])})
            for row in workspace.json(made["losses"])
        ),
    )


def opened_files(workspace: Workspace, path: Path, scratch: Path) -> LabelFiles:
    """The label files of a path; a ZIP is unpacked in the sandbox, without trust."""
    if path.suffix.lower() == ".zip" and path.is_file():
        to = scratch / "unpacked"
        to.mkdir()
        workspace.sandbox.call(unpack, path, to)
        return LabelFiles.of(to)
    return LabelFiles.of(path)


def indexed(workspace: Workspace, taken: Sequence[Taken]) -> dict[str, Any]:
    """Sources, frames and sweeps of recordings, as steps take them."""
    made = [made_of(workspace, item) for item in taken]
    return {
        "sources": [item.source for item in taken],
        "frames": [item.frames for item in taken],
        "sweeps": [item.get("sweeps") or _no_sweeps(workspace) for item in made],
    }


def _no_sweeps(workspace: Workspace) -> Artifact:
    """Of a recording that was taken in before sweeps were."""
    data = arrow.to_bytes(SWEEPS.empty_table())
    return Artifact(
        kind="sweeps",
        digest=workspace.blobs.put(data),
        size_bytes=len(data),
        media=arrow.ARROW_FILE,
    )


def _stored(workspace: Workspace, files: LabelFiles, scratch: Path) -> Artifact:
    """One file as it is; several as a bundle."""
    names = files.names()
    if len(names) == 1:
        with files.open(names[0]) as file:
            digest = workspace.blobs.put(file)
        size = files.size(names[0])
        return Artifact(kind=FILE, digest=digest, size_bytes=size, media="application/octet-stream")
    path = scratch / "bundle.tar"
    bundle(files, path)
    digest = workspace.blobs.put_file(path)
    size = path.stat().st_size
    return Artifact(kind=BUNDLE, digest=digest, size_bytes=size, media="application/x-tar")


def _settled(workspace: Workspace, came: Artifact, format_: str, wanted: Wanted) -> Imported:
    """Join rows with the current ones of their frames, and move the heads of what changed."""
    rows = mapped_of(workspace, came)
    frames = [FrameId(frame) for frame in pc.unique(rows.column("frame_id")).to_pylist()]
    heads = workspace.catalog.heads(frames)
    _check(frames, heads, wanted.revision)
    batch, changed, kept = came, list(frames), 0
    if heads:
        made = workspace.runner.run(
            rejoin_labels,
            came=came,
            heads=_heads(workspace, heads),
            before=_batches(workspace, heads),
            format=format_,
        )
        batch = made["annotations"]
        said = workspace.json(made["changed"])
        changed, kept = said["frames"], said["kept"]
        rows = mapped_of(workspace, batch)
    revisions = {
        frame: heads[frame].number if frame in heads else 0
        for frame in changed
        if frame not in heads or heads[frame].batch != batch.id
    }
    if revisions and not wanted.dry_run:
        workspace.runner.run(
            move_heads,
            annotations=batch,
            revisions=revisions,
            author=wanted.author,
            guideline=wanted.guideline,
        )
    return Imported(
        batch=batch,
        format=format_,
        frames=len(frames),
        boxes=pc.sum(pc.not_equal(rows.column("category"), "")).as_py() or 0,
        moved=len(revisions),
        kept=kept,
        problems=(),
        losses=(),
    )


def _check(
    frames: Sequence[FrameId], heads: Mapping[FrameId, Revision], expected: int | None
) -> None:
    """Raises StaleRevision where a frame is not at the revision that was expected."""
    for frame in frames if expected is not None else ():
        revision = heads[frame].number if frame in heads else 0
        if revision != expected:
            raise StaleRevision(
                f"its annotations are at revision {revision}, not {expected}",
                subject=frame,
                remedy="export them again, draw on top of that, and import the result",
            )


def _heads(workspace: Workspace, heads: Mapping[FrameId, Revision]) -> Artifact:
    """Which batch each frame's annotations are in, as a step takes it."""
    data = canonical_json({frame: artifact_parts(head.batch)[1] for frame, head in heads.items()})
    return Artifact(
        kind="label-heads",
        digest=workspace.blobs.put(data),
        size_bytes=len(data),
        media="application/json",
    )


def _batches(workspace: Workspace, heads: Mapping[FrameId, Revision]) -> list[Artifact]:
    return [
        workspace.catalog.artifact(ArtifactId(at))
        for at in sorted({head.batch for head in heads.values()})
    ]
