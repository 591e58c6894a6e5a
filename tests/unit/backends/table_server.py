"""A server that answers from a table: redirects, refusals, rubbish. A real one is in tests/real."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class Server(BaseHTTPRequestHandler):
    """Answers from a table, and remembers who asked for what with which authorization."""

    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
    """By path, or by method and path."""
    more: ClassVar[dict[str, str]] = {}
    """Headers of every answer."""
    asked: ClassVar[list[tuple[str, str, Any]]] = []

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        sent = self.rfile.read(size)
        said = "json" in self.headers.get("Content-Type", "")
        body = json.loads(sent) if sent and said else None
        self.asked.append((self.path, self.headers.get("Authorization", ""), body))
        path = self.path.partition("?")[0]
        status, data = self.answers.get(
            f"{self.command} {path}", self.answers.get(path, (404, b"{}"))
        )
        if "page=2" in self.path:
            data = b'{"tasks": [{"data": {"frame_id": "second page"}}], "total": 101}'
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        for name, text in self.more.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815 (the names are the library's, here and below)
    do_PATCH = do_GET  # noqa: N815
    do_PUT = do_GET  # noqa: N815
    do_DELETE = do_GET  # noqa: N815
    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def table_server() -> Iterator[str]:
    """Its address; the table is empty."""
    Server.answers, Server.asked, Server.more = {}, [], {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
