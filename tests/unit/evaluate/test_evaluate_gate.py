"""Verdicts at their edges, the units still to collect, and JSON there and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InputError, InvalidConfig, UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.kpi import Gate, Kpi, Verdict
from ringroad.evaluate.gate import (
    check,
    kpis_from_json,
    kpis_to_json,
    result_from_json,
    result_to_json,
)

GATE = Gate(name="night-cars", metric="AP50", category="car", slice="night", minimum=0.5)
KPI = Kpi(
    metric="AP50",
    category="car",
    slice="night",
    value=0.6,
    low=0.55,
    high=0.7,
    confidence=0.95,
    units=20,
    unit="recording",
    truths=400,
    frames=900,
)
FRAMES = (FrameId("v/r/c/000001"), FrameId("v/r/c/000007"))


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        (0.55, 0.6, 0.7, Verdict.PASS),
        (0.5, 0.6, 0.7, Verdict.PASS),  # the bound may stand on the minimum
        (0.49, 0.6, 0.7, Verdict.INCONCLUSIVE),
        (0.3, 0.4, 0.5, Verdict.INCONCLUSIVE),
        (0.3, 0.4, 0.499, Verdict.FAIL),
    ],
)
def test_verdict(low: float, value: float, high: float, verdict: Verdict) -> None:
    result = check(GATE, [replace(KPI, low=low, value=value, high=high)], FRAMES)
    assert result.verdict is verdict
    assert result.frames == FRAMES
    assert f"{value:.4f}" in result.reason
    assert "20 units (unit: recording)" in result.reason
    assert (result.more_units is None) is (verdict is not Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(("low", "high"), [(0.55, 0.7), (0.1, 0.2)])
def test_few_units_decide_nothing(low: float, high: float) -> None:
    value = (low + high) / 2
    four = replace(KPI, units=4, low=low, value=value, high=high)
    result = check(GATE, [four], ())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.more_units == 1
    assert "fewer than 5 units" in result.reason
    assert check(GATE, [replace(four, units=5)], ()).verdict is not Verdict.INCONCLUSIVE


def test_not_evaluated_and_no_interval() -> None:
    unknown = check(GATE, [replace(KPI, value=None, low=None, high=None)], ())
    assert (unknown.verdict, unknown.more_units) == (Verdict.INCONCLUSIVE, None)
    assert "was not evaluated" in unknown.reason
    bare = check(GATE, [replace(KPI, low=None, high=None)], ())
    assert (bare.verdict, bare.more_units) == (Verdict.INCONCLUSIVE, None)
    assert "without an interval" in bare.reason


def test_more_units_by_the_root_of_n() -> None:
    # The lower bound stands 0.2 below, the minimum 0.1 below: half as wide, four times the units.
    result = check(GATE, [replace(KPI, low=0.4, value=0.6, high=0.8)], ())
    assert result.more_units == 60
    assert "about 60 more would decide" in result.reason
    below = check(GATE, [replace(KPI, low=0.3, value=0.4, high=0.6)], ())
    assert below.more_units == 60
    on_it = check(GATE, [replace(KPI, low=0.4, value=0.5, high=0.6)], ())
    assert (on_it.verdict, on_it.more_units) == (Verdict.INCONCLUSIVE, None)


@given(
    bounds=st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted),
    units=st.integers(1, 1000),
    minimum=st.floats(0, 1),
)
def test_a_verdict_never_contradicts_its_interval(
    bounds: list[float], units: int, minimum: float
) -> None:
    low, value, high = bounds
    gate = replace(GATE, minimum=minimum)
    result = check(gate, [replace(KPI, low=low, value=value, high=high, units=units)], ())
    assert (result.verdict is Verdict.PASS) == (units >= 5 and low >= minimum)
    assert (result.verdict is Verdict.FAIL) == (units >= 5 and high < minimum)
    assert result.more_units is None or result.more_units >= 1
    assert result_from_json(result_to_json(result)) == result


def test_a_gate_without_its_kpi_or_of_another_confidence_is_refused() -> None:
    with pytest.raises(UnknownName, match="AP50 of car on night"):
        check(replace(GATE, slice="fog"), [KPI], ())
    with pytest.raises(UsageError, match=r"confidence of 0\.9,"):
        check(replace(GATE, confidence=0.9), [KPI], ())


def test_json_there_and_back() -> None:
    kpis = (KPI, replace(KPI, value=None, low=None, high=None, category="all"))
    assert kpis_from_json(kpis_to_json(kpis)) == kpis
    result = result_from_json(result_to_json(check(GATE, kpis, FRAMES)))
    assert result == check(GATE, kpis, FRAMES)
    assert isinstance(result.verdict, Verdict)


@pytest.mark.parametrize("data", [b"{", b"{}", b"[1]"])
def test_what_holds_no_kpis_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        kpis_from_json(data)


def test_what_holds_no_result_is_refused() -> None:
    good = result_to_json(check(GATE, [KPI], FRAMES))
    with pytest.raises(InvalidConfig, match="MAYBE"):
        result_from_json(good.replace(b'"PASS"', b'"MAYBE"'))
    with pytest.raises(InputError, match="not a JSON object"):
        result_from_json(b"[]")
    with pytest.raises(InvalidConfig):
        result_from_json(b"{}")
