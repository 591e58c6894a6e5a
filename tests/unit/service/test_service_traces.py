"""Spans of requests reach a collector, and nothing waits for one that is not there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ringroad.domain.errors import UsageError
from ringroad.service.settings import ServiceSettings
from ringroad.service.traces import Traces
from service_kit import API, Served, serve

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@contextmanager
def collecting(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A collector that takes OTLP over HTTP as JSON."""
    spans: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/json")
            for resource in body["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    spans.extend(scope["spans"])
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}


def test_requests_are_spans_under_the_one_that_called(served_folder: Path):
    with collecting() as (address, spans):
        for served in serve(served_folder, ServiceSettings(port=0, traces=address)):
            calls = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            served.ask("GET", "/recordings", headers=calls)
            missing = served.ask("GET", "/datasets/secret-name")
            served.client.get(f"{API}/me", headers={"host": "evil.example"})
        found = {span["name"]: span for span in spans}
    assert set(found) == {"list_recordings", "show_dataset", "other"}
    first = found["list_recordings"]
    assert (first["traceId"], first["parentSpanId"], first["kind"]) == (TRACE, PARENT, 2)
    assert int(first["endTimeUnixNano"]) > int(first["startTimeUnixNano"])
    assert attributes(first)["http.response.status_code"] == "200"
    second = attributes(found["show_dataset"])
    assert second["http.response.status_code"] == "404"
    assert second["ringroad.request_id"] == missing.headers["x-request-id"]
    assert second["http.route"] == "/api/v1/datasets/{id:path}"
    assert "secret-name" not in json.dumps(spans)
    assert len({span["spanId"] for span in spans}) == 3


@pytest.mark.parametrize("header", ["", "00-x-y-01", f"00-{TRACE}-{PARENT}", "\u00ff" * 60])
def test_a_parent_that_is_none_begins_a_trace(header: str):
    with collecting() as (address, spans):
        traces = Traces(address)
        scope = {"method": "GET", "headers": [(b"traceparent", header.encode("latin-1"))]}
        traces.request(scope, 200, 0.01)
        traces.close()
    assert "parentSpanId" not in spans[0]
    assert len(spans[0]["traceId"]) == 32


@pytest.mark.parametrize("status", [0, 503])
def test_nothing_waits_for_a_collector_that_takes_nothing(
    served_folder: Path, status: int, caplog: pytest.LogCaptureFixture
):
    with collecting(status or 200) as (address, _):
        nobody = "http://127.0.0.1:9"
        settings = ServiceSettings(port=0, traces=address if status else nobody)
        for served in serve(served_folder, settings):
            begun = time.monotonic()
            for _ in range(20):
                assert served.ask("GET", "/me").status_code == 200
            assert time.monotonic() - begun < 5
            traces = served.service.traces
    assert traces.dropped == 20
    assert len([said for said in caplog.records if "traces are lost" in said.message]) == 1


def test_nothing_is_sent_unless_it_was_asked_for(shared: Served):
    assert shared.service.traces is None


@pytest.mark.parametrize("address", ["127.0.0.1:4318", "grpc://host:4317", "http://"])
def test_what_is_no_address_is_told(address: str):
    with pytest.raises(UsageError, match="no address"):
        Traces(address)
