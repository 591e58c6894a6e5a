"""The catalog in one SQLite file. What any SQL database shares stands in `catalog_*.py`.

The file is in WAL mode: readers never wait, writers take turns, and a commit costs one fsync
(of the log); leases cost none, because whoever held one is gone after a power cut.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool

from ringroad.backends.catalog_aliases import AliasRows
from ringroad.backends.catalog_artifacts import ArtifactRows
from ringroad.backends.catalog_batches import BatchRows
from ringroad.backends.catalog_leases import LeaseRows
from ringroad.backends.catalog_orders import OrderRows
from ringroad.backends.catalog_queue import QueueRows
from ringroad.backends.catalog_recordings import RecordingRows
from ringroad.backends.catalog_revisions import RevisionRows
from ringroad.backends.catalog_schema import VERSION
from ringroad.backends.catalog_tasks import TaskRows
from ringroad.backends.durable import fsync_path, storage_full
from ringroad.backends.lending import Lending
from ringroad.backends.network_mounts import network_type
from ringroad.domain.errors import WorkspaceError

BUSY_S = 60.0
"""How long a writer waits for its turn; a turn is milliseconds, a slow disk makes it seconds."""


class SqliteCatalog(
    ArtifactRows,
    AliasRows,
    RecordingRows,
    BatchRows,
    LeaseRows,
    OrderRows,
    TaskRows,
    QueueRows,
    RevisionRows,
):
    """All nouns in one file. Safe to call from threads and processes; pickles by its path.

    Not safe to fork. After unpickling the file is opened at the first use.

    Raises:
        WorkspaceError: the folder is missing or on a network file system, the file is no
            catalog, or a newer Ringroad wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._begin(path)
        self._open()

    def close(self) -> None:
        """Give back connections. The catalog is not used again."""
        self._readers.close()
        self._writers.close()
        if self._engine is not None:
            self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection outside any transaction; taking one costs nothing."""
        try:
            with self._readers.lent() as db:
                yield db
        except DBAPIError as error:
            raise self._told(error, error.orig) from error

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction that nobody else writes beside; any exception undoes all of it."""
        with self._my_turn(), self._writers.lent() as db:
            yield from self._written(db, durable=durable)

    def _written(self, db: Connection, *, durable: bool) -> Iterator[Connection]:
        try:
            _driver(db).execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}").close()
            with _transaction(db):
                yield db
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self._told(error, error.orig) from error
        except sqlite3.Error as error:
            raise self._told(error, error) from error

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Threads of one process wait in line; SQLite would let them sleep, some for long."""
        if not self._turn.acquire(timeout=BUSY_S):
            raise WorkspaceError(
                f"another thread has held the catalog for {BUSY_S:.0f} s",
                subject=str(self.path),
                remedy="look for a write inside a write",
            )
        try:
            yield
        finally:
            self._turn.release()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_unopened, (self.path,))

    def _begin(self, path: Path) -> None:
        self.path = path
        self._opening = threading.Lock()
        self._turn = threading.Lock()
        self._engine: Engine | None = None
        self._readers = Lending(self._connection)
        self._writers = Lending(self._connection)

    def _connection(self) -> Connection:
        return (self._engine or self._open()).connect()

    def _open(self) -> Engine:
        with self._opening:
            if self._engine is None:
                self._refuse_unsuited()
                engine = _engine(self.path)
                try:
                    self._bring_up_to_date(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _refuse_unsuited(self) -> None:
        if not self.path.parent.is_dir():
            raise WorkspaceError(
                "the folder of the catalog does not exist",
                subject=str(self.path),
                remedy="ringroad init --workspace DIR",
            )
        if kind := network_type(self.path.parent):
            raise WorkspaceError(
                f"SQLite is not safe on a network file system ({kind})",
                subject=str(self.path),
                remedy="put the workspace on a local disk",
            )

    def _bring_up_to_date(self, engine: Engine) -> None:
        try:
            with engine.connect() as db:
                if self._stored_version(db) == VERSION:
                    return
            # alembic costs 0.1 s of CPU
            from ringroad.backends.catalog_migrate import create, upgrade

            with engine.connect() as db, _transaction(db):
                stored = self._stored_version(db)  # another process may have been first
                if stored < VERSION:
                    (upgrade if stored else create)(db)
                    db.exec_driver_sql(f"PRAGMA user_version={VERSION:d}")
            fsync_path(self.path.parent)
        except DBAPIError as error:
            raise self._told(error, error.orig) from error
        except sqlite3.Error as error:
            raise self._told(error, error) from error

    def _stored_version(self, db: Connection) -> int:
        """Number of the last migration the file went through; 0 for a new file."""
        stored = int(db.exec_driver_sql("PRAGMA user_version").scalar_one())
        if stored > VERSION:
            raise WorkspaceError(
                f"the catalog has format {stored}, this version reads up to {VERSION}",
                subject=str(self.path),
                remedy="install the version of ringroad that wrote it, or a newer one",
            )
        return stored

    def _told(self, error: Exception, cause: BaseException | None) -> Exception:
        """Say in our words what the file system or another process did; bugs stay as they are."""
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return storage_full(str(self.path), error)
        if code not in _SAID:
            return error
        what, remedy = _SAID[code]
        return WorkspaceError(f"{what} ({cause})", subject=str(self.path), remedy=remedy)


_SAID = {
    sqlite3.SQLITE_BUSY: (
        f"another process has held the catalog for {BUSY_S:.0f} s",
        "end it, then run the same command again",
    ),
    sqlite3.SQLITE_NOTADB: ("the file is no catalog", "name another workspace"),
    sqlite3.SQLITE_CORRUPT: ("the catalog is damaged", "put a copy of the file in its place"),
    sqlite3.SQLITE_CANTOPEN: ("the catalog cannot be opened", "look at the folder's permissions"),
    sqlite3.SQLITE_READONLY: ("the catalog cannot be written", "look at the folder's permissions"),
    sqlite3.SQLITE_IOERR: ("the disk failed", "free space, look at the disk, then run again"),
}


def _unopened(path: Path) -> SqliteCatalog:
    """A catalog that opens its file at the first use, for the other side of a pickle."""
    catalog = SqliteCatalog.__new__(SqliteCatalog)
    catalog._begin(path)  # noqa: SLF001 (this is its other constructor)
    return catalog


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        isolation_level="AUTOCOMMIT",  # transactions are begun by hand: IMMEDIATE, or not at all
        poolclass=QueuePool,
        pool_reset_on_return=None,
        max_overflow=-1,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def _transaction(db: Connection) -> Iterator[None]:
    """Take the writer's turn at once: a transaction that read first could not be upgraded."""
    connection = _driver(db)
    try:
        connection.execute("BEGIN IMMEDIATE").close()
        yield
        connection.execute("COMMIT").close()
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("ROLLBACK").close()
        raise


def _driver(db: Connection) -> sqlite3.Connection:
    """The connection below SQLAlchemy's, for the words around a transaction."""
    return cast("sqlite3.Connection", db.connection.driver_connection)
