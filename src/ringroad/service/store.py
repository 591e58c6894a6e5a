"""What the service alone must remember, in one SQLite file beside the catalog.

Tokens, answers by `Idempotency-Key`, operations and the audit chain. Nothing of it is truth about
data: that stands in the catalog. One server at a time has the file; a second is refused.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringroad.backends.lending import Lending
from ringroad.domain.errors import Conflict, WorkspaceError

FILE, LOCK = "service.sqlite", "service.lock"
VERSION = 2
BUSY_S = 30.0
TABLES = """
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, who TEXT NOT NULL, role TEXT NOT NULL,
    scopes TEXT NOT NULL, kind TEXT NOT NULL, created_ns INTEGER NOT NULL,
    expires_ns INTEGER NOT NULL, used_ns INTEGER, revoked_ns INTEGER,
    how TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE answer (
    who TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, at_ns INTEGER NOT NULL,
    status INTEGER, headers TEXT, body BLOB, PRIMARY KEY (who, key)
) WITHOUT ROWID;
CREATE TABLE operation (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL,
    who TEXT NOT NULL, state TEXT NOT NULL, created_ns INTEGER NOT NULL, started_ns INTEGER,
    ended_ns INTEGER, progress TEXT, result TEXT, problem TEXT
);
CREATE TABLE operation_event (
    operation TEXT NOT NULL, number INTEGER NOT NULL, at_ns INTEGER NOT NULL, name TEXT NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (operation, number)
) WITHOUT ROWID;
CREATE TABLE promotion (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, artifact TEXT NOT NULL, expected TEXT,
    reason TEXT NOT NULL, proposed_by TEXT NOT NULL, proposed_ns INTEGER NOT NULL,
    state TEXT NOT NULL, decided_by TEXT, decided_ns INTEGER
) WITHOUT ROWID;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
"""
UPGRADES = {1: "ALTER TABLE token ADD COLUMN how TEXT NOT NULL DEFAULT ''"}
"""Format -> what makes the next one of it."""


class Store:
    """One file, safe to call from threads: connections are lent, writers take turns."""

    def __init__(self, folder: Path, *, serving: bool) -> None:
        """Open it, or make it.

        Args:
            folder: of the workspace.
            serving: hold it as the one server of this workspace.

        Raises:
            Conflict: another server has it.
            WorkspaceError: a newer version wrote it, or it is damaged.
        """
        self.path = folder / FILE
        self._turn = threading.Lock()
        self._connections = Lending(self._open)
        self._lock = _hold(folder / LOCK) if serving else None
        self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction."""
        with self._connections.lent() as db:
            yield db

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """All that is read sees one moment, whatever is written meanwhile."""
        with self._connections.lent() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.execute("COMMIT")

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; any exception undoes all of it.

        `durable=False` may be forgotten at a power cut, as how far work was that is gone then too.
        """
        with self._turn, self._connections.lent() as db:
            db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Give everything back."""
        with self._turn:
            self._connections.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        return db

    def _bring_up_to_date(self) -> None:
        try:
            with self.writing() as db:
                (stored,) = db.execute("PRAGMA user_version").fetchone()
                if stored == 0:
                    for statement in _statements(TABLES):
                        db.execute(statement)
                for older in range(stored or VERSION, VERSION):
                    db.execute(UPGRADES[older])
                if stored < VERSION:
                    db.execute(f"PRAGMA user_version={VERSION:d}")
        except sqlite3.DatabaseError as error:
            raise WorkspaceError(
                f"cannot be opened: {error}",
                subject=str(self.path),
                remedy="move it away: tokens and the audit chain begin anew, data is not in it",
            ) from error
        if stored > VERSION:
            raise WorkspaceError(
                f"has format {stored}, this version reads up to {VERSION}",
                subject=str(self.path),
                remedy="serve with the version that wrote it, or a newer one",
            )


def _statements(script: str) -> Iterator[str]:
    """Whole statements: a trigger holds semicolons of its own."""
    held = ""
    for line in script.strip().splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""


def _hold(path: Path) -> int:
    """Lock the file that says somebody serves this workspace; the kernel unlocks at our end."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Conflict(
            "another server has this workspace",
            subject=str(path.parent),
            remedy="use its address, or end it first",
        ) from None
    return descriptor
