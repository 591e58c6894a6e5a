"""Joins the parts of the service into one ASGI application."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as AnyRequest
from starlette.responses import Response
from starlette.types import Scope

from ringroad import __version__
from ringroad.domain.errors import RingroadError
from ringroad.pipelines.recordings.frame_pictures import warm
from ringroad.pipelines.workspace import Workspace
from ringroad.service import problems
from ringroad.service.access import Access
from ringroad.service.audit import Audit
from ringroad.service.door import API, service_of
from ringroad.service.idempotency import Keys
from ringroad.service.metrics import Metrics
from ringroad.service.operations import Open, Operations
from ringroad.service.pages import Lists
from ringroad.service.problems import Declined
from ringroad.service.promotions import Promotions
from ringroad.service.recent import Recent
from ringroad.service.refused import OUTSIDE, Refusals
from ringroad.service.roles import OPERATIONS
from ringroad.service.routes import (
    about,
    aliases,
    curating,
    dataset_edits,
    dataset_pages,
    datasets,
    differences,
    findings,
    judged,
    judging,
    label_frames,
    label_guidelines,
    label_orders,
    label_quality,
    label_tracks,
    labelling,
    learning,
    looking,
    recordings,
    resimulations,
    ruling,
    running,
    search,
    signals,
    tuning,
    viewing,
)
from ringroad.service.schemas.bodies import Problem
from ringroad.service.settings import ServiceSettings
from ringroad.service.shield import Shield
from ringroad.service.state import Service
from ringroad.service.store import Store
from ringroad.service.tokens import Tokens
from ringroad.service.traces import Traces
from ringroad.service.viewer import add_viewer
from ringroad.service.web import add_pages, built
from ringroad.service.work import KINDS

LOG = logging.getLogger(__name__)
ROUTERS = (about, recordings, looking, viewing, findings, signals, search, curating,
           dataset_edits, dataset_pages, datasets, labelling, label_orders, label_frames,
           label_guidelines, label_tracks, label_quality, learning, tuning, judging, judged,
           resimulations, differences, aliases, running, ruling)  # fmt: skip
PICTURES = 0.2
"""Of the memory for what was looked at; tables have the rest."""
TABLE_BYTES = 8192
"""What a table takes beside its values: small ones are more than their numbers."""
MOST_KNOWN = 200_000
ABSENT_S = 5.0
"""For how long it is believed that a table, such as proxies, is not made yet."""


def open_service(
    workspace: Workspace,
    settings: ServiceSettings,
    *,
    open_worker: Open,
    say: Callable[[str], None],
) -> Service:
    """The parts of one server on one workspace.

    Args:
        workspace: for reads; the caller closes it.
        settings: of the server.
        open_worker: opens the same workspace again, for the thread that does long work.
        say: receives lines for who started it.

    Raises:
        Conflict: another server has this workspace.
        UsageError: others could reach it, and nobody could sign in.
    """
    store, clock = Store(workspace.folder, serving=True), workspace.clock
    try:
        access, audit = Access(Tokens(store, clock), settings, clock), Audit(store, clock)
        return Service(
            workspace=workspace,
            settings=settings,
            store=store,
            access=access,
            audit=audit,
            refusals=Refusals(audit, window_s=settings.fold_s),
            keys=Keys(store, clock, keep_ns=settings.keys_ns),
            lists=Lists(store),
            operations=Operations(store, clock, KINDS.load, open_worker),
            promotions=Promotions(store, clock),
            metrics=Metrics(),
            traces=Traces(settings.traces) if settings.traces else None,
            pictures=Recent(round(settings.cache_bytes * PICTURES), len),
            known=Recent(MOST_KNOWN, lambda _: 1),
            tables=Recent(
                round(settings.cache_bytes * (1 - PICTURES)),
                lambda table: int(table.nbytes) + TABLE_BYTES,
                absent_s=ABSENT_S,
            ),
            say=say,
            authority=[f"{settings.host}:{settings.port}"],
        )
    except BaseException:
        store.close()
        raise


def application(service: Service) -> FastAPI:
    """The ASGI application of a service; when it ends, running work is interrupted."""
    app = _routes(lifespan=_lifespan(service))
    app.state.service = service
    add_viewer(app)
    add_pages(app, service.settings.web or built())

    async def refused(request: AnyRequest, error: Declined) -> None:
        await run_in_threadpool(
            service.refused,
            request,
            operation=f"{request.method} {request.url.path}",
            subject=error.subject,
            status=problems.status_of(error),
            code=error.code,
            kind=OUTSIDE,
        )

    def told(scope: Scope, status: int, seconds: float) -> None:
        service.metrics.request(scope, status, seconds)
        if service.traces is not None:
            service.traces.request(scope, status, seconds)

    app.add_middleware(Shield, settings=service.settings, refused=refused, told=told)
    return app


def description() -> dict[str, Any]:
    """The OpenAPI document, without a workspace."""
    return _described(_routes(lifespan=None))


def _routes(*, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None) -> FastAPI:
    app = FastAPI(
        title="Ringroad",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    for module in ROUTERS:
        app.router.routes.extend(module.router.routes)
    _check_table(app)

    @app.get(f"{API}/openapi.json", include_in_schema=False)
    def openapi() -> dict[str, Any]:
        return _described(app)

    async def told(request: Request, error: Exception) -> Response:
        code = problems.code_of(error)
        await run_in_threadpool(
            service_of(request).refused,
            request,
            operation=f"{request.method} {request.url.path}",
            status=problems.KINDS[code][0],
            code=code,
            kind=OUTSIDE,
        )
        return problems.respond(error, request_id=request.state.id, instance=request.url.path)

    for status in (404, 405):
        app.add_exception_handler(status, told)
    return app


def operations_of(app: FastAPI) -> dict[str, APIRoute]:
    """Operations by name."""
    return {
        route.name: route
        for route in app.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }


def _check_table(app: FastAPI) -> None:
    """Every operation has a rule, and every rule an operation."""
    names = set(operations_of(app))
    if names != set(OPERATIONS):
        raise AssertionError(f"operations without a rule, or the reverse: {names ^ {*OPERATIONS}}")


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = _with_problems(
            get_openapi(
                title=app.title,
                version="1",
                openapi_version="3.1.0",
                description="What the `ringroad` command does, over HTTP. Errors are RFC 9457 "
                "problems; `GET /api/v1/problems` lists their codes.",
                routes=app.routes,
            )
        )
    return app.openapi_schema


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Say once how errors look, and how to sign in."""
    parts = document.setdefault("components", {})
    schemas = parts["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**schema.pop("$defs", {}), "Problem": schema}
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    parts["responses"] = {
        "Problem": {"description": "A problem.", "content": {problems.MEDIA: reference}}
    }
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    for path in document["paths"].values():
        for method, operation in path.items():
            rule = OPERATIONS[operation["operationId"]]
            operation |= {"x-role": rule.role, "x-scope": rule.scope}
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY)
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A new UUID for every new request: sent again, it gets the answer it had.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def _lifespan(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        warming = threading.Thread(target=_warm, args=(service,), name="warm")
        if service.settings.warm:
            warming.start()
        yield
        await run_in_threadpool(service.close)
        if service.settings.warm:
            await run_in_threadpool(warming.join)

    return lifespan


def _warm(service: Service) -> None:
    """A decoder that does not start is told where a picture is asked for, not here."""
    try:
        warm(service.workspace)
    except RingroadError as error:
        LOG.warning("the decoder does not start: %s", error)
