"""The service from Python: the verbs of the API, whole lists, long work that is waited for."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

from ringroad.client.problem import Problem
from ringroad.client.verbs import Verbs

OVER = frozenset({"done", "failed", "cancelled", "interrupted"})
TOKEN = "RINGROAD_TOKEN"  # noqa: S105 (the name of a variable)
LOOK_AGAIN_S = 0.5
Progress = Callable[[Mapping[str, Any]], None]


class Client(Verbs):
    """A service, as somebody. Safe to use from threads.

    Methods are called as operations of the API are, take its parameters and the fields of its
    bodies as keywords, and give its JSON. Ids go in as they are; `if_match` takes an id.
    """

    def __init__(self, address: str, *, token: str = "", timeout_s: float = 60.0) -> None:
        """As `Wire`; the token is that of `RINGROAD_TOKEN` where none is given."""
        super().__init__(address, token=token or os.environ.get(TOKEN, ""), timeout_s=timeout_s)

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def each(self, verb: Callable[..., Any], *words: Any, **asked: Any) -> Iterator[Any]:
        """All items of a list, page after page, of the list as it was at the first one.

        Args:
            verb: a method that gives pages, such as `client.list_frames`.
            words: what it takes in order.
            asked: what it takes by name.
        """
        page = verb(*words, **asked)
        yield from page["items"]
        while page["next"] is not None:
            page = verb(*words, **{**asked, "cursor": page["next"]})
            yield from page["items"]

    def wait(self, accepted: Mapping[str, Any], *, progress: Progress | None = None) -> Any:
        """The result of long work, when it is done.

        Args:
            accepted: what the verb gave that began it.
            progress: gets what the work tells of itself: `what`, `done`, `total`.

        Raises:
            Problem: it failed, or was cancelled or interrupted.
        """
        at, last = accepted["operation"]["id"], 0
        while True:
            try:
                last = self._listen(at, last, progress)
            except (http.client.HTTPException, OSError):
                time.sleep(LOOK_AGAIN_S)  # asked again below, which says so where nobody is there
            found = self.show_operation(at)["operation"]
            if found["state"] in OVER:
                return _result(found)

    def _listen(self, at: str, last: int, progress: Progress | None) -> int:
        """Hear its events behind the last one until the stream ends; the last one heard."""
        name = ""
        headers = {"Last-Event-ID": last} if last else {}
        with self.stream("/operations/{id}/events", {"id": at}, headers) as lines:
            for line in lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    last = int(value)
                elif field == "event":
                    name = value
                elif field == "data" and name == "progress" and progress is not None:
                    progress(json.loads(value))
        return last


def _result(operation: Mapping[str, Any]) -> Any:
    if operation["state"] == "done":
        return operation["result"]
    if operation["problem"] is not None:
        raise Problem.told(operation["problem"])
    raise Problem(
        "operation-over",
        f"the operation was {operation['state']}",
        status=409,
        subject=operation["id"],
        remedy="begin it again: steps that are done stay done",
    )
