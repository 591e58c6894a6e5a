"""Guidelines under a name with history, and changes of them: looked at first, then applied."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import AliasMove, Artifact
from ringroad.domain.errors import AliasMoved, InvalidConfig, UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import Revision
from ringroad.domain.task import OPEN
from ringroad.domain.taxonomy import DROP, Guideline, TaxonomyChange
from ringroad.label import guidelines
from ringroad.label.guidelines import KIND, MEDIA
from ringroad.label.rows import EMPTY
from ringroad.media.annotation_rows import empty_rows, full, joined
from ringroad.pipelines.label.records import ANNOTATIONS
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTouched:
    """What a change does to annotations of one category."""

    category: str
    becomes: str
    """Empty where it is drawn no more."""
    annotations: int
    frames: int
    open_tasks: int
    """Tasks of orders under the old guideline on those frames, not answered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What a change of guideline touches. Nothing of it has happened."""

    name: str
    before: str
    after: str
    change: TaxonomyChange
    categories: tuple[CategoryTouched, ...]
    """Those that get another name, or go."""
    frames: Mapping[FrameId, int]
    """Frames that get a new revision, and the revision that they have."""
    unrevised: int
    """Frames with such annotations but no revision: those of a loop; they are left alone."""
    datasets: tuple[str, ...]
    """Names of dataset versions that hold such annotations; they stay as they are."""
    open_tasks: int
    """Of all orders under the old guideline: they go on under it."""


@step()
def keep_guideline(bench: Bench, *, document: dict[str, Any]) -> Artifact:
    """Store a guideline; its digest is its version."""
    kept = guidelines.guideline_from(document, subject=str(document.get("name", KIND)))
    return bench.write(KIND, guidelines.to_bytes(kept), MEDIA)


@step(uses=("pyarrow",))
def rename_categories(
    bench: Bench,
    *,
    labels: Sequence[Artifact],
    guideline: Artifact,
    heads: dict[str, list[Any]],
    mapping: dict[str, str],
    author: str,
    reason: str,
) -> Artifact:
    """Annotations of frames under a new guideline, as their next revisions.

    Rows keep their ids, authors and shapes. `heads` says of each frame which revision it has, in
    which batch, and who made it: [number, batch, source].
    """
    parts = []
    for batch in labels:
        frames = [frame for frame, (_, at, _) in heads.items() if at == batch.id]
        rows = full(bench.read_table(batch))
        parts.append(rows.filter(pc.is_in(rows.column("frame_id"), value_set=pa.array(frames))))
    changed = _renamed(joined(parts), mapping, guideline.digest)
    made = bench.write_table(ANNOTATIONS, changed, table_name=ANNOTATIONS)
    for frame, (number, _, source) in sorted(heads.items()):
        bench.record(
            Revision(
                frame=FrameId(frame),
                number=number + 1,
                batch=made.id,
                author=author,
                source=source,
                guideline=guideline.digest,
                reason=reason,
            )
        )
    return made


def create_guideline(workspace: Workspace, guideline: Guideline, *, reason: str = "") -> Artifact:
    """Keep a guideline under its name, which nothing else may have yet.

    Raises:
        UsageError: there is one of that name, and it differs.
    """
    kept = stored(workspace, guideline)
    known = workspace.catalog.resolve(_alias(guideline.name))
    if known not in (None, kept.id):
        raise UsageError(
            "there is a guideline of that name",
            subject=guideline.name,
            remedy="change it: ringroad labels guideline change",
        )
    _point(workspace, guideline.name, kept, expected=None, reason=reason or "made")
    return kept


def guideline_named(workspace: Workspace, name: str) -> tuple[Guideline, Artifact]:
    """A guideline by name, version, or the start of one. Raises UnknownName."""
    at = workspace.catalog.resolve(_alias(name.removeprefix(f"{KIND}:")))
    try:
        artifact = workspace.catalog.artifact(at) if at else workspace.find(name)
    except UnknownName:
        artifact = None
    if artifact is None or artifact.kind != KIND:
        known = ", ".join(item.removeprefix(f"{KIND}:") for item in guideline_names(workspace))
        raise UnknownName(
            "no guideline is called so", subject=name, remedy=f"known: {known or 'none'}"
        )
    return guidelines.from_bytes(workspace.blobs.get(artifact.digest)), artifact


def guideline_names(workspace: Workspace) -> Mapping[str, str]:
    """Aliases of guidelines, and the artifact of their newest version."""
    return workspace.catalog.names(f"{KIND}:")


def guideline_history(workspace: Workspace, name: str) -> Sequence[AliasMove]:
    """Versions of one guideline, oldest first. Raises UnknownName."""
    found = workspace.catalog.history(_alias(name))
    if not found:
        guideline_named(workspace, name)
    return found


def preview_change(
    workspace: Workspace,
    name: str,
    after: Guideline,
    mapping: Mapping[str, str],
    *,
    unnamed: bool = False,
) -> ChangePreview:
    """What would change if a guideline became another.

    Args:
        workspace: what is looked at.
        name: of the guideline.
        after: what it becomes; its name stays.
        mapping: old category -> new one, or `taxonomy.DROP`.
        unnamed: count annotations that name no guideline, too.

    Raises:
        UnknownName: no guideline is called so.
        InvalidConfig: a category has no place to go.
    """
    before, artifact = guideline_named(workspace, name)
    after = replace(after, name=before.name)
    change = _change(before, after, mapping, name)
    versions = {move.artifact.partition(":")[2] for move in guideline_history(workspace, name)}
    rows = _annotations(workspace)
    known = pa.array(sorted(versions | ({""} if unnamed else set())), pa.string())
    rows = rows.filter(pc.is_in(rows.column("guideline"), value_set=known))
    moved = [item for item in before.taxonomy.names if change.becomes(item) != item]
    rows = rows.filter(pc.is_in(rows.column("category"), value_set=pa.array(moved, pa.string())))
    waiting = _open_tasks(workspace, versions)
    touched = frozenset(rows.column("frame_id").to_pylist())
    headed = workspace.catalog.heads(touched)
    return ChangePreview(
        name=before.name,
        before=artifact.digest,
        after=guidelines.version_of(after),
        change=change,
        categories=tuple(_touched(rows, item, change, waiting) for item in moved),
        frames={frame: headed[frame].number for frame in sorted(headed)},
        unrevised=len(touched) - len(headed),
        datasets=tuple(_datasets_with(workspace, frozenset(moved), touched)),
        open_tasks=sum(waiting.values()),
    )


def apply_change(
    workspace: Workspace,
    preview: ChangePreview,
    after: Guideline,
    *,
    author: str,
    reason: str = "",
) -> Artifact:
    """Make a change that was looked at: new revisions of annotations, then the name moves.

    Nothing is changed in place: the annotations before stay as revisions, dataset versions as
    they are, and tasks that were ordered under the old guideline go on under it.

    Raises:
        StaleRevision: somebody changed annotations of a frame since; nothing was written.
        AliasMoved: somebody changed the guideline since.
    """
    _check_still(workspace, preview)
    kept = stored(workspace, replace(after, name=preview.name))
    why = reason or f"guideline {preview.name}: {preview.before[:12]} to {kept.digest[:12]}"
    heads = workspace.catalog.heads(preview.frames)
    mapping = {item: preview.change.becomes(item) for item in preview.change.before.names}
    if heads:
        batches = sorted({item.batch for item in heads.values()})
        workspace.runner.run(
            rename_categories,
            labels=[workspace.catalog.artifact(at) for at in batches],
            guideline=kept,
            heads={
                frame: [preview.frames[frame], head.batch, head.source]
                for frame, head in heads.items()
            },
            mapping=mapping,
            author=author,
            reason=why,
        )
    _point(workspace, preview.name, kept, expected=preview.before, reason=why)
    return kept


def stored(workspace: Workspace, guideline: Guideline) -> Artifact:
    """A guideline as an artifact, under no name."""
    document = json.loads(guidelines.to_bytes(guideline))
    return workspace.runner.run(keep_guideline, document=document)


def _annotations(workspace: Workspace) -> pa.Table:
    """Current annotations of all frames; none where none were ever made."""
    if ANNOTATIONS not in workspace.catalog.batch_tables():
        return joined([])
    return workspace.rows(ANNOTATIONS, columns=["frame_id", "category", "guideline"])


def _alias(name: str) -> str:
    return f"{KIND}:{name}"


def _point(
    workspace: Workspace, name: str, to: Artifact, *, expected: str | None, reason: str
) -> None:
    before = None if expected is None else workspace.find(f"{KIND}:{expected}").id
    workspace.catalog.move(
        _alias(name), to.id, expected=before, now_ns=workspace.clock.now_ns(), reason=reason
    )


def _check_still(workspace: Workspace, preview: ChangePreview) -> None:
    """Refuse a change of a guideline that is another by now."""
    now = workspace.catalog.resolve(_alias(preview.name))
    if now is None or now.partition(":")[2] != preview.before:
        raise AliasMoved(
            f"is another by now ({now or 'gone'}), not {preview.before[:12]}",
            subject=_alias(preview.name),
            remedy="look at the change again",
        )


def _change(
    before: Guideline, after: Guideline, mapping: Mapping[str, str], name: str
) -> TaxonomyChange:
    try:
        return TaxonomyChange(before=before.taxonomy, after=after.taxonomy, mapping=mapping)
    except ValueError as error:
        raise InvalidConfig(
            str(error), subject=f"{KIND} {name}", remedy="--map OLD=NEW, or --map OLD= to drop it"
        ) from error


def _renamed(rows: pa.Table, mapping: Mapping[str, str], version: str) -> pa.Table:
    """Rows under another taxonomy; a frame of which nothing is left keeps one empty row."""
    old = rows.column("category").to_pylist()
    new = [EMPTY if name == EMPTY else mapping.get(name, name) for name in old]
    kept = pa.array([is_ != DROP or was == EMPTY for was, is_ in zip(old, new, strict=True)])
    place = rows.schema.get_field_index
    named = rows.set_column(place("category"), rows.field("category"), pa.array(new, pa.string()))
    stamped = pa.array([version] * rows.num_rows, pa.string())
    named = named.set_column(place("guideline"), rows.field("guideline"), stamped).filter(kept)
    gone = set(rows.column("frame_id").to_pylist()) - set(named.column("frame_id").to_pylist())
    return joined([named, empty_rows(sorted(gone), rows)]).sort_by("annotation_id")


def _open_tasks(workspace: Workspace, versions: set[str]) -> Counter[FrameId]:
    """Frame -> tasks not answered yet, of orders under one of these versions."""
    return Counter(
        task.frame
        for order in workspace.catalog.orders()
        if order.guideline in versions
        for task in workspace.catalog.tasks(order=order.id, state=OPEN)
    )


def _touched(
    rows: pa.Table, category: str, change: TaxonomyChange, waiting: Counter[FrameId]
) -> CategoryTouched:
    mine = rows.filter(pc.equal(rows.column("category"), category))
    frames = set(mine.column("frame_id").to_pylist())
    return CategoryTouched(
        category=category,
        becomes=change.becomes(category),
        annotations=mine.num_rows,
        frames=len(frames),
        open_tasks=sum(waiting[frame] for frame in frames),
    )


def _datasets_with(
    workspace: Workspace, categories: frozenset[str], frames: frozenset[FrameId]
) -> list[str]:
    found = []
    for name, at in workspace.catalog.names("dataset:").items():
        version = rows_of(workspace.blobs, workspace.catalog.artifact(at))
        if categories & set(header_of(version).categories) and not frames.isdisjoint(
            version.column("frame_id").to_pylist()
        ):
            found.append(name)
    return found
