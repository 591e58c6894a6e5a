"""One file per change of the catalog's tables; alembic finds them by `revision`."""
