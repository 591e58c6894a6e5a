"""Revisions that can be read again, tracks that fill themselves, guidelines that change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from label_floor import BOX, URBAN, Floor, box, frame

from ringroad.domain.errors import (
    AliasMoved,
    InvalidAnnotations,
    InvalidConfig,
    StaleRevision,
    UnknownName,
    UsageError,
)
from ringroad.domain.taxonomy import Category, Guideline, Taxonomy
from ringroad.label.guidelines import version_of
from ringroad.label.interpolate import AFTER, OUTSIDE
from ringroad.pipelines.label.guidelines import (
    apply_change,
    create_guideline,
    guideline_history,
    guideline_named,
    preview_change,
)
from ringroad.pipelines.label.revisions import edit, revert, revision, revision_marks, revisions
from ringroad.pipelines.label.tracks import draw_track, edit_frames
from ringroad.store.indexing import rebuild


def drawn(floor: Floor, number: int, *marks, at: int = 0, by: str = "ann", guideline: str = ""):
    return edit(
        floor.workspace,
        {frame(number): list(marks)},
        expected={frame(number): at},
        author=by,
        guideline=guideline,
    )


def shown(floor: Floor) -> dict[str, list[float]]:
    """Frame -> x of what the table shows; the same when it is made again."""
    rows = floor.workspace.rows("annotations").sort_by("annotation_id").to_pylist()
    rebuild(floor.workspace.catalog, floor.workspace.blobs, floor.workspace.tables)
    again = floor.workspace.rows("annotations").sort_by("annotation_id").to_pylist()
    assert again == rows
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["frame_id"], []).append(row["x"])
    return found


def test_each_edit_is_a_revision_that_stays(floor: Floor):
    drawn(floor, 0, box(1.0))
    drawn(floor, 0, box(2.0), box(3.0), at=1, by="ben")
    drawn(floor, 0, at=2)
    history = revisions(floor.workspace, frame(0))
    assert [(item.number, item.author, item.source) for item in history] == [
        (1, "ann", "human"),
        (2, "ben", "human"),
        (3, "ann", "human"),
    ]
    held = [[mark.x for mark in revision_marks(floor.workspace, frame(0), n)] for n in (1, 2, 3)]
    assert held == [[1.0], [2.0, 3.0], []]
    with pytest.raises(UnknownName, match="1 to 3"):
        revision(floor.workspace, frame(0), 4)
    with pytest.raises(UnknownName, match="nobody"):
        revision(floor.workspace, frame(9))


def test_an_edit_of_many_frames_is_one_transaction(floor: Floor):
    drawn(floor, 0, box(1.0))
    both = {frame(0): [box(5.0)], frame(1): [box(6.0)]}
    with pytest.raises(StaleRevision, match="ann"):
        edit(floor.workspace, both, expected={frame(0): 0, frame(1): 0}, author="ben")
    assert revisions(floor.workspace, frame(1)) == []
    edit(floor.workspace, both, expected={frame(0): 1, frame(1): 0}, author="ben")
    assert shown(floor) == {frame(0): [5.0], frame(1): [6.0]}
    with pytest.raises(UsageError, match="which revision"):
        edit(floor.workspace, both, expected={frame(0): 2}, author="ben")
    with pytest.raises(UsageError, match="no frame"):
        edit(floor.workspace, {}, expected={}, author="ben")


def test_going_back_is_a_new_revision(floor: Floor):
    drawn(floor, 0, box(1.0))
    drawn(floor, 0, box(2.0), at=1)
    assert shown(floor) == {frame(0): [2.0]}
    back = revert(floor.workspace, frame(0), 1, by="lea", reason="was better", expected=2)
    assert (back.number, back.author, back.reason) == (3, "lea", "was better")
    assert shown(floor) == {frame(0): [1.0]}
    assert len(revisions(floor.workspace, frame(0))) == 3
    with pytest.raises(StaleRevision, match=r"revision 3 \(lea\), not 2"):
        revert(floor.workspace, frame(0), 1, by="ben", expected=2)
    with pytest.raises(UnknownName):
        revert(floor.workspace, frame(0), 9, by="ben")


def test_ids_that_were_given_stay(floor: Floor):
    drawn(floor, 0, box(1.0, id="mine"), box(2.0))
    ids = [mark.id for mark in revision_marks(floor.workspace, frame(0))]
    assert ids == [f"{frame(0)}/ann/0000", "mine"]
    with pytest.raises(InvalidAnnotations, match="twice"):
        drawn(floor, 0, box(1.0, id="a"), box(2.0, id="a"), at=1)
    with pytest.raises(InvalidAnnotations, match="another frame's"):
        drawn(floor, 1, box(1.0, id=ids[0]))


FRAMES = [frame(number) for number in range(9)]


def track_at(floor: Floor, track: str = "t") -> dict[int, tuple[float, bool]]:
    found = {}
    for number, name in enumerate(FRAMES):
        if floor.workspace.catalog.head(name) is None:
            continue
        for mark in revision_marks(floor.workspace, name):
            if mark.track == track:
                found[number] = (mark.x, mark.key)
    return found


def draw(floor: Floor, keys: dict[int, float | None], **values):
    marks = {frame(n): None if x is None else box(x, **values) for n, x in keys.items()}
    return draw_track(floor.workspace, "t", marks, FRAMES, author="ann")


def test_a_track_fills_what_lies_between_key_frames(floor: Floor):
    made = draw(floor, {0: 0.0, 4: 8.0})
    assert track_at(floor) == {
        0: (0.0, True),
        1: (2.0, False),
        2: (4.0, False),
        3: (6.0, False),
        4: (8.0, True),
    }
    assert made.numbers == {frame(n): 1 for n in range(5)}


def test_a_changed_key_frame_makes_its_neighbours_anew_and_nothing_else(floor: Floor):
    draw(floor, {0: 0.0, 4: 8.0})
    drawn(floor, 2, box(99.0, id="other"), *revision_marks(floor.workspace, frame(2)), at=1)
    made = draw(floor, {2: 10.0})
    assert [x for x, _ in track_at(floor).values()] == [0.0, 5.0, 10.0, 9.0, 8.0]
    assert sorted(made.numbers) == [frame(1), frame(2), frame(3)]
    others = [mark.x for mark in revision_marks(floor.workspace, frame(2)) if not mark.track]
    assert others == [99.0]
    draw(floor, {2: None})
    assert [x for x, _ in track_at(floor).values()] == [0.0, 2.0, 4.0, 6.0, 8.0]
    draw(floor, {4: None})
    assert track_at(floor) == {0: (0.0, True)}
    with pytest.raises(InvalidAnnotations, match="nothing changes"):
        draw(floor, {0: 0.0})


def test_an_edit_of_a_key_frame_makes_its_neighbours_anew(floor: Floor):
    draw(floor, {0: 0.0, 4: 8.0})
    [key] = revision_marks(floor.workspace, frame(4))
    moved = {frame(4): [replace(key, x=16.0), box(70.0)]}
    with pytest.raises(StaleRevision):
        edit_frames(floor.workspace, moved, expected={frame(4): 0}, author="ben")
    made = edit_frames(floor.workspace, moved, expected={frame(4): 1}, author="ben")
    assert [x for x, _ in track_at(floor).values()] == [0.0, 4.0, 8.0, 12.0, 16.0]
    assert made.numbers == {frame(n): 2 for n in range(1, 5)}
    plain = {frame(2): [*revision_marks(floor.workspace, frame(2)), box(5.0)]}
    alone = edit_frames(floor.workspace, plain, expected={frame(2): 2}, author="ben")
    assert alone.numbers == {frame(2): 3}


def test_a_gap_holds_nothing(floor: Floor):
    draw(floor, {0: 0.0, 2: 4.0, 8: 8.0})
    draw(floor, {2: 4.0}, attributes={OUTSIDE: AFTER})
    assert sorted(track_at(floor)) == [0, 1, 2, 8]
    draw(floor, {6: 6.0})
    assert sorted(track_at(floor)) == [0, 1, 2, 6, 7, 8]


def test_who_changed_a_frame_meanwhile_wins(floor: Floor):
    draw(floor, {0: 0.0, 4: 8.0})
    marks = {frame(2): box(10.0)}
    seen = dict.fromkeys(FRAMES[:5], 1)
    drawn(floor, 3, box(50.0), at=1, by="ben")
    with pytest.raises(StaleRevision, match="ben"):
        draw_track(floor.workspace, "t", marks, FRAMES, author="ann", expected=seen)
    assert track_at(floor)[2] == (4.0, False)
    with pytest.raises(UsageError, match="not among"):
        draw_track(floor.workspace, "t", {frame(77): BOX}, FRAMES, author="ann")
    with pytest.raises(UsageError, match="name"):
        draw_track(floor.workspace, "", {frame(1): BOX}, FRAMES, author="ann")


NEXT = Guideline(
    name="urban",
    text="Vehicles are one category.",
    taxonomy=Taxonomy(categories=(Category(name="vehicle"), Category(name="lane"))),
)


def test_a_change_of_guideline_is_previewed_then_made_as_new_revisions(floor: Floor):
    kept = create_guideline(floor.workspace, URBAN)
    version = kept.digest
    drawn(floor, 0, box(1.0), box(2.0, category="cyclist"), guideline=version)
    drawn(floor, 1, box(3.0, category="cyclist"), guideline=version)
    lane = box(4.0, category="lane", shape="polyline", points=(0, 0, 5, 5))
    drawn(floor, 2, lane, guideline=version)
    drawn(floor, 3, box(5.0))
    floor.order(frames=2)
    before = floor.workspace.catalog.names()
    with pytest.raises(InvalidConfig, match="what becomes of cyclist"):
        preview_change(floor.workspace, "urban", NEXT, {"car": "vehicle"})
    preview = preview_change(floor.workspace, "urban", NEXT, {"car": "vehicle", "cyclist": ""})
    told = {item.category: (item.becomes, item.annotations, item.frames, item.open_tasks)
            for item in preview.categories}  # fmt: skip
    assert told == {"car": ("vehicle", 1, 1, 2), "cyclist": ("", 2, 2, 4)}
    assert (preview.frames, preview.open_tasks) == ({frame(0): 1, frame(1): 1}, 4)
    assert floor.workspace.catalog.names() == before

    after = apply_change(floor.workspace, preview, NEXT, author="lea", reason="simpler")
    assert after.digest == version_of(NEXT)
    [mark] = revision_marks(floor.workspace, frame(0))
    assert (mark.category, mark.x, mark.guideline) == ("vehicle", 1.0, after.digest)
    assert revision_marks(floor.workspace, frame(1)) == []
    last = revision(floor.workspace, frame(1))
    assert (last.number, last.author, last.source, last.reason) == (2, "lea", "human", "simpler")
    old = [mark.category for mark in revision_marks(floor.workspace, frame(0), 1)]
    assert old == ["car", "cyclist"]
    assert revision(floor.workspace, frame(2)).number == 1
    assert revision(floor.workspace, frame(3)).number == 1
    assert guideline_named(floor.workspace, "urban")[0] == NEXT
    assert guideline_named(floor.workspace, version)[0] == URBAN
    history = guideline_history(floor.workspace, "urban")
    assert [move.artifact.partition(":")[2] for move in history] == [version, after.digest]
    with pytest.raises(AliasMoved):
        apply_change(floor.workspace, preview, NEXT, author="lea")


def test_annotations_that_moved_since_the_preview_are_not_passed_over(floor: Floor):
    version = create_guideline(floor.workspace, URBAN).digest
    drawn(floor, 0, box(1.0), guideline=version)
    preview = preview_change(floor.workspace, "urban", NEXT, {"car": "vehicle", "cyclist": ""})
    drawn(floor, 0, box(2.0), at=1, by="ben", guideline=version)
    with pytest.raises(StaleRevision, match="ben"):
        apply_change(floor.workspace, preview, NEXT, author="lea")
    assert guideline_named(floor.workspace, "urban")[0] == URBAN
    assert revision(floor.workspace, frame(0)).author == "ben"


def test_annotations_without_a_guideline_take_part_where_asked(floor: Floor):
    create_guideline(floor.workspace, URBAN)
    drawn(floor, 3, box(5.0))
    mapping = {"car": "vehicle", "cyclist": ""}
    plain = preview_change(floor.workspace, "urban", NEXT, mapping)
    assert plain.frames == {}
    both = preview_change(floor.workspace, "urban", NEXT, mapping, unnamed=True)
    assert both.frames == {frame(3): 1}


def test_a_guideline_is_not_made_twice(floor: Floor):
    create_guideline(floor.workspace, URBAN)
    create_guideline(floor.workspace, URBAN)
    with pytest.raises(UsageError, match="of that name"):
        create_guideline(floor.workspace, replace(URBAN, text="other"))
    with pytest.raises(UnknownName, match="known: urban"):
        guideline_named(floor.workspace, "rural")
