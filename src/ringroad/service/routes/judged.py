"""What stands behind KPIs: their course over time, and the frames that they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import pyarrow.compute as pc
from fastapi import Path, Query, Response

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.pipelines.datasets.frame_marks import sizes_of
from ringroad.pipelines.datasets.looks import look_again
from ringroad.pipelines.evaluate.judged_frames import Judged, frames_judged, judged, marks_judged
from ringroad.pipelines.evaluate.run_kpis import Scored, by_model, kpi_of, scores_of
from ringroad.pipelines.finding import find_named
from ringroad.pipelines.histories import names_of
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.held import frames_held, rows_held
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned
from ringroad.service.schemas.judged import (
    JudgedFrame,
    JudgedFrames,
    JudgedMarks,
    JudgedMarksTold,
    KpiPoint,
    KpisTold,
)
from ringroad.service.settings import DAY_NS
from ringroad.service.state import Here, Service

router = router_of("validate")
Id = Annotated[str, Path(max_length=300)]
Word = Annotated[str, Query(max_length=100)]
Frame = Annotated[str, Query(max_length=1000)]
ALL = "all"
WHY = "frames behind KPIs"


@router.get("/kpis")
def list_kpis(
    here: Here,
    response: Response,
    metric: Word = "AP50",
    category: Word = ALL,
    slice: Word = ALL,
    dataset: Annotated[str, Query(max_length=300)] = "",
    alias: Annotated[str, Query(max_length=200)] = "",
) -> KpisTold:
    """One KPI over time: of every evaluation, or of what an alias pointed at when."""
    scores = [
        one for one in scores_of(here.workspace, known=here.scored) if dataset in {"", one.dataset}
    ]
    asked = {"metric": metric, "category": category, "slice_": slice}
    names = names_of(here.workspace)

    def point(at_ns: int, models: Sequence[ArtifactId], one: Scored | None) -> KpiPoint:
        return KpiPoint(
            at_ns=at_ns,
            evaluation=None if one is None else one.evaluation,
            dataset=None if one is None else one.dataset,
            models=models,
            names=[name for at in models for name in names.get(at, ())],
            kpi=None if one is None else kpi_of(here.workspace, one.evaluation, **asked),
        )

    if alias:
        mine = by_model(scores)
        moves = here.workspace.catalog.history(alias)
        if not moves:
            raise UnknownName("no name is called so", subject=alias)
        points = [
            point(move.moved_ns, (move.artifact,), next(iter(mine.get(move.artifact, ())), None))
            for move in moves
        ]
    else:
        points = [point(one.made_ns, one.models, one) for one in reversed(scores)]
    return KpisTold(
        metric=metric,
        category=category,
        slice=slice,
        points=points,
        cli=say_cli(response, command("workflows", "list", "--step", "evaluate_split")),
    )


@router.get("/evaluations/{id}/frames")
def list_judged_frames(
    here: Here,
    response: Response,
    who: Who,
    asked: Paging,
    id: Id,
    category: Word = ALL,
    slice: Word = ALL,
    recording: Annotated[str, Query(max_length=1000)] = "",
) -> JudgedFrames:
    """The frames that a KPI comes from, most errors first. A look at these test rows."""
    kpis, found = _looked(here, id, who.who)

    def make() -> Pinned:
        rows = frames_judged(found, category=category, condition=slice)
        counts = Counter(rows["recording_id"].to_pylist())
        if recording:
            rows = rows.filter(pc.equal(rows["recording_id"], recording))
        totals = {
            name: int(pc.sum(rows[name]).as_py() or 0) for name in ("truths", "missed", "false")
        }
        return Pinned(
            version=kpis.digest[:32],
            count=rows.num_rows,
            take=lambda start, most: [
                JudgedFrame(**row) for row in rows.slice(start, most).to_pylist()
            ],
            extra={"recordings": dict(sorted(counts.items())), **totals},
        )

    bound = {"list": "judged", "kpis": kpis.id, "category": category, "slice": slice,
             "recording": recording}  # fmt: skip
    told = page(here, bound, asked, make)
    cli = say_cli(response, command("lineage", kpis.id))
    return JudgedFrames(**fields(told), **told.extra, cli=cli)


@router.get("/evaluations/{id}/marks")
def list_judged_marks(
    here: Here,
    response: Response,
    who: Who,
    id: Id,
    frame: Annotated[list[Frame], Query(min_length=1, max_length=100)],
    category: Word = ALL,
    threshold: Annotated[float, Query(ge=0, le=1)] = 0.3,
) -> JudgedMarksTold:
    """Truth and detections of some frames, each with what it came to. A look at these test rows."""
    kpis, found = _looked(here, id, who.who)
    frames = [FrameId(at) for at in dict.fromkeys(frame)]
    marks = marks_judged(found, frames, category=category, threshold=threshold)
    sizes = sizes_of(here.workspace, list(marks), read=lambda item: frames_held(here, item))
    told: list[dict[str, Any]] = [
        {
            "frame": at,
            "picture": f"/api/v1/pictures/{quote(at)}",
            "width": sizes.get(at, (0, 0))[0],
            "height": sizes.get(at, (0, 0))[1],
            **marks[at],
        }
        for at in frames
        if at in marks
    ]
    return JudgedMarksTold(
        evaluation=kpis.id,
        threshold=threshold,
        frames=[JudgedMarks(**row) for row in told],
        cli=say_cli(response, command("lineage", kpis.id)),
    )


def _looked(here: Service, id: str, who: str) -> tuple[Artifact, Judged]:
    """What an evaluation looked at; that somebody looks again is noted once a day."""
    kpis = find_named(here.workspace, id, ("kpis",), prefix="")
    found: Judged = here.tables.get(
        f"judged {kpis.id}",
        lambda: judged(here.workspace, kpis, read=lambda item: rows_held(here, item)),
    )
    today = here.workspace.clock.now_ns() // DAY_NS

    def note() -> bool:
        look_again(here.workspace, kpis, why=WHY, who=who)
        return True

    here.known.get(f"look {kpis.id} {today} {who}", note)
    return kpis, found
