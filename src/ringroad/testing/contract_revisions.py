"""What every catalog promises of annotations: revisions are added, heads move one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import StaleRevision, UnknownName
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.protocols.catalog import Catalog
from ringroad.testing.catalog_nouns import NOW, SECOND, commit, made

FRAME = FrameId("car/r/cam/000001")


def revision(number: int, batch: str, author: str = "ann") -> Revision:
    """One revision of `FRAME`."""
    return Revision(
        frame=FRAME,
        number=number,
        batch=made(batch, "annotations").id,
        author=author,
        source="human",
        guideline="g" * 64,
        reason=f"because {number}",
        task=f"task {number}",
        made_ns=NOW + number,
    )


class RevisionsContract:
    """Inherited by `CatalogContract`."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """An empty catalog."""
        raise NotImplementedError

    def test_heads_move_one_revision_at_a_time(self, catalog: Catalog) -> None:
        with pytest.raises(StaleRevision):
            commit(catalog, "too early", {}, {"x": made("x")}, [revision(2, "a")])
        assert catalog.artifacts() == []
        commit(catalog, "first", {}, {"rows": made("a", "annotations")}, [revision(1, "a")])
        commit(catalog, "same", {}, {}, [revision(1, "a")])
        for name, stale in (("rival", revision(1, "b")), ("leap", revision(3, "b"))):
            with pytest.raises(StaleRevision):
                commit(catalog, name, {}, {}, [stale])
        commit(catalog, "second", {}, {"rows": made("b", "annotations")}, [revision(2, "b")])
        with pytest.raises(StaleRevision):
            commit(catalog, "back", {}, {}, [revision(1, "a")])
        assert catalog.head(FRAME) == revision(2, "b")
        assert catalog.head(FrameId("car/r/cam/000002")) is None

    def test_a_batch_that_becomes_a_head_is_to_be_indexed_last(self, catalog: Catalog) -> None:
        first, second = (made(name, "annotations") for name in "ab")

        def move(batch: Artifact, number: int) -> None:
            head = replace(revision(number, "a"), batch=batch.id)
            commit(catalog, f"move {number}", {}, {"rows": batch}, [head])

        move(first, 1)
        commit(catalog, "other", {}, {"rows": second}, tables={"rows": "annotations"})
        waiting = catalog.unindexed("annotations")
        assert [item.artifact for item in waiting] == [first.id, second.id]
        move(second, 2)
        catalog.mark_indexed(waiting)  # what was read before the move says nothing of it
        assert [item.artifact for item in catalog.unindexed("annotations")] == [second.id]
        move(first, 3)
        assert [item.artifact for item in catalog.batches("annotations")] == [second.id, first.id]
        assert catalog.unindexed("annotations") == catalog.batches("annotations")

    def test_heads_of_many_frames(self, catalog: Catalog) -> None:
        frames = [FrameId(f"car/r/cam/{number:06d}") for number in range(1200)]
        rows = made("rows", "annotations")
        some = [replace(revision(1, "rows"), frame=frame) for frame in frames[::2]]
        commit(catalog, "all", {}, {"rows": rows}, some)
        found = catalog.heads(frames)
        assert sorted(found) == frames[::2]
        assert found[frames[0]] == some[0]
        assert catalog.heads([]) == {}

    def test_revisions_stay_and_say_who(self, catalog: Catalog) -> None:
        batches = [made(name, "annotations") for name in "ab"]
        history = [revision(1, "a"), revision(2, "b", "ben"), revision(3, "a")]
        for item in history:
            catalog.change_labels([item], artifacts=batches, now_ns=NOW)
        assert catalog.revisions(FRAME) == history
        assert catalog.heads([FRAME, FrameId("car/r/cam/000002")]) == {FRAME: history[2]}
        assert catalog.revisions(FrameId("car/r/cam/000002")) == []
        at = history[2].batch
        assert catalog.head(FRAME) == history[2]
        assert catalog.unindexed("annotations")[-1].artifact == at

    def test_a_late_writer_is_told_who_won_and_when(self, catalog: Catalog) -> None:
        batches = [made(name, "annotations") for name in "abc"]
        for item in (revision(1, "a"), revision(2, "b", "ben")):
            catalog.change_labels([item], artifacts=batches, now_ns=NOW)
        with pytest.raises(StaleRevision, match=r"revision 2 \(ben, 2027-01-15T08:00:00.0"):
            catalog.change_labels([revision(2, "c")], now_ns=NOW)
        assert len(catalog.revisions(FRAME)) == 2

    def test_a_revision_takes_the_time_of_its_commit(self, catalog: Catalog) -> None:
        bare = replace(revision(1, "a"), made_ns=0)
        commit(catalog, "one", {}, {"rows": made("a", "annotations")}, [bare])
        assert catalog.revisions(FRAME) == [replace(bare, made_ns=NOW + SECOND)]

    def test_a_revision_of_no_batch_is_refused(self, catalog: Catalog) -> None:
        with pytest.raises(UnknownName):
            catalog.change_labels([revision(1, "never")], now_ns=NOW)
        assert catalog.head(FRAME) is None

    def test_of_many_writers_one_wins_each_revision(self, catalog: Catalog) -> None:
        batches = {str(n): made(str(n), "annotations") for n in range(12)}
        commit(catalog, "all", {}, batches)

        def write(number: int) -> bool:
            try:
                catalog.change_labels([revision(1, str(number))], now_ns=NOW)
            except StaleRevision:
                return False
            return True

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(write, range(12))) == 1
        assert len(catalog.revisions(FRAME)) == 1

    def test_the_newest_gold_answer_counts(self, catalog: Catalog) -> None:
        gold = GoldAnswer(
            frame=FRAME, batch=made("a", "annotations").id, guideline="", by="lea", made_ns=NOW
        )
        other = replace(gold, frame=FrameId("car/r/cam/000000"))
        newer = replace(gold, batch=made("b", "annotations").id, reason="tighter")
        catalog.change_labels([gold, other, newer], now_ns=NOW)
        assert catalog.gold() == {other.frame: other, FRAME: newer}
        catalog.change_labels([replace(gold, batch=None)], now_ns=NOW)
        assert catalog.gold() == {other.frame: other}
