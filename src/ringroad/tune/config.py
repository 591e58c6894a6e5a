"""What a STUDY.toml may say. Checked at the door, unknown keys are errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ringroad.domain.config import build, read_toml
from ringroad.domain.errors import InvalidConfig
from ringroad.tune.settings import KINDS, TrainSettings
from ringroad.tune.space import Search

TPE, RANDOM, GRID = "tpe", "random", "grid"
SAMPLERS = (TPE, RANDOM, GRID)
METRICS = ("AP50", "AP")
ALL = "all"
MAXIMISE, MINIMISE = "maximise", "minimise"
DIRECTIONS = (MAXIMISE, MINIMISE)
MOST_TRIALS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The figure that a study is about, on the validation rows."""

    metric: str = "AP50"
    category: str = ALL
    """A category, or `all` for the mean over those annotated."""
    slice: str = ALL
    """`all`, or a condition such as `night`."""
    direction: str = MAXIMISE

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.metric not in METRICS:
            raise ValueError(f"unknown metric {self.metric!r}; known: {', '.join(METRICS)}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction is {' or '.join(DIRECTIONS)}, not {self.direction!r}")

    def __str__(self) -> str:
        return f"{self.metric} of {self.category} on {self.slice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyConfig:
    """One study."""

    name: str
    dataset: str
    """A name, an alias or an id; its validation rows judge the trials."""
    seed: int = 0
    """Of the sampler, and of every training."""
    trials: int = 20
    sampler: str = TPE
    startup: int = 10
    """The first trials of `tpe`, which are drawn at random."""
    at_once: int = 1
    """Trials that `tpe` asks for before it hears of them. Part of the study, as workers are not."""
    metric: Metric = field(default_factory=Metric)
    train: TrainSettings = field(default_factory=TrainSettings)
    """What is not searched."""
    search: Mapping[str, Search]

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name {self.name!r}: letters, digits, dots, dashes, at most 100")
        if not self.dataset:
            raise ValueError("dataset is empty")
        if not 0 <= self.seed < 2**31:
            raise ValueError(f"seed is from 0 to {2**31 - 1}, not {self.seed}")
        if not 1 <= self.trials <= MOST_TRIALS:
            raise ValueError(f"trials is from 1 to {MOST_TRIALS}, not {self.trials}")
        if self.sampler not in SAMPLERS:
            raise ValueError(f"sampler is one of {', '.join(SAMPLERS)}, not {self.sampler!r}")
        if not 1 <= self.startup <= MOST_TRIALS or not 1 <= self.at_once <= MOST_TRIALS:
            raise ValueError(f"startup and at_once are from 1 to {MOST_TRIALS}")
        if not self.search:
            raise ValueError("nothing is searched: name a [search.PARAMETER]")

    @property
    def identity(self) -> dict[str, Any]:
        """Plain values of all that decides the trials; how many there are is none of it."""
        told = asdict(self)
        return {name: value for name, value in told.items() if name != "trials"}


def read_study(path: Path) -> StudyConfig:
    """Read a STUDY.toml.

    Raises:
        InvalidConfig: the file is missing, is not TOML, or breaks a rule; names the place.
    """
    return study_of(read_toml(path, remedy="name a STUDY.toml"), subject=str(path))


def study_of(values: Mapping[str, Any], *, subject: str) -> StudyConfig:
    """A study out of parsed TOML or JSON. Raises InvalidConfig."""
    config = build(StudyConfig, values, subject=subject)
    given = values.get("train", {})
    for name, search in config.search.items():
        place = f"[search.{name}]"
        _check_name(name, given, subject=subject, place=place)
        try:
            search.check(KINDS[name], grid=config.sampler == GRID)
            for value in search.values_to_check(KINDS[name]):
                config.train.with_values({name: value})
        except ValueError as error:
            raise InvalidConfig(str(error), subject=subject, place=place) from error
    return config


def _check_name(name: str, fixed: Mapping[str, Any], *, subject: str, place: str) -> None:
    if name not in KINDS:
        raise InvalidConfig(
            f"no parameter {name!r} can be searched",
            subject=subject,
            place=place,
            remedy=f"known: {', '.join(KINDS)}",
        )
    if name in fixed:
        raise InvalidConfig(
            "is searched and fixed at once",
            subject=subject,
            place=place,
            remedy=f"take {name} out of [train]",
        )
    if name == "width" and fixed.get("height"):
        raise InvalidConfig(
            "is searched while the height is fixed",
            subject=subject,
            place=place,
            remedy="take height out of [train]: it follows the recordings' shape",
        )
