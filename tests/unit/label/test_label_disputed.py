"""Where looks differ somebody decides; where they agree nobody is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringroad.domain.ids import FrameId
from ringroad.label.disputed import DisputedLooks, places_of
from ringroad.label.looks import ADJUDICATE, ANOTHER, ENOUGH, Look
from ringroad.label.rows import Mark
from ringroad.plugins import LOOKS

FRAME = FrameId("v/drive/front/000001")
CAR = Mark(category="car", x=10, y=10, w=40, h=30)
NEAR = replace(CAR, x=12)
SIGN = Mark(category="sign", x=200, y=10, w=20, h=20)


def verdict(*looks: tuple[Mark, ...]) -> str:
    policy = LOOKS.load("disputed")(looks=2)
    seen = [Look(annotator=f"a{n}", marks=marks) for n, marks in enumerate(looks)]
    return str(policy.after(FRAME, seen, {}).next)


@pytest.mark.parametrize(
    ("second", "wanted"),
    [
        ((NEAR, SIGN), ENOUGH),
        ((NEAR,), ADJUDICATE),
        ((NEAR, SIGN, replace(SIGN, x=400)), ADJUDICATE),
        ((replace(NEAR, category="van"), SIGN), ADJUDICATE),
        ((replace(NEAR, attributes={"occluded": "partly"}), SIGN), ADJUDICATE),
        ((replace(NEAR, light_state="red"), SIGN), ADJUDICATE),
        ((replace(CAR, x=300), SIGN), ADJUDICATE),
    ],
)
def test_what_looks_lead_to(second: tuple[Mark, ...], wanted: str):
    assert verdict((CAR, SIGN), second) == wanted


def test_there_are_two_looks_at_least():
    assert verdict((CAR,)) == ANOTHER
    assert verdict((), ()) == ENOUGH
    assert DisputedLooks(looks=3).first == 3
    for wrong in ({"looks": 1}, {"min_iou": 0.0}):
        with pytest.raises(ValueError, match="must"):
            DisputedLooks(**wrong)  # type: ignore[arg-type]


def test_a_thing_is_told_by_its_place_in_each_look():
    assert places_of([[CAR, SIGN], [SIGN, NEAR]]) == [(0, 1), (1, 0)]
    assert places_of([[CAR], []]) == [(0, -1)]
    assert places_of([[CAR, CAR], [CAR]]) in ([(0, 0), (1, -1)], [(0, -1), (1, 0)])
    assert places_of([]) == []
