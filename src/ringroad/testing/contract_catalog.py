"""The suite that every catalog passes: inherit, give the fixture `catalog`."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from ringroad.domain.artifact import Artifact, Measurement
from ringroad.domain.errors import AliasMoved, LeaseLost, UnknownName
from ringroad.domain.ids import ArtifactId, ExecutionId
from ringroad.protocols.catalog import Catalog
from ringroad.testing.catalog_nouns import (
    NOW,
    SECOND,
    commit,
    execution_of,
    made,
    recording_of,
)
from ringroad.testing.contract_labelling import LabellingContract
from ringroad.testing.contract_recordings import RecordingsContract
from ringroad.testing.contract_revisions import RevisionsContract


class CatalogContract(RecordingsContract, RevisionsContract, LabellingContract):
    """Truth, one commit at a time."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """An empty catalog."""
        raise NotImplementedError

    def test_an_execution_comes_back_whole(self, catalog: Catalog) -> None:
        ends = {"frames[0]": made("a"), "frames[1]": made("b")}
        execution = commit(catalog, "one", ends, {"x": made("x"), "y": made("y")})
        assert catalog.execution(execution.id) == execution
        assert catalog.execution(ExecutionId("0" * 64)) is None

    def test_an_execution_without_ends_is_still_one(self, catalog: Catalog) -> None:
        execution = commit(catalog, "alone")
        assert catalog.execution(execution.id) == execution
        assert catalog.edges(execution=execution.id) == []

    def test_committing_again_changes_nothing(self, catalog: Catalog) -> None:
        out = {"x": made("x")}
        note = Measurement(artifact=out["x"].id, name="size", value=1.0, unit="B")
        for _ in range(3):
            commit(catalog, "one", {}, out, [note], tables={"x": "frames"})
        assert len(catalog.executions("work")) == 1
        assert len(catalog.measurements(out["x"].id)) == 1
        assert len(catalog.batches("frames")) == 1
        other = execution_of("one", {}, {"x": made("other")})
        catalog.commit(other, [made("other")])
        assert catalog.execution(other.id) == execution_of("one", {}, out)
        assert catalog.artifacts() == [out["x"]]

    def test_executions_stand_newest_first(self, catalog: Catalog) -> None:
        done = [commit(catalog, str(number)) for number in range(5)]
        catalog.commit(execution_of("x", step="other"), [])
        assert catalog.executions("work") == done[::-1]
        assert catalog.executions("work", limit=2) == done[:2:-1]
        assert catalog.executions("none") == []

    def test_artifacts_by_kind_stand_oldest_first(self, catalog: Catalog) -> None:
        things = [made(str(number), "odd" if number % 2 else "even") for number in range(6)]
        commit(catalog, "one", {}, {str(number): thing for number, thing in enumerate(things)})
        assert catalog.artifacts() == things
        assert catalog.artifacts("odd") == things[1::2]
        assert catalog.artifacts("none") == []

    def test_equal_bytes_of_two_kinds_are_two_artifacts(self, catalog: Catalog) -> None:
        commit(catalog, "one", {}, {"a": made("x", "frames"), "b": made("x", "labels")})
        assert len(catalog.artifacts()) == 2

    def test_an_artifact_by_the_start_of_its_digest(self, catalog: Catalog) -> None:
        thing = made("x")
        commit(catalog, "one", {}, {"x": thing, "y": made("y", "other")})
        assert catalog.artifact(thing.id) == thing
        assert catalog.artifact(ArtifactId(thing.digest[:10])) == thing
        assert catalog.artifact(ArtifactId(f"thing:{thing.digest[:10]}")) == thing
        for wrong in (f"other:{thing.digest[:10]}", "nothing", "", ":", "g" * 10, "thing:"):
            with pytest.raises(UnknownName):
                catalog.artifact(ArtifactId(wrong))

    def test_a_prefix_that_stands_for_two_names_both(self, catalog: Catalog) -> None:
        commit(catalog, "one", {}, {"a": made("x", "frames"), "b": made("x", "labels")})
        start = made("x").digest[:10]
        with pytest.raises(UnknownName, match=r"frames:.*labels:"):
            catalog.artifact(ArtifactId(start))
        assert catalog.artifact(ArtifactId(f"labels:{start}")).kind == "labels"

    def test_an_unknown_input_undoes_the_commit(self, catalog: Catalog) -> None:
        execution = execution_of("one", {"a": made("never")}, {"x": made("x")})
        with pytest.raises(UnknownName):
            catalog.commit(execution, [made("x")], [recording_of("r.mcap")])
        assert catalog.execution(execution.id) is None
        assert catalog.artifacts() == []
        assert catalog.recordings() == []

    def test_edges_by_either_end(self, catalog: Catalog) -> None:
        first = commit(catalog, "one", {}, {"x": made("x")})
        second = commit(catalog, "two", {"from": made("x")}, {"y": made("y")})
        found = catalog.edges(artifact=made("x").id)
        assert {(edge.execution, edge.role, edge.direction) for edge in found} == {
            (first.id, "x", "out"),
            (second.id, "from", "in"),
        }
        assert {edge.artifact for edge in catalog.edges(execution=second.id)} == {
            made("x").id,
            made("y").id,
        }
        assert len(catalog.edges()) == 3

    def test_reach_goes_all_the_way_and_no_further(self, catalog: Catalog) -> None:
        a, b, c, d, side = (made(name) for name in ("a", "b", "c", "d", "side"))
        root = commit(catalog, "root", {}, {"a": a})
        left = commit(catalog, "left", {"a": a}, {"b": b})
        again = commit(catalog, "left again", {"a": a}, {"b": b})
        right = commit(catalog, "right", {"a": a}, {"c": c})
        last = commit(catalog, "last", {"b": b, "c": c}, {"d": d})
        commit(catalog, "apart", {}, {"side": side})
        assert catalog.reach(d.id, up=True) == [root, left, again, right, last]
        assert catalog.reach(b.id, up=True) == [root, left, again]
        assert catalog.reach(c.id, up=False) == [last]
        assert catalog.reach(a.id, up=False) == [left, again, right, last]
        assert catalog.reach(d.id, up=False) == []
        assert catalog.reach(made("never").id, up=True) == []

    def test_measurements_stand_oldest_first(self, catalog: Catalog) -> None:
        thing = made("x")
        notes = [
            Measurement(artifact=thing.id, name="p50", value=1.25, unit="ms", detail={"n": 3}),
            Measurement(artifact=thing.id, name="p99", value=9.0, unit="ms"),
        ]
        commit(catalog, "one", {}, {"x": thing}, notes)
        assert catalog.measurements(thing.id) == notes
        assert catalog.measurements(made("y").id) == []

    def test_figures_can_be_added_later(self, catalog: Catalog) -> None:
        thing = made("x")
        commit(catalog, "one", {}, {"x": thing})
        rows = [
            Measurement(artifact=thing.id, name="latency", value=v, unit="ms", detail={"at": "now"})
            for v in (2.0, 1.0)
        ]
        catalog.note(rows)
        assert catalog.measurements(thing.id) == rows

    def test_an_alias_moves_by_compare_and_set(self, catalog: Catalog) -> None:
        first, second = made("x"), made("y")
        commit(catalog, "one", {}, {"x": first, "y": second})
        assert catalog.resolve("m:champion") is None
        catalog.move("m:champion", first.id, expected=None, now_ns=1, reason="only one")
        catalog.move("m:champion", first.id, expected=None, now_ns=2)
        with pytest.raises(AliasMoved):
            catalog.move("m:champion", second.id, expected=None, now_ns=3)
        catalog.move("m:champion", second.id, expected=first.id, now_ns=4)
        with pytest.raises(AliasMoved):
            catalog.move("m:champion", first.id, expected=first.id, now_ns=5)
        assert catalog.resolve("m:champion") == second.id
        moves = [
            (move.artifact, move.moved_ns, move.reason) for move in catalog.history("m:champion")
        ]
        assert moves == [(first.id, 1, "only one"), (second.id, 4, "")]

    def test_names_by_prefix(self, catalog: Catalog) -> None:
        thing = made("x")
        commit(catalog, "one", {}, {"x": thing})
        for name in ("n_ght@v1", "night@v2", "other"):
            catalog.move(name, thing.id, expected=None, now_ns=1)
        assert catalog.names("n_") == {"n_ght@v1": thing.id}
        assert list(catalog.names()) == ["n_ght@v1", "night@v2", "other"]

    def test_an_alias_of_nothing_is_refused(self, catalog: Catalog) -> None:
        with pytest.raises(UnknownName):
            catalog.move("m:champion", made("x").id, expected=None, now_ns=1)
        assert catalog.history("m:champion") == []

    def test_of_many_movers_one_wins(self, catalog: Catalog) -> None:
        things = {str(number): made(str(number)) for number in range(8)}
        commit(catalog, "one", {}, things)

        def move(thing: Artifact) -> bool:
            try:
                catalog.move("m:champion", thing.id, expected=None, now_ns=1)
            except AliasMoved:
                return False
            return True

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(move, things.values())) == 1
        assert len(catalog.history("m:champion")) == 1

    def test_batches_stand_in_commit_order(self, catalog: Catalog) -> None:
        names = ["c", "a", "b"]
        for name in names:
            commit(catalog, name, {}, {"rows": made(name)}, tables={"rows": "frames"})
        commit(catalog, "else", {}, {"rows": made("d")}, tables={"rows": "annotations"})
        found = catalog.batches("frames")
        assert [batch.artifact for batch in found] == [made(name).id for name in names]
        places = [batch.position for batch in found]
        assert places == sorted(set(places))
        assert {batch.table for batch in found} == {"frames"}
        assert catalog.batch_tables() == ["annotations", "frames"]
        assert catalog.batches("none") == []

    def test_batches_are_indexed_once_and_forgotten(self, catalog: Catalog) -> None:
        for name in "abc":
            commit(catalog, name, {}, {"rows": made(name)}, tables={"rows": "frames"})
        a, b, c = catalog.batches("frames")
        catalog.mark_indexed([b])
        catalog.mark_indexed([])
        assert catalog.unindexed("frames") == [a, c]
        commit(catalog, "b again", {}, {"rows": made("b")}, tables={"rows": "frames"})
        assert catalog.unindexed("frames") == [a, c]
        catalog.mark_indexed([a, c])
        assert catalog.unindexed("frames") == []
        catalog.forget_index("frames")
        assert catalog.unindexed("frames") == [a, b, c]

    def test_a_lease_is_held_by_one(self, catalog: Catalog) -> None:
        lease = catalog.acquire("k", "me", now_ns=NOW, ttl_ns=SECOND)
        assert lease is not None
        assert (lease.key, lease.owner, lease.expires_ns) == ("k", "me", NOW + SECOND)
        assert catalog.holder("k") == lease
        assert catalog.acquire("k", "you", now_ns=NOW + 1, ttl_ns=SECOND) is None
        assert catalog.acquire("k", "me", now_ns=NOW + 1, ttl_ns=SECOND) is None
        assert catalog.acquire("other", "you", now_ns=NOW, ttl_ns=SECOND) is not None
        catalog.release(lease)
        catalog.release(lease)
        assert catalog.holder("k") is None
        assert catalog.acquire("k", "you", now_ns=NOW + 2, ttl_ns=SECOND) is not None

    def test_tokens_only_grow(self, catalog: Catalog) -> None:
        tokens: list[int] = []
        for number in range(5):
            lease = catalog.acquire("k", "me", now_ns=NOW + number, ttl_ns=SECOND)
            assert lease is not None
            tokens.append(lease.token)
            catalog.release(lease)
        assert tokens == sorted(set(tokens))

    def test_an_expired_lease_is_fenced_off(self, catalog: Catalog) -> None:
        late = catalog.acquire("k", "late", now_ns=NOW, ttl_ns=SECOND)
        assert late is not None
        then = late.expires_ns
        taken = catalog.acquire("k", "next", now_ns=then, ttl_ns=60 * SECOND)
        assert taken is not None
        assert taken.token > late.token
        with pytest.raises(LeaseLost):
            catalog.renew(late, now_ns=then, ttl_ns=SECOND)
        with pytest.raises(LeaseLost):
            commit(catalog, "one", {}, {"x": made("x")}, lease=late)
        assert catalog.artifacts() == []
        catalog.release(late)
        assert catalog.holder("k") == taken
        commit(catalog, "one", {}, {"x": made("x")}, lease=taken)
        assert catalog.artifacts() == [made("x")]

    def test_a_commit_after_the_end_of_its_lease_is_refused(self, catalog: Catalog) -> None:
        short = catalog.acquire("k", "me", now_ns=NOW, ttl_ns=SECOND // 2)
        assert short is not None
        with pytest.raises(LeaseLost):
            commit(catalog, "one", lease=short)
        longer = catalog.renew(short, now_ns=NOW, ttl_ns=60 * SECOND)
        assert longer.token == short.token
        commit(catalog, "one", lease=longer)
        assert len(catalog.executions("work")) == 1

    def test_a_released_lease_is_lost(self, catalog: Catalog) -> None:
        lease = catalog.acquire("k", "me", now_ns=NOW, ttl_ns=60 * SECOND)
        assert lease is not None
        catalog.release(lease)
        with pytest.raises(LeaseLost):
            catalog.renew(lease, now_ns=NOW, ttl_ns=SECOND)
        with pytest.raises(LeaseLost):
            commit(catalog, "one", lease=lease)

    def test_of_many_takers_one_has_it(self, catalog: Catalog) -> None:
        def take(number: int) -> bool:
            lease = catalog.acquire("k", f"owner {number}", now_ns=NOW, ttl_ns=SECOND)
            return lease is not None

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(take, range(16))) == 1

    def test_a_batch_that_counts_once_more_is_indexed_last(self, catalog: Catalog) -> None:
        for name in "ab":
            commit(catalog, name, {}, {"rows": made(name)}, tables={"rows": "checks"})
        catalog.mark_indexed(catalog.batches("checks"))
        catalog.put_last("checks", made("a").id)
        assert [item.artifact for item in catalog.batches("checks")] == [
            made("b").id,
            made("a").id,
        ]
        assert [item.artifact for item in catalog.unindexed("checks")] == [made("a").id]
        assert catalog.batch_tables() == ["checks"]

    def test_threads_may_commit_side_by_side(self, catalog: Catalog) -> None:
        def work(number: int) -> None:
            rows = made(str(number % 10))
            commit(catalog, str(number % 10), {}, {"rows": rows}, tables={"rows": "frames"})

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(work, range(40)))
        assert len(catalog.executions("work")) == 10
        assert len(catalog.batches("frames")) == 10

    def test_it_pickles(self, catalog: Catalog) -> None:
        execution = commit(catalog, "one", {}, {"x": made("x")})
        again: Catalog = pickle.loads(pickle.dumps(catalog))  # noqa: S301 (our own bytes)
        assert again.execution(execution.id) == execution
        commit(again, "two")
        assert len(catalog.executions("work")) == 2
        again.close()
