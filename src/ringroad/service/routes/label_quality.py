"""How far labels can be trusted, and what they cost."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Response

from ringroad.pipelines.label.progress import costs_of
from ringroad.pipelines.label.qa import Disagreeing, qa_figures
from ringroad.service.door import command, router_of, say_cli
from ringroad.service.schemas.label_quality import (
    DisagreementTold,
    DisputedFrame,
    LabelCosts,
    LabelQualityTold,
    LookTold,
)
from ringroad.service.state import Here

router = router_of("label")
Named = Annotated[
    list[Annotated[str, Query(max_length=200)]],
    Query(max_length=50, description="Orders, labellings or batches; all without."),
]
MOST_ROWS = 200


@router.get("/labelling/quality")
def show_label_quality(
    here: Here,
    response: Response,
    on: Named = [],  # noqa: B006 (FastAPI copies it)
    worst: Annotated[int, Query(ge=0, le=60)] = 8,
) -> LabelQualityTold:
    """Agreement with intervals, annotators, confusion, and the frames that differ most."""
    found = qa_figures(here.workspace, on, worst=worst)
    return LabelQualityTold(
        subject=found.subject,
        unit=found.unit,
        units=found.units,
        frames=found.frames,
        agreement=found.agreement,
        people=found.people,
        kinds=dict(found.kinds),
        disagreements=[
            DisagreementTold(
                frame=row.frame, kind=row.kind, said=row.said, decided=row.decided, by=row.by
            )
            for row in found.rows[:MOST_ROWS]
        ],
        worst=[_disputed(item) for item in found.worst],
        synthetic=found.synthetic,
        simulated=found.simulated,
        cli=say_cli(response, command("labels", "qa", *on)),
    )


@router.get("/labelling/costs")
def list_label_costs(
    here: Here,
    response: Response,
    order: Annotated[str, Query(max_length=200)] = "",
    per_hour: Annotated[
        float | None, Query(ge=0, le=1e6, description="What an hour costs, in any money.")
    ] = None,
) -> LabelCosts:
    """What each annotator did for an order, or for all, and what it took."""
    money = () if per_hour is None else ("--per-hour", f"{per_hour:g}")
    return LabelCosts(
        costs=costs_of(here.workspace, order, per_hour=per_hour),
        per_hour=per_hour,
        cli=say_cli(response, command("labels", "cost", order, *money)),
    )


def _disputed(item: Disagreeing) -> DisputedFrame:
    first, second = (
        LookTold(annotator=who, marks=item.marks[who], alone=item.alone[who])
        for who in (item.first, item.second)
    )
    return DisputedFrame(
        frame=item.frame,
        picture=f"/api/v1/pictures/{quote(item.frame)}",
        kinds=item.kinds,
        first=first,
        second=second,
    )
