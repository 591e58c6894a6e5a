from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import workflow_steps as steps

from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.domain.errors import LeaseLost
from ringroad.domain.time import SECOND_NS
from ringroad.testing.clock import SimulatedClock
from ringroad.workflow.holding import Holding
from ringroad.workflow.owner import host_of, is_gone, this_process
from ringroad.workflow.runner import LEASE_NS
from ringroad.workflow.work import work

HERE = Path(__file__).parent


def key_of(shop, made_by, **arguments):
    return shop.runner()._call(made_by, 0, arguments).id


def test_a_key_that_another_holds_is_waited_for_until_it_expires(shop):
    clock = SimulatedClock()
    start_ns = clock.now_ns()
    key = key_of(shop, steps.note, text="a")
    shop.catalog.acquire(key, "elsewhere:1", now_ns=start_ns, ttl_ns=LEASE_NS)
    shop.at(clock).runner().run(steps.note, text="a")
    assert LEASE_NS <= clock.now_ns() - start_ns < LEASE_NS + 2 * SECOND_NS


def test_map_works_off_free_keys_before_it_waits(shop):
    clock = SimulatedClock()
    key = key_of(shop, steps.note, text="a")
    shop.catalog.acquire(key, "elsewhere:1", now_ns=clock.now_ns(), ttl_ns=LEASE_NS)
    shop.at(clock).runner().map(steps.note, [{"text": text} for text in "abc"])
    newest_first = shop.catalog.executions("note")
    assert [item.key.parameters["text"] for item in newest_first] == ["a", "c", "b"]


def test_the_result_of_whoever_held_the_key_is_taken(shop):
    """The holder commits while we sleep for its lease."""
    key = key_of(shop, steps.note, text="a")

    class Holder(SimulatedClock):
        def sleep_ns(self, duration_ns: int) -> None:
            super().sleep_ns(duration_ns)
            if lease is not None and shop.catalog.holder(key) == lease:
                shop.catalog.release(lease)
                shop.runner(owner="elsewhere:1").run(steps.note, text="a")

    clock = Holder()
    lease = shop.catalog.acquire(key, "elsewhere:1", now_ns=clock.now_ns(), ttl_ns=LEASE_NS)
    steps.RAN.clear()
    shop.at(clock).runner().run(steps.note, text="a")
    assert steps.RAN == ["note"]
    assert [event.cached for event in shop.events] == [False, True]


def test_a_process_that_ended_on_this_machine_is_not_waited_for(shop):
    child = subprocess.Popen([sys.executable, "-c", ""])
    owner = f"{host_of(this_process())}:{child.pid}"
    assert not is_gone(owner)
    child.wait()
    assert is_gone(owner)
    clock = SimulatedClock()
    start_ns = clock.now_ns()
    key = key_of(shop, steps.note, text="a")
    shop.catalog.acquire(key, owner, now_ns=start_ns, ttl_ns=LEASE_NS)
    shop.at(clock).runner().run(steps.note, text="a")
    assert clock.now_ns() == start_ns


@pytest.mark.parametrize("owner", ["elsewhere:1", "no number", "", f"{this_process()}x"],
                         ids=["elsewhere", "no number", "nothing", "more"])  # fmt: skip
def test_an_owner_that_cannot_be_looked_at_counts_as_alive(owner):
    assert not is_gone(owner)
    assert not is_gone(this_process())


def test_work_that_outlives_its_lease_still_counts(shop):
    """The lease expired, somebody took it and gave up: the key is taken again, nothing is lost."""
    clock = SimulatedClock()
    runner = shop.at(clock).runner()
    call = runner._call(steps.note, 0, {"text": "a"})
    assert runner._holding.take(call.id)
    made = work(steps.note, runner._kit, runner._tracker, 0, call.arguments)
    clock.advance(2 * LEASE_NS)
    other = shop.catalog.acquire(call.id, "elsewhere:1", now_ns=clock.now_ns(), ttl_ns=LEASE_NS)
    steps.RAN.clear()
    runner._settle(call, replace(made, ended_ns=clock.now_ns()))
    assert steps.RAN == []
    assert len(shop.catalog.executions("note")) == 1
    with pytest.raises(LeaseLost):
        shop.catalog.renew(other, now_ns=clock.now_ns(), ttl_ns=LEASE_NS)


def test_leases_are_renewed_after_a_third_of_their_time(shop):
    clock = SimulatedClock()
    holding = Holding(shop.catalog, clock, owner=this_process(), ttl_ns=LEASE_NS)
    assert holding.take("k")
    first = holding.lease("k")
    clock.advance(LEASE_NS // 4)
    holding.renew_due()
    assert holding.lease("k") == first
    clock.advance(LEASE_NS // 4)
    holding.renew_due()
    renewed = holding.lease("k")
    assert renewed.token == first.token
    assert renewed.expires_ns == first.expires_ns + LEASE_NS // 2
    assert not holding.take("k")
    holding.give_back("k")
    holding.give_back("k")
    assert shop.catalog.holder("k") is None


def test_a_long_step_keeps_its_lease_by_itself(shop):
    """With 0.3 s to live, a lease is still held after a second of work."""
    holding = Holding(shop.catalog, shop.clock, owner=this_process(), ttl_ns=SECOND_NS * 3 // 10)
    assert holding.take("k")
    threading.Event().wait(1.0)
    assert shop.catalog.acquire("k", "you", now_ns=shop.clock.now_ns(), ttl_ns=1) is None
    holding.give_back_all()
    assert shop.catalog.acquire("k", "you", now_ns=shop.clock.now_ns(), ttl_ns=1) is not None


CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
import workflow_steps as steps
from workflow_shop import Shop
from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class DiesBeforeCommit(SqliteCatalog):
    def commit(self, execution, *rest, **named):
        if execution.key.parameters.get("text") == "c":
            die()
        super().commit(execution, *rest, **named)

class DiesAfterCommit(SqliteCatalog):
    def commit(self, execution, *rest, **named):
        super().commit(execution, *rest, **named)
        if execution.key.parameters.get("text") == "c":
            die()

class DiesInCommit(SqliteCatalog):
    def commit(self, execution, *rest, **named):
        if execution.key.parameters.get("text") == "c":
            def dying(records):
                yield from records
                die()
            super().commit(execution, rest[0], dying(rest[1]), **named)
        super().commit(execution, *rest, **named)

folder = Path({folder!r})
kind = {{"none": SqliteCatalog, "before": DiesBeforeCommit, "in": DiesInCommit,
         "after": DiesAfterCommit}}[{point!r}]
catalog = kind(folder / "catalog.sqlite")
runner = Shop(catalog, LocalBlobs(folder / "blobs")).runner()
"""


def child(shop, point, body):
    text = CHILD.format(here=str(HERE), folder=str(shop.catalog.path.parent), point=point) + body
    return subprocess.Popen([sys.executable, "-c", text])


@pytest.mark.parametrize(("point", "left"), [("before", 2), ("in", 2), ("after", 3)])
def test_a_killed_process_is_resumed_with_equal_digests(shop, tmp_path, point, left):
    items = [{"text": text} for text in "abcde"]
    killed = child(shop, point, f"runner.map(steps.describe, {items!r})\n")
    assert killed.wait(60) == -9
    assert len(shop.catalog.executions("describe")) == left
    clock = SimulatedClock(shop.clock.now_ns())
    start_ns = clock.now_ns()
    made = shop.at(clock).runner().map(steps.describe, items)
    assert clock.now_ns() == start_ns  # nobody waits for the dead
    assert [event.cached for event in shop.events] == [True] * left + [False] * (5 - left)
    assert len(shop.catalog.batches("frames")) == 5
    assert all(len(shop.catalog.measurements(item["described"].id)) == 1 for item in made)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    catalog = SqliteCatalog(fresh / "catalog.sqlite")
    assert type(shop)(catalog, shop.blobs).runner().map(steps.describe, items) == made
    catalog.close()


def test_processes_that_race_for_one_key_run_it_once(shop, tmp_path):
    folder = tmp_path / "ran"
    folder.mkdir()
    body = f"runner.run(steps.counted, folder={str(folder)!r}, text='x')\n"
    children = [child(shop, "none", body) for _ in range(3)]
    assert [one.wait(60) for one in children] == [0, 0, 0]
    assert len(list(folder.iterdir())) == 1
    assert len(shop.catalog.executions("counted")) == 1
