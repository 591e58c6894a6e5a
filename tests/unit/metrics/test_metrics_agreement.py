"""Kappa and alpha against published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.metrics.agreement import cohen_kappa, krippendorff_alpha


def from_counts(table: list[list[int]]) -> tuple[list[int], list[int]]:
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def row(text: str) -> list[str | None]:
    return [None if value == "." else value for value in text.split()]


def test_cohen_1960_table_1() -> None:
    first, second = from_counts([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    kappa = cohen_kappa(first, second)
    assert kappa == pytest.approx((0.70 - 0.41) / (1 - 0.41), abs=1e-12)  # printed as .492
    assert round(kappa or 0, 3) == 0.492


def test_kappa_where_chance_is_half() -> None:
    first, second = from_counts([[20, 5], [10, 15]])
    assert cohen_kappa(first, second) == pytest.approx(0.4, abs=1e-12)


@pytest.mark.parametrize(
    ("ratings", "printed"),
    [
        (["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"], 0.095),  # section A
        (["a a b b d c c c e d d a", "b a b b b c c c e d d d"], 0.692),  # section B
        (
            [
                "1 2 3 3 2 1 4 1 2 . . .",
                "1 2 3 3 2 2 4 1 2 5 . 3",
                ". 3 3 3 2 3 4 2 2 5 1 .",
                "1 2 3 3 2 4 4 1 2 5 1 .",
            ],
            0.743,  # section C
        ),
    ],
)
def test_krippendorff_2011(ratings: list[str], printed: float) -> None:
    alpha = krippendorff_alpha([row(text) for text in ratings])
    assert alpha is not None
    assert round(alpha, 3) == printed


def test_undefined_agreement_is_none() -> None:
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["car"] * 5, ["car"] * 5) is None
    assert krippendorff_alpha([["car"] * 5, ["car"] * 5]) is None
    assert krippendorff_alpha([["car", None], [None, "sign"]]) is None
    assert krippendorff_alpha([]) is None


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1"):
        cohen_kappa(["a", "b"], ["a"])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=40))
def test_bounds_and_symmetry(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa, alpha = cohen_kappa(first, second), krippendorff_alpha([first, second])
    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9
    assert alpha is None or alpha <= 1 + 1e-9
    assert cohen_kappa(second, first) == pytest.approx(kappa) or kappa is None
    if alpha is not None and first == second:
        assert alpha == pytest.approx(1.0)
