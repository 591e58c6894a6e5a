"""Datasets and their versions; `POST /datasets/{id}` appends one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from ringroad.datasets.manifest import version_of
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.datasets.diff import diff_versions
from ringroad.pipelines.datasets.log import how_made, log
from ringroad.pipelines.datasets.names import current, named, names_of
from ringroad.pipelines.finding import dataset_of
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.bulk import ANSWERS, JSON, form_of, plain_rows, stream
from ringroad.service.conditions import IfMatch, IfNoneMatch, absent_only, quoted, seen
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.curate import (
    AppendDataset,
    DatasetDiffTold,
    DatasetItem,
    DatasetLog,
    DatasetTold,
)
from ringroad.service.schemas.recordings import FramePage
from ringroad.service.state import Here, Service

router = router_of("datasets")
Id = Annotated[str, Path(max_length=300)]
MOST_NAMED, MOST_TOLD = 1000, 20
"""Frames that a difference names; it counts all of them."""


@router.get("/datasets")
def list_datasets(here: Here, response: Response, asked: Paging) -> PageOf[DatasetItem]:
    """All versions, newest first, and the names that point at them."""

    def make() -> Pinned:
        names = names_of(here.workspace)
        return pinned_of(
            here.workspace.catalog.artifacts("dataset")[::-1],
            key=lambda item: f"{item.id} {names.get(item.id)}",
            tell=lambda item: _item(here, item, names.get(item.id, ())),
        )

    return PageOf[DatasetItem](
        **fields(page(here, {"list": "datasets"}, asked, make)),
        cli=say_cli(response, command("datasets", "list")),
    )


@router.get("/datasets/{id:path}/rows", responses=ANSWERS, response_model=FramePage)
def list_dataset_rows(
    here: Here, request: Request, response: Response, asked: Paging, id: Id
) -> Any:
    """Frames of a version with split, unit, weight and annotations, by frame id."""
    artifact = dataset_of(here.workspace, id)
    rows = here.tables.get(
        f"dataset {artifact.id}",
        lambda: rows_of(here.workspace.blobs, artifact).replace_schema_metadata(None),
    )
    cli, form = command("datasets", "show", id), form_of(request)
    if form != JSON:
        return stream(iter([rows]), form, cli=cli)

    def make() -> Pinned:
        return Pinned(
            version=artifact.digest[:32],
            count=rows.num_rows,
            take=lambda start, most: plain_rows(rows.slice(start, most)),
        )

    found = page(here, {"list": "rows", "dataset": artifact.id}, asked, make)
    return FramePage(**fields(found), cli=say_cli(response, cli))


@router.get("/datasets/{id:path}/log")
def show_dataset_log(here: Here, response: Response, id: Id) -> DatasetLog:
    """A version and all that it descends from: a graph, parents after their children."""
    found = log(here.workspace, dataset_of(here.workspace, id))
    return DatasetLog(
        versions=[asdict(item) for item in found],
        cli=say_cli(response, command("datasets", "log", id)),
    )


@router.get("/datasets/{id:path}/diff")
def diff_datasets(
    here: Here, response: Response, id: Id, to: Annotated[str, Query(max_length=300)]
) -> DatasetDiffTold:
    """What changed from this version to another."""
    before, after = (dataset_of(here.workspace, name) for name in (id, to))
    found = diff_versions(here.workspace, before, after)
    lists = ("added", "removed", "moved", "reannotated", "reweighted", "regrouped")
    return DatasetDiffTold(
        before=before.id,
        after=after.id,
        counts={name: len(getattr(found, name)) for name in lists},
        frames=asdict(found)["frames"],
        boxes=asdict(found)["boxes"],
        claims=found.claims,
        added=found.added[:MOST_NAMED],
        removed=found.removed[:MOST_NAMED],
        moved=[asdict(move) for move in found.moved[:MOST_NAMED]],
        reannotated=found.reannotated[:MOST_NAMED],
        reweighted=found.reweighted[:MOST_NAMED],
        regrouped=found.regrouped[:MOST_NAMED],
        cli=say_cli(response, command("datasets", "diff", id, to)),
    )


@router.get("/datasets/{id:path}")
def show_dataset(here: Here, response: Response, id: Id) -> DatasetTold:
    """What one version claims and holds; its ETag is what `If-Match` of an append takes."""
    artifact = dataset_of(here.workspace, id)
    names = names_of(here.workspace).get(artifact.id, ())
    response.headers["etag"] = quoted(artifact.id)
    response.headers["cache-control"] = "private, no-cache"
    return DatasetTold(
        dataset=_item(here, artifact, names),
        cli=say_cli(response, command("datasets", "show", id)),
    )


@router.post("/datasets/{id:path}", status_code=202, responses=ACCEPTED)
def append_dataset(
    here: Here,
    who: Who,
    response: Response,
    id: Id,
    body: AppendDataset,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """Append a version: labelled frames of a selection, frames to take out.

    With `If-Match` nothing is written where the dataset has moved on: 412 names the version that
    won, at once or as the problem of the operation. With `If-None-Match: *` the dataset is made.
    """
    name = named(id)
    if absent_only(if_none_match):
        return _create(here, who, response, name, body)
    expected = seen(if_match)
    _, before = current(
        here.workspace, name, expected=None if expected is None else ArtifactId(expected)
    )
    more = {"name": name, "expected": expected}
    cli = command(*_words(name, body), *(("--parent", before.id) if expected else ()))
    return accepted(here, who, response, "append-dataset", body, cli=cli, more=more)


def _words(name: str, body: AppendDataset) -> list[str]:
    """Of the command line, which names at most 20 frames to take out."""
    if body.selection:
        labels = [word for at in body.labels for word in ("--labels", at)]
        split = ("--split", body.split)
        return ["datasets", "append", name, "--from", body.selection, *labels, *split]
    frames = body.remove[:MOST_TOLD]
    return ["datasets", "remove", name, *frames, "--reason", body.reason or "removed"]


def _create(here: Service, who: Who, response: Response, name: str, body: AppendDataset) -> Any:
    held = here.workspace.catalog.resolve(f"dataset:{name}")
    if held is not None:
        raise Declined(
            "version-moved",
            f"there is one already: it is at {held}",
            subject=f"dataset:{name}",
            place=held,
            remedy="append to it with `If-Match`, or choose another name",
        )
    if not body.selection:
        raise UnknownName("a new dataset is made of something", remedy="name a `selection`")
    shape = ("--unit", body.unit, "--test-fraction", f"{body.test_fraction:g}")
    cli = command("datasets", "create", name, "--from", body.selection, *shape)
    return accepted(here, who, response, "create-dataset", body, cli=cli, more={"name": name})


def _item(here: Service, artifact: Artifact, names: tuple[str, ...]) -> DatasetItem:
    version = version_of(here.workspace.blobs, artifact)
    what, made_ns = how_made(here.workspace, artifact.id, version)
    return DatasetItem(
        id=artifact.id,
        parents=version.parents,
        what=what,
        made_ns=made_ns,
        names=names,
        header=version.header,
        splits=version.counts,
        frames=version.frames,
        content=version.content,
    )
