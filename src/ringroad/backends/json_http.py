"""A server that speaks JSON over HTTP: one origin, no redirects, the standard library's client.

Which paths there are, and what they mean, the adapters know.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ringroad.domain.errors import InputError, UsageError

TIMEOUT_S = 60.0
ANSWER_LIMIT = 256 << 20
"""Bytes of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        status: below 300, or one that the caller expects.
        body: at most `ANSWER_LIMIT` bytes.
        headers: by name, in small letters.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class JsonServer:
    """Asks one server, and nobody else: an address that an answer names is never followed.

    Redirects are errors: they would take the token elsewhere.
    """

    def __init__(self, url: str, *, product: str) -> None:
        """Begin.

        Args:
            url: address of the server, http or https.
            product: what should answer there, for messages.

        Raises:
            UsageError: the address is none of http.
        """
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise UsageError("is no http address", subject=url, remedy="say http://HOST:PORT")
        self.url = url.rstrip("/")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.headers: dict[str, str] = {"Accept": "application/json"}
        self._product = product
        self._open = urllib.request.build_opener(_NoRedirect).open

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send JSON, get JSON; an empty answer is {}. Raises InputError."""
        data = None if body is None else json.dumps(body).encode()
        said = self.send(method, path, data, {"Content-Type": "application/json"}).body
        try:
            if len(said) > ANSWER_LIMIT:
                raise ValueError(f"more than {ANSWER_LIMIT >> 20} MiB")  # noqa: TRY301
            return json.loads(said) if said else {}
        except (ValueError, RecursionError) as error:
            raise self.unusable(path, str(error)) from error

    def send(
        self,
        method: str,
        path: str,
        data: bytes | None,
        headers: Mapping[str, str],
        *,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send bytes, get bytes.

        Args:
            method: GET, POST ...
            path: below the address of the server.
            data: the body.
            headers: besides those of every request.
            expected: statuses of refusals that the caller deals with.

        Raises:
            InputError: the server cannot be reached, or refuses with another status.
        """
        asked = urllib.request.Request(  # noqa: S310 (http or https, checked in the beginning)
            f"{self.url}{path}", data=data, headers={**self.headers, **headers}, method=method
        )
        try:
            with self._open(asked, timeout=TIMEOUT_S) as answer:
                return _answer(answer.status, answer.read(ANSWER_LIMIT + 1), answer.headers)
        except urllib.error.HTTPError as error:
            if error.code in expected:
                return _answer(error.code, error.read(300), error.headers)
            self._refused(error, path)
        except (OSError, ValueError) as error:
            raise InputError(
                f"cannot be reached: {getattr(error, 'reason', error)}",
                subject=self.url,
                remedy="see that the server runs, and that the address is its own",
            ) from error

    def unusable(self, path: str, why: str) -> InputError:
        """The error of an answer that makes no sense."""
        return InputError(
            f"its answer cannot be used: {why}",
            subject=self.url,
            place=path.partition("?")[0],
            remedy=f"see that the address is that of a {self._product} server",
        )

    def _refused(self, error: urllib.error.HTTPError, path: str) -> NoReturn:
        said = error.read(300).decode("utf-8", "replace")
        remedy = {
            401: "give its token: --token-file FILE",
            403: "give the token of a user who may do that: --token-file FILE",
            404: f"see that the address is that of a {self._product} server",
        }.get(error.code, "see the server's log")
        raise InputError(
            f"refused with status {error.code}: {said}",
            subject=self.url,
            place=path.partition("?")[0],
            remedy=remedy,
        ) from error


def _answer(status: int, body: bytes, headers: Any) -> Answer:
    return Answer(
        status=status, body=body, headers={name.lower(): value for name, value in headers.items()}
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Turns every redirect into an error."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
