"""Recordings, their frames and the pictures of these."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Path, Query, Request, Response

from ringroad.domain.ids import FrameId, RecordingId
from ringroad.domain.recording import Recording
from ringroad.domain.time import to_iso
from ringroad.pipelines.recordings import frame_pictures as pictures
from ringroad.pipelines.recordings.held_rows import recording_of, unknown_frame
from ringroad.pipelines.recordings.sweeps import sweeps_of
from ringroad.service.blind import hidden_from, is_blind
from ringroad.service.bulk import ANSWERS, JSON, form_of, plain, plain_rows, stream
from ringroad.service.door import Who, command, holds, router_of, say_cli
from ringroad.service.held import frames_held
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.recordings import (
    FramePage,
    FrameTold,
    RecordingItem,
    RecordingPage,
    RecordingTold,
)
from ringroad.service.state import Here, Service

router = router_of("recordings")
Id = Annotated[str, Path(max_length=1000)]
SMALL_WIDTH, NEIGHBOURS = 480, 6
"""Of frames without a proxy: how large they are shown, and how many on each side are kept."""
KEPT = "private, max-age=31536000, immutable"


@router.get("/recordings")
def list_recordings(
    here: Here,
    response: Response,
    asked: Paging,
    vehicle: Annotated[str, Query(max_length=200)] = "",
    synthetic: bool | None = None,
) -> RecordingPage:
    """All recordings by id, and the sources that were refused."""

    def make() -> Pinned:
        items = [
            _item(item)
            for item in here.workspace.catalog.recordings()
            if (not vehicle or item.vehicle == vehicle)
            and (synthetic is None or item.synthetic == synthetic)
        ]
        return pinned_of(items, key=lambda item: f"{item.id} {item.source}")

    bound = {"list": "recordings", "vehicle": vehicle, "synthetic": synthetic}
    return RecordingPage(
        **fields(page(here, bound, asked, make)),
        refused=here.workspace.catalog.refusals(),
        cli=say_cli(response, command("recordings", "list")),
    )


@router.get("/recordings/{id:path}")
def show_recording(here: Here, response: Response, id: Id) -> RecordingTold:
    """One recording with its channels, sweeps and calibrations."""
    item = here.workspace.catalog.recording(RecordingId(id))
    place = here.workspace.catalog.location(item.source)
    return RecordingTold(
        recording=item,
        location=place.uri if place else "",
        sweeps=sweeps_of(here.workspace, item),
        cli=say_cli(response, command("recordings", "show", item.id)),
    )


@router.get("/frames", responses=ANSWERS, response_model=FramePage)
def list_frames(
    here: Here,
    request: Request,
    response: Response,
    asked: Paging,
    recording: Annotated[str, Query(max_length=1000)],
    channel: Annotated[str, Query(max_length=500)] = "",
    around: Annotated[
        str, Query(max_length=1000, description="A frame to have in the middle of the page.")
    ] = "",
) -> Any:
    """Camera frames of a recording by channel and sequence, as ingest wrote them."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    cli = command("recordings", "show", item.id)
    rows = _channel(frames_held(here, item), channel)
    form = form_of(request)
    if form != JSON:
        return stream(iter([rows]), form, cli=cli)

    def make() -> Pinned:
        return Pinned(
            version=item.source[:32],
            count=rows.num_rows,
            take=lambda start, most: plain_rows(rows.slice(start, most)),
        )

    if around:
        place = pc.index(rows["frame_id"], around).as_py()
        if place < 0:
            raise unknown_frame(around)
        asked = replace(asked, offset=max(0, place - asked.limit // 2))
    bound = {"list": "frames", "recording": item.id, "channel": channel}
    return FramePage(**fields(page(here, bound, asked, make)), cli=say_cli(response, cli))


@router.get("/frames/{id:path}")
def show_frame(here: Here, who: Who, response: Response, id: Id) -> FrameTold:
    """One frame, its neighbours in its channel, and the annotations that count."""
    frames = frames_held(here, recording_of(here.workspace, id))
    row = pictures.row_of(frames, id)
    head = None if is_blind(who) else here.workspace.catalog.head(FrameId(id))
    before, after = _neighbours(_channel(frames, row["channel"]), id)
    return FrameTold(
        frame=plain(row) | {"time": to_iso(row["time_ns"])},
        picture=f"/api/v1/pictures/{quote(id)}",
        before=before,
        after=after,
        annotations=None if head is None else asdict(head),
        hidden=hidden_from(who),
        cli=say_cli(response, command("search", "--like", id)),
    )


@router.get(
    "/pictures/{id:path}",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
def show_picture(
    here: Here,
    request: Request,
    id: Id,
    form: Literal["recorded", "proxy"] = "recorded",
    width: Annotated[int | None, Query(ge=16, le=8192)] = None,
) -> Response:
    """A frame as JPEG: as recorded, or smaller from its proxy where it has one.

    A picture never changes: its ETag is known before anything is decoded.
    """
    recording = recording_of(here.workspace, id)
    frames = frames_held(here, recording)
    row = pictures.row_of(frames, id)
    etag = pictures.identity(row, form=form, width=width)
    headers = {"etag": f'"{etag}"', "cache-control": KEPT}
    if holds(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    data = here.pictures.get(
        etag, lambda: _picture(here, recording, frames, row, form=form, width=width)
    )
    response = Response(data, media_type="image/jpeg", headers=headers)
    say_cli(response, command("recordings", "show", recording.id, "--html", "recording.html"))
    return response


def _picture(
    here: Service,
    recording: Recording,
    frames: pa.Table,
    row: dict[str, Any],
    *,
    form: str,
    width: int | None,
) -> bytes:
    """From the proxy where it is asked for and there is one; else decoded now."""
    if form != pictures.PROXY:
        return pictures.recorded_picture(here.workspace, frames, row, width=width)
    kept = f"{recording.id} {recording.source}"
    proxies = here.tables.get(
        f"proxies {kept}", lambda: pictures.proxy_table(here.workspace, recording)
    )
    if proxies is not None:
        small = pictures.proxy_picture(proxies, row["frame_id"], width=width)
        if small is not None:
            return small
    again = here.tables.get(f"small {kept}", lambda: pictures.small_rows(here.workspace, recording))
    if again is not None and pc.index(again["frame_id"], row["frame_id"]).as_py() >= 0:
        small_row = pictures.row_of(again, row["frame_id"])
        return pictures.recorded_picture(here.workspace, again, small_row, width=width)
    return _with_neighbours(here, frames, row, width)


def _with_neighbours(
    here: Service, frames: pa.Table, row: dict[str, Any], width: int | None
) -> bytes:
    """Frames around it cost little more; whoever looks at one asks for the next soon."""
    wide = min(width or SMALL_WIDTH, SMALL_WIDTH)
    (_, pixels), *others = pictures.neighbouring_pictures(
        here.workspace, frames, row, width=wide, most=NEIGHBOURS
    )

    def keep() -> None:
        for other, seen in others:
            name = pictures.identity(other, form=pictures.PROXY, width=width)
            here.pictures.get(name, partial(pictures.jpeg, seen))

    if others:
        threading.Thread(target=keep, name="neighbours").start()
    return pictures.jpeg(pixels)


def _channel(frames: pa.Table, channel: str) -> pa.Table:
    return frames.filter(pc.equal(frames["channel"], channel)) if channel else frames


def _neighbours(channel: pa.Table, frame: str) -> tuple[str | None, str | None]:
    place = pc.index(channel["frame_id"], frame).as_py()
    ids = channel["frame_id"]
    before = ids[place - 1].as_py() if place > 0 else None
    return before, ids[place + 1].as_py() if place + 1 < channel.num_rows else None


def _item(item: Recording) -> RecordingItem:
    cameras = [channel for channel in item.channels if channel.sensor == "camera"]
    return RecordingItem(
        id=item.id,
        vehicle=item.vehicle,
        container=item.container,
        start_ns=item.start_ns,
        start=to_iso(item.start_ns),
        duration_ns=item.duration_ns,
        cameras=len(cameras),
        frames=sum(channel.messages for channel in cameras),
        clock=item.clock,
        synthetic=item.synthetic,
        salvaged=item.salvaged,
        source=item.source,
    )
