"""Brings a stored catalog to the present shape with alembic. Imported only when it has to."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any, cast

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from ringroad.backends.catalog_schema import METADATA

SCRIPTS = Path(__file__).with_name("migrations")


def scripts() -> ScriptDirectory:
    """The migrations in the package, from `r0001` on."""
    return ScriptDirectory(str(SCRIPTS), version_locations=[str(SCRIPTS)])


def create(db: Connection) -> None:
    """Make what a new database holds, inside the caller's transaction: as `upgrade`, but fast."""
    for statement in _statements():
        db.exec_driver_sql(statement)


@cache
def _statements() -> tuple[str, ...]:
    """What all migrations come to on an empty database; found once in a process, in memory."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as db:
            upgrade(db)
            db.commit()
            driver = cast("sqlite3.Connection", db.connection.driver_connection)
            _begin, *statements, _commit = driver.iterdump()
    finally:
        engine.dispose()
    return tuple(statements)


def upgrade(db: Connection) -> None:
    """Run all migrations the database lacks, inside the caller's transaction."""
    migrations = scripts()

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return migrations._upgrade_revs("heads", revision)  # noqa: SLF001 (as alembic.command does)

    with EnvironmentContext(Config(), migrations, fn=steps) as environment:
        environment.configure(connection=db, target_metadata=METADATA, transactional_ddl=False)
        environment.run_migrations()
