"""What every operation goes through: who asks, may they, was it asked before, what is written down.

FastAPI calls the handler behind it; errors of any kind leave as problems.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Coroutine, Set
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ringroad.service import problems
from ringroad.service.access import Principal, authorise
from ringroad.service.idempotency import HEADER, KEPT_HEADERS, Answer, fingerprint
from ringroad.service.problems import Declined
from ringroad.service.refused import READS
from ringroad.service.roles import TOLD_ONCE
from ringroad.service.shield import SAFE

if TYPE_CHECKING:
    from ringroad.service.state import Service

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
API = "/api/v1"
CLI = "ringroad-cli"
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F))


class Door(APIRoute):
    """A route that lets through what the table of roles allows."""

    def get_route_handler(self) -> Handler:
        """Put the door before the handler."""
        inner, known = super().get_route_handler(), _parameters(self.dependant)

        async def handler(request: Request) -> Response:
            return await _pass(self.name, known, request, inner)

        return handler


def router_of(tag: str) -> APIRouter:
    """Routes behind the door; operations are called as their functions are."""
    return APIRouter(
        prefix=API,
        route_class=Door,
        tags=[tag],
        generate_unique_id_function=lambda route: route.name,
    )


async def _pass(
    operation: str,
    known: Set[str],
    request: Request,
    inner: Callable[[Request], Awaitable[Response]],
) -> Response:
    service = service_of(request)
    who = ""
    code = ""
    try:
        principal = service.access.admit(request.headers, request.cookies)
        who = principal.who
        _check_page(principal, request)
        authorise(principal, operation)
        _check_query(operation, known, request)
        request.state.principal = principal
        if request.method == "POST" and HEADER in request.headers:
            secret = operation in TOLD_ONCE
            response = await _once(service, principal, request, inner, secret=secret)
        else:
            response = await inner(request)
    except Exception as error:  # noqa: BLE001 (whatever it is leaves as a problem)
        response = told(request, error)
        code = problems.code_of(error)
    writes, status = request.method not in SAFE, response.status_code
    if writes and status < 400:
        await run_in_threadpool(
            service.audit.add,
            who=who,
            operation=operation,
            subject=request.url.path,
            status=status,
            request_id=request.state.id,
        )
    elif status >= 400 and (writes or code in READS):
        await run_in_threadpool(
            service.refused, request, who=who, operation=operation, status=status, code=code
        )
    return response if writes else _unchanged(request, response)


async def _once(
    service: Service,
    who: Principal,
    request: Request,
    inner: Callable[[Request], Awaitable[Response]],
    *,
    secret: bool,
) -> Response:
    """Do what is asked once for each key; an answer with a secret is kept as a problem."""
    key, body = request.headers[HEADER], await request.body()
    asked = fingerprint(request.method, request.url.path, request.url.query, body)
    known = await run_in_threadpool(service.keys.begin, who.who, key, asked)
    if known is not None:
        headers = {**known.headers, "idempotent-replayed": "true"}
        return Response(known.body, status_code=known.status, headers=headers)
    response = None
    try:
        response = await inner(request)
    except Exception as error:  # noqa: BLE001 (it is told, and kept where asking again is no use)
        response = told(request, error)
    finally:
        kept = Answer(status=500, headers={}, body=b"")
        if response is not None:
            again = _kept_secret(request) if secret and response.status_code < 400 else response
            headers = {name: again.headers[name] for name in KEPT_HEADERS
                       if name in again.headers}  # fmt: skip
            kept = Answer(status=again.status_code, headers=headers, body=bytes(again.body))
        await run_in_threadpool(service.keys.finish, who.who, key, kept)
    return response


def _kept_secret(request: Request) -> Response:
    """What the same request gets another time."""
    error = Declined(
        "told-once",
        "this was done, and its answer held a secret, which is told once and not kept",
        subject=request.headers[HEADER],
        remedy="where the answer was lost, take back what it made and ask with a new key",
    )
    return told(request, error)


def told(request: Request, error: Exception) -> Response:
    """The problem of this request."""
    return problems.respond(error, request_id=request.state.id, instance=request.url.path)


def _unchanged(request: Request, response: Response) -> Response:
    """An ETag for what has a body, and 304 for who has it already."""
    body = getattr(response, "body", None)
    if response.status_code != 200 or body is None:
        return response
    if "etag" not in response.headers:
        response.headers["etag"] = f'"{sha256(bytes(body)).hexdigest()[:32]}"'
        response.headers["cache-control"] = "private, no-cache"
    if holds(request.headers.get("if-none-match", ""), response.headers["etag"]):
        kept = {name: response.headers[name] for name in ("etag", "cache-control", CLI)
                if name in response.headers}  # fmt: skip
        return Response(status_code=304, headers=kept)
    return response


def holds(given: str, etag: str) -> bool:
    """Whether a list of ETags, or `*`, names this one."""
    if not given:
        return False
    names = [part.strip().removeprefix("W/") for part in given.split(",")]
    return "*" in names or etag in names


def _check_page(who: Principal, request: Request) -> None:
    """A browser that writes says which page sends it; one that says nothing is not believed."""
    headers = request.headers
    silent = "origin" not in headers and "sec-fetch-site" not in headers
    if who.browser and request.method not in SAFE and silent:
        raise Declined(
            "other-origin",
            "a cookie came without the page that sends it",
            subject=who.who,
            remedy="send `Origin`, as browsers do; programs send `Authorization: Bearer TOKEN`",
        )


def _check_query(operation: str, known: Set[str], request: Request) -> None:
    """A parameter that nobody reads is a typing error, and told."""
    if unknown := sorted(set(request.query_params) - known):
        raise Declined(
            "unknown-parameter",
            f"no parameter is called {unknown[0][:50]!r}",
            subject=operation,
            remedy=f"known: {', '.join(sorted(known)) or 'none'}",
        )


def _parameters(dependant: Dependant) -> set[str]:
    """Query parameters of a route and of what it depends on."""
    found = {item.alias for item in dependant.query_params}
    return found.union(*(_parameters(part) for part in dependant.dependencies))


def service_of(request: Request) -> Service:
    """The service that a request is answered by."""
    return cast("Service", request.app.state.service)


def principal_of(request: Request) -> Principal:
    """Who asks."""
    found: Principal = request.state.principal
    return found


def command(*words: str) -> str:
    """The command line that gives the same, ready to be pasted; empty words are left out."""
    return shlex.join(["ringroad", *(word for word in words if word)])


def say_cli(response: Response, text: str) -> str:
    """Tell the command line in a header as well, where odd characters are percent-encoded."""
    response.headers[CLI] = quote(text, safe=_PLAIN.replace("%", ""))
    return text


Who = Annotated[Principal, Depends(principal_of)]
