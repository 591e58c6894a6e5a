"""Recordings in the Rerun viewer: made as long work, then read by the viewer's page."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Path, Response
from starlette.responses import FileResponse

from ringroad.backends.rerun_viewer import viewer_version
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import RecordingId
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.schemas.looking import MakeView
from ringroad.service.state import Here
from ringroad.service.viewer import views_of

router = router_of("recordings")
MEDIA = "application/octet-stream"
_NAME = re.compile(r"[0-9a-f]{32}")


@router.post("/rerun-views", status_code=202, responses=ACCEPTED)
def make_view(here: Here, who: Who, response: Response, body: MakeView) -> Any:
    """A recording, or a stretch of it, for the Rerun viewer; its result names the view.

    `missing-extra` where the viewer is not installed.
    """
    viewer_version()
    here.workspace.catalog.recording(RecordingId(body.recording))
    words = ["recordings", "export", body.recording, "--to", "view.rrd"]
    for option, value in (("--from-s", body.from_s), ("--until-s", body.until_s)):
        words += [] if value is None else [option, f"{value:g}"]
    return accepted(here, who, response, "make-view", body, cli=command(*words))


@router.get(
    "/rerun-views/{name}.rrd",
    response_class=Response,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string", "format": "binary"}}}}},
)
def show_view(here: Here, name: Annotated[str, Path(max_length=100)]) -> Response:
    """What the viewer's page at `/rerun/?view=NAME` reads."""
    path = views_of(here.workspace) / f"{name}.rrd"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise UnknownName(
            "no such view", subject=name[:100], remedy="make it: POST /api/v1/rerun-views"
        )
    response = FileResponse(path, media_type=MEDIA)
    response.headers["cache-control"] = "private, no-cache"
    say_cli(response, command("recordings", "export", "--help"))
    return response
