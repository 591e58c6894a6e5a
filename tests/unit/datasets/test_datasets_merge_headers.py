"""Headers merge field by field; a claim that would become false is a conflict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringroad.datasets.ancestry import ancestors, meeting_points
from ringroad.datasets.merge_headers import merge_headers
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.ids import ArtifactId

BASE = DatasetHeader(name="d", categories=("car", "sign"))
WIDE = replace(BASE, categories=("car", "light", "sign"))
NARROW = replace(BASE, categories=("car",))
NOBODY, OURS, THEIRS = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("ours", "theirs", "labelled", "wanted"),
    [
        (BASE, BASE, (True, True), ("car", "sign")),
        (WIDE, BASE, NOBODY, ("car", "light", "sign")),
        (BASE, WIDE, NOBODY, ("car", "light", "sign")),
        (WIDE, BASE, OURS, ("car", "light", "sign")),
        (WIDE, BASE, THEIRS, None),
        (BASE, WIDE, OURS, None),
        (BASE, NARROW, OURS, ("car",)),
        (NARROW, WIDE, NOBODY, None),
    ],
)
def test_categories(
    ours: DatasetHeader,
    theirs: DatasetHeader,
    labelled: tuple[bool, bool],
    wanted: tuple[str, ...] | None,
) -> None:
    found = merge_headers(BASE, ours, theirs, labelled=labelled)
    if wanted is None:
        assert [item.field for item in found.conflicts] == ["categories"]
        assert found.settled({"categories": "theirs"}).categories == theirs.categories
    else:
        assert found.conflicts == ()
        assert found.header.categories == wanted


def test_without_a_base_every_difference_is_a_conflict() -> None:
    other = replace(WIDE, name="e", unit="block of 2 frames, 1 dropped between")
    found = merge_headers(None, BASE, other, labelled=NOBODY)
    assert [item.field for item in found.conflicts] == ["categories", "unit"]
    assert found.header.name == "d"
    crossed = merge_headers(BASE, BASE, WIDE, crossed={"categories"}, labelled=NOBODY)
    assert [item.base for item in crossed.conflicts] == [None]


def test_what_is_synthetic_or_locked_stays_so() -> None:
    marked = replace(BASE, synthetic=True, locked=True)
    for ours, theirs in ((BASE, marked), (marked, BASE)):
        found = merge_headers(marked, ours, theirs, labelled=NOBODY).header
        assert (found.synthetic, found.locked) == (True, True)


def test_where_histories_met() -> None:
    parents = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("c", "b"), "f": ("f",)}

    def of(at: ArtifactId) -> list[ArtifactId]:
        return [ArtifactId(name) for name in parents[at]]

    def met(ours: str, theirs: str) -> tuple[str, ...]:
        return meeting_points([ArtifactId(ours)], [ArtifactId(theirs)], of)

    assert met("b", "c") == ("a",)
    assert met("d", "e") == ("b", "c"), "they crossed"
    assert met("d", "b") == ("b",)
    assert met("a", "f") == ()
    assert ancestors([ArtifactId("f")], of) == {"f"}, "a circle ends"
