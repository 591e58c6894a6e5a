"""What strategies ask to be measured."""

from __future__ import annotations

import pytest

from ringroad.mine.asking import asked, asks
from ringroad.mine.candidates import MEASURED
from ringroad.plugins import STRATEGIES


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("entropy", ()), ("random", ()), ("rule", ()), ("k-center", ()), ("badge", ()),
        ("bald", ("bald",)), ("ensemble", ("variation",)), ("disagreement", ("disagreement",)),
        ("margin", ("margin",)), ("change", ("change",)),
    ],
)  # fmt: skip
def test_a_strategy_asks_for_what_it_reads(name: str, columns: tuple[str, ...]) -> None:
    assert asked(STRATEGIES.load(name), {}) == columns


def test_every_built_in_strategy_says_what_it_asks_for() -> None:
    for name in STRATEGIES.entries:
        assert asked(STRATEGIES.load(name), {}) != tuple(sorted(MEASURED)), name


def test_a_strategy_of_ones_own_gets_all() -> None:
    def mine() -> None:
        """Says nothing."""

    assert asked(mine, {}) == tuple(sorted(MEASURED))
    assert asked(asks("bald")(mine), {}) == ("bald",)


def test_a_named_column_takes_the_place_of_the_strategys_own() -> None:
    assert asked(STRATEGIES.load("bald"), {"column": "rare_uncertainty"}) == ("rare_uncertainty",)
    assert asked(STRATEGIES.load("badge"), {"column": "uncertainty"}) == ()
