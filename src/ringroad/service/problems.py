"""Errors as RFC 9457 problem details. The one place that knows which error has which status."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ringroad.domain.errors import RingroadError, StepFailed

LOG = logging.getLogger(__name__)
MEDIA = "application/problem+json"
TYPES = "/api/v1/problems"
CUT_OFF = frozenset({"too-large", "too-slow"})
"""Problems of a request that was not read to its end: what is left of it is no next request."""
_JSON_HINT = "send the body as JSON: with the header Content-Type: application/json"
MOST_PLACES, LONGEST = 20, 500
"""Of a request that breaks many rules, so many are told; a refusal is no echo."""
KINDS: dict[str, tuple[int, str]] = {
    # What any command can run into: the codes of domain/errors.py.
    "error": (500, "Something went wrong"),
    "usage": (400, "What was asked cannot be understood"),
    "unknown-name": (404, "Nothing is called so"),
    "invalid-config": (422, "A value breaks a rule"),
    "missing-extra": (501, "Needs a package that is not installed"),
    "input": (422, "What was given cannot be used"),
    "unreadable-source": (422, "A source cannot be read"),
    "source-changed": (409, "A source differs from what was ingested"),
    "source-missing": (410, "A source is no longer where it was"),
    "invalid-annotations": (422, "Annotations contradict one another"),
    "split-locked": (409, "Locked test rows would change"),
    "integrity": (500, "Stored bytes are damaged"),
    "digest-mismatch": (500, "Stored bytes are damaged"),
    "plan-refused": (409, "The plan may not be loaded here"),
    "conflict": (409, "Somebody else was first"),
    "lease-lost": (409, "The lease is lost"),
    "task-moved": (412, "The labelling task changed in between"),
    "alias-moved": (412, "The name points elsewhere by now"),
    "version-moved": (412, "Another version came first"),
    "merge-conflict": (409, "Two versions changed the same rows"),
    "stale-revision": (412, "The annotations changed in between"),
    "isolation": (422, "Decoding failed"),
    "worker-died": (422, "Decoding failed"),
    "worker-timed-out": (422, "Decoding took too long"),
    "storage-full": (507, "No space is left"),
    "workspace": (503, "The workspace cannot be used"),
    "step-failed": (500, "A step failed"),
    # What only a request can get wrong.
    "not-signed-in": (401, "Nobody is signed in"),
    "not-allowed": (403, "Not allowed"),
    "second-person": (403, "Another person must agree"),
    "unknown-host": (421, "Asked under a name that is not this server's"),
    "other-origin": (403, "Asked by a page of another origin"),
    "unknown-route": (404, "There is no such address"),
    "no-such-method": (405, "The address has no such method"),
    "not-acceptable": (406, "The answer has no such form"),
    "invalid-request": (422, "The request breaks a rule"),
    "unknown-parameter": (422, "The request has a parameter that is not known"),
    "unknown-media": (415, "The body has a form that is not read"),
    "too-large": (413, "The request is too large"),
    "too-slow": (408, "The request came too slowly"),
    "cursor": (400, "The cursor is not of this list"),
    "cursor-expired": (410, "The list has changed since"),
    "key-reused": (422, "The key was used for another request"),
    "told-once": (409, "The answer held a secret, which is told once"),
    "key-in-flight": (409, "A request with this key is under way"),
    "not-made-yet": (409, "Has to be computed first"),
    "operation-over": (409, "The operation is over"),
    "bad-request": (400, "The request cannot be read"),
}
"""Code -> status and title. Codes are part of the API: they stay."""
_BY_STATUS = {400: "bad-request", 404: "unknown-route", 405: "no-such-method",
              406: "not-acceptable", 413: "too-large", 415: "unknown-media"}  # fmt: skip


class Declined(RingroadError):
    """What only a request can get wrong, by a code of `KINDS`."""

    def __init__(
        self, code: str, what: str, *, subject: str = "", place: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, subject=subject, place=place, remedy=remedy)
        self.code = code


def status_of(error: RingroadError) -> int:
    """The HTTP status of an error."""
    return KINDS[_told(error).code][0]


def meant(error: Exception) -> Exception:
    """What went wrong below an HTTPException: a body that grew too large, or broke off."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, RingroadError):
        return error.__cause__
    if isinstance(error, ClientDisconnect):
        return Declined("bad-request", "the connection ended before the request did")
    return error


def code_of(error: Exception) -> str:
    """The stable code of any exception."""
    error = meant(error)
    if isinstance(error, RequestValidationError):
        return "invalid-request"
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.status_code, "bad-request")
    return _told(error).code if isinstance(error, RingroadError) else "error"


def document(error: Exception, *, request_id: str, instance: str = "") -> dict[str, Any]:
    """The problem document of any exception; what we did not raise on purpose tells nothing."""
    error = meant(error)
    if isinstance(error, RequestValidationError):
        return _document("invalid-request", _first(error), request_id, instance) | {
            "hint": _JSON_HINT if _read_as_text(error) else "",
            "errors": [
                {"place": ".".join(map(str, item["loc"]))[:LONGEST], "what": item["msg"][:LONGEST]}
                for item in error.errors()[:MOST_PLACES]
            ],
        }
    if isinstance(error, HTTPException):
        return _document(code_of(error), str(error.detail), request_id, instance)
    if not isinstance(error, RingroadError):
        LOG.error("request %s failed", request_id, exc_info=error)
        what = "this is a fault of the server; its log has the rest"
        return _document("error", what, request_id, instance)
    told = _told(error)
    found = _document(told.code, told.what, request_id, instance)
    return found | {"subject": told.subject, "place": told.place, "hint": told.remedy}


def _read_as_text(error: RequestValidationError) -> bool:
    """Whether a body was not read as JSON, for nothing said that it is some."""
    return any(item["type"] == "model_attributes_type" for item in error.errors())


def respond(error: Exception, *, request_id: str, instance: str = "") -> Response:
    """The answer to a request that failed."""
    body = document(error, request_id=request_id, instance=instance)
    headers = {"WWW-Authenticate": "Bearer"} if body["status"] == HTTPStatus.UNAUTHORIZED else {}
    if body["code"] in CUT_OFF:
        headers["Connection"] = "close"
    if isinstance(error, HTTPException) and error.headers:
        headers |= dict(error.headers)
    return JSONResponse(body, status_code=body["status"], media_type=MEDIA, headers=headers)


def _told(error: RingroadError) -> RingroadError:
    """Of a failed step, what made it fail where that is one of ours."""
    if isinstance(error, StepFailed) and isinstance(error.__cause__, RingroadError):
        return _told(error.__cause__)
    return error


def _document(code: str, detail: str, request_id: str, instance: str) -> dict[str, Any]:
    status, title = KINDS[code]
    return {
        "type": f"{TYPES}#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "subject": "",
        "place": "",
        "hint": "",
        "instance": instance,
        "request_id": request_id,
        "errors": [],
    }


def _first(error: RequestValidationError) -> str:
    found = error.errors()
    if not found:
        return "the request breaks a rule"
    return f"{'.'.join(map(str, found[0]['loc']))}: {found[0]['msg']}"[:LONGEST]
