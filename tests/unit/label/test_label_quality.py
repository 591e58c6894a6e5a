"""How good annotators are, against each other and against gold; agreement with intervals."""

from __future__ import annotations

import pytest

from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.agreement import agreement
from ringroad.label.agreement_figures import agreement_figures, figures_of
from ringroad.label.annotators import AnnotatorProfile, answer
from ringroad.label.quality import annotator_rates, gold_scores
from ringroad.label.rows import Mark, rows

CATEGORIES = ("car", "pedestrian")
SIZE = (640, 384)
Looks = dict[FrameId, dict[str, list[Mark]]]


def box(x: float, side: float = 60, category: str = "car", state: str = "") -> Mark:
    return Mark(category=category, x=x, y=10, w=side, h=side, light_state=state)


def scenes(count: int, drives: int = 10) -> dict[FrameId, list[Mark]]:
    return {
        FrameId(f"v/d{at % drives}/camera/{at:06d}"): [
            box(90.0 * n, 30.0 + 8 * ((at + n) % 5), CATEGORIES[(at * n) % 2])
            for n in range(1 + at % 6)
        ]
        for at in range(count)
    }


def answered(truth: dict[FrameId, list[Mark]], *people: AnnotatorProfile) -> Looks:
    """Two of the annotators at each frame, in turn."""
    return {
        frame: {
            p.name: answer(frame, marks, p, seed=5, frame_size=SIZE, categories=CATEGORIES)
            for p in (people[at % len(people)], people[(at + 1) % len(people)])
        }
        for at, (frame, marks) in enumerate(truth.items())
    }


GOOD = AnnotatorProfile(name="ann", miss=0.02, spurious=0.02, wrong_category=0.01)
PLAIN = AnnotatorProfile(name="ben", miss=0.05, spurious=0.05, wrong_category=0.03)
POOR = AnnotatorProfile(name="cyd", miss=0.25, spurious=0.40, wrong_category=0.15)


def test_who_is_poor_is_told_without_truth() -> None:
    ann, ben, cyd = annotator_rates(answered(scenes(300), GOOD, PLAIN, POOR), categories=CATEGORIES)
    assert (ann.name, ben.name, cyd.name) == ("ann", "ben", "cyd")
    assert (cyd.seen.high or 0) < (ann.seen.low or 0)
    assert (cyd.right.high or 0) < (ann.right.low or 0)
    assert cyd.invented_per_look == pytest.approx(0.40, abs=0.15)
    assert cyd.confusion["car"]["pedestrian"] > 3 * ann.confusion["car"]["pedestrian"]
    assert sum(cyd.confusion["car"].values()) == pytest.approx(1.0, abs=1e-6)
    assert not ann.few


def test_who_answered_little_is_told_so() -> None:
    looks = answered(scenes(60), GOOD, PLAIN)
    frame = next(f for f in looks if len(looks[f]["ann"]) > 2)
    looks[frame]["new"] = []
    new = annotator_rates(looks, categories=CATEGORIES)[-1]
    assert new.name == "new"
    assert new.few
    assert new.drift.z is None
    assert new.confusion["car"]["car"] > 0.5  # held near the others: one bad look condemns nobody


def test_who_becomes_worse_is_noticed() -> None:
    """A quarrel hits both sides; with three annotators the one who changed is hit hardest."""
    truth = scenes(360)
    steady = AnnotatorProfile(name="cyd", miss=0.03, spurious=0.05, wrong_category=0.02)
    looks = answered(truth, GOOD, PLAIN, steady)
    tired = AnnotatorProfile(name="ben", miss=0.5, wrong_category=0.3)
    for at, frame in enumerate(looks):
        if at >= 270 and "ben" in looks[frame]:
            looks[frame]["ben"] = answer(
                frame, truth[frame], tired, seed=6, frame_size=SIZE, categories=CATEGORIES
            )
    ann, ben, cyd = annotator_rates(looks, categories=CATEGORIES)
    assert ben.drift.noticed
    assert (ben.drift.z or 0) < 2 * min(ann.drift.z or 0, cyd.drift.z or 0, 0)


def test_gold_by_hand() -> None:
    frames = [FrameId(f"v/d/camera/{n:06d}") for n in range(4)]
    gold = {f: [box(0), box(100, category="pedestrian")] for f in frames}
    drawn = [box(0), box(100)]  # the second under the wrong category
    found = gold_scores({f: {"ann": drawn if n else [box(0)]} for n, f in enumerate(frames)}, gold)
    (ann,) = found
    assert ann.frames == 4
    assert ann.found.value == pytest.approx(4 / 8)
    assert ann.real.value == pytest.approx(4 / 7)
    assert ann.mean_iou == 1.0
    assert gold_scores({frames[0]: {"ann": drawn}}, {}) == ()


def test_figures_are_those_of_agreement() -> None:
    looks = answered(scenes(40), GOOD, POOR)
    tables = [
        rows({f: by[name] for f, by in looks.items()}, author=name, source="human")
        for name in ("ann", "cyd")
    ]
    plain, found = agreement(tables), agreement_figures(tables)
    told = {figure.name: figure.interval for figure in found.figures}
    assert (found.unit, found.units, found.frames) == ("recording", 10, 40)
    for name, value in (
        ("matched", plain.matched), ("mean IoU", plain.mean_iou),
        ("kappa, category", plain.kappa_category), ("alpha", plain.alpha),
    ):  # fmt: skip
        assert told[name].value == pytest.approx(value, abs=1e-6)
        assert (told[name].low or 0) < (told[name].value or 0) < (told[name].high or 0)


def test_few_recordings_are_resampled_by_frames() -> None:
    found = figures_of(answered(scenes(30, drives=2), GOOD, PLAIN))
    assert (found.unit, found.units) == ("frame", 30)


def test_states_and_attributes_have_figures_of_their_own() -> None:
    frame = FrameId("v/d/camera/000000")
    a = Mark(category="light", x=0, y=0, w=9, h=9, light_state="red", attributes={"far": "no"})
    looks = {frame: {"ann": [a], "ben": [a]}}
    assert {f.name for f in figures_of(looks).figures} >= {"kappa, state", "kappa, far"}


def test_one_look_is_no_agreement() -> None:
    with pytest.raises(InvalidAnnotations, match="only ann"):
        agreement_figures([rows({FrameId("f"): [box(0)]}, author="ann", source="human")])
