"""What is asked for is a function of the seed and of what was told, in order."""

from __future__ import annotations

from typing import Any

import pytest

from ringroad.domain.kpi import Kpi
from ringroad.domain.study import DONE, FAILED, Trial
from ringroad.pipelines.train.studies import best_of
from ringroad.tune.asking import asker_of
from ringroad.tune.config import StudyConfig, study_of
from ringroad.tune.influence import influences

SEARCH = {
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "batch": {"choices": [4, 8, 16]},
    "channels": {"low": 4, "high": 32, "step": 4},
}


def config(search: dict[str, Any] = SEARCH, **given: Any) -> StudyConfig:
    return study_of({"name": "a", "dataset": "d", "search": search, **given}, subject="x")


def figure(values: dict[str, Any]) -> float:
    return -abs(values["learning_rate"] - 0.01) + 0.001 * values["channels"]


def asked(of: StudyConfig, count: int, *, at_once: int = 1, fails: int = -1) -> list[Any]:
    asker, found = asker_of(of), []
    while batch := asker.ask(min(at_once, count - len(found))):
        found += [one.values for one in batch]
        for one in batch:
            asker.tell(one.number, None if one.number == fails else figure(one.values))
    return found


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_same_again_and_more_of_it(sampler: str):
    study = config(sampler=sampler, startup=4, seed=3)
    first = asked(study, 8)
    assert asked(study, 8) == first
    assert asked(study, 12)[:8] == first
    assert asked(config(sampler=sampler, startup=4, seed=4), 8) != first


def test_the_order_of_the_file_changes_nothing():
    turned = dict(reversed(SEARCH.items()))
    assert asked(config(startup=3), 6) == asked(config(turned, startup=3), 6)


def test_tpe_listens_and_random_does_not():
    tpe, random = config(startup=4), config(sampler="random")
    assert asked(tpe, 8, fails=2)[:4] == asked(tpe, 8)[:4]
    assert asked(tpe, 8, fails=2) != asked(tpe, 8)
    assert asked(random, 8, fails=2) == asked(random, 8) == asked(random, 8, at_once=3)


def test_several_at_once_are_repeatable_and_not_the_same_twice():
    study = config(startup=3, at_once=3)
    found = asked(study, 12, at_once=3)
    assert found == asked(study, 12, at_once=3)
    assert len({one["learning_rate"] for one in found}) == 12


def test_values_are_of_their_kind_and_in_their_range():
    for values in asked(config(startup=3), 12):
        assert isinstance(values["learning_rate"], float)
        assert 1e-4 <= values["learning_rate"] <= 1e-1
        assert values["batch"] in {4, 8, 16}
        assert values["channels"] in range(4, 33, 4)


def test_a_grid_asks_for_every_combination_once_and_ends():
    search = {"stride": {"choices": [4, 8]}, "weight_decay": {"low": 0, "high": 0.2, "step": 0.1}}
    asker = asker_of(config(search, sampler="grid"))
    found = [one.values for one in [*asker.ask(4), *asker.ask(4)]]
    assert len(found) == len({tuple(one.items()) for one in found}) == 6
    assert found[0] == {"stride": 4, "weight_decay": 0.0}
    assert not asker.ask(1)


def trial(number: int, value: float | None, **parameters: Any) -> Trial:
    kpi = None
    if value is not None:
        kpi = Kpi(metric="AP50", category="all", slice="all", value=value, low=None, high=None,
                  confidence=0.95, units=2, unit="recording", truths=9, frames=9)  # fmt: skip
    return Trial(number=number, parameters=parameters, training="t",  # type: ignore[arg-type]
                 state=FAILED if value is None else DONE, kpi=kpi)  # fmt: skip


def test_the_best_is_the_first_of_equals_and_none_of_those_that_failed():
    trials = [trial(0, None), trial(1, 0.2), trial(2, 0.5), trial(3, 0.5), trial(4, 0.1)]
    assert best_of(trials, "maximise") == trials[2]
    assert best_of(trials, "minimise") == trials[4]
    assert best_of(trials[:1], "maximise") is None


def test_influence_is_of_ranks_and_says_over_how_many_trials():
    trials = [trial(n, n * n / 10, lr=10.0**n, batch=[8, 4][n % 2], norm="batch") for n in range(4)]
    lr, batch, norm = influences([*trials, trial(9, None, lr=1, batch=1, norm="x")],
                                 ["norm", "batch", "lr"])  # fmt: skip
    assert (lr.parameter, lr.correlation, lr.trials) == ("lr", 1.0, 4)
    assert batch.correlation == pytest.approx(-0.447214)
    assert (norm.correlation, norm.trials) == (None, 4)
    assert influences(trials[:2], ["lr"])[0].correlation is None
