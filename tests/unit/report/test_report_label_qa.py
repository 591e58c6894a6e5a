"""The page of label quality."""

from __future__ import annotations

import re

import numpy as np

from ringroad.domain.annotation import Box
from ringroad.report.label_qa import Bar, Disputed, Person, QaView, bars_figure, qa_page
from ringroad.report.pictures import Mark
from ringroad.report.render import render


def bar(
    name: str, value: float | None = 0.9, low: float | None = 0.8, high: float | None = 0.95
) -> Bar:
    return Bar(name=name, value=value, low=low, high=high, counted=10, what="things & more")


def person(
    name: str, *, few: bool = False, drifts: bool = False, gold: Bar | None = None
) -> Person:
    return Person(
        name=name,
        looks=3,
        marks=20,
        seen=bar("seen"),
        right=bar("right"),
        invented_per_look=0.1,
        mean_iou=None,
        by_category=(bar("car"), bar("sign", None, None, None)),
        confusion={"car": {"car": 0.9, "nothing": 0.1}, "nothing": {"car": 0.0, "nothing": 1.0}},
        few=few,
        accuracy=(0.9, None, 0.8, 0.7),
        drifts=drifts,
        gold=gold,
    )


NOT_DEFINED = bar("kappa", None, None, None)
GOLD = bar("gold", 0.5, 0.3, 0.7)


def view(**more: object) -> QaView:
    mark = Mark(box=Box(x=5, y=5, w=20, h=20), text="<car>")
    values: dict[str, object] = {
        "subject": "order <1>",
        "unit": "frame",
        "units": 3,
        "frames": 3,
        "agreement": (bar("matched"), bar("alpha", -0.2, -0.4, 0.1), NOT_DEFINED),
        "people": (person("ann", few=True), person("ben", drifts=True, gold=GOLD)),
        "kinds": (("existence", 2), ("category", 1)),
        "rows": (("f1", "existence", "ann: car, ben: nothing", "car", "size"),),
        "disputed": (
            Disputed(frame="f1", pixels=np.zeros((60, 80, 3), np.uint8), first=("ann", (mark,)),
                     second=("ben", ()), told="2 of existence"),
        ),
        "synthetic": False,
        "simulated": True,
    }  # fmt: skip
    return QaView(**(values | more))  # type: ignore[arg-type]


def test_a_page_says_all_of_it_and_loads_nothing() -> None:
    html = render(qa_page(view())).decode()
    for text in ("order &lt;1&gt;", "little known", "drifts", "0.50 (0.30 to 0.70)", "none seen",
                 "simulated", "2 of existence", "a unit is a frame",
                 "things &amp; more"):  # fmt: skip
        assert text in html
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html)
    assert "<script" not in html


def test_equal_views_are_equal_bytes() -> None:
    assert render(qa_page(view())) == render(qa_page(view()))


def test_what_could_not_be_shown_is_told() -> None:
    html = render(qa_page(view(disputed=(), absent=("f9 cannot be shown: it is gone.",)))).decode()
    assert "f9 cannot be shown: it is gone." in html


def test_figures_below_zero_are_on_the_axis() -> None:
    figure = bars_figure((bar("alpha", -0.2, -0.4, 0.1),), x="agreement", caption="", low=-0.4)
    assert "-0.200 -0.400 to 0.100" in figure.alt
