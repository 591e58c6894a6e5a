"""Two people for a champion: one proposes where the name is to point, another agrees."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from ringroad.domain.errors import UnknownName
from ringroad.protocols.clock import Clock
from ringroad.service.problems import Declined
from ringroad.service.store import Store

CHAMPION = ":champion"
PROPOSED, AGREED, DECLINED = "proposed", "agreed", "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A model version that somebody wants to be champion."""

    id: str
    name: str
    artifact: str
    expected: str | None
    """Where the name pointed when it was proposed."""
    reason: str
    proposed_by: str
    proposed_ns: int
    state: str
    decided_by: str | None
    decided_ns: int | None


class Promotions:
    """All promotions of one workspace."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def propose(
        self, name: str, artifact: str, *, expected: str | None, reason: str, who: str
    ) -> Promotion:
        """Ask for another person's word."""
        made = secrets.token_hex(8)
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO promotion VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (made, name, artifact, expected, reason, who, self._clock.now_ns(), PROPOSED),
            )
        return self.get(made)

    def get(self, id: str) -> Promotion:
        """One promotion. Raises UnknownName."""
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM promotion WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise UnknownName("no promotion has this id", subject=id[:100])
        return _promotion_of(row)

    def all(self) -> list[Promotion]:
        """Promotions, newest first."""
        with self._store.reading() as db:
            asked = "SELECT * FROM promotion ORDER BY proposed_ns DESC, id"
            return [_promotion_of(row) for row in db.execute(asked)]

    def decide(
        self, id: str, *, agree: bool, who: str, move: Callable[[Promotion], None]
    ) -> Promotion:
        """Agree, and `move` the name; or not. Where the name cannot be moved nothing is decided.

        Raises:
            UnknownName: there is no such promotion.
            Declined: it was decided, or the one who proposed it is the one who agrees.
        """
        with self._store.writing() as db:
            row = db.execute("SELECT * FROM promotion WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise UnknownName("no promotion has this id", subject=id[:100])
            found = _promotion_of(row)
            if found.state != PROPOSED:
                raise Declined("operation-over", f"it was {found.state}", subject=id)
            if agree and found.proposed_by == who:
                raise Declined(
                    "second-person",
                    "who proposes a champion cannot be the one who agrees",
                    subject=who,
                    remedy="ask another person whose token has role approver",
                )
            if agree:
                move(found)
            db.execute(
                "UPDATE promotion SET state = ?, decided_by = ?, decided_ns = ? WHERE id = ?",
                (AGREED if agree else DECLINED, who, self._clock.now_ns(), id),
            )
        return self.get(id)


def _promotion_of(row: sqlite3.Row) -> Promotion:
    return Promotion(**{name: row[name] for name in Promotion.__slots__})
