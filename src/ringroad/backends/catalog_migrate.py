"""Brings a stored catalog to the present shape with alembic. Imported only when it has to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ringroad.backends.catalog_schema import METADATA

SCRIPTS = Path(__file__).with_name("migrations")


def scripts() -> ScriptDirectory:
    """The migrations in the package, from `r0001` on."""
    return ScriptDirectory(str(SCRIPTS), version_locations=[str(SCRIPTS)])


def upgrade(db: Connection) -> None:
    """Run all migrations the database lacks, inside the caller's transaction."""
    migrations = scripts()

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return migrations._upgrade_revs("heads", revision)  # noqa: SLF001 (as alembic.command does)

    with EnvironmentContext(Config(), migrations, fn=steps) as environment:
        environment.configure(connection=db, target_metadata=METADATA, transactional_ddl=False)
        environment.run_migrations()
