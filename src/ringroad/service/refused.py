"""Refusals on their way into the audit chain: the first of a kind at once, its repeats as one.

Whoever is refused ten thousand times in a minute leaves two entries, not ten thousand: one at once,
and when the minute is over one that counts the rest. Kinds are by who asks (or from where, while
nobody is signed in), code and operation. At most `MOST` of them are open at a time; what comes on
top is counted by code alone, so that a flood of kinds is bounded too, in memory and in the chain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringroad.service.audit import Audit
from ringroad.service.problems import KINDS

WINDOW_S = 60.0
MOST = 256
MANY = "many"
"""The operation of an entry that stands for several kinds."""
OUTSIDE = "outside"
"""Kind of refusals before there is an operation: addresses are as many as one likes."""
READS = frozenset(KINDS) - {
    "not-made-yet", "cursor-expired", "source-missing", "source-changed", "operation-over",
    "missing-extra", "storage-full", "workspace", "error", "step-failed", "integrity",
    "digest-mismatch", "worker-died", "worker-timed-out", "isolation", "unreadable-source",
}  # fmt: skip
"""Codes that a refused read is noted with: whatever who asks got wrong, on purpose or not. What is
left out are states and faults of the workspace. Refused writes are noted with any code."""
Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One request that was refused."""

    who: str = ""
    """Empty where nobody is signed in."""
    peer: str = ""
    """The address that it came from."""
    operation: str
    subject: str
    status: int
    code: str
    request_id: str = ""
    kind: str = ""
    """What repeats are told by, where that is not the operation."""


@dataclass(slots=True)
class _Window:
    """One kind while its minute lasts."""

    until_s: float
    last: Refusal
    repeats: int = 0


class Refusals:
    """Of one server. Safe to call from threads; a thread of its own writes what is over."""

    def __init__(self, audit: Audit, *, window_s: float = WINDOW_S, most: int = MOST) -> None:
        """`window_s` is how long repeats are counted, `most` how many kinds at a time."""
        self._audit = audit
        self._window_s, self._most = window_s, most
        self._open: dict[Kind, _Window] = {}  # in order of their ends: all last equally long
        self._turn = threading.Condition()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="refusals", daemon=True)
        self._writer.start()

    def add(self, refusal: Refusal) -> None:
        """Write it down, or count it where its kind was written within the last minute."""
        with self._turn:
            now_s = time.monotonic()
            self._end(now_s)
            kind = (refusal.who or refusal.peer, refusal.code, refusal.kind or refusal.operation)
            if kind not in self._open and len(self._open) >= self._most:
                kind = ("", refusal.code, MANY)
                refusal = replace(refusal, who="", peer="", operation=MANY)
            known = self._open.get(kind)
            if known is not None:
                known.last, known.repeats = refusal, known.repeats + 1
                return
            self._open[kind] = _Window(until_s=now_s + self._window_s, last=refusal)
            self._note(refusal)
            self._turn.notify()

    def settle(self) -> None:
        """Write what was counted so far; what comes next is the first of its kind."""
        with self._turn:
            self._end(float("inf"))

    def close(self) -> None:
        """Write what was counted, and end."""
        with self._turn:
            self._closed = True
            self._end(float("inf"))
            self._turn.notify()
        self._writer.join()

    def _end(self, now_s: float) -> None:
        """Close windows that are over. The turn is held."""
        for kind in list(self._over(now_s)):
            window = self._open.pop(kind)
            if window.repeats:
                self._note(window.last, count=window.repeats)

    def _over(self, now_s: float) -> Iterator[Kind]:
        for kind, window in self._open.items():
            if window.until_s > now_s:
                return
            yield kind

    def _note(self, refusal: Refusal, *, count: int = 1) -> None:
        self._audit.add(
            who=refusal.who,
            peer="" if refusal.who else refusal.peer,
            operation=refusal.operation,
            subject=refusal.subject,
            status=refusal.status,
            code=refusal.code,
            request_id=refusal.request_id,
            count=count,
        )

    def _write(self) -> None:
        """Wait for the next window that is over, and write it."""
        with self._turn:
            while not self._closed:
                first = next(iter(self._open.values()), None)
                left = None if first is None else max(0.0, first.until_s - time.monotonic())
                self._turn.wait(left)
                self._end(time.monotonic())
