"""What a server may answer: redirects, pages, refusals, rubbish. A real one is in tests/real."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from ringroad.backends.label_studio_http import LabelStudioServer
from ringroad.domain.errors import InputError, UsageError


class Server(BaseHTTPRequestHandler):
    """Answers from a table, and remembers who asked for what with which authorization."""

    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
    asked: ClassVar[list[tuple[str, str, Any]]] = []

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        self.asked.append((self.path, self.headers.get("Authorization", ""), body))
        status, data = self.answers.get(self.path.partition("?")[0], (404, b"{}"))
        if "page=2" in self.path:
            data = b'{"tasks": [{"data": {"frame_id": "second page"}}], "total": 101}'
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Server.answers, Server.asked = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, b""), "status 302"),
        ((401, b'{"detail": "no"}'), "status 401"),
        ((500, b"oops"), "status 500"),
        ((200, b"<html>"), "cannot be used"),
        ((200, b"[" * 100_000), "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_error(url: str, answer: tuple[int, bytes], said: str) -> None:
    Server.answers["/api/projects"] = answer
    with pytest.raises(InputError, match=said) as caught:
        LabelStudioServer(url, "secret").project("x", "<View/>")
    assert caught.value.subject == url
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
    assert len(Server.asked) == 1  # the redirect was not followed, nothing was asked again


def test_tasks_come_page_by_page(url: str) -> None:
    first = [{"data": {"frame_id": f"f{number}"}} for number in range(100)]
    Server.answers["/api/tasks"] = (200, json.dumps({"tasks": first, "total": 101}).encode())
    found = LabelStudioServer(url, "t").frames(7)
    assert found == {*(f"f{number}" for number in range(100)), "second page"}
    assert [who for _, who, _ in Server.asked] == ["Token t"] * 2


def test_a_personal_token_is_exchanged(url: str) -> None:
    Server.answers["/api/token/refresh"] = (200, b'{"access": "short-lived"}')
    Server.answers["/api/projects"] = (200, b'{"results": [{"id": 3, "title": "x"}], "count": 1}')
    assert LabelStudioServer(url, "eyJabc").project("x", "") == 3
    assert Server.asked[0] == ("/api/token/refresh", "", {"refresh": "eyJabc"})
    assert Server.asked[1][1] == "Bearer short-lived"


def test_a_project_that_is_not_there(url: str) -> None:
    Server.answers["/api/projects"] = (200, b'{"results": [], "count": 0}')
    with pytest.raises(InputError, match="no project of that title"):
        LabelStudioServer(url, "t").project("x", "")


def test_other_addresses_are_refused() -> None:
    for url in ("file:///etc/passwd", "ftp://host", "host:80"):
        with pytest.raises(UsageError, match="no http address"):
            LabelStudioServer(url, "t")
