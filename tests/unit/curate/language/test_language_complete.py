"""Completion offers what the parser reads, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sources import small_vocabulary

from ringroad.curate.language.complete import Suggestion, complete
from ringroad.curate.language.lexer import KEYWORDS
from ringroad.curate.language.vocabulary import Vocabulary

WORDS = small_vocabulary()

OFFERED = [
    ("co", ["condition", "contrast"]),
    ("conditon", ["condition"]),
    ("condition = ", ["day", "dusk", "night"]),
    ("condition = 'ni", ["night"]),
    ("condition in (day, d", ["day", "dusk"]),
    ("speed > 50 ", ["m/s", "km/h", "kmh", "mph"]),
    ("speed > 50k", ["km/h", "kmh"]),
    ("cut-in for 3 m", ["ms", "min"]),
    ("event(", ["hard-brake", "near-miss"]),
    ("event(hard-brake, w", ["within"]),
    ("cut-in(", ["gap", "time", "value", "at", "<", "<=", ">", ">="]),
    ("cut-in(at ", ["most", "least"]),
    ("like(x, ", ["crop", "in"]),
    ("like(x, in ", ["layout-64", "shufflenet"]),
    ("near(1, 2, 3 ", ["m", "km"]),
    ("track(tr", ["'Traffic light'"]),
    ("order by speed ", ["desc", "asc", ",", "limit"]),
    ("stopped and not condition = night a", ["and"]),
    ("condition = night order ", ["by"]),
    ("limit ", []),
    ("@ ", []),
    ("condition = 'night' x = ", []),
]


@pytest.mark.parametrize(("text", "wanted"), OFFERED, ids=[text for text, _ in OFFERED])
def test_offered(text: str, wanted: list[str]) -> None:
    assert [found.text for found in complete(text, len(text), WORDS)] == wanted


def test_tracks_know_no_columns_and_no_events() -> None:
    kinds = {found.kind for found in complete("track(", 6, WORDS)}
    assert kinds == {"atom", "category", "keyword"}
    assert "stopped" not in [found.text for found in complete("track(", 6, WORDS)]


def test_the_word_at_the_cursor_is_replaced() -> None:
    text = "conditio < night and spe > 5"
    assert complete(text, 4, WORDS)[0] == Suggestion(
        text="condition", kind="column", says="text", start=0, end=8
    )
    text = "condition = night and spe > 5"
    place = text.index("spe") + 3
    assert complete(text, place, WORDS)[0] == Suggestion(
        text="speed_mps", kind="column", says="number, m/s", start=place - 3, end=place
    )


@given(st.text(max_size=40), st.integers(-3, 45))
def test_any_text_and_cursor(text: str, cursor: int) -> None:
    for found in complete(text, cursor, Vocabulary(columns=WORDS.columns)):
        assert 0 <= found.start <= found.end <= len(text)


def test_keywords_are_those_that_the_parser_asks_for() -> None:
    texts = [
        "", "condition ", "condition not ", "cut-in ", "cut-in then stopped ", "order ", "cut-in(",
        "order by speed ", "like(x, ", "within 3 s ", "condition is ", "brightness between 3 ",
    ]  # fmt: skip
    asked = {
        found.text
        for text in texts
        for found in complete(text, len(text), WORDS)
        if found.kind == "keyword"
    }
    assert asked == KEYWORDS
