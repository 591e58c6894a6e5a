"""The server, the workspace it serves, and what it holds."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from fastapi import Response

from ringroad import __version__
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.curate.funnel import Stage, funnel
from ringroad.pipelines.loop.state import loop_state
from ringroad.service import problems
from ringroad.service.blind import (
    advice_for,
    hidden_from,
    kinds_for,
    names_for,
    stages_for,
    stops_for,
)
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.metrics import MEDIA, memory_bytes
from ringroad.service.problems import Declined
from ringroad.service.roles import OPERATIONS, allows
from ringroad.service.schemas.bodies import ProblemKind
from ringroad.service.schemas.looking import LoopTold, Stop
from ringroad.service.schemas.workspace import About, Funnel, FunnelStage, Me, Status, Storage
from ringroad.service.state import Here

router = router_of("workspace")


@router.get("")
def about(here: Here) -> About:
    """Which server this is."""
    return About(
        version=__version__, workspace=here.workspace.folder.name, local=here.settings.local
    )


@router.get("/me")
def who_am_i(who: Who) -> Me:
    """Who asks, and which operations they may use."""
    allowed = [name for name in OPERATIONS if allows(who.role, who.scopes, name)]
    return Me(who=who.who, role=who.role, scopes=who.scopes, operations=allowed)


@router.get("/problems")
def list_problems() -> list[ProblemKind]:
    """Every code that a problem may have. Codes stay."""
    return [
        ProblemKind(code=code, status=status, title=title)
        for code, (status, title) in sorted(problems.KINDS.items())
    ]


@router.get("/status")
def show_status(here: Here, who: Who, response: Response) -> Status:
    """Count recordings, artifacts by kind, names, operations, and rows not indexed yet."""
    catalog = here.workspace.catalog
    return Status(
        workspace=here.workspace.folder.name,
        recordings=len(catalog.recordings()),
        refused=len(catalog.refusals()),
        artifacts=kinds_for(who, Counter(item.kind for item in catalog.artifacts())),
        aliases=names_for(who, catalog.names()),
        batches_not_indexed=kinds_for(
            who, {name: len(catalog.unindexed(name)) for name in catalog.batch_tables()}
        ),
        operations=here.operations.counts(),
        hidden=hidden_from(who),
        cli=say_cli(response, command("status")),
    )


@router.get("/loop")
def show_loop(here: Here, who: Who, response: Response) -> LoopTold:
    """The stops of the loop, what waits at each, and what to do next."""
    found = loop_state(here.workspace)
    return LoopTold(
        workspace=here.workspace.folder.name,
        stops=[Stop(**asdict(stop)) for stop in stops_for(who, found.stops)],
        next=[asdict(advice) for advice in advice_for(who, found.advice)],
        refused=found.refused,
        judged=found.judged,
        hidden=hidden_from(who),
        cli=say_cli(response, command("status")),
    )


@router.get("/storage")
def show_storage(here: Here, who: Who, response: Response) -> Storage:
    """Bytes by kind of artifact, in place and copied, and what is free."""
    catalog = here.workspace.catalog
    kinds: dict[str, dict[str, int]] = {}
    in_place = 0
    for item in catalog.artifacts():
        held = kinds.setdefault(item.kind, {"artifacts": 0, "bytes": 0})
        held["artifacts"] += 1
        held["bytes"] += item.size_bytes
        if item.kind == "source" and catalog.location(item.digest) is not None:
            in_place += item.size_bytes
    disk = shutil.disk_usage(here.workspace.folder)
    return Storage(
        kinds=kinds_for(who, kinds),
        in_place_bytes=in_place,
        free_bytes=disk.free,
        disk_bytes=disk.total,
        recorded_s=sum(item.duration_ns for item in catalog.recordings()) / SECOND_NS,
        hidden=hidden_from(who),
        cli=say_cli(response, command("status")),
    )


@router.get("/funnel")
def show_funnel(here: Here, who: Who, response: Response) -> Funnel:
    """How much is raw, useful, labelled and used; nothing where usefulness is not known yet."""
    first = "POST /api/v1/events"
    stages: tuple[Stage, ...] = ()
    missing = ""
    try:
        with here.found_only(first) as workspace:
            stages = funnel(workspace) if workspace.catalog.recordings() else ()
    except Declined as error:
        if error.code != "not-made-yet":
            raise
        missing = first
    return Funnel(
        missing=missing,
        stages=[
            FunnelStage(name=item.name, frames=item.frames, size_bytes=item.size_bytes)
            for item in stages_for(who, stages)
        ],
        hidden=hidden_from(who),
        cli=say_cli(response, command("status", "--funnel", "funnel.svg")),
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_metrics(here: Here) -> Response:
    """Figures of the server, for Prometheus."""
    counts = here.operations.counts()
    gauges: dict[str, tuple[str, Mapping[str, float]]] = {
        "operations": (
            "Operations by state.",
            {f'{{state="{name}"}}': float(count) for name, count in counts.items()},
        ),
        "recordings": ("Recordings.", {"": float(len(here.workspace.catalog.recordings()))}),
        "cache_bytes": (
            "Memory of what was looked at.",
            {
                '{of="tables"}': float(here.tables.held),
                '{of="pictures"}': float(here.pictures.held),
            },
        ),
        "memory_bytes": ("Most memory that was ever held.", {"": float(memory_bytes())}),
    }
    return Response(here.metrics.text(gauges), media_type=MEDIA)
