"""The Rerun viewer on our own origin, under a policy that lets nothing out."""

from __future__ import annotations

import gzip
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from ringroad.backends.rerun_viewer import PACKED, PROGRAM, SCRIPT, viewer_version
from ringroad.domain.errors import MissingExtra
from ringroad.pipelines.workspace import Workspace
from ringroad.service.door import service_of

PLACE = "rerun"
VIEWS = "views"
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' "
    "blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
"""The viewer asks for fonts, tiles, releases and statistics elsewhere: none of it leaves."""
TYPES = {SCRIPT: "text/javascript", PROGRAM: "application/wasm"}
HEADERS = {"content-security-policy": POLICY, "cache-control": "no-cache"}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Rerun viewer · Ringroad</title>
<style>html,body{margin:0;height:100%;background:#0d1011;color:#cad8de;overflow:hidden;
font:14px/1.5 system-ui}canvas{position:absolute;inset:0;width:100%;height:100%}
p{margin:2rem}</style></head><body><canvas id="viewer"></canvas>
<p id="told">Loading the viewer ...</p><script src="/rerun/re_viewer.js"></script>
<script src="/rerun/start.js"></script></body></html>
"""
START = """/* Shows one view: /rerun/?view=NAME. Its bytes are fetched here, by who signed in. */
(async () => {
  const told = document.getElementById("told");
  try {
    const asked = new URLSearchParams(location.search);
    const name = encodeURIComponent(asked.get("view") || "");
    const answer = await fetch("/api/v1/rerun-views/" + name + ".rrd");
    if (!answer.ok) throw new Error((await answer.json()).detail + "; make the view anew");
    await wasm_bindgen({ module_or_path: "/rerun/re_viewer_bg.wasm" });
    const handle = new wasm_bindgen.WebHandle({
      url: [], hide_welcome_screen: true, enable_history: false, notebook: false,
      persist: false, render_backend: asked.get("renderer"),
    });
    await handle.start(document.getElementById("viewer"));
    told.remove();
    handle.open_channel("view", "ringroad");
    const reader = answer.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      handle.send_rrd_to_channel("view", part.value);
    handle.close_channel("view");
    document.body.dataset.sent = "true";
  } catch (error) {
    told.textContent = "The viewer does not start: " + error;
  }
})();
"""


def files_of(workspace: Workspace) -> Path:
    """Where the viewer's files are kept, one folder a version."""
    return workspace.folder / PLACE


def views_of(workspace: Workspace) -> Path:
    """Where recordings lie as the viewer reads them; they can be made again at any time."""
    return files_of(workspace) / VIEWS


def add_viewer(app: FastAPI) -> None:
    """The viewer's page and its files; they hold nothing of anybody's."""

    @app.get("/rerun/", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(PAGE, headers=HEADERS)

    @app.get("/rerun/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(START, media_type="text/javascript", headers=HEADERS)

    @app.get("/rerun/{name}", include_in_schema=False)
    async def part(request: Request, name: str) -> Response:
        found = await run_in_threadpool(_file, service_of(request).workspace, name)
        if found is None:
            return Response("not found", status_code=404, media_type="text/plain")
        packed = "gzip" in request.headers.get("accept-encoding", "")
        data = found if packed else await run_in_threadpool(gzip.decompress, found)
        headers = HEADERS | {"vary": "Accept-Encoding"}
        headers |= {"content-encoding": "gzip"} if packed else {}
        return Response(data, media_type=TYPES[name], headers=headers)


def _file(workspace: Workspace, name: str) -> bytes | None:
    """Gzipped; None where no view was made with the version that is installed."""
    if name not in TYPES:
        return None
    try:
        path = files_of(workspace) / viewer_version() / (name + PACKED)
        return path.read_bytes()
    except (MissingExtra, FileNotFoundError):
        return None
