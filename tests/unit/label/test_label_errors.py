"""Ranking of label errors against a network, and of tracks without one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ringroad.domain.ids import FrameId
from ringroad.label.errors import FOLDS, Labelled, Suspect, folds_of, rank_errors
from ringroad.label.evidence import MARK_COLUMNS, SEEN_COLUMNS, evidence_of
from ringroad.label.observed import Predicted
from ringroad.label.planted import LOCATION, OVERLOOKED, SPURIOUS, plant
from ringroad.label.rows import Mark
from ringroad.label.track_errors import track_errors

CATEGORIES = ("car", "pedestrian")
SIZE = (640, 384)


def box(x: float, y: float = 50, side: float = 50, category: str = "car", **more: str) -> Mark:
    return Mark(category=category, x=x, y=y, w=side, h=side, **more)


def streets(
    seed: int, frames: int
) -> tuple[dict[FrameId, list[Mark]], dict[FrameId, list[Predicted]]]:
    """Drawn labels, and a network that sees nine things of ten and something else now and then."""
    rng = np.random.default_rng(seed)
    marks: dict[FrameId, list[Mark]] = {}
    seen: dict[FrameId, list[Predicted]] = {}
    for number in range(frames):
        frame = FrameId(f"v/d{number // 20}/camera/{number:06d}")
        marks[frame] = [
            box(float(100 * n + rng.uniform(0, 40)), float(rng.uniform(20, 300)),
                float(rng.uniform(24, 60)), CATEGORIES[int(rng.random() < 0.3)], id=f"{number}-{n}")
            for n in range(int(rng.integers(1, 6)))
        ]  # fmt: skip
        seen[frame] = [
            Predicted(mark=replace(m, x=m.x + float(rng.normal(0, 2)), id=""),
                      score=float(rng.beta(8, 3)))
            for m in marks[frame] if rng.random() < 0.9
        ]  # fmt: skip
        if rng.random() < 0.3:
            made = box(float(rng.uniform(0, 580)))
            seen[frame].append(Predicted(mark=made, score=float(rng.beta(2, 6))))
    return marks, seen


def labelled(marks: dict[FrameId, list[Mark]], seen: dict[FrameId, list[Predicted]]) -> Labelled:
    return Labelled(
        marks=marks, predictions=seen, sizes=dict.fromkeys(marks, SIZE), categories=CATEGORIES
    )


def test_errors_of_four_kinds_come_first() -> None:
    marks, seen = streets(0, 120)
    rng = np.random.default_rng(9)
    frames = [f for f in marks if len(marks[f]) >= 2]
    wrong: dict[str, tuple[FrameId, Mark]] = {}
    for turn, frame in enumerate(rng.permutation(len(frames))[:24].tolist()):
        here = marks[frames[frame]]
        if turn % 4 == 0:
            hidden = here.pop(0)
            wrong[f"hidden {turn}"] = (frames[frame], hidden)
        elif turn % 4 == 1:
            here[0] = replace(here[0], category=CATEGORIES[here[0].category == "car"])
            wrong[here[0].id] = (frames[frame], here[0])
        elif turn % 4 == 2:
            here[0] = replace(here[0], x=here[0].x + 0.45 * here[0].w)
            wrong[here[0].id] = (frames[frame], here[0])
        else:
            here.append(box(float(rng.uniform(0, 580)), 10.0, 30.0, id=f"invented {turn}"))
            wrong[f"invented {turn}"] = (frames[frame], here[-1])
    ranked = rank_errors(labelled(marks, seen), seed=1)
    first = ranked[: sum(map(len, marks.values())) // 5]
    named = {item.where.id for item in first}
    missing = [(item.frame, item.where.x) for item in first if item.kind == OVERLOOKED]
    found = sum(
        name in named
        if not name.startswith("hidden")
        else any(f == frame and abs(x - mark.x) < 10 for f, x in missing)
        for name, (frame, mark) in wrong.items()
    )
    assert found >= 20  # of 24; the network does not see two or three of the hidden ones
    assert all(a.chance >= b.chance for a, b in pairwise(ranked))
    assert all(0.0 <= item.chance <= 1.0 and item.reason for item in ranked)


def test_equal_arguments_give_equal_lists() -> None:
    marks, seen = streets(1, 40)
    assert rank_errors(labelled(marks, seen), seed=2) == rank_errors(labelled(marks, seen), seed=2)


def test_chances_do_not_call_good_labels_bad() -> None:
    """In labels without errors fewer are doubted than are believed wrong beforehand."""
    marks, seen = streets(2, 120)
    ranked = rank_errors(labelled(marks, seen), seed=0)
    doubted = [item for item in ranked if item.chance > 0.5]
    assert len(doubted) < 0.12 * sum(map(len, marks.values()))


def test_too_few_labels_teach_nothing() -> None:
    marks, seen = streets(3, 5)
    with pytest.raises(ValueError, match="too few"):
        rank_errors(labelled(marks, seen))


def test_frames_that_lie_together_stay_in_one_fold() -> None:
    frames = [FrameId(f"v/d{n // 70}/camera/{n:06d}") for n in range(140)]
    folds = folds_of(frames)
    assert set(folds.values()) == set(range(FOLDS))
    assert len({folds[frame] for frame in frames[:20]}) == 1
    assert folds[frames[69]] != folds[frames[70]]


def test_evidence_by_hand() -> None:
    seen = [
        Predicted(mark=box(0), score=0.9),
        Predicted(mark=box(2, category="pedestrian"), score=0.2),
        Predicted(mark=box(300), score=0.7),
        Predicted(mark=box(310, side=20), score=0.4),
        Predicted(mark=box(300, category="tree"), score=0.99),
    ]
    found = evidence_of([box(0)], seen, categories=CATEGORIES, size=SIZE)
    row = dict(zip(MARK_COLUMNS, found.marks[0].tolist(), strict=True))
    assert row["score of its own category"] == pytest.approx(0.9)
    assert row["score of another category"] == pytest.approx(0.2)
    assert row["best overlap"] == pytest.approx(1.0)
    assert found.best.tolist() == [0]
    assert found.other.tolist() == [-1]
    assert found.candidates.tolist() == [2, 3]  # what lies on the annotation is explained
    assert found.seen.shape == (2, len(SEEN_COLUMNS))
    nothing = evidence_of([], [], categories=CATEGORIES, size=SIZE)
    assert nothing.marks.shape == (0, len(MARK_COLUMNS))
    assert nothing.seen.shape == (0, len(SEEN_COLUMNS))


def test_what_is_planted_is_what_it_says() -> None:
    marks = [box(90.0 * n, id=str(n)) for n in range(6)]
    rng = np.random.default_rng(0)
    kinds: set[str] = set()
    for _ in range(200):
        made = plant(marks, marks, rng, categories=CATEGORIES, size=SIZE, rate=0.15)
        kinds |= set(made.kinds)
        assert len(made.marks) == len(made.kinds) == len(made.origin)
        for mark, kind, origin in zip(made.marks, made.kinds, made.origin, strict=True):
            assert 0 <= mark.x <= mark.x + mark.w <= SIZE[0]
            assert (origin == -1) == (kind == SPURIOUS)
            if kind == LOCATION:
                assert mark != marks[origin]
        assert sum(o >= 0 for o in made.origin) + len(made.hidden) == 6
    assert kinds == {"right", SPURIOUS, "category", LOCATION}


def tracked(*rows: list[Mark]) -> dict[FrameId, list[Mark]]:
    return {FrameId(f"v/d/camera/{at:06d}"): marks for at, marks in enumerate(rows)}


def kinds(found: list[Suspect]) -> list[tuple[str, str]]:
    return [(item.kind, item.frame[-1]) for item in found]


def test_a_track_that_flickers() -> None:
    rows = [[box(10.0 * at, track="1")] for at in range(6)]
    rows[3] = []
    (found,) = track_errors(tracked(*rows))
    assert (found.kind, found.frame[-1]) == ("flicker", "3")
    assert found.where.x == pytest.approx(30.0)  # between the frames before and after


def test_a_track_that_jumps_and_one_that_grows() -> None:
    rows = [[box(10.0 * at, track="1"), box(300, track="2")] for at in range(8)]
    rows[5][0] = box(250, track="1")
    rows[4][1] = box(300, side=120, track="2")
    told = set(kinds(track_errors(tracked(*rows))))
    assert {("jump", "5"), ("size", "4")} <= told
    assert {kind for kind, _ in told} == {"jump", "size"}


def test_a_state_that_changes_for_one_frame() -> None:
    states = ["red", "red", "green", "red", "red"]
    rows = [[box(0, category="light", light_state=state, track="1")] for state in states]
    assert kinds(track_errors(tracked(*rows))) == [("state-flicker", "2")]


def test_steady_tracks_are_left_alone() -> None:
    rows = [[box(30.0 * at, side=40 + 2 * at, track="1")] for at in range(12)]
    assert track_errors(tracked(*rows)) == []
    assert track_errors(tracked([box(0)], [box(300)])) == []  # no tracks at all


def test_another_tool_doubts_the_same() -> None:
    """cleanlab's score of badly placed boxes, where it is installed."""
    rank = pytest.importorskip("cleanlab.object_detection", reason="cleanlab is not installed").rank
    marks, seen = streets(4, 60)
    frames = list(marks)
    shifted = [f for at, f in enumerate(frames) if at % 6 == 0]
    for frame in shifted:
        marks[frame][0] = replace(marks[frame][0], x=marks[frame][0].x + 0.4 * marks[frame][0].w)
    given = [
        {"bboxes": np.array([(m.x, m.y, m.x + m.w, m.y + m.h) for m in marks[f]]),
         "labels": np.array([CATEGORIES.index(m.category) for m in marks[f]])}
        for f in frames
    ]  # fmt: skip
    told = [
        np.array(
            [np.array([(p.mark.x, p.mark.y, p.mark.x + p.mark.w, p.mark.y + p.mark.h, p.score)
                       for p in seen[f] if p.mark.category == c]).reshape(-1, 5)
             for c in CATEGORIES]
            + [None], dtype=object)[:-1]
        for f in frames
    ]  # fmt: skip
    theirs = rank.compute_badloc_box_scores(labels=given, predictions=told)
    bad = np.concatenate(
        [[at % 6 == 0, *[False] * (len(marks[f]) - 1)] for at, f in enumerate(frames)]
    )
    ours = {(s.frame, s.where.id): s.chance for s in rank_errors(labelled(marks, seen), seed=0)}
    mine = np.array([ours[f, m.id] for f in frames for m in marks[f]])
    other = np.concatenate(theirs)
    assert mine[bad].mean() > mine[~bad].mean() + 0.2
    assert other[bad].mean() < other[~bad].mean()
