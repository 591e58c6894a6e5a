"""Label cost of a KPI, over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.metrics.label_cost import cost_at_equal, share_to_reach

COSTS = np.tile([100.0, 200.0, 300.0], (5, 1))


def test_seeds_that_agree_leave_no_doubt() -> None:
    values = np.tile([0.1, 0.2, 0.3], (5, 1))
    found = share_to_reach(
        COSTS, values, np.full(5, 1000.0), np.full(5, 0.25), reach=1.0, confidence=0.95
    )
    assert found == pytest.approx({"value": 0.25, "low": 0.25, "high": 0.25})


def test_what_is_not_reached_is_none() -> None:
    values = np.tile([0.1, 0.2, 0.3], (5, 1))
    whole = np.full(5, 0.5)
    found = share_to_reach(COSTS, values, np.full(5, 1000.0), whole, reach=0.95, confidence=0.95)
    assert found == {"value": None, "low": None, "high": None}
    values[0] = [0.1, 2.0, 3.0]
    found = share_to_reach(COSTS, values, np.full(5, 1000.0), whole, reach=0.95, confidence=0.95)
    assert found["value"] is not None
    assert found["low"] is not None
    assert found["low"] <= found["value"]
    assert found["high"] is None


def test_cost_at_equal_kpi_reads_between_rounds() -> None:
    ours = np.tile([0.1, 0.2, 0.3], (5, 1))
    theirs = np.tile([0.1, 0.12, 0.25], (5, 1))
    found = cost_at_equal(COSTS, ours, theirs, confidence=0.95)
    assert found == pytest.approx({"value": 250.0, "low": 250.0, "high": 250.0})
    assert cost_at_equal(COSTS, theirs, ours, confidence=0.95)["value"] is None


def test_one_seed_has_no_interval() -> None:
    found = cost_at_equal(COSTS[:1], np.array([[0.1, 0.2, 0.3]]), np.array([[0.0, 0.1, 0.2]]),
                          confidence=0.95)  # fmt: skip
    assert found == {"value": pytest.approx(200.0), "low": None, "high": None}
