"""Frames from afar: the embedding map, coverage of the domain, selections compared and thinned."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import Query, Response

from ringroad.curate.odd import DEFAULT
from ringroad.pipelines.curate.comparing_selections import compare_selections
from ringroad.pipelines.curate.covering import campaign_text, cover
from ringroad.pipelines.curate.embedding_map import EmbeddingMap, embedding_map
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.schemas.looking import Compared, CoverageTold, MapTold, ThinSelection
from ringroad.service.state import Here

router = router_of("curate")
Named = Annotated[str, Query(min_length=1, max_length=200)]
RADIUS = 0.1
"""Two frames nearer to one another are alike; as the command line has it."""


@router.get("/embedding-map")
def show_embedding_map(
    here: Here,
    response: Response,
    q: Annotated[str, Query(max_length=10_000)] = "",
    colour: Annotated[str, Query(max_length=50)] = "condition",
    space: Annotated[str, Query(max_length=200)] = "",
    most: Annotated[int, Query(ge=1, le=50_000)] = 10_000,
) -> MapTold:
    """Frames that hold a query on the two directions in which all frames differ most."""
    found = embedding_map(
        here.workspace, q, colour=colour, space=space, most=most, keep=here.tables.get
    )
    stems, stem, sequence = _parted(found)
    return MapTold(
        space=found.space,
        matched=found.matched,
        embedded=found.embedded,
        shares=found.shares,
        colour=colour,
        names=found.names,
        codes=found.codes.tolist(),
        x=np.round(found.places[:, 0].astype(np.float64), 5).tolist(),
        y=np.round(found.places[:, 1].astype(np.float64), 5).tolist(),
        stems=stems,
        stem=stem,
        sequence=sequence,
        cli=say_cli(response, command("search", q)),
    )


@router.get("/coverage")
def show_coverage(
    here: Here,
    response: Response,
    what: Named = "all",
    against: Annotated[str, Query(max_length=200)] = "",
    seed: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> CoverageTold:
    """Cells of the default domain that frames cover, with intervals, and what is missing."""
    with here.writing() as workspace:  # a living selection is kept as it is now
        told = cover(workspace, what, odd=DEFAULT, against=against, seed=seed)
    text, untold = campaign_text(told, "coverage")
    del told["road_cells"]
    attributes = [{"name": item.name, "values": list(item.labels)} for item in DEFAULT.attributes]
    options = ("--against", against) if against else ()
    cli = say_cli(response, command("coverage", what, *options))
    return CoverageTold(
        **told, attributes=attributes, campaign=text, no_trigger_for=untold, cli=cli
    )


@router.get("/comparisons/selections")
def compare_two_selections(
    here: Here,
    response: Response,
    one: Named,
    other: Named,
    radius: Annotated[float, Query(gt=0, le=2)] = RADIUS,
    seed: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Compared:
    """Two selections or dataset versions: what each holds, what both hold, who lacks what."""
    with here.writing() as workspace:
        told = compare_selections(
            workspace, one, other, odd=DEFAULT, space="", radius=radius, seed=seed
        )
    cli = command("selections", "compare", one, other, "--radius", f"{radius:g}")
    return Compared(**told, cli=say_cli(response, cli))


@router.post("/thinnings", status_code=202, responses=ACCEPTED)
def thin_selection(here: Here, who: Who, response: Response, body: ThinSelection) -> Any:
    """Keep a selection without its near-duplicates under another name."""
    options = ["--radius", f"{body.radius:g}"]
    options += ["--within-recording"] if body.within_recording else []
    options += ["--against", body.against] if body.against else []
    cli = command("selections", "thin", body.name, *options, "--save", body.save)
    return accepted(here, who, response, "thin-selection", body, cli=cli)


def _parted(found: EmbeddingMap) -> tuple[list[str], list[int], list[int]]:
    """Ids in parts: hundreds of frames share all but their sequence number."""
    stems: dict[str, int] = {}
    stem, sequence = list[int](), list[int]()
    for frame in found.frames:
        head, _, number = frame.rpartition("/")
        stem.append(stems.setdefault(head, len(stems)))
        sequence.append(int(number))
    return list(stems), stem, sequence
