"""Answers by `Idempotency-Key`: a request that is sent again gets the answer it had, done once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from ringroad.protocols.clock import Clock
from ringroad.service.problems import Declined
from ringroad.service.store import Store

HEADER = "Idempotency-Key"
LONGEST = 255
_KEY = re.compile(r"[!-~]+")
KEPT_HEADERS = ("content-type", "location", "etag", "ringroad-cli")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Keys:
    """Keys of every person, apart from one another."""

    def __init__(self, store: Store, clock: Clock, *, keep_ns: int) -> None:
        """What was under way when the last server ended may be asked again."""
        self._store = store
        self._clock = clock
        self._keep_ns = keep_ns
        with store.writing() as db:
            db.execute("DELETE FROM answer WHERE status IS NULL")

    def begin(self, who: str, key: str, request: str) -> Answer | None:
        """Take a key for a request, or find what was answered to it.

        Args:
            who: whose key it is.
            key: as the client chose it.
            request: `fingerprint` of what is asked.

        Raises:
            Declined: the key is no key, was used for another request, or is under way.
        """
        if len(key) > LONGEST or not _KEY.fullmatch(key):
            raise Declined(
                "invalid-request",
                f"{HEADER} is 1 to {LONGEST} printable ASCII characters without spaces",
                remedy="send a new UUID for every new request",
            )
        now_ns = self._clock.now_ns()
        with self._store.writing(durable=False) as db:  # what is under way ends with the server
            db.execute("DELETE FROM answer WHERE at_ns < ?", (now_ns - self._keep_ns,))
            asked = "SELECT * FROM answer WHERE who = ? AND key = ?"
            row = db.execute(asked, (who, key)).fetchone()
            if row is None:
                db.execute(
                    "INSERT INTO answer VALUES (?, ?, ?, ?, NULL, NULL, NULL)",
                    (who, key, request, now_ns),
                )
                return None
        if row["request"] != request:
            raise Declined(
                "key-reused",
                "the key was used for a request with another address or body",
                subject=key,
                remedy="send a new key with a new request",
            )
        if row["status"] is None:
            raise Declined(
                "key-in-flight",
                "a request with this key is under way",
                subject=key,
                remedy="wait, then send the same again: it gets the same answer",
            )
        return Answer(status=row["status"], headers=json.loads(row["headers"]), body=row["body"])

    def finish(self, who: str, key: str, answer: Answer) -> None:
        """Keep an answer; faults of the server are not kept, so that asking again may help.

        It is on disk with the entry of the audit chain that follows, before anybody is answered:
        one flush for both. Refusals are not flushed, and asking again refuses again.
        """
        with self._store.writing(durable=False) as db:
            if answer.status >= 500:
                db.execute("DELETE FROM answer WHERE who = ? AND key = ?", (who, key))
                return
            db.execute(
                "UPDATE answer SET status = ?, headers = ?, body = ? WHERE who = ? AND key = ?",
                (answer.status, json.dumps(dict(answer.headers)), answer.body, who, key),
            )


def fingerprint(method: str, path: str, query: str, body: bytes) -> str:
    """What makes two requests the same."""
    head = f"{method}\n{path}\n{query}".encode()
    return sha256(sha256(head).digest() + sha256(body).digest()).hexdigest()
