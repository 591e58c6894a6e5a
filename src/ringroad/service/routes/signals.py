"""Signals of recordings: which there are, and curves of some, thinned for the eye."""

from __future__ import annotations

from typing import Annotated, Any

import pyarrow as pa
from fastapi import Query, Request, Response

from ringroad.domain.ids import RecordingId
from ringroad.domain.recording import Recording
from ringroad.pipelines.recordings.held_rows import signal_rows
from ringroad.pipelines.recordings.signal_curves import MOST_POINTS, Curve, curves, kinds
from ringroad.service.bulk import ANSWERS, JSON, form_of, stream
from ringroad.service.door import command, router_of, say_cli
from ringroad.service.schemas.recordings import SignalCurve, SignalCurves, SignalKind, SignalList
from ringroad.service.state import Here, Service

router = router_of("recordings")
Ns = Annotated[int | None, Query(ge=-(2**63), le=2**63 - 1)]


@router.get("/signals", responses=ANSWERS, response_model=SignalList)
def list_signals(
    here: Here,
    request: Request,
    response: Response,
    recording: Annotated[str, Query(max_length=1000)],
) -> Any:
    """Which signals a recording has; all their values where NDJSON or Arrow is asked for."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    rows, cli = _signals(here, item), command("recordings", "show", item.id)
    form = form_of(request)
    if form != JSON:
        return stream(iter([rows]), form, cli=cli)
    return SignalList(
        recording=item.id,
        start_ns=item.start_ns,
        signals=[SignalKind(**row) for row in kinds(rows)],
        cli=say_cli(response, cli),
    )


@router.get("/signals/curves")
def show_signal(
    here: Here,
    response: Response,
    recording: Annotated[str, Query(max_length=1000)],
    name: Annotated[list[str], Query(min_length=1, max_length=16)],
    channel: Annotated[str, Query(max_length=500)] = "",
    start_ns: Ns = None,
    end_ns: Ns = None,
    points: Annotated[int, Query(ge=2, le=MOST_POINTS)] = MOST_POINTS,
) -> SignalCurves:
    """Curves between two times; each stretch keeps its smallest and its largest value."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    found = curves(
        _signals(here, item),
        names=tuple(name),
        channel=channel,
        start_ns=start_ns,
        end_ns=end_ns,
        points=points,
    )
    return SignalCurves(
        recording=item.id,
        start_ns=item.start_ns,
        curves=[_curve(item, curve) for curve in found],
        cli=say_cli(response, command("recordings", "show", item.id)),
    )


def _curve(recording: Recording, curve: Curve) -> SignalCurve:
    values = [None if value != value else value for value in curve.values.tolist()]
    return SignalCurve(
        channel=curve.channel,
        name=curve.name,
        unit=curve.unit,
        recorded=curve.recorded,
        seconds=((curve.time_ns - recording.start_ns) / 1e9).tolist(),
        values=values,
    )


def _signals(here: Service, recording: Recording) -> pa.Table:
    table: pa.Table = here.tables.get(
        f"signals {recording.id} {recording.source}",
        lambda: signal_rows(here.workspace, recording),
    )
    return table
