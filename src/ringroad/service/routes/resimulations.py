"""A candidate beside the champion, frame by frame: who differs where, and who was right."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

import pyarrow.compute as pc
from fastapi import Path, Query, Response

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.pipelines.datasets.frame_marks import sizes_of
from ringroad.pipelines.evaluate.resimulating import Compared, answers_at, compared
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.histories import MODEL_KINDS, names_of
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.bulk import plain, plain_rows
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.held import frames_held, rows_held
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.judged import (
    CompareModels,
    DifferencesTold,
    DifferingFrames,
    ResimulationItem,
    ResimulationTold,
)
from ringroad.service.state import Here, Service

router = router_of("validate")
KIND = "resimulation"
Id = Annotated[str, Path(max_length=300)]
LIST = command("workflows", "list", "--step", "resimulate")


@router.get("/resimulations")
def list_resimulations(here: Here, response: Response, asked: Paging) -> PageOf[ResimulationItem]:
    """Comparisons of two networks, newest first, with their sums."""

    def make() -> Pinned:
        return pinned_of(
            here.workspace.catalog.artifacts(KIND)[::-1],
            key=lambda item: item.id,
            tell=lambda item: _item(here, item, _compared(here, item)),
        )

    return PageOf[ResimulationItem](
        **fields(page(here, {"list": "resimulations"}, asked, make)), cli=say_cli(response, LIST)
    )


@router.get("/resimulations/{id}")
def show_resimulation(here: Here, response: Response, id: Id) -> ResimulationTold:
    """One comparison: how often they differ, by condition and by what differs."""
    artifact = find_named(here.workspace, id, (KIND,), prefix="")
    item = _item(here, artifact, _compared(here, artifact))
    return ResimulationTold(
        resimulation=item, cli=say_cli(response, command("lineage", artifact.id))
    )


@router.get("/resimulations/{id}/frames")
def list_differing_frames(
    here: Here,
    response: Response,
    asked: Paging,
    id: Id,
    condition: Annotated[str, Query(max_length=100)] = "",
    kind: Literal["", "missing", "extra", "category", "light_state", "moved", "score"] = "",
    right: Literal["", "champion", "candidate"] = "",
) -> DifferingFrames:
    """Frames on which they differ, the worst first; where one of them was right, or in one way."""
    artifact = find_named(here.workspace, id, (KIND,), prefix="")
    found = _compared(here, artifact)

    def make() -> Pinned:
        rows = rows_held(here, here.workspace.catalog.artifact(found.output("frames")))
        keep = pc.greater(rows["disagreement"], 0)
        if condition:
            keep = pc.and_(keep, pc.equal(rows["condition"], condition))
        for column in (kind, right and f"{right}_right"):
            keep = pc.and_(keep, pc.greater(rows[column], 0)) if column else keep
        order = [("disagreement", "descending"), ("frame_id", "ascending")]
        kept = rows.filter(keep).sort_by(order)
        return Pinned(
            version=artifact.digest[:32],
            count=kept.num_rows,
            take=lambda start, most: plain_rows(kept.slice(start, most)),
        )

    bound = {"list": "differing", "id": artifact.id, "condition": condition, "kind": kind,
             "right": right}  # fmt: skip
    return DifferingFrames(
        **fields(page(here, bound, asked, make)),
        cli=say_cli(response, command("selections", "show", found.output("disagreements"))),
    )


@router.get("/resimulations/{id}/differences")
def list_differences(
    here: Here, response: Response, id: Id, frame: Annotated[str, Query(max_length=1000)]
) -> DifferencesTold:
    """What both said of one frame, what differs, and the truth where it is known."""
    artifact = find_named(here.workspace, id, (KIND,), prefix="")
    found, at = _compared(here, artifact), FrameId(frame)
    sizes = sizes_of(here.workspace, [at], read=lambda item: frames_held(here, item))
    told = answers_at(here.workspace, found, at, read=lambda item: rows_held(here, item))
    width, height = sizes.get(at, (0, 0))
    differences = [plain(row) for row in told.pop("differences")]
    return DifferencesTold(
        frame=at,
        picture=f"/api/v1/pictures/{quote(at)}",
        width=width,
        height=height,
        differences=differences,
        **told,
        cli=say_cli(response, command("lineage", artifact.id)),
    )


@router.post("/resimulations", status_code=202, responses=ACCEPTED)
def compare_models(here: Here, who: Who, response: Response, body: CompareModels) -> Any:
    """Run a candidate beside the champion over recordings; a look at test rows with `truth`."""
    for name in (body.candidate, body.champion):
        find_named(here.workspace, name, MODEL_KINDS, prefix="")
    words = ["--candidate", body.candidate, "--champion", body.champion, "--on", body.on]
    if body.truth:
        dataset_of(here.workspace, body.truth)
        words += ["--truth", body.truth]
    words += ["--threshold", str(body.threshold), "--limit", str(body.limit)]
    cli = command("resimulate", *words)
    return accepted(here, who, response, "resimulate", body, cli=cli)


def _compared(here: Service, artifact: Artifact) -> Compared:
    found: Compared = here.known.get(
        f"compared {artifact.id}", lambda: compared(here.workspace, artifact)
    )
    return found


def _item(here: Service, artifact: Artifact, found: Compared) -> ResimulationItem:
    names = names_of(here.workspace)
    return ResimulationItem(
        id=artifact.id,
        made_ns=found.execution.ended_ns,
        champion=found.champion,
        candidate=found.candidate,
        champion_names=[name for at in found.champion for name in names.get(at, ())],
        candidate_names=[name for at in found.candidate for name in names.get(at, ())],
        threshold=float(str(found.execution.key.parameters["threshold"])),
        truth=found.truth,
        selection=found.output("disagreements"),
        summary=here.workspace.json(artifact),
    )
