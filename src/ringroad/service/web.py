"""The pages around the API: signing in, the web application where it was built, else a plain page.

Files of the application carry a digest in their name and are kept for a year; its one page is not.
Every address that is no file is a place of the application, so that places can be linked to.
"""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from ringroad.domain.errors import RingroadError
from ringroad.service import problems
from ringroad.service.access import COOKIE
from ringroad.service.door import service_of, told
from ringroad.service.oidc.flow import GOOD_S
from ringroad.service.oidc.settings import BACK
from ringroad.service.problems import Declined
from ringroad.service.refused import OUTSIDE
from ringroad.service.state import Service
from ringroad.service.tokens import Token

PLACE = "web"
INDEX = "index.html"
ASSETS = "assets/"
KEPT = "private, max-age=31536000, immutable"
TYPES: Mapping[str, str] = {
    ".css": "text/css", ".html": "text/html; charset=utf-8", ".ico": "image/x-icon",
    ".js": "text/javascript", ".json": "application/json", ".map": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
    ".webp": "image/webp", ".woff2": "font/woff2",
}  # fmt: skip
PACKED = frozenset(
    {".css", ".html", ".js", ".json", ".map", ".svg", ".txt", ".wasm", ".webmanifest"}
)
MOST_SIGN_IN = 4096
BROWSER_COOKIE = "ringroad_sign_in"
"""Of a browser that is on its way to the issuer and back."""


def built() -> Path | None:
    """The folder of the web application in the package; None where it was not built."""
    folder = Path(str(files("ringroad"))) / PLACE
    return folder if (folder / INDEX).is_file() else None


def add_pages(app: FastAPI, folder: Path | None) -> None:
    """Sign in and out, and every address that is not of the API."""
    held = _read(folder) if folder is not None else {}

    @app.get("/enter", include_in_schema=False)
    async def enter(request: Request, code: str = "") -> Response:
        return await _enter(request, code, page=True)

    @app.post("/enter", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        body = await request.body()
        return await _enter(request, _token(body), page=False)

    @app.get("/enter/ways", include_in_schema=False)
    async def ways(request: Request) -> Response:
        oidc = service_of(request).settings.oidc
        return JSONResponse({"oidc": None if oidc is None else oidc.name})

    @app.get("/enter/oidc", include_in_schema=False)
    async def away(request: Request) -> Response:
        return await _away(request)

    @app.get(BACK, include_in_schema=False)
    async def back(request: Request) -> Response:
        return await _back(request)

    @app.post("/leave", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        service = service_of(request)
        who = await run_in_threadpool(service.access.leave, request.cookies)
        if who:
            await run_in_threadpool(
                service.audit.add, who=who, operation="leave", subject=request.url.path,
                status=200, request_id=request.state.id,
            )  # fmt: skip
        response = JSONResponse({"signed_in": False})
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    @app.get("/{path:path}", include_in_schema=False)
    async def place(request: Request, path: str) -> Response:
        if path.startswith("api/") or (held and path.startswith(ASSETS) and path not in held):
            return await _nowhere(request, path)
        return _place(request, path, held)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of the application."""

    data: bytes
    packed: bytes
    """The same by gzip; empty where that is no use."""
    digest: str
    media: str


def _read(folder: Path) -> dict[str, _File]:
    """All files of the application: no path of a request reaches the disk."""
    return {
        path.relative_to(folder).as_posix(): _file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _file(path: Path) -> _File:
    data, media = path.read_bytes(), TYPES.get(path.suffix, "application/octet-stream")
    packed = gzip.compress(data, mtime=0) if path.suffix in PACKED else b""
    return _File(
        data=data,
        packed=packed if len(packed) < len(data) else b"",
        digest=sha256(data).hexdigest()[:32],
        media=media,
    )


def _place(request: Request, path: str, held: Mapping[str, _File]) -> Response:
    if not held:
        return HTMLResponse(_plain(service_of(request)))
    name = path if path in held else INDEX
    found = held[name]
    packed = bool(found.packed) and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "etag": f'"{found.digest}{"-gz" if packed else ""}"',
        "cache-control": KEPT if name.startswith(ASSETS) else "no-cache",
        "vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    headers |= {"content-encoding": "gzip"} if packed else {}
    return Response(found.packed if packed else found.data, media_type=found.media, headers=headers)


async def _nowhere(request: Request, path: str) -> Response:
    """An address that is none is noted: whoever tries paths leaves a trace."""
    error = Declined(
        "unknown-route", "there is no such address", subject=f"/{path}"[:200],
        remedy="see /api/v1/openapi.json",
    )  # fmt: skip
    await run_in_threadpool(
        service_of(request).refused, request, operation=f"GET {request.url.path}", status=404,
        code=error.code, kind=OUTSIDE,
    )  # fmt: skip
    return told(request, error)


async def _enter(request: Request, given: str, *, page: bool) -> Response:
    """A cookie for a word that was printed or for a token. The page goes on by itself.

    It goes on by a page and not by a redirect, because a cookie that is `SameSite=Strict` is not
    sent along a redirect that began elsewhere.
    """
    service = service_of(request)
    try:
        token, secret = await run_in_threadpool(service.access.enter, given)
    except Declined as error:
        return await _not_in(request, error, page=page)
    response = await _in(request, token, secret, page=page)
    if page:
        service.entered()
    return response


async def _away(request: Request) -> Response:
    """To the issuer; the browser that goes is the one that has to come back."""
    service = service_of(request)
    try:
        if service.access.sign_in is None:
            raise _no_issuer()
        at, browser = await run_in_threadpool(service.access.sign_in.begin)
    except RingroadError as error:
        return await _not_in(request, error, page=True)
    response = RedirectResponse(at, status_code=303)
    response.set_cookie(
        BROWSER_COOKIE, browser, max_age=round(GOOD_S), path=BACK, httponly=True, samesite="lax",
        secure=service.access.sign_in.oidc.address.startswith("https"),
    )  # fmt: skip
    response.headers["cache-control"] = "no-store"
    return response


async def _back(request: Request) -> Response:
    """From the issuer, with a code."""
    service = service_of(request)
    try:
        if service.access.sign_in is None:
            raise _no_issuer()
        answer, cookie = dict(request.query_params), request.cookies.get(BROWSER_COOKIE, "")
        person = await run_in_threadpool(service.access.sign_in.finish, answer, cookie)
        token, secret = await run_in_threadpool(service.access.welcome, person)
    except RingroadError as error:
        return await _not_in(request, error, page=True)
    response = await _in(request, token, secret, page=True)
    response.delete_cookie(BROWSER_COOKIE, path=BACK)
    return response


def _no_issuer() -> Declined:
    return Declined(
        "unknown-route", "no issuer is named here", remedy="sign in with a token; or --oidc FILE"
    )


async def _not_in(request: Request, error: RingroadError, *, page: bool) -> Response:
    """Write down who was not let in, and say why."""
    status = problems.status_of(error)
    await run_in_threadpool(
        service_of(request).refused, request, operation="enter", status=status, code=error.code
    )
    if page:
        what, hint = html.escape(error.what), html.escape(error.remedy)
        return HTMLResponse(_page("Not signed in", what, hint), status_code=status)
    return told(request, error)


async def _in(request: Request, token: Token, secret: str, *, page: bool) -> Response:
    """Write down who was let in, and give the browser its cookie."""
    service = service_of(request)
    await run_in_threadpool(
        service.audit.add, who=token.who, operation="enter", subject=request.url.path,
        status=200, request_id=request.state.id,
    )  # fmt: skip
    response: Response = (
        HTMLResponse(_page("Signed in", "Going on ...", "", onward=True))
        if page
        else JSONResponse({"signed_in": True, "who": token.who, "role": token.role})
    )
    seconds = max(1, (token.expires_ns - token.created_ns) // 1_000_000_000)
    response.set_cookie(
        COOKIE, secret, max_age=seconds, path="/", httponly=True, samesite="strict",
        secure=_over_tls(request),
    )  # fmt: skip
    response.headers["cache-control"] = "no-store"
    return response


def _over_tls(request: Request) -> bool:
    """Whether the browser came over TLS, which a proxy in front ends: its page says so."""
    return "https" in {request.url.scheme, request.headers.get("origin", "").partition(":")[0]}


def _token(body: bytes) -> str:
    """The token of a sign-in, which is JSON, so that no form of another page can send it."""
    try:
        found = json.loads(body[:MOST_SIGN_IN])
    except ValueError:
        return ""
    token = found.get("token", "") if isinstance(found, dict) else ""
    return token if isinstance(token, str) else ""


def _plain(service: Service) -> str:
    name = html.escape(service.workspace.folder.name)
    return _page(
        "Ringroad",
        f"The service for the workspace {name} runs. The web application was not built into this "
        "installation.",
        "From a checkout: make web, then serve again. The API: /api/v1, described in "
        "/api/v1/openapi.json. The report of the last loop: ringroad open.",
    )


def _page(title: str, what: str, hint: str, *, onward: bool = False) -> str:
    """One plain page without scripts. The texts are ours or escaped."""
    refresh = '<meta http-equiv="refresh" content="0;url=/">' if onward else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{refresh}'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}"
        f"</style></head><body><h1>{title}</h1><p>{what}</p><p>{hint}</p></body></html>"
    )
