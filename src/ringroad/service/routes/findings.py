"""What checks found in recordings, and what happened in them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Query, Request, Response

from ringroad.domain.ids import RecordingId
from ringroad.ingest.checks import SEVERITIES
from ringroad.media.schemas import CHECKS, EVENTS
from ringroad.pipelines.recordings.held_rows import held_rows
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.bulk import ANSWERS, JSON, form_of, plain_rows, stream
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Asked, Paging, fields, page
from ringroad.service.pages import Pinned
from ringroad.service.schemas.recordings import RecordingsAsked, RowPage
from ringroad.service.state import Here, Service

router = router_of("recordings")
OfRecording = Annotated[str, Query(max_length=1000, description="All recordings without.")]


@router.get("/checks", responses=ANSWERS, response_model=RowPage)
def list_checks(
    here: Here,
    request: Request,
    response: Response,
    asked: Paging,
    recording: OfRecording = "",
    severity: Literal["info", "warning", "error"] = "info",
) -> Any:
    """What the checks found, at least so severe; `missing` names recordings not checked yet."""
    wanted = list(SEVERITIES[SEVERITIES.index(severity) :])
    cli = command("recordings", "checks", recording, "--severity", severity)
    return _rows(here, request, response, asked, ("checks", "severity", wanted), recording, cli)


@router.post("/checks", status_code=202, responses=ACCEPTED)
def check_recordings(here: Here, who: Who, response: Response, body: RecordingsAsked) -> Any:
    """Check recordings again, with the limits that are usual."""
    cli = command("recordings", "checks", *body.recordings[:1], "--again")
    return accepted(here, who, response, "check-recordings", body, cli=cli)


@router.get("/events", responses=ANSWERS, response_model=RowPage)
def list_events(
    here: Here,
    request: Request,
    response: Response,
    asked: Paging,
    recording: OfRecording = "",
    kind: Annotated[str, Query(max_length=100)] = "",
) -> Any:
    """What happened; `missing` names recordings in which nobody looked yet."""
    wanted = [kind] if kind else []
    cli = command("recordings", "events", recording or "all", *(("--kind", kind) if kind else ()))
    return _rows(here, request, response, asked, ("events", "event", wanted), recording, cli)


@router.post("/events", status_code=202, responses=ACCEPTED)
def find_events(here: Here, who: Who, response: Response, body: RecordingsAsked) -> Any:
    """Find events in recordings, and how useful each stretch of them is."""
    cli = command("recordings", "events", *(body.recordings[:1] or ("all",)))
    return accepted(here, who, response, "find-events", body, cli=cli)


def _rows(
    here: Service,
    request: Request,
    response: Response,
    asked: Asked,
    what: tuple[str, str, list[str]],
    recording: str,
    cli: str,
) -> Any:
    """Rows of a table that hold, those wanted by one of its columns."""
    table, column, wanted = what

    def make() -> Pinned:
        rows, missing = _held(here, table, recording)
        if wanted:
            rows = rows.filter(pc.is_in(rows[column], pa.array(wanted, pa.string())))
        counts = dict(sorted(Counter(rows[column].to_pylist()).items()))
        return Pinned(
            version=_version(here, table),
            count=rows.num_rows,
            take=lambda start, most: plain_rows(rows.slice(start, most)),
            extra={"counts": counts, "missing": missing, "rows": rows},
        )

    form = form_of(request)
    if form != JSON:
        return stream(iter([make().extra["rows"]]), form, cli=cli)
    bound = {"list": table, "recording": recording, "wanted": wanted}
    found = page(here, bound, asked, make)
    return RowPage(
        **fields(found),
        counts=found.extra["counts"],
        missing=found.extra["missing"],
        cli=say_cli(response, cli),
    )


def _held(here: Service, table: str, recording: str) -> tuple[pa.Table, list[str]]:
    catalog = here.workspace.catalog
    asked = [catalog.recording(RecordingId(recording))] if recording else catalog.recordings()
    schema = {"checks": CHECKS, "events": EVENTS}[table]
    parts, missing = [schema.empty_table()], list[str]()
    for item in asked:
        rows = held_rows(here.workspace, table, item.id)
        if rows is None:
            missing.append(item.id)
        else:
            parts.append(rows.replace_schema_metadata(None))
    return pa.concat_tables(parts), missing


def _version(here: Service, table: str) -> str:
    """Where the catalog stands with a table; recordings without rows count as well."""
    batches = here.workspace.catalog.batches(table)
    return f"{table}@{batches[-1].position if batches else -1}"
