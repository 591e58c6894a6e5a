from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from ringroad.backends.catalog_migrate import create, scripts, upgrade
from ringroad.backends.catalog_schema import METADATA, VERSION
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.network_mounts import network_type
from ringroad.domain.errors import StorageFull, UsageError, WorkspaceError
from ringroad.testing.catalog_nouns import commit, made


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "catalog.sqlite"
    SqliteCatalog(place).close()
    return place


def test_migrations_lead_to_the_schema(path):
    catalog = SqliteCatalog(path)
    with catalog.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    catalog.close()


def test_a_new_file_holds_what_the_migrations_lead_to():
    """It is made from what they came to in memory: the same, whichever way."""

    def dump(make) -> list[str]:
        engine = create_engine("sqlite://")
        with engine.connect() as db:
            make(db)
            db.commit()
            return list(db.connection.driver_connection.iterdump())

    made, migrated = dump(create), dump(upgrade)
    assert made == migrated
    assert len(made) > 20


def test_the_version_is_the_number_of_the_last_migration():
    assert scripts().get_heads() == [f"{VERSION:04d}"]


def test_opening_again_does_not_import_alembic(path):
    code = (
        "import sys, pathlib; from ringroad.backends.catalog_sqlite import SqliteCatalog;"
        f"SqliteCatalog(pathlib.Path({str(path)!r})).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_newer_catalog_is_refused(path):
    with sqlite3.connect(path) as file:
        file.execute(f"PRAGMA user_version={VERSION + 1}")
    file.close()
    with pytest.raises(WorkspaceError, match=rf"format {VERSION + 1}.*or a newer one"):
        SqliteCatalog(path)


def test_a_file_that_is_no_catalog_is_refused(tmp_path):
    place = tmp_path / "catalog.sqlite"
    place.write_bytes(b"not a database at all, but long enough to have a header" * 100)
    with pytest.raises(WorkspaceError, match="no catalog"):
        SqliteCatalog(place)


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(WorkspaceError, match="does not exist"):
        SqliteCatalog(tmp_path / "none" / "catalog.sqlite")


def test_processes_may_make_it_together(tmp_path):
    code = (
        "import pathlib, sys; from ringroad.backends.catalog_sqlite import SqliteCatalog;"
        "from ringroad.testing.catalog_nouns import commit;"
        "catalog = SqliteCatalog(pathlib.Path(sys.argv[1]));"
        "commit(catalog, sys.argv[2]); catalog.close()"
    )
    place = tmp_path / "catalog.sqlite"
    arguments = [sys.executable, "-c", code, str(place)]
    children = [subprocess.Popen([*arguments, str(number)]) for number in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    catalog = SqliteCatalog(place)
    assert len(catalog.executions("work")) == 3
    catalog.close()


def test_writers_take_turns_and_readers_do_not_wait(path):
    catalog = SqliteCatalog(path)
    with ThreadPoolExecutor(1) as threads:
        with catalog.writing() as db:
            db.exec_driver_sql("INSERT INTO refusal VALUES ('u', 'c', 'r', 'm')")
            other = threads.submit(commit, catalog, "one")
            assert catalog.refusals() == []
            assert not other.done()
        other.result(10)
    assert [item.uri for item in catalog.refusals()] == ["u"]
    catalog.close()


def test_any_exception_undoes_the_transaction(path):
    catalog = SqliteCatalog(path)

    def interrupted():
        with catalog.writing() as db:
            db.exec_driver_sql("INSERT INTO refusal VALUES ('u', 'c', 'r', 'm')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert catalog.refusals() == []
    commit(catalog, "one")
    catalog.close()


def test_commits_are_synchronous_and_leases_are_not(path):
    catalog = SqliteCatalog(path)
    for durable, level in ((True, 2), (False, 1), (True, 2)):
        with catalog.writing(durable=durable) as db:
            assert db.exec_driver_sql("PRAGMA synchronous").scalar_one() == level
            assert db.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert db.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    catalog.close()


def test_a_full_disk_is_told_and_nothing_is_written(path):
    catalog = SqliteCatalog(path)
    notes = {str(number): made(str(number)) for number in range(2000)}
    with catalog.writing() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(StorageFull, match="free space"):
        commit(catalog, "one", {}, notes)
    assert catalog.artifacts() == []
    with catalog.writing() as db:
        db.exec_driver_sql("PRAGMA max_page_count=1000000")
    commit(catalog, "one", {}, notes)
    assert len(catalog.artifacts()) == 2000
    catalog.close()


def test_a_record_without_a_home_is_refused(path):
    catalog = SqliteCatalog(path)
    with pytest.raises(UsageError, match="Artifact"):
        commit(catalog, "one", {}, {}, [made("x")])
    assert catalog.executions("work") == []
    catalog.close()


def test_threads_after_one_another_use_one_connection(path):
    """Servers end threads that have nothing to do, and begin others, for weeks."""

    def open_files() -> int:
        names = [os.path.realpath(at) for at in Path("/proc/self/fd").iterdir()]
        return sum(name.startswith(str(path)) for name in names)

    catalog = SqliteCatalog(path)
    catalog.recordings()
    first = open_files()
    for _ in range(20):
        with ThreadPoolExecutor(1) as threads:
            threads.submit(catalog.recordings).result()
    assert open_files() == first
    catalog.close()
    assert open_files() == 0


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:50 / /mnt/team\\040share rw - nfs4 server:/x rw
31 30 0:51 / /mnt/team\\040share/fast rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me", ""),
        ("/mnt/team share", "nfs4"),
        ("/mnt/team share/deep/er", "nfs4"),
        ("/mnt/team share/fast/x", ""),
        ("/mnt/team shared", ""),
    ],
)
def test_network_file_systems_are_known_by_their_mount(tmp_path, folder, kind):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_type(Path(folder), mounts=mounts) == kind


def test_a_catalog_on_a_network_file_system_is_refused(tmp_path, monkeypatch):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 8:1 / / rw - ext4 x rw\n30 22 0:5 / {tmp_path} rw - cifs //x rw\n")
    assert network_type(tmp_path, mounts=mounts) == "cifs"
    here = partial(network_type, mounts=mounts)
    monkeypatch.setattr("ringroad.backends.catalog_sqlite.network_type", here)
    with pytest.raises(WorkspaceError, match=r"cifs.*local disk"):
        SqliteCatalog(tmp_path / "catalog.sqlite")
