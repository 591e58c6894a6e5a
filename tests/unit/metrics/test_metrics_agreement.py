"""Kappas and alpha against published tables, and against their definitions in exact fractions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.metrics.agreement import (
    cohen_kappa,
    disagreements,
    fleiss_kappa,
    kappas,
    pairs_table,
    weighted_kappa,
)
from ringroad.metrics.krippendorff import LEVELS, alphas, coincidences, krippendorff_alpha

COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
"""Table 1: 200 patients, two judges, printed as proportions; kappa is printed as .492."""

TWO_JUDGES = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
"""J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors of kappa and weighted
kappa", Psychological Bulletin 72(5), 1969: 200 patients, printed as proportions; kappa .429."""

SECTION_A = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]
SECTION_B = ["a a b b d c c c e d d a", "b a b b b c c c e d d d"]
SECTION_C = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
"""K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011."""

THREE_CODERS = [
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
]
"""Three coders, 15 units, the worked example of the encyclopaedia's page on alpha."""

FLEISS_1971 = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333
144444 224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224
111155 224444 133333 555555
"""
"""Table 1: 30 patients, six psychiatrists each, 5 diagnoses; kappa is printed as .430."""

FOURTEEN_RATERS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
"""The worked example of the encyclopaedia's page on Fleiss' kappa, printed as 0.210."""


def from_counts(table: list[list[int]]) -> tuple[list[int], list[int]]:
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def row(text: str) -> list[str | None]:
    return [None if value == "." else value for value in text.split()]


def exact_kappa(table: list[list[int]], badness: list[list[int]]) -> Fraction:
    """1 - sum v p_o / sum v p_e, in fractions."""
    total = sum(map(sum, table))
    rows = [sum(line) for line in table]
    columns = [sum(line[j] for line in table) for j in range(len(table))]
    seen = sum(
        Fraction(bad * n, total)
        for line, bads in zip(table, badness, strict=True)
        for n, bad in zip(line, bads, strict=True)
    )
    chance = sum(
        Fraction(badness[i][j] * rows[i] * columns[j], total**2)
        for i in range(len(table))
        for j in range(len(table))
    )
    return 1 - seen / chance


def exact_alpha(ratings: list[list[str | None]], level: str) -> Fraction:
    """From the definition: ordered pairs of values within units against pairs of all values."""
    units = [
        [v for v in unit if v is not None]
        for unit in zip(*ratings, strict=True)
        if sum(v is not None for v in unit) >= 2
    ]
    counts = Counter(v for unit in units for v in unit)
    order = sorted(counts)

    def apart(a: str, b: str) -> Fraction:
        if level == "nominal":
            return Fraction(a != b)
        if level == "ordinal":
            low, high = sorted((order.index(a), order.index(b)))
            between = sum(counts[order[at]] for at in range(low, high + 1))
            return (between - Fraction(counts[a] + counts[b], 2)) ** 2 if a != b else Fraction(0)
        x, y = Fraction(a), Fraction(b)
        return (x - y) ** 2 if level == "interval" else ((x - y) / (x + y)) ** 2

    total = sum(counts.values())
    seen = sum(
        apart(a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2)
    ) / Fraction(total)
    chance = sum(counts[a] * counts[b] * apart(a, b) for a in order for b in order)
    return 1 - seen * total * (total - 1) / chance


def exact_fleiss(counts: list[list[int]]) -> Fraction:
    """Equations 1 to 7, in fractions."""
    raters, items = sum(counts[0]), len(counts)
    seen = sum(Fraction(sum(n * (n - 1) for n in line), raters * (raters - 1)) for line in counts)
    chance = sum(
        Fraction(sum(line[j] for line in counts), items * raters) ** 2
        for j in range(len(counts[0]))
    )
    return (seen / items - chance) / (1 - chance)


def test_cohen_1960() -> None:
    first, second = from_counts(COHEN_1960)
    kappa = cohen_kappa(first, second)
    unlike = [[int(i != j) for j in range(3)] for i in range(3)]
    assert kappa == pytest.approx(float(exact_kappa(COHEN_1960, unlike)), abs=1e-9)
    assert kappa == pytest.approx((0.70 - 0.41) / (1 - 0.41), abs=1e-9)
    assert round(kappa or 0, 3) == 0.492


def test_kappa_where_chance_is_half() -> None:
    first, second = from_counts([[20, 5], [10, 15]])
    assert cohen_kappa(first, second) == pytest.approx(0.4, abs=1e-9)


@pytest.mark.parametrize("power", [1, 2])
def test_weighted_kappa_in_fractions(power: int) -> None:
    badness = [[abs(i - j) ** power for j in range(3)] for i in range(3)]
    first, second = from_counts(TWO_JUDGES)
    found = weighted_kappa(
        first, second, order=[0, 1, 2], weights=["", "linear", "quadratic"][power]
    )
    assert found == pytest.approx(float(exact_kappa(TWO_JUDGES, badness)), abs=1e-9)


def test_fleiss_cohen_everitt_1969() -> None:
    first, second = from_counts(TWO_JUDGES)
    assert round(cohen_kappa(first, second) or 0, 3) == 0.429
    badness = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]], dtype=float)
    weighted = weighted_kappa(first, second, order=[0, 1, 2], weights=badness)
    exact = exact_kappa(TWO_JUDGES, badness.astype(int).tolist())
    assert weighted == pytest.approx(float(exact), abs=1e-9)


def test_fleiss_1971() -> None:
    said = [[int(value) for value in word] for word in FLEISS_1971.split()]
    counts = [[line.count(value) for value in range(1, 6)] for line in said]
    kappa = fleiss_kappa(np.array(counts))
    assert kappa == pytest.approx(float(exact_fleiss(counts)), abs=1e-9)
    assert round(kappa or 0, 3) == 0.430


def test_fleiss_fourteen_raters() -> None:
    kappa = fleiss_kappa(np.array(FOURTEEN_RATERS))
    assert kappa == pytest.approx(float(exact_fleiss(FOURTEEN_RATERS)), abs=1e-9)
    assert round(kappa or 0, 3) == 0.210


@pytest.mark.parametrize(
    ("ratings", "level", "printed"),
    [
        (SECTION_A, "nominal", 0.095),
        (SECTION_B, "nominal", 0.692),
        (SECTION_C, "nominal", 0.743),
        (SECTION_C, "ordinal", 0.815),
        (SECTION_C, "interval", 0.849),
        (SECTION_C, "ratio", 0.797),
        (THREE_CODERS, "nominal", 0.691),
        (THREE_CODERS, "interval", 0.811),
    ],
)
def test_krippendorff_2011(ratings: list[str], level: str, printed: float) -> None:
    values = [row(text) for text in ratings]
    alpha = krippendorff_alpha(values, level=level)
    assert alpha == pytest.approx(float(exact_alpha(values, level)), abs=1e-9)
    assert round(alpha or 0, 3) == printed


@given(
    st.lists(
        st.lists(st.sampled_from([None, "1", "2", "3", "5"]), min_size=6, max_size=6),
        min_size=2,
        max_size=5,
    ),
    st.sampled_from(LEVELS),
)
def test_alpha_is_what_its_definition_says(ratings: list[list[str | None]], level: str) -> None:
    alpha = krippendorff_alpha(ratings, level=level)
    try:
        exact = exact_alpha(ratings, level)
    except ZeroDivisionError:
        assert alpha is None
        return
    assert alpha == pytest.approx(float(exact), abs=1e-9)


@given(
    st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=3).filter(
        lambda table: sum(map(sum, table)) > 0
    )
)
def test_weighted_kappa_is_what_its_definition_says(table: list[list[int]]) -> None:
    found = kappas(np.array(table, float), disagreements(3, "quadratic"))
    badness = [[(i - j) ** 2 for j in range(3)] for i in range(3)]
    try:
        exact = exact_kappa(table, badness)
    except ZeroDivisionError:
        assert np.isnan(found)
        return
    assert float(found) == pytest.approx(float(exact), abs=1e-9)


def test_many_tables_at_once_are_each_their_own() -> None:
    tables = np.array([COHEN_1960, TWO_JUDGES], float)
    assert kappas(tables).tolist() == [float(kappas(table)) for table in tables]
    ratings = [row(text) for text in SECTION_C]
    order = ["1", "2", "3", "4", "5"]
    units = coincidences(ratings, order)
    some = np.stack([units.sum(axis=0), units[:6].sum(axis=0)])
    for level in LEVELS:
        first = [line[:6] for line in ratings]
        assert alphas(some, order, level=level).tolist() == pytest.approx(
            [
                krippendorff_alpha(ratings, level=level, order=order),
                krippendorff_alpha(first, level=level, order=order),
            ]
        )


def test_undefined_agreement_is_none() -> None:
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["car"] * 5, ["car"] * 5) is None
    assert fleiss_kappa(np.zeros((0, 3), int)) is None
    assert fleiss_kappa(np.array([[3, 0], [3, 0]])) is None
    assert krippendorff_alpha([["car"] * 5, ["car"] * 5]) is None
    assert krippendorff_alpha([["car", None], [None, "sign"]]) is None
    assert krippendorff_alpha([]) is None


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1"):
        cohen_kappa(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="same number of annotators"):
        fleiss_kappa(np.array([[2, 1], [2, 2]]))
    with pytest.raises(ValueError, match="is no number"):
        krippendorff_alpha([["car", "bus"], ["car", "car"]], level="interval")
    with pytest.raises(ValueError, match="unknown level 'cardinal'"):
        krippendorff_alpha([["1"], ["2"]], level="cardinal")
    with pytest.raises(ValueError, match="'bus' is not in the order"):
        krippendorff_alpha([["car", "bus"], ["car", "car"]], order=["car"])
    with pytest.raises(ValueError, match="unknown weights 'cubic'"):
        weighted_kappa([1], [1], order=[1], weights="cubic")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=40))
def test_bounds_and_symmetry(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa, alpha = cohen_kappa(first, second), krippendorff_alpha([first, second])
    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9
    assert alpha is None or alpha <= 1 + 1e-9
    assert cohen_kappa(second, first) == pytest.approx(kappa) or kappa is None
    if alpha is not None and first == second:
        assert alpha == pytest.approx(1.0)


def test_pairs_are_counted_in_the_order_given() -> None:
    assert pairs_table(["a", "b"], ["b", "b"], ["a", "b"]).tolist() == [[0, 1], [0, 1]]
