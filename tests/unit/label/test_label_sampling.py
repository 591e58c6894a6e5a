"""Acceptance sampling against published figures and against counting."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.order import LotPlan
from ringroad.label.sampling import accepts, accepts_lot, plan_for, plan_for_process


def test_the_published_curve_of_a_plan():
    """NIST/SEMATECH e-Handbook of Statistical Methods, section 6.2.3.2: n = 52, c = 3."""
    published = [0.998, 0.980, 0.930, 0.845, 0.739, 0.620, 0.502, 0.394, 0.300, 0.223, 0.162, 0.115]
    for percent, chance in enumerate(published, start=1):
        assert accepts(percent / 100, 52, 3) == pytest.approx(chance, abs=0.0011)


@pytest.mark.parametrize(("aql", "ltpd", "n", "c"), [(0.02, 0.08, 98, 4), (0.01, 0.05, 132, 3)])
def test_the_usual_plans_of_a_process(aql: float, ltpd: float, n: int, c: int):
    found = plan_for_process(LotPlan(size=1, aql=aql, ltpd=ltpd))
    assert found is not None
    assert (found.sample, found.limit) == (n, c)


@given(st.integers(1, 9), st.data())
def test_chances_of_a_lot_are_those_of_counting(size: int, data: st.DataObject):
    bad = data.draw(st.integers(0, size))
    sample = data.draw(st.integers(1, size))
    limit = data.draw(st.integers(0, sample))
    draws = [sum(item < bad for item in drawn) for drawn in combinations(range(size), sample)]
    counted = sum(found <= limit for found in draws) / len(draws)
    assert accepts_lot(size, bad, sample, limit) == pytest.approx(counted, abs=1e-12)


@given(
    st.integers(1, 300),
    st.sampled_from([0.0, 0.01, 0.02, 0.05]),
    st.sampled_from([0.06, 0.1, 0.2, 0.5]),
)
def test_a_plan_keeps_both_risks_or_inspects_everything(size: int, aql: float, ltpd: float):
    lots = LotPlan(size=size, aql=aql, ltpd=ltpd)
    found = plan_for(lots, size)
    assert 1 <= found.sample <= size
    assert found.consumer_risk <= 0.10 or found.sample == size
    assert found.producer_risk <= 0.05
    smaller = found.sample - 1
    if found.sample < size and smaller > found.limit:
        bad = max(1, -(-round(ltpd * size * 1e9) // 10**9))
        assert accepts_lot(size, bad, smaller, found.limit) > 0.10


def test_the_binomial_plan_is_the_limit_of_large_lots():
    lots = LotPlan(size=1, aql=0.01, ltpd=0.05)
    assert plan_for(lots, 1_000_000).sample == 132


@pytest.mark.parametrize(
    "values", [{"aql": 0.2}, {"size": 0}, {"ltpd": 1.5}, {"producer_risk": 0.0}]
)
def test_a_plan_that_cannot_be_is_refused(values: dict):
    with pytest.raises(ValueError, match=r"lot has frames|risks"):
        LotPlan(**{"size": 10, "aql": 0.01, "ltpd": 0.1} | values)
