"""The page of an arena: curves, costs, slices, both stages and strips, from plain values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ringroad.domain.ids import ArtifactId
from ringroad.report.arena_page import arena_page
from ringroad.report.arena_plots import MOST_CURVES, curves, strip
from ringroad.report.arena_tables import interval, percent, ratio, share_of
from ringroad.report.page import Ref
from ringroad.report.render import render

ARMS = ("random", "rule", "entropy", "badge", "k-center", "typical", "bald", "margin")
NOTHING: dict[str, Any] = {"value": None, "low": None, "high": None}


def value(middle: float, half: float = 0.02) -> dict[str, Any]:
    return {"value": middle, "low": middle - half, "high": middle + half, "n": 5}


def against() -> dict[str, Any]:
    return {
        "difference": value(0.01),
        "p": 0.0625,
        "ratio_of_gains": {"value": 1.5, "low": 0.7, "high": 3.2, "why": ""},
        "boxes_of_other": {"value": 230.0, "low": 210.0, "high": None},
        "boxes_of_ours": NOTHING,
        "spent": 300.0,
        "spent_by_other": 300.0,
    }


def measured(arm: str, last: float) -> dict[str, Any]:
    told: dict[str, Any] = {
        "boxes": [100.0, 200.0, 300.0],
        "curve": [value(0.1), value((0.1 + last) / 2), value(last)],
        "area": value(last - 0.05),
        "gain": value(last - 0.1),
        "share_to_reach": {"value": 0.31, "low": 0.22, "high": None},
    }
    return told | {f"against_{other}": against() for other in ("random", "rule") if other != arm}


def stage(arms: tuple[str, ...], name: str) -> dict[str, Any]:
    slices = {"all": {"car": value(0.3)}, "night": {"car": value(0.2), "pedestrian": value(0.1)}}
    return {
        "name": name,
        "synthetic": True,
        "rare": {"category": "pedestrian", "condition": "night"},
        "reach": 0.95,
        "unit": "recording",
        "test": {"units": 8.0, "frames": 160.0},
        "seeds": [0, 1, 2, 3, 4],
        "arms": {
            arm: {
                "boxes": 300.0,
                "labelled": 61.0,
                "slices": slices | ({"dusk": {}} if arm == "rule" else {}),
                "mean": measured(arm, 0.2 + 0.01 * number),
                "rare": measured(arm, 0.15),
            }
            for number, arm in enumerate(arms)
        },
        "whole": {"boxes": 990.0, "labelled": 300.0, "mean": value(0.3), "rare": value(0.2),
                  "slices": slices},
    }  # fmt: skip


def whole() -> dict[str, Any]:
    return stage(ARMS, "town") | {
        "full": stage(("random", "rule", "margin"), "town, stage two: margin"),
        "choices": {"arms": {}, "frames": {}},
        "ways": {},
    }


REF = Ref(artifact=ArtifactId(f"arena:{'a' * 64}"))


def test_the_page_says_what_was_reached_and_is_equal_each_time() -> None:
    frames = [np.full((40, 60, 3), 90, np.uint8)] * 5
    shown = strip(
        frames,
        [[(True, 0.1, 0.1, 0.2, 0.3), (False, 0.5, 0.5, 0.4, 0.4)], [], [], [], []],
        titles=["1 s, night"] * 5,
        alt="entropy chose 5 frames.",
        caption="entropy: 5 frames, 2 boxes.",
    )
    page = arena_page(whole(), [shown], hours=0.4, ref=REF, untold=["Frames of x cannot be shown."])
    html = render(page)
    assert html == render(page)
    text = html.decode()
    assert text.count("data:image/jpeg") == 1
    for said in ("31%", "0.40 h", "1.5 (0.7 to 3.2)", "230 (210 to more)", "Condition night",
                 "Stage two", "Frames of x", "p = 0.0625"):  # fmt: skip
        assert said in text
    for arm in ARMS:
        assert arm in text


def test_without_a_second_stage_there_is_no_section_of_it() -> None:
    text = render(arena_page(whole() | {"full": None}, [], hours=0.0, ref=REF)).decode()
    assert "Stage two" not in text


def test_only_as_many_curves_as_can_be_told_apart() -> None:
    found = curves(whole()["arms"], ARMS, measure="mean", y="mean AP50", caption="")
    assert sum(f"{arm} " in found.alt for arm in ARMS) == MOST_CURVES


def test_boxes_are_drawn_in_two_colours() -> None:
    frame = np.full((200, 290, 3), 128, np.uint8)
    plain, marked = (
        strip([frame] * 4, [marks] * 4, titles=[""] * 4, alt="", caption="")
        for marks in ([], [(True, 0.1, 0.1, 0.3, 0.5), (False, 0.6, 0.2, 0.2, 0.2)])
    )
    assert plain.data != marked.data
    assert (plain.width, plain.height) == (marked.width, marked.height)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (interval(value(0.5)), "0.500 (0.480 to 0.520)"),
        (interval(NOTHING), "not evaluated"),
        (interval({"value": 0.5, "low": None, "high": None}), "0.500"),
        (interval(value(-0.0001, 0.0)), "0.000 (0.000 to 0.000)"),
        (share_of({"value": 0.31, "low": 0.2, "high": None}), "31% (20% to beyond)"),
        (share_of(NOTHING), "not reached"),
        (percent(0.314), "31%"),
        (percent(None), "not reached"),
        (ratio({"value": None, "why": "because"}), "because"),
        (ratio({"value": None, "why": "because"}, why=False), "not defined"),
    ],
)
def test_words(found: str, said: str) -> None:
    assert found == said
