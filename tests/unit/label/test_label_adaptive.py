"""When another look is worth its labels, and campaigns played through."""

from __future__ import annotations

import pickle

import pytest

from ringroad.domain.ids import FrameId
from ringroad.label.adaptive import AdaptiveLooks
from ringroad.label.annotators import AnnotatorProfile, answer
from ringroad.label.fitted import fit_people
from ringroad.label.looks import ADJUDICATE, ANOTHER, ENOUGH, FixedLooks, Look
from ringroad.label.observed import Asked, Predicted, difficulties, observe
from ringroad.label.rehearsal import Stage, rehearse
from ringroad.label.rows import Mark
from ringroad.label.score import errors_against
from ringroad.plugins import LOOKS

F = FrameId("v/drive/camera/000000")
CATEGORIES = ("car", "pedestrian")


def box(x: float, side: float = 60, category: str = "car") -> Mark:
    return Mark(category=category, x=x, y=0, w=side, h=side)


def look(name: str, *marks: Mark) -> Look:
    return Look(annotator=name, marks=marks)


def policy(**options: object) -> AdaptiveLooks:
    return AdaptiveLooks(**{"calibrate": 0.0, "categories": CATEGORIES, **options})  # type: ignore[arg-type]


def scenes(count: int) -> dict[FrameId, list[Mark]]:
    return {
        FrameId(f"v/drive{at // 10}/camera/{at:06d}"): [
            box(90.0 * n, 20.0 + 12 * ((at + n) % 5), CATEGORIES[(at * n) % 2])
            for n in range(at % 6)
        ]
        for at in range(count)
    }


def test_an_order_can_name_it() -> None:
    made = LOOKS.load("adaptive")(price=0.2, categories=["car", "sign"])
    assert made.first == 1
    assert made.categories == ("car", "sign")
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 (our own)


def test_options_that_mean_nothing_are_refused() -> None:
    for options in ({"price": 0.0}, {"calibrate": 1.5}, {"accuracy": 1.0}, {"most": 0}):
        with pytest.raises(ValueError, match=r"price|most"):
            policy(**options)


def test_two_who_agree_are_enough() -> None:
    sure = policy().after(F, [look("ann", box(0)), look("ben", box(1))], {"ann": 0.97, "ben": 0.97})
    assert sure.next == ENOUGH


def test_what_two_dispute_is_asked() -> None:
    verdict = policy().after(F, [look("ann", box(0), box(200)), look("ben", box(1))], {})
    assert verdict.next == ADJUDICATE
    assert "questions" in verdict.reason


def test_a_dear_label_is_not_paid_for() -> None:
    looks = [look("ann", box(0), box(200)), look("ben", box(1))]
    assert policy(price=5.0).after(F, looks, {}).next == ENOUGH


def test_poor_annotators_get_company_sooner() -> None:
    weak = policy(price=0.04).after(
        F, [look("ann", *(box(100.0 * n) for n in range(4)))], {"ann": 0.6}
    )
    strong = policy(price=0.04).after(
        F, [look("ann", *(box(100.0 * n) for n in range(4)))], {"ann": 0.99}
    )
    assert weak.next != ENOUGH
    assert strong.next == ENOUGH


def test_some_frames_are_looked_at_twice_whatever_they_hold() -> None:
    """A matter of the frame's name: the same ones at every call, about as many as was asked."""
    frames = [FrameId(f"v/d/c/{n:06d}") for n in range(2_000)]
    chosen = [f for f in frames if policy(calibrate=0.1).chosen(f)]
    assert 0.07 < len(chosen) / len(frames) < 0.13
    one = policy(calibrate=0.1).after(chosen[0], [look("ann", box(0))], {"ann": 0.99})
    assert one.next == ANOTHER


def test_looks_have_an_end() -> None:
    looks = [look(name, box(100.0 * at)) for at, name in enumerate(("ann", "ben", "cyd"))]
    assert policy().after(F, looks, {}).next == ENOUGH


def test_a_network_that_sees_more_raises_a_question() -> None:
    frames = scenes(60)
    seen = {f: [Predicted(mark=m, score=0.9) for m in marks] for f, marks in frames.items()}
    people = [AnnotatorProfile(name=name, miss=0.05) for name in ("ann", "ben", "cyd")]
    looks = {
        f: {p.name: answer(f, marks, p, seed=1, frame_size=(640, 384), categories=CATEGORIES)
            for p in people[at % 2 : at % 2 + 2]}
        for at, (f, marks) in enumerate(frames.items())
    }  # fmt: skip
    observed = observe(looks, categories=CATEGORIES, people=["ann", "ben", "cyd"], predictions=seen)
    fitted = fit_people(observed)
    knowing = policy(fitted=fitted, predictions={F: [Predicted(mark=box(0), score=0.9)]}, price=0.2)
    missed = knowing.weigh(F, {"ann": []}, {})
    assert len(missed.observed.things) == 1
    assert missed.saved[0] > 0.5  # not drawn it does not stand; the network thinks that it should
    told = knowing.weigh(F, {"ann": [box(0)]}, {})
    assert told.saved[0] < 0.1


def test_questions_count_for_the_thing_they_were_about() -> None:
    observed = observe(
        {F: {"ann": [box(0), box(200)]}},
        categories=CATEGORIES,
        people=["ann", "ben", "cyd"],
        asked={F: [Asked(person="ben", where=box(201), given=None),
                   Asked(person="cyd", where=box(199), given=box(204, category="pedestrian"))]},
    )  # fmt: skip
    assert observed.searched.said.tolist() == [[0, -1, -1], [0, 2, 1]]
    assert observed.searched.looked.tolist() == [[True, False, False]]
    assert observed.middles[1].x == 202


def test_small_and_crowded_things_are_hard() -> None:
    assert difficulties([box(0, 60), box(200, 30), box(400, 20)]).tolist() == [0, 1, 2]
    assert difficulties([box(0, 60), box(30, 60)]).tolist() == [1, 1]


def test_perfect_annotators_need_one_look() -> None:
    """But for the frames that are always looked at twice, a campaign costs one label a thing."""
    people = tuple(
        AnnotatorProfile(name=n, miss=0, spurious=0, jitter=0, wrong_category=0)
        for n in ("ann", "ben")
    )
    stage = Stage(truth=scenes(60), profiles=people, frame_size=(640, 384), categories=CATEGORIES)
    played = rehearse(stage, policy(price=0.2, calibrate=0.1), seed=0)
    assert played.errors.per_thing == 0.0
    assert 1.0 <= played.per_thing < 1.6
    assert rehearse(stage, FixedLooks(looks=2), seed=0).per_thing == pytest.approx(2.0)


def test_rehearsals_are_repeatable_and_cheaper_than_three_looks() -> None:
    people = tuple(
        AnnotatorProfile(name=n, miss=0.0, spurious=0.0, confusion={"car": {"pedestrian": rate},
                                                                  "pedestrian": {"car": rate}})
        for n, rate in (("ann", 0.02), ("ben", 0.1), ("cyd", 0.25))
    )  # fmt: skip
    stage = Stage(truth=scenes(150), profiles=people, frame_size=(640, 384), categories=CATEGORIES)
    adaptive = policy(price=0.05, most=9, calibrate=0.05)
    first, again = (rehearse(stage, adaptive, seed=3) for _ in range(2))
    assert first == again
    one, three = (rehearse(stage, FixedLooks(looks=n), seed=3) for n in (1, 3))
    assert first.per_thing < 0.7 * three.per_thing
    assert first.errors.per_thing < 0.75 * one.errors.per_thing


def test_errors_by_hand() -> None:
    truth = {F: [box(0), box(100), box(200)]}
    labels = {F: [box(0), box(100, category="pedestrian"), box(400)]}
    found = errors_against(truth, labels)
    assert (found.missed, found.invented, found.confused, found.found) == (1, 1, 1, 2)
    assert found.per_thing == 1.0
