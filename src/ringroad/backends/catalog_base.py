"""What every part of the SQL catalog stands on: connections to read and to write with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class SqlRoom(ABC):
    """One database. Methods may be called from threads; each call takes its own connection."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A connection on which each statement sees all that was committed before it."""

    @abstractmethod
    def writing(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """One transaction that nobody else writes beside; any exception undoes all of it.

        `durable=False` may be forgotten at a power cut, which leases may: their holders are
        then gone too.
        """


@cache
def insert_missing(dialect: str, table: Table) -> Insert:
    """Insert rows; those whose key is there already are left as they are."""
    statement: Insert = _INSERTS[dialect](table).on_conflict_do_nothing()
    return statement


@cache
def insert_or_replace(dialect: str, table: Table) -> Insert:
    """Insert rows; those whose primary key is there already take the new values."""
    statement = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    values = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    replacing: Insert = statement.on_conflict_do_update(index_elements=keys, set_=values)
    return replacing


def put_missing(db: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those rows that are not there; no rows are no work."""
    if rows:
        db.execute(insert_missing(db.dialect.name, table), rows)


def put(db: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the one of equal primary key."""
    db.execute(insert_or_replace(db.dialect.name, table), row)
