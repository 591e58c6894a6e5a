"""Annotations leave in any format: of a dataset version, a selection, a recording or a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import of_splits, rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.annotation import CATEGORIES
from ringroad.domain.artifact import Artifact
from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS, TEST
from ringroad.domain.errors import InputError, UnknownName, UsageError
from ringroad.domain.ids import ArtifactId, FrameId, RecordingId, artifact_parts, digest_of
from ringroad.label.formats.format import Format
from ringroad.label.formats.known import format_of
from ringroad.label.formats.losses import Loss
from ringroad.label.formats.outgoing.outgoing import Outgoing
from ringroad.label.formats.writing import Written, write_labels
from ringroad.media import arrow
from ringroad.media.annotation_rows import full
from ringroad.media.schemas import ANNOTATIONS
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.finding import LABEL_KINDS, labels_of, mapped_of
from ringroad.pipelines.label.labelling import indexed
from ringroad.pipelines.label.pictures import recorded_files
from ringroad.pipelines.label.sources import chosen, pictures_of
from ringroad.pipelines.recordings.taken import taken_of, taken_with
from ringroad.pipelines.workspace import Workspace

ALL = "all"
"""The current annotations of every frame."""
_PROGRESS = "annotations written"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaving:
    """What is to leave.

    Attributes:
        what: id of the artifact it comes from, or in words.
        pictures: `PICTURES`, in order.
        rows: `schemas.ANNOTATIONS`, perhaps of more frames.
        categories: all that were annotated.
        batches: digests of the rows.
        looks: whether test rows of a dataset version are among them.
    """

    what: str
    pictures: pa.Table
    rows: pa.Table
    categories: tuple[str, ...]
    batches: tuple[str, ...]
    looks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What an export would write, before it does."""

    format: str
    annotations: int
    pictures: int
    losses: tuple[Loss, ...]


def format_for(path: Path, name: str) -> Format:
    """A format by name; by the suffix of the path where there is none. Raises UsageError."""
    if name:
        return format_of(name)
    by_suffix = {".json": "coco", ".xml": "cvat-images"}
    if path.suffix not in by_suffix:
        raise UsageError(
            "its suffix names no format",
            subject=str(path),
            remedy="say --format; ringroad plugins formats lists them",
        )
    return format_of(by_suffix[path.suffix])


def leaving_of(workspace: Workspace, what: str, splits: Sequence[str] = SPLITS) -> Leaving:
    """What a name stands for.

    Args:
        workspace: where from.
        what: a dataset version, a selection or a batch of annotations by name, alias or id; a
            recording; or `all`.
        splits: of a dataset version; other things have none.

    Raises:
        UnknownName: nothing is called so, or it holds no annotations.
        InputError: it holds no frames.
        UsageError: some splits are named of what has none.
    """
    if what == ALL:
        _whole(what, splits)
        every = [item.id for item in workspace.catalog.recordings()]
        return current_of(workspace, what, frames_of(workspace, every))
    try:
        artifact = _found(workspace, what)
    except UnknownName:
        if what not in {item.id for item in workspace.catalog.recordings()}:
            raise
        _whole(what, splits)
        return current_of(workspace, what, frames_of(workspace, [RecordingId(what)]))
    if artifact.kind == "dataset":
        return _version(workspace, artifact, splits)
    _whole(what, splits)
    if artifact.kind == "selection":
        frames = workspace.json(artifact)["frames"]
        if not frames:
            raise InputError(
                "holds no frame", subject=what, remedy="keep what a search finds: --save NAME"
            )
        return current_of(workspace, artifact.id, frames)
    if artifact.kind in LABEL_KINDS:
        rows = full(mapped_of(workspace, artifact))
        frames = sorted(pc.unique(rows["frame_id"]).to_pylist())
        return frames_leaving(
            workspace, artifact.id, frames, [rows], categories_of(rows), [artifact]
        )
    raise UnknownName(
        f"is of kind {artifact.kind!r}; wanted is dataset, selection, annotations or a recording",
        subject=what,
        remedy="see what there is: ringroad status",
    )


def foresee(leaving: Leaving, format_: Format) -> Foreseen:
    """What would be written and lost. Raises InvalidAnnotations."""
    out = _outgoing(leaving, format_)
    return Foreseen(
        format=format_.name,
        annotations=out.count,
        pictures=out.pictures.num_rows,
        losses=out.losses(format_.title),
    )


def export_labels(
    workspace: Workspace, leaving: Leaving, path: Path, format_: Format, *, who: str = ""
) -> Written:
    """Write annotations to a file or a new folder; taken up again where it was killed.

    Of a dataset version with its test rows this is a look at them, by the user of this process
    where nobody else is named.

    Raises:
        UsageError: the folder is there already, or the format is only read.
        InvalidAnnotations: a row cannot be written, such as one without the size of its picture.
        InputError, StorageFull: it cannot be written.
    """
    if leaving.looks:
        dataset = workspace.catalog.artifact(ArtifactId(leaving.what))
        look(workspace, dataset, why="labels export", who=who)
    named = canonical_json([leaving.what, leaving.batches, leaving.categories])
    key = digest_of(named + arrow.to_bytes(leaving.pictures))
    pictures = None
    if format_.name == "webdataset":
        pictures = recorded_files(workspace, leaving.pictures["frame_id"].to_pylist())
    return write_labels(
        format_,
        _outgoing(leaving, format_, pictures),
        path,
        key=key,
        told=lambda done, of: workspace.progress(_PROGRESS, done, of),
    )


def _outgoing(
    leaving: Leaving,
    format_: Format,
    picture: Callable[[int], tuple[str, bytes]] | None = None,
) -> Outgoing:
    return Outgoing(
        leaving.pictures,
        leaving.rows,
        categories=leaving.categories,
        holds=format_.holds,
        order=format_.order,
        picture=picture,
    )


def _found(workspace: Workspace, what: str) -> Artifact:
    for prefix in ("dataset", "selection"):
        known = workspace.catalog.resolve(f"{prefix}:{what}")
        if known is not None:
            return workspace.catalog.artifact(known)
    return workspace.find(what)


def _whole(what: str, splits: Sequence[str]) -> None:
    if tuple(splits) != SPLITS:
        raise UsageError(
            "only a dataset version has splits", subject=what, remedy="leave --splits out"
        )


def _version(workspace: Workspace, artifact: Artifact, splits: Sequence[str]) -> Leaving:
    version = of_splits(rows_of(workspace.blobs, artifact), splits, subject=artifact.id)
    batches = labels_of(workspace, version)
    rows = []
    for batch in batches:
        mine = version.filter(pc.equal(version["annotations"], batch.digest))["frame_id"]
        rows.append(_only(full(mapped_of(workspace, batch)), mine.combine_chunks()))
    frames = version["frame_id"].to_pylist()
    found = frames_leaving(
        workspace, artifact.id, frames, rows, header_of(version).categories, batches
    )
    return replace(found, looks=TEST in splits)


def current_of(
    workspace: Workspace, what: str, frames: Sequence[FrameId], *, bare: bool = False
) -> Leaving:
    """The current annotations of frames; frames that nobody looked at go along where `bare`.

    Raises:
        InputError: nobody looked at any, and they should not go bare.
    """
    heads = workspace.catalog.heads(frames)
    if not heads and not bare:
        raise InputError(
            "nobody has annotated its frames yet",
            subject=what,
            remedy="import annotations: ringroad labels import FILE",
        )
    batches = [workspace.catalog.artifact(ArtifactId(at))
               for at in sorted({head.batch for head in heads.values()})]  # fmt: skip
    rows = []
    for batch in batches:
        mine = [frame for frame, head in heads.items() if head.batch == batch.id]
        rows.append(_only(full(mapped_of(workspace, batch)), pa.array(mine, pa.string())))
    looked = [frame for frame in frames if bare or frame in heads]
    categories = categories_of(pa.concat_tables([ANNOTATIONS.empty_table(), *rows]))
    return frames_leaving(workspace, what, looked, rows, categories, batches)


def frames_leaving(
    workspace: Workspace,
    what: str,
    frames: Sequence[str],
    rows: Sequence[pa.Table],
    categories: Sequence[str],
    batches: Iterable[Artifact],
) -> Leaving:
    """Frames in their order, with rows of theirs."""
    taken = taken_with(workspace, [FrameId(frame) for frame in frames])
    parts: dict[str, Any] = indexed(workspace, taken)
    return Leaving(
        what=what,
        pictures=chosen(pictures_of(workspace.blobs, **parts), frames),
        rows=pa.concat_tables(rows) if rows else ANNOTATIONS.empty_table(),
        categories=tuple(categories),
        batches=tuple(artifact_parts(batch.id)[1] for batch in batches),
    )


def categories_of(rows: pa.Table) -> tuple[str, ...]:
    """Ours in their own order, others behind by name."""
    found = set(pc.unique(rows["category"]).to_pylist()) - {""}
    known = [name for name in CATEGORIES if name in found]
    return (*known, *sorted(found - set(known)))


def frames_of(workspace: Workspace, recordings: Sequence[RecordingId]) -> list[FrameId]:
    """All frames of some recordings, whoever looked at them."""
    taken = [taken_of(workspace, workspace.catalog.recording(at)) for at in recordings]
    parts: dict[str, Any] = indexed(workspace, taken)
    return [FrameId(name) for name in pictures_of(workspace.blobs, **parts)["frame_id"].to_pylist()]


def _only(rows: pa.Table, frames: pa.Array) -> pa.Table:
    """Rows of some frames; as they lie where those are all."""
    wanted = pc.is_in(rows["frame_id"], value_set=frames)
    return rows if pc.all(wanted).as_py() else rows.filter(wanted)
