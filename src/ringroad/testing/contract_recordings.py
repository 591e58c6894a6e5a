"""The part of the catalogs' suite that is about recordings, refusals and places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringroad.domain.errors import SourceChanged, UnknownName
from ringroad.domain.ids import (
    Digest,
    RecordingId,
)
from ringroad.domain.recording import Refusal
from ringroad.protocols.catalog import Catalog
from ringroad.testing.catalog_nouns import (
    commit,
    location_of,
    recording_of,
)


class RecordingsContract:
    """Recordings, refused sources, and where in-place bytes lie."""

    def test_recordings_come_back_whole(self, catalog: Catalog) -> None:
        second, first = recording_of("b.mcap"), recording_of("a.mcap", salvaged="2 s at the end")
        commit(catalog, "one", {}, {}, [second, first])
        assert catalog.recordings() == [first, second]
        assert catalog.recording(first.id) == first
        with pytest.raises(UnknownName):
            catalog.recording(RecordingId("car/none"))
        commit(catalog, "two", {}, {}, [recording_of("a.mcap")])
        assert catalog.recording(first.id).salvaged == ""
        assert catalog.recordings_of(first.source) == [catalog.recording(first.id)]
        assert catalog.recordings_of(second.source) == [second]

    def test_other_bytes_under_an_id_are_refused_with_both_digests(self, catalog: Catalog) -> None:
        first = recording_of("a.mcap")
        catalog.adopt(first)
        other = replace(first, source=Digest("9" * 64))
        for write in (
            lambda: catalog.adopt(other),
            lambda: commit(catalog, "two", {}, {}, [other]),
        ):
            with pytest.raises(SourceChanged) as raised:
                write()
            assert first.source in str(raised.value)
            assert other.source in str(raised.value)
        assert catalog.recording(first.id) == first
        catalog.adopt(replace(other, replaces=first.source))
        assert catalog.recording(first.id).source == other.source
        assert catalog.recordings_of(first.source) == []

    def test_a_refused_source_that_was_read_later_is_refused_no_more(
        self, catalog: Catalog
    ) -> None:
        refused = [
            Refusal(uri=f"file:/data/{name}", code="unreadable-source", reason="r", remedy="m")
            for name in ("b", "a")
        ]
        catalog.refuse(refused[0])
        commit(catalog, "one", {}, {}, [refused[1]])
        assert [item.uri for item in catalog.refusals()] == ["file:/data/a", "file:/data/b"]
        catalog.refuse(replace(refused[0], reason="worse"))
        assert [item.reason for item in catalog.refusals()] == ["r", "worse"]
        commit(catalog, "two", {}, {}, [location_of("a")])
        assert [item.uri for item in catalog.refusals()] == ["file:/data/b"]
        catalog.relocate(location_of("b"))
        assert catalog.refusals() == []
        catalog.refuse(refused[0])
        catalog.withdraw("file:/data/b")
        catalog.withdraw("file:/data/b")
        assert catalog.refusals() == []

    def test_the_newest_location_counts(self, catalog: Catalog) -> None:
        here, there = location_of("x", "file:/here"), location_of("x", "file:/there")
        assert catalog.location(here.digest) is None
        commit(catalog, "one", {}, {}, [here])
        catalog.relocate(there)
        assert catalog.location(here.digest) == there
        back = replace(here, size_bytes=9)
        catalog.relocate(back)
        assert catalog.location(here.digest) == back
