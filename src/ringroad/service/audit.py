"""What was written and refused, by whom: a chain in which every entry holds the one before it.

Whoever changes, removes or reorders an entry breaks every hash behind it. The end is noted a second
time, so that cutting it off is seen. Whoever writes the whole file anew, that note with it, is seen
by comparing the head with one that was kept elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import IntegrityError
from ringroad.protocols.clock import Clock
from ringroad.service.store import Store

START = "0" * 64
HEAD = "audit-head"
"""Under which the end of the chain is noted a second time."""
LONGEST = 500
"""Characters that are kept of a text which came with a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One link."""

    number: int
    at_ns: int
    who: str
    operation: str
    """As in the table of roles; the method and path where there was no operation."""
    subject: str
    status: int
    code: str
    """Of the problem; empty where it was done."""
    request_id: str
    before: str
    hash: str
    count: int = 1
    """Requests that it stands for: more than one where a refusal was repeated within a minute."""
    peer: str = ""
    """Of a refusal while nobody was signed in: the address that it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A chain that is whole."""

    entries: int
    head: str


class Audit:
    """The chain of one workspace."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(
        self,
        *,
        who: str,
        operation: str,
        subject: str,
        status: int,
        code: str = "",
        request_id: str = "",
        peer: str = "",
        count: int = 1,
    ) -> None:
        """Append a link; what was done is durable when this returns.

        Refusals may be forgotten at a power cut: who is refused can not make the disk busy.
        """
        with self._store.writing(durable=status < 400) as db:
            last = db.execute("SELECT number, hash FROM audit ORDER BY number DESC").fetchone()
            number, before = (last["number"] + 1, last["hash"]) if last else (1, START)
            fields = {
                "number": number,
                "at_ns": self._clock.now_ns(),
                "who": _short(who),
                "operation": _short(operation),
                "subject": _short(subject),
                "status": status,
                "code": code,
                "request_id": request_id,
                "before": before,
                "peer": _short(peer),
                "count": count,
            }
            data = canonical_json(fields)
            digest = sha256(data).hexdigest()
            db.execute("INSERT INTO audit VALUES (?, ?, ?)", (number, data.decode(), digest))
            end = f"{number} {digest}"
            db.execute("INSERT OR REPLACE INTO secret VALUES (?, ?)", (HEAD, end.encode()))

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Links in order, those behind a number."""
        with self._store.reading() as db:
            asked = "SELECT entry, hash FROM audit WHERE number > ? ORDER BY number LIMIT ?"
            rows = db.execute(asked, (after, limit)).fetchall()
        return [Entry(**json.loads(row["entry"]), hash=row["hash"]) for row in rows]

    def end(self) -> tuple[int, str]:
        """How many links there are, which count up from 1, and the hash of the last."""
        with self._store.reading() as db:
            last = db.execute("SELECT number, hash FROM audit ORDER BY number DESC").fetchone()
        return (last["number"], last["hash"]) if last else (0, START)

    def verify(self) -> Verified:
        """Follow the chain from its start. Raises IntegrityError at the first link that breaks."""
        number, head = 0, START
        with self._store.snapshot() as db:
            noted = db.execute("SELECT value FROM secret WHERE name = ?", (HEAD,)).fetchone()
            for row in db.execute("SELECT entry, hash FROM audit ORDER BY number"):
                number += 1
                fields = _fields(row["entry"])
                whole = sha256(str(row["entry"]).encode()).hexdigest() == row["hash"]
                if not whole or fields.get("before") != head or fields.get("number") != number:
                    raise IntegrityError(
                        "the audit chain is broken here: entries were changed, removed or "
                        "reordered",
                        subject=str(self._store.path),
                        place=f"entry {number}",
                        remedy="compare with a copy of the file; what stands before is whole",
                    )
                head = row["hash"]
        self._check_end(number, head, bytes(noted["value"]).decode() if noted else "")
        return Verified(entries=number, head=head)

    def _check_end(self, number: int, head: str, noted: str) -> None:
        """Raises IntegrityError where the chain ends elsewhere than it was noted to."""
        if noted not in {"", f"{number} {head}"}:
            raise IntegrityError(
                "the audit chain does not end where it ended: entries were cut off, or all of it "
                "was written anew",
                subject=str(self._store.path),
                place=f"entry {number}",
                remedy=f"it ended with entry and hash {noted}: compare with a copy of the file",
            )


def _fields(entry: str) -> dict[str, Any]:
    try:
        found = json.loads(entry)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _short(text: str) -> str:
    """What came with a request is kept in bounds and on one line."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(part if part.isprintable() else "\N{REPLACEMENT CHARACTER}" for part in cut)
