"""Edits of datasets by name: branch, tag, merge, revert, lock. Appending is `datasets`.

With `If-Match` nothing is written where the dataset has moved on: 412 names the version that won,
at once or as the problem of the operation.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Response

from ringroad.datasets.merge import Choices
from ringroad.datasets.merge_files import told as told_conflicts
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.datasets.edits import set_lock
from ringroad.pipelines.datasets.log import moves
from ringroad.pipelines.datasets.merging import Planned, plan_merge
from ringroad.pipelines.datasets.names import AT, PREFIX, branch, current, named, tag
from ringroad.pipelines.finding import dataset_of
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.bulk import plain
from ringroad.service.conditions import IfMatch, quoted, seen
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.schemas.versions import (
    BranchDataset,
    DatasetNamesTold,
    EditedTold,
    LockDataset,
    MergeDatasets,
    MergePreview,
    NamedTold,
    RevertDataset,
    TagDataset,
)
from ringroad.service.state import Here, Service

router = router_of("datasets")
Id = Annotated[str, Path(max_length=300)]
MOST_TOLD = 1000
"""Conflicts that a preview tells one by one; it counts all of them."""


@router.get("/datasets/{id:path}/names")
def list_dataset_names(here: Here, response: Response, id: Id) -> DatasetNamesTold:
    """A dataset's name and its tags: where they point, and where they pointed when."""
    bare = named(id)
    full = PREFIX + bare
    held = {
        name: at
        for name, at in here.workspace.catalog.names(full).items()
        if name == full or name.startswith(full + AT)
    }
    if not held:
        raise UnknownName(
            "no dataset is called so", subject=id, remedy="see what there is: GET /api/v1/datasets"
        )
    return DatasetNamesTold(
        names={name.removeprefix(PREFIX): at for name, at in sorted(held.items())},
        moves=moves(here.workspace, bare),
        cli=say_cli(response, command("datasets", "log", bare, "--moves")),
    )


@router.post("/datasets/{id:path}:branch", status_code=201)
def branch_dataset(
    here: Here, response: Response, id: Id, body: BranchDataset, if_match: IfMatch = None
) -> NamedTold:
    """Begin another dataset at a version of this one; nothing is copied."""
    _require(here, id, if_match)
    start = branch(here.workspace, id, body.name, at=body.at or "")
    response.headers["etag"] = quoted(start.id)
    words = ("--at", body.at) if body.at else ()
    cli = command("datasets", "branch", id, body.name, *words)
    return NamedTold(name=named(body.name), dataset=start.id, cli=say_cli(response, cli))


@router.post("/datasets/{id:path}:tag", status_code=201)
def tag_dataset(
    here: Here, who: Who, response: Response, id: Id, body: TagDataset, if_match: IfMatch = None
) -> NamedTold:
    """Give a version of a dataset a name that stays: NAME@TAG."""
    _require(here, id, if_match)
    full, target = tag(
        here.workspace,
        id,
        body.tag,
        at=body.at or "",
        move=body.move,
        reason=body.reason or f"by {who.who}",
    )
    words = [*(("--at", body.at) if body.at else ()), *(("--move",) if body.move else ())]
    words += ["--reason", body.reason] if body.reason else []
    cli = command("datasets", "tag", id, body.tag, *words)
    return NamedTold(name=full, dataset=target.id, cli=say_cli(response, cli))


@router.get("/datasets/{id:path}/merge")
def show_merge(
    here: Here,
    response: Response,
    id: Id,
    other: Annotated[str, Query(max_length=300)],
    unrelated: bool = False,
) -> MergePreview:
    """What merging another dataset or version into this one would do, with its conflicts."""
    planned = plan_merge(here.workspace, id, other, unrelated=unrelated)
    words = ["--unrelated"] if unrelated else []
    cli = command("datasets", "merge", id, other, *words, "--dry-run")
    response.headers["etag"] = quoted(planned.before.id)
    response.headers["cache-control"] = "private, no-cache"
    return MergePreview(**_previewed(planned), cli=say_cli(response, cli))


@router.post("/datasets/{id:path}:merge", status_code=202, responses=ACCEPTED)
def merge_datasets(
    here: Here,
    who: Who,
    response: Response,
    id: Id,
    body: MergeDatasets,
    if_match: IfMatch = None,
) -> Any:
    """Merge another dataset or version into this one; nothing where a conflict is undecided."""
    name, expected = _seen(here, id, if_match)
    dataset_of(here.workspace, body.other)
    words = [f"--{body.take}"] if body.take else []
    words += ["--resolutions", f"{name.replace('/', '-')}-conflicts.json"] if body.rows else []
    words += [*(["--unrelated"] if body.unrelated else []), *_parent(expected)]
    cli = command("datasets", "merge", name, body.other, *words)
    more = {"name": name, "expected": expected}
    return accepted(here, who, response, "merge-dataset", body, cli=cli, more=more)


@router.post("/datasets/{id:path}:revert", status_code=202, responses=ACCEPTED)
def revert_dataset(
    here: Here,
    who: Who,
    response: Response,
    id: Id,
    body: RevertDataset,
    if_match: IfMatch = None,
) -> Any:
    """Bring the rows of an earlier version back, as a new version; history stays."""
    name, expected = _seen(here, id, if_match)
    dataset_of(here.workspace, body.version)
    words = ["--reason", body.reason, *_parent(expected)]
    cli = command("datasets", "revert", name, body.version, *words)
    more = {"name": name, "expected": expected}
    return accepted(here, who, response, "revert-dataset", body, cli=cli, more=more)


@router.post("/datasets/{id:path}:lock")
def lock_dataset(
    here: Here, response: Response, id: Id, body: LockDataset, if_match: IfMatch = None
) -> EditedTold:
    """Lock the test rows: nothing changes them until `unlock`."""
    return _locked(here, response, id, body, if_match, locked=True)


@router.post("/datasets/{id:path}:unlock")
def unlock_dataset(
    here: Here, response: Response, id: Id, body: LockDataset, if_match: IfMatch = None
) -> EditedTold:
    """Unlock the test rows; that it was done, and why, stays in the history."""
    return _locked(here, response, id, body, if_match, locked=False)


def _locked(
    here: Service,
    response: Response,
    id: str,
    body: LockDataset,
    if_match: str | None,
    *,
    locked: bool,
) -> EditedTold:
    name, expected = _seen(here, id, if_match)
    at = None if expected is None else ArtifactId(expected)
    with here.writing() as workspace:
        done = set_lock(workspace, name, locked=locked, reason=body.reason, expected=at)
    response.headers["etag"] = quoted(done.version.id)
    verb = "lock" if locked else "unlock"
    cli = command("datasets", verb, name, "--reason", body.reason)
    return EditedTold(
        dataset=done.version.id,
        parent=done.before.id,
        changed=done.changed,
        cli=say_cli(response, cli),
    )


def _previewed(planned: Planned) -> dict[str, Any]:
    plan = planned.merge
    sides = {"ours": planned.before.id, "theirs": planned.other.id}
    state = {"already": planned.already, "forward": planned.forward}
    if plan is None:
        nothing = {"put": 0, "removed": 0, "conflicts": 0, "rows": [], "header": []}
        return {**sides, **state, **nothing, "base": [], "hindrance": ""}
    told = told_conflicts(plan)
    rows = [_told_row(row) for row in told["rows"][:MOST_TOLD]]
    return {
        **sides,
        **state,
        "base": told["base"],
        "put": plan.rows.put.num_rows,
        "removed": len(plan.rows.removed),
        "conflicts": plan.conflicts,
        "rows": rows,
        "header": told["header"],
        "hindrance": _hindrance(planned),
    }


def _told_row(row: dict[str, Any]) -> dict[str, Any]:
    sides = {name: row[name] and plain(row[name]) for name in ("base", "ours", "theirs")}
    return {**{name: row[name] for name in ("frame", "kind", "cells")}, **sides}


def _hindrance(planned: Planned) -> str:
    """What no decision mends: a torn unit, a lock. Both sides are tried."""
    found = []
    for side in ("ours", "theirs"):
        try:
            planned.settled(Choices(default=side))
        except InputError as error:
            found.append(str(error))
    return found[0] if len(found) == len(("ours", "theirs")) else ""


def _require(here: Service, id: str, if_match: str | None) -> None:
    """Raise VersionMoved where the dataset is not what the caller saw; ids and tags stay."""
    if if_match is not None:
        _seen(here, id, if_match)


def _seen(here: Service, id: str, if_match: str | None) -> tuple[str, str | None]:
    """The bare name, and the version that the caller saw. Raises VersionMoved, UnknownName."""
    expected = seen(if_match)
    at = None if expected is None else ArtifactId(expected)
    bare, _ = current(here.workspace, id, expected=at)
    return bare, expected


def _parent(expected: str | None) -> list[str]:
    return ["--parent", expected] if expected else []
