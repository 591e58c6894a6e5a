"""Parity and latency figures against values worked out by hand."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from ringroad.deploy.latency import latency_rows, time_runs
from ringroad.deploy.parity import Agreement, agreement, compare_outputs, require_parity
from ringroad.domain.annotation import CAR, PEDESTRIAN
from ringroad.domain.errors import InputError, PlanRefused, UsageError
from ringroad.domain.ids import ArtifactId, Digest
from ringroad.domain.plan import ParityLimits
from ringroad.protocols.predictor import Detections

PLAN = Digest("b" * 64)


def test_figures_by_hand() -> None:
    (row,) = compare_outputs({"y": np.array([[3.0, 4.0]])}, {"y": np.array([[4.0, 3.0]])})
    assert row.cosine == pytest.approx(24 / 25)
    assert (row.max_abs, row.max_relative) == (1.0, 0.25)


def test_equal_outputs_pass_zeros_among_them() -> None:
    same = {"y": np.arange(5, dtype=np.float32), "z": np.zeros(3, np.float32)}
    rows = compare_outputs(same, same)
    assert all((row.cosine, row.max_abs) == (pytest.approx(1.0), 0.0) for row in rows)
    require_parity(rows, ParityLimits(), plan=PLAN)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 5e34, 1.01])
def test_a_wrong_number_is_refused(wrong: float) -> None:
    good = {"y": np.ones(1000, np.float32)}
    bad = {"y": good["y"].copy()}
    bad["y"][7] = wrong
    with pytest.raises(PlanRefused, match="output 'y'"):
        require_parity(compare_outputs(good, bad), ParityLimits(), plan=PLAN)


def test_outputs_that_do_not_correspond_are_an_error() -> None:
    with pytest.raises(InputError, match="missing"):
        compare_outputs({"y": np.ones(2)}, {})
    with pytest.raises(InputError, match="of shape"):
        compare_outputs({"y": np.ones(2)}, {"y": np.ones((2, 1))})


def _found(*rows: tuple[float, float, float, float, str]) -> Detections:
    return Detections(
        boxes=np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
        scores=np.ones(len(rows), np.float32),
        categories=tuple(row[4] for row in rows),
        light_states=("",) * len(rows),
        uncertainty=0.0,
        embedding=np.empty(0, np.float32),
    )


def test_agreement_uses_each_box_once_and_minds_categories() -> None:
    car, shifted = (0, 0, 10, 10, CAR), (0, 0, 10, 11, CAR)
    person = (0, 0, 10, 10, PEDESTRIAN)
    assert agreement([_found(car)], [_found(car, shifted)]).matched == 1
    assert agreement([_found(car)], [_found(person)]).matched == 0
    assert agreement([_found(car), _found()], [_found(shifted), _found()]).f1 == 1.0
    assert agreement([_found()], [_found()]).f1 == 1.0
    assert Agreement(matched=1, reference=1, actual=3).f1 == 0.5


def test_latency_counts_only_what_ran_after_warm_up() -> None:
    ticks, calls = count(0, 1_000_000), []
    wall, cpu = time_runs(
        lambda: calls.append(1),
        wall_ns=lambda: next(ticks),
        cpu_ns=lambda: len(calls) * 10,
        runs=4,
        warm_up=2,
    )
    assert len(calls) == 6
    assert wall.tolist() == [1_000_000] * 4
    assert cpu.tolist() == [10] * 4
    with pytest.raises(UsageError, match="0 runs"):
        time_runs(lambda: None, wall_ns=lambda: 0, cpu_ns=lambda: 0, runs=0)


def test_tails_are_stated_only_where_runs_carry_them() -> None:
    plan = ArtifactId("plan:" + PLAN)
    wall = np.arange(1, 1001) * 1_000_000
    rows = {row.name: row.value for row in latency_rows(plan, wall, wall)}
    assert rows["latency wall p50"] == 500
    assert rows["latency wall p99"] == 990
    assert rows["latency cpu p99.9"] == 999
    few = latency_rows(plan, wall[:99], wall[:99], detail={"threads": 1})
    assert [row.name for row in few] == ["latency wall p50", "latency cpu p50"]
    assert few[0].detail == {"runs": 99, "threads": 1}
    assert len(latency_rows(plan, wall[:100], wall[:100])) == 4
