"""Bodies about studies and their trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.domain.kpi import Kpi
from ringroad.domain.study import Influence
from ringroad.service.schemas.bodies import Given, Name, Told

Number = Annotated[float, Field(allow_inf_nan=False)] | int
Word = Annotated[str, Field(max_length=100)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Trials = Annotated[int, Field(ge=1, le=1000)]


class StudyMetric(Given):
    """The figure that a study is about, on the validation rows."""

    metric: Literal["AP50", "AP"] = "AP50"
    category: Annotated[Name, Field(description="A category, or `all`: the mean.")] = "all"
    slice: Annotated[Name, Field(description="`all`, or a condition such as `night`.")] = "all"
    direction: Literal["maximise", "minimise"] = "maximise"


class StudySearch(Given):
    """What one parameter may be: a range, both ends in it, or choices."""

    low: Number | None = None
    high: Number | None = None
    step: Number | None = None
    log: bool = False
    choices: Annotated[tuple[Number | Word, ...], Field(max_length=1000)] = ()


class StudyTrain(Given):
    """What is not searched; as STUDY.toml has it under `[train]`."""

    learning_rate: Number | None = None
    batch: int | None = None
    epochs: Annotated[int, Field(ge=1, le=10_000)] | None = None
    weight_decay: Number | None = None
    width: Annotated[int, Field(ge=32, le=8192)] | None = None
    height: Annotated[int, Field(ge=32, le=8192)] | None = None
    channels: Annotated[int, Field(ge=4, le=1024)] | None = None
    stride: Literal[4, 8] | None = None
    blocks: Annotated[int, Field(ge=0, le=64)] | None = None
    kernel_size: Literal[3, 5] | None = None
    norm: Word | None = None
    activation: Word | None = None
    flip: Number | None = None
    zoom: Number | None = None
    light: Number | None = None
    noise: Number | None = None
    threads: Annotated[int, Field(ge=1, le=256)] | None = None


class StartStudy(Given):
    """A study, as STUDY.toml has it. The same again goes on; with more trials it adds to them."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Field(
        description="NAME:candidate will point at the best model."
    )
    dataset: Name
    seed: Seed = 0
    trials: Trials = 20
    sampler: Literal["tpe", "random", "grid"] = "tpe"
    startup: Trials = Field(10, description="First trials of `tpe`, drawn at random.")
    at_once: Trials = Field(1, description="Trials that `tpe` asks for before it hears of them.")
    metric: StudyMetric = Field(default_factory=StudyMetric)
    train: StudyTrain = Field(default_factory=StudyTrain)
    search: Annotated[dict[Word, StudySearch], Field(min_length=1, max_length=20)]


class TrialItem(BaseModel):
    """One set of parameters, and what came of it."""

    number: int
    state: str = Field(description="`asked`, `done` or `failed`.")
    parameters: Mapping[str, float | int | str]
    kpi: Kpi | None = Field(description="On the validation rows.")
    training: str = Field(description="Its training run, which is there once it has ended.")
    model: str | None
    names: Sequence[str] = Field(description="Aliases that point at the model.")
    reason: str = Field(description="Why it failed.")
    started_ns: int | None
    seconds: float | None = Field(description="That the training took.")


class StudyItem(BaseModel):
    """A study in a list."""

    id: str
    name: str
    state: str = Field(description="`running`; `done`; `stopped`: it goes on when asked again.")
    dataset: str
    dataset_name: str = Field(description="As the study says it.")
    metric: str
    category: str
    slice: str
    direction: str
    sampler: str
    seed: int
    searched: Sequence[str]
    wanted: int
    done: int
    failed: int
    best: TrialItem | None
    moved_ns: int = Field(description="When something came of it last.")


class StudyTold(Told):
    """One study with its trials."""

    study: StudyItem
    trials: Sequence[TrialItem] = Field(description="By number.")
    search: Mapping[str, StudySearch]
    train: Mapping[str, Any] = Field(description="What is not searched.")
    influences: Sequence[Influence] = Field(description="Strongest first.")
