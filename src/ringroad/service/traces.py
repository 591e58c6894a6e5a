"""Spans of requests for OpenTelemetry, sent to the one collector that was named: OTLP over HTTP.

The JSON form of OTLP 1 needs no library. Nothing is sent unless an address was given; what cannot
be sent is dropped and counted, and no request ever waits for it.
"""

from __future__ import annotations

import http.client
import json
import logging
import queue
import re
import secrets
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import Scope

from ringroad import __version__
from ringroad.domain.errors import UsageError

LOG = logging.getLogger(__name__)
MOST_WAITING, MOST_AT_ONCE, EVERY_S, TIMEOUT_S = 10_000, 512, 1.0, 5.0
SERVER, FAILED = 2, 2
"""Kind of span and status of OTLP."""
PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Traces:
    """Spans on their way to a collector. Safe to call from threads."""

    def __init__(self, address: str) -> None:
        """Begin to send to `address`, such as `http://127.0.0.1:4318`.

        Raises:
            UsageError: the address is none.
        """
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                "is no address of a collector", subject=address, remedy="such as http://host:4318"
            )
        self.dropped = 0
        self._parts = parts
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue(MOST_WAITING)
        self._told = False
        self._thread = threading.Thread(target=self._send_all, name="traces", daemon=True)
        self._thread.start()

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """A request that was answered, under its operation; never text that came with it."""
        end_ns = time.time_ns()
        headers = dict(scope.get("headers", ()))
        parent = PARENT.fullmatch(headers.get(b"traceparent", b"").decode("latin-1"))
        name = str(getattr(scope.get("route"), "name", "other") or "other")
        span = {
            "traceId": parent[1] if parent else secrets.token_hex(16),
            "spanId": secrets.token_hex(8),
            "name": name,
            "kind": SERVER,
            "startTimeUnixNano": str(end_ns - round(seconds * 1e9)),
            "endTimeUnixNano": str(end_ns),
            "attributes": _attributes(
                {
                    "http.request.method": scope["method"],
                    "http.response.status_code": status,
                    "http.route": str(getattr(scope.get("route"), "path", "")),
                    "ringroad.request_id": str(scope.get("state", {}).get("id", "")),
                }
            ),
            "status": {"code": FAILED} if status >= 500 or not status else {},
        } | ({"parentSpanId": parent[2]} if parent else {})
        try:
            self._waiting.put_nowait(span)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._waiting.put(None)
        self._thread.join(2 * TIMEOUT_S)

    def _send_all(self) -> None:
        while True:
            spans, ended = self._next()
            if spans:
                self._send(spans)
            if ended:
                return

    def _next(self) -> tuple[list[dict[str, Any]], bool]:
        """Some spans, soon after the first of them came; and whether that was the end."""
        found: list[dict[str, Any]] = []
        until = None
        while len(found) < MOST_AT_ONCE:
            left = None if until is None else max(0.0, until - time.monotonic())
            try:
                span = self._waiting.get(timeout=left)
            except queue.Empty:
                break
            if span is None:
                return found, True
            found.append(span)
            until = until or time.monotonic() + EVERY_S
        return found, False

    def _send(self, spans: list[dict[str, Any]]) -> None:
        resource = {"service.name": "ringroad", "service.version": __version__}
        scope = {"scope": {"name": "ringroad.service"}, "spans": spans}
        body = {
            "resourceSpans": [
                {"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}
            ]
        }
        try:
            status = self._post(json.dumps(body).encode())
        except (OSError, http.client.HTTPException) as error:
            self._lost(len(spans), str(error))
        else:
            if status >= 300:
                self._lost(len(spans), f"status {status}")

    def _post(self, data: bytes) -> int:
        host, port = self._parts.hostname or "", self._parts.port
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        try:
            path = self._parts.path.rstrip("/") + "/v1/traces"
            connection.request("POST", path, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def _lost(self, count: int, why: str) -> None:
        self.dropped += count
        if not self._told:
            self._told = True
            LOG.warning("traces are lost: %s does not take them: %s", self._parts.netloc, why)


def _attributes(values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in values.items()
        if value != ""
    ]
