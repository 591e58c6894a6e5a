"""Operations as they go, as server-sent events; who was cut off goes on behind the last one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

from ringroad.service.operations import OVER, Event, Operations
from ringroad.service.problems import Declined

MEDIA = "text/event-stream"
LOOK_EVERY_S, BEAT_EVERY_S = 0.2, 15.0
LAST = "Last-Event-ID"
DESCRIBED = {
    "type": "object",
    "description": "One event; `data` is JSON.",
    "required": ["id", "event", "data"],
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}
"""For the API's description."""


def number_of(given: str) -> int:
    """The number behind which to go on; 0 for none. Raises Declined."""
    if not given:
        return 0
    if not given.isdecimal() or len(given) > 18:
        raise Declined(
            "invalid-request",
            f"{LAST} is the number of an event",
            subject=given[:50],
            remedy="leave it out to hear everything from the start",
        )
    return int(given)


async def follow(
    operations: Operations, id: str, after: int, still: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Events behind a number until the operation is over, with a beat where nothing happens.

    It ends as well when `still` says that who listens may not any more.
    """
    heard = time.monotonic()
    while await run_in_threadpool(still):
        operation = await run_in_threadpool(operations.get, id)
        events = await run_in_threadpool(operations.events, id, after=after)
        for event in events:
            after, heard = event.number, time.monotonic()
            yield written(event)
        if operation.state in OVER:
            return
        if time.monotonic() - heard > BEAT_EVERY_S:
            heard = time.monotonic()
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_S)


def written(event: Event) -> bytes:
    """One event on the wire."""
    data = json.dumps({"at_ns": event.at_ns, **event.data}, allow_nan=False)
    return f"id: {event.number}\nevent: {event.name}\ndata: {data}\n\n".encode()
