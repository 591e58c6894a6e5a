"""One connection to a service: asks, asks again where that is safe, and tells problems as errors.

Nothing but the standard library. Proxies of the environment are not used: nothing goes elsewhere
than to the address that was given.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from ringroad.client.problem import Problem
from ringroad.domain.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

API = "/api/v1"
TRIES, FIRST_WAIT_S, TIMEOUT_S = 5, 0.1, 60.0
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same may be asked again; faults of the server are told at once."""
ARROW = "application/vnd.apache.arrow.stream"
_LOST = (http.client.HTTPException, ConnectionError, TimeoutError, socket.timeout)
Pairs = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


class Wire:
    """A service at an address, as somebody. Each thread that asks has a connection."""

    def __init__(self, address: str, *, token: str = "", timeout_s: float = TIMEOUT_S) -> None:
        """Nothing is sent yet.

        Args:
            address: such as `http://127.0.0.1:8321`, with or without `/api/v1`.
            token: of `ringroad tokens create`, or what `ringroad serve --json` printed.
            timeout_s: for an answer to begin.

        Raises:
            UsageError: the address is none.
        """
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                "is no address of a service", subject=address, remedy="such as http://host:8321"
            )
        self.address = f"{parts.scheme}://{parts.netloc}"
        self._parts = parts
        self._token = token
        self._timeout_s = timeout_s
        self._mine = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        """End the connections of all threads; one that asks again gets a new one."""
        for held in self._opened:
            held.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        path_words: Pairs | None = None,
        query: Pairs | None = None,
        headers: Pairs | None = None,
        body: Pairs | None = None,
        accept: str = "application/json",
    ) -> Answer:
        """Ask, and ask again where the answer was lost: every POST has a key, so it is done once.

        Raises:
            Problem: the service refuses, or is not there.
        """
        target = f"{API}{_filled(path, path_words or {})}{_query(query or {})}"
        sent = self._headers(method, accept, headers or {})
        data = None if body is None else json.dumps(_given(body), allow_nan=False).encode()
        for number in range(TRIES):
            last = number == TRIES - 1
            try:
                answer = self._once(method, target, sent, data)
            except _LOST as error:
                self._mine.connection.close()
                if last:
                    raise _not_there(self.address, error) from error
                if number == 0:
                    continue  # the service ends connections that were idle
            else:
                if answer.status < 400:
                    return answer
                problem = Problem.of(answer.status, answer.body)
                if last or not (answer.status in AGAIN or problem.code == "key-in-flight"):
                    raise problem
            time.sleep(FIRST_WAIT_S * 2**number)
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def stream(self, path: str, path_words: Pairs, headers: Pairs) -> Iterator[Iterator[str]]:
        """Lines of an answer as they come, on a connection of their own. Raises Problem."""
        connection = self._connect()
        try:
            sent = self._headers("GET", "text/event-stream", headers)
            connection.request("GET", f"{API}{_filled(path, path_words)}", headers=sent)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise Problem.of(answer.status, answer.read())
            yield (line.decode().rstrip("\n") for line in answer)
        finally:
            connection.close()

    def _json(
        self,
        method: str,
        template: str,
        *,
        path: Pairs | None = None,
        query: Pairs | None = None,
        header: Pairs | None = None,
        body: Pairs | None = None,
    ) -> Any:
        answer = self.send(
            method, template, path_words=path, query=query, headers=header, body=body
        )
        return json.loads(answer.body)

    def _bytes(
        self,
        method: str,
        template: str,
        *,
        path: Pairs | None = None,
        query: Pairs | None = None,
        header: Pairs | None = None,
        body: Pairs | None = None,
    ) -> bytes:
        answer = self.send(
            method, template, path_words=path, query=query, headers=header, body=body, accept="*/*"
        )
        return answer.body

    def _table(
        self, method: str, template: str, *, path: Pairs | None = None, query: Pairs | None = None
    ) -> pa.Table:
        from ringroad.client.tables import table_of  # pyarrow is for those who ask for tables

        return table_of(
            self.send(method, template, path_words=path, query=query, accept=ARROW).body
        )

    def _headers(self, method: str, accept: str, more: Pairs) -> dict[str, str]:
        found = {"Accept": accept}
        if self._token:
            found["Authorization"] = f"Bearer {self._token}"
        if method in {"POST", "PUT", "PATCH"}:
            found["Content-Type"] = "application/json"
            found["Idempotency-Key"] = str(uuid.uuid4())
        for name, value in _given(more).items():
            found[name] = _quoted(str(value)) if name.lower() == "if-match" else str(value)
        return found

    def _once(self, method: str, target: str, headers: Pairs, data: bytes | None) -> Answer:
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._connect()
            self._opened.append(connection)
        connection.request(method, target, body=data, headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(status=answer.status, headers=found, body=body)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=context)


def _filled(path: str, words: Pairs) -> str:
    """An address with its ids in it: an id is percent-encoded whole but for its slashes."""
    for name, value in words.items():
        path = path.replace(f"{{{name}}}", quote(str(value)))
    return path


def _given(pairs: Pairs) -> dict[str, Any]:
    return {name: value for name, value in pairs.items() if value is not None}


def _query(pairs: Pairs) -> str:
    plain = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in _given(pairs).items()
    }
    return f"?{urlencode(plain, doseq=True)}" if plain else ""


def _quoted(etag: str) -> str:
    """An id as an ETag; one that is quoted stays."""
    return etag if etag.startswith(('"', "W/")) else f'"{etag}"'


def _not_there(address: str, error: BaseException) -> Problem:
    return Problem(
        "unreachable",
        f"the service does not answer: {error}",
        status=0,
        subject=address,
        remedy="is it running? ringroad serve",
    )
