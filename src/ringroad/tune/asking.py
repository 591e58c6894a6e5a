"""Which parameters to try next. The one module that knows Optuna; grids need none of it.

What is asked is a function of the study (its seed, space, sampler, startup, at_once) and of what
was told so far, in order. So nothing of the sampler is kept: a study that goes on asks and is told
the same again from the start, and the trials it had are found, not trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import optuna

from ringroad.tune.config import GRID, MINIMISE, RANDOM, StudyConfig
from ringroad.tune.settings import KINDS
from ringroad.tune.space import Search, Value, grid_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to try."""

    number: int
    values: dict[str, Value]


class Asker(Protocol):
    """Asks, and is told in the order in which it asked."""

    def ask(self, count: int) -> Sequence[Asked]:
        """What to try next; fewer than asked for, or none, where the space is at its end."""
        ...

    def tell(self, number: int, value: float | None) -> None:
        """What came of a trial; None where it failed or has no figure."""
        ...


def asker_of(config: StudyConfig) -> Asker:
    """Who asks in a study."""
    return _Grid(config) if config.sampler == GRID else _Drawn(config)


class _Grid:
    """Every combination once."""

    def __init__(self, config: StudyConfig) -> None:
        self._left: Iterator[tuple[int, dict[str, Value]]] = enumerate(
            grid_of(config.search, KINDS)
        )

    def ask(self, count: int) -> Sequence[Asked]:
        return [Asked(number=number, values=values) for number, values in islice(self._left, count)]

    def tell(self, number: int, value: float | None) -> None:
        """A grid does not look at figures."""


class _Drawn:
    """By Optuna, in memory."""

    def __init__(self, config: StudyConfig) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study = optuna.create_study(
            sampler=_sampler(config),
            direction="minimize" if config.metric.direction == MINIMISE else "maximize",
        )
        names = sorted(config.search)
        self._space = {name: _distribution(name, config.search[name]) for name in names}
        self._open: dict[int, optuna.Trial] = {}

    def ask(self, count: int) -> Sequence[Asked]:
        found = []
        for _ in range(count):
            trial = self._study.ask(dict(self._space))
            self._open[trial.number] = trial
            found.append(Asked(number=trial.number, values=dict(trial.params)))
        return found

    def tell(self, number: int, value: float | None) -> None:
        failed = optuna.trial.TrialState.FAIL if value is None else None
        self._study.tell(self._open.pop(number), value, state=failed)


def _sampler(config: StudyConfig) -> optuna.samplers.BaseSampler:
    if config.sampler == RANDOM:
        return optuna.samplers.RandomSampler(seed=config.seed)
    # Of several at once, those asked before and not told yet count as bad ones: the next of them
    # is asked for elsewhere.
    return optuna.samplers.TPESampler(
        seed=config.seed, n_startup_trials=config.startup, constant_liar=config.at_once > 1
    )


def _distribution(name: str, search: Search) -> optuna.distributions.BaseDistribution:
    if search.choices:
        return optuna.distributions.CategoricalDistribution(search.values(KINDS[name]))
    if search.low is None or search.high is None:
        raise ValueError(f"{name} has neither choices nor a range")
    if KINDS[name] is int:
        return optuna.distributions.IntDistribution(
            int(search.low), int(search.high), log=search.log, step=int(search.step or 1)
        )
    return optuna.distributions.FloatDistribution(
        float(search.low), float(search.high), log=search.log,
        step=None if search.step is None else float(search.step),
    )  # fmt: skip
