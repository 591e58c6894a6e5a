"""A catalog of format 1 keeps its tasks and heads; lanes come and go with what is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import create_engine, select

from ringroad.backends.catalog_label_schema import LABEL_BAR, LABEL_LANE
from ringroad.backends.catalog_migrate import scripts
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.domain.ids import FrameId
from ringroad.domain.order import CLOSED
from ringroad.testing.catalog_nouns import NOW
from ringroad.testing.contract_labelling import done, opened, take, task


def format_1(path: Path) -> None:
    """A catalog as the first version wrote it."""
    migrations = scripts()

    def steps(revision: Any, _context: Any) -> Any:
        return migrations._upgrade_revs("0001", revision)

    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as db:
        with EnvironmentContext(Config(), migrations, fn=steps) as environment:
            environment.configure(connection=db, transactional_ddl=False)
            environment.run_migrations()
        db.exec_driver_sql("PRAGMA user_version=1")
        db.exec_driver_sql(
            "INSERT INTO label_task VALUES "
            "('b', 'ranking:1', 'car/r/cam/000001', 'ann', 'done', 'annotations:1'), "
            "('a', 'ranking:1', 'car/r/cam/000001', 'ben', 'open', NULL), "
            "('c', 'ranking:2', 'car/r/cam/000002', 'cyd', 'adjudicated', 'annotations:2')"
        )
        db.exec_driver_sql(
            "INSERT INTO annotation_head VALUES ('car/r/cam/000001', 'annotations:9', 3)"
        )
    engine.dispose()


def test_what_format_1_knew_is_carried_over(tmp_path: Path):
    format_1(tmp_path / "catalog.sqlite")
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite")
    orders = catalog.orders()
    assert [(item.selection, item.state) for item in orders] == [
        ("ranking:1", CLOSED),
        ("ranking:2", CLOSED),
    ]
    tasks = {item.id: (item.kind, item.state, item.annotator) for item in catalog.tasks()}
    assert tasks == {
        "a": ("draw", "cancelled", "ben"),
        "b": ("draw", "done", "ann"),
        "c": ("adjudicate", "done", "cyd"),
    }
    frame = FrameId("car/r/cam/000001")
    [old] = catalog.revisions(frame)
    assert catalog.head(frame) == old
    assert (old.number, old.batch, old.author) == (3, "annotations:9", "")
    assert take(catalog, "ann") is None
    catalog.change_labels(opened(task(0)), now_ns=NOW)
    assert take(catalog, "ann") is not None
    catalog.close()


@pytest.fixture
def catalog(tmp_path: Path):
    made = SqliteCatalog(tmp_path / "catalog.sqlite")
    yield made
    made.close()


def lanes(catalog: SqliteCatalog) -> tuple[int, int]:
    with catalog.reading() as db:
        return len(db.execute(select(LABEL_LANE)).all()), len(db.execute(select(LABEL_BAR)).all())


def test_a_lane_goes_with_its_last_task(catalog: SqliteCatalog):
    barred = [task(2 * n, barred=("ann", "ben")) for n in range(3)]
    catalog.change_labels(opened(task(1), *barred), now_ns=NOW)
    assert lanes(catalog) == (2, 2)
    for item in (task(1), *barred):
        assert lanes(catalog)[0] > 0
        held = take(catalog, "cyd")
        assert held is not None
        catalog.change_labels([done(held, "cyd")], now_ns=NOW)
        assert catalog.task(item.id).state == "done"
    assert lanes(catalog) == (0, 0)


def test_the_queue_is_answered_from_its_indexes(catalog: SqliteCatalog):
    """A take walks no table: whatever it reads, an index leads to it."""
    catalog.change_labels(opened(*(task(n) for n in range(50))), now_ns=NOW)
    seen: list[str] = []
    with catalog.writing() as db:
        db.connection.driver_connection.set_trace_callback(seen.append)
    take(catalog, "ann")
    reads = [text for text in seen if text.startswith("SELECT")]
    assert len(reads) == 2
    with closing(sqlite3.connect(catalog.path)) as file:
        plans = [row[3] for text in reads for row in file.execute(f"EXPLAIN QUERY PLAN {text}")]
    scans = [plan for plan in plans if plan.startswith("SCAN") and "label_task" in plan]
    assert not scans, plans
