"""Whole lists at once, for programs: NDJSON or an Arrow stream, as `Accept` asks."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from fastapi import Request
from starlette.responses import StreamingResponse

from ringroad.service.door import say_cli
from ringroad.service.problems import Declined

JSON, NDJSON = "application/json", "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
ROWS_AT_ONCE = 4096
BITS = frozenset({"cell", "xxh3"})
"""Columns of 64 bits in which every one counts: hex, since many readers of JSON round them."""
_FORMS = {JSON: JSON, "application/*": JSON, "*/*": JSON, NDJSON: NDJSON, ARROW: ARROW}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            NDJSON: {"schema": {"type": "string"}},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
        },
        "description": "A page; or the whole list where `Accept` asks for NDJSON or Arrow.",
    }
}
"""For the API's description."""


def form_of(request: Request) -> str:
    """Which form is asked for; the first that is known. Raises Declined where none is."""
    accept = request.headers.get("accept", JSON)
    for part in accept.split(","):
        form = _FORMS.get(part.partition(";")[0].strip().lower())
        if form is not None:
            return form
    raise Declined(
        "not-acceptable",
        "the list has no such form",
        subject=accept[:100],
        remedy=f"ask for {JSON}, {NDJSON} or {ARROW}",
    )


def stream(tables: Iterator[pa.Table], form: str, *, cli: str) -> StreamingResponse:
    """All rows of tables of one schema, a part at a time."""
    parts = _lines(tables) if form == NDJSON else _batches(tables)
    response = StreamingResponse(parts, media_type=form)
    say_cli(response, cli)
    response.headers["cache-control"] = "no-store"
    return response


def plain_rows(rows: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON can say them: what is no number is null."""
    return [plain(row) for row in rows.to_pylist()]


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as JSON can say it."""
    return {name: _plain(value, name) for name, value in row.items()}


def _plain(value: Any, name: str = "") -> Any:
    if name in BITS and isinstance(value, int):
        return f"{value:016x}"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def _lines(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    for table in tables:
        for start in range(0, table.num_rows, ROWS_AT_ONCE):
            rows = plain_rows(table.slice(start, ROWS_AT_ONCE))
            yield "".join(
                json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows
            ).encode()


def _batches(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """An Arrow stream, handed on as it is written."""
    out = _Outlet()
    writer = None
    for table in tables:
        writer = writer or pa.ipc.new_stream(out, table.schema)
        for batch in table.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE):
            writer.write_batch(batch)
            yield out.taken()
    if writer is not None:
        writer.close()
    yield out.taken()


class _Outlet(io.RawIOBase):
    """A file that is emptied while it is written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Hold bytes until they are taken."""
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found
