"""Movable names with history in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from ringroad.backends.catalog_base import SqlRoom, put
from ringroad.backends.catalog_schema import ALIAS, ALIAS_MOVE
from ringroad.domain.artifact import AliasMove
from ringroad.domain.errors import AliasMoved, UnknownName
from ringroad.domain.ids import ArtifactId


class AliasRows(SqlRoom):
    """`protocols.catalog.Aliases` over SQL."""

    def resolve(self, name: str) -> ArtifactId | None:
        """Where the name points now, or None."""
        with self.reading() as db:
            found = db.execute(select(ALIAS.c.artifact).where(ALIAS.c.name == name)).scalar()
        return None if found is None else ArtifactId(found)

    def move(
        self,
        name: str,
        to: ArtifactId,
        *,
        expected: ArtifactId | None,
        now_ns: int,
        reason: str = "",
    ) -> None:
        """Compare-and-set. Moving a name to where it points already changes nothing."""
        try:
            with self.writing() as db:
                now = db.execute(select(ALIAS.c.artifact).where(ALIAS.c.name == name)).scalar()
                if now == to:
                    return
                if now != expected:
                    raise AliasMoved(
                        f"points at {now or 'nothing'}, not at {expected or 'nothing'}",
                        subject=name,
                        remedy="look at its history, then move it from where it points now",
                    )
                put(db, ALIAS, {"name": name, "artifact": to})
                moved = {"name": name, "artifact": to, "moved_ns": now_ns, "reason": reason}
                db.execute(insert(ALIAS_MOVE), moved)
        except IntegrityError as error:
            raise UnknownName(
                f"cannot point at {to}: the catalog holds no such artifact", subject=name
            ) from error

    def history(self, name: str) -> Sequence[AliasMove]:
        """All moves of one name, oldest first."""
        moves = select(ALIAS_MOVE).where(ALIAS_MOVE.c.name == name).order_by(ALIAS_MOVE.c.position)
        with self.reading() as db:
            rows = db.execute(moves).all()
        return [
            AliasMove(
                name=row.name,
                artifact=ArtifactId(row.artifact),
                moved_ns=row.moved_ns,
                reason=row.reason,
            )
            for row in rows
        ]

    def names(self, prefix: str = "") -> Mapping[str, ArtifactId]:
        """All names with a prefix and where they point."""
        with self.reading() as db:
            rows = db.execute(select(ALIAS).order_by(ALIAS.c.name)).all()
        return {row.name: ArtifactId(row.artifact) for row in rows if row.name.startswith(prefix)}
