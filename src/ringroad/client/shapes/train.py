"""Shapes of train. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from ringroad.client.shapes.shared import AliasMove, Kpi, Measurement


class BesideItem(TypedDict):
    """One KPI of several training runs, in their order."""

    metric: str
    category: str
    slice: str
    values: Sequence[Kpi | None]


class ComparisonTold(TypedDict):
    """Training runs beside each other."""

    cli: str
    runs: Sequence[TrainingRunItem]
    parameters: Mapping[str, Sequence[Any]]
    equal: Mapping[str, Any]
    dataset: str | None
    evaluations: Sequence[str | None]
    kpis: Sequence[BesideItem]


class Influence(TypedDict):
    """How the figure of a study goes with one parameter, over the trials that have one."""

    parameter: str
    correlation: float | None
    trials: NotRequired[int]


class ModelItem(TypedDict):
    """A model version in a list."""

    id: str
    kind: str
    size_bytes: int
    names: Sequence[str]


class ModelTold(TypedDict):
    """One model version."""

    cli: str
    model: ModelItem
    made_by: Sequence[Mapping[str, Any]]
    history: Sequence[AliasMove]
    measurements: Sequence[Measurement]


class PageOfModelItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[ModelItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfStudyItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[StudyItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfTrainingRunItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[TrainingRunItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class StartStudy(TypedDict):
    """A study, as STUDY.toml has it. The same again goes on; with more trials it adds to them."""

    name: str
    dataset: str
    seed: NotRequired[int]
    trials: NotRequired[int]
    sampler: NotRequired[Literal["tpe", "random", "grid"]]
    startup: NotRequired[int]
    at_once: NotRequired[int]
    metric: NotRequired[StudyMetric]
    train: NotRequired[StudyTrain]
    search: Mapping[str, StudySearch]


class StartTraining(TypedDict):
    """Fit the reference network to the training rows of a dataset version."""

    dataset: str
    name: NotRequired[str]
    epochs: NotRequired[int]
    batch: NotRequired[int]
    learning_rate: NotRequired[float]
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    channels: NotRequired[int]
    stride: NotRequired[Literal[4, 8]]
    threads: NotRequired[int]
    seed: NotRequired[int]
    start_from: NotRequired[str | None]


class StudyItem(TypedDict):
    """A study in a list."""

    id: str
    name: str
    state: str
    dataset: str
    dataset_name: str
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
    moved_ns: int


class StudyMetric(TypedDict):
    """The figure that a study is about, on the validation rows."""

    metric: NotRequired[Literal["AP50", "AP"]]
    category: NotRequired[str]
    slice: NotRequired[str]
    direction: NotRequired[Literal["maximise", "minimise"]]


class StudySearch(TypedDict):
    """What one parameter may be: a range, both ends in it, or choices."""

    low: NotRequired[float | int | None]
    high: NotRequired[float | int | None]
    step: NotRequired[float | int | None]
    log: NotRequired[bool]
    choices: NotRequired[Sequence[float | int | str]]


class StudyTold(TypedDict):
    """One study with its trials."""

    cli: str
    study: StudyItem
    trials: Sequence[TrialItem]
    search: Mapping[str, StudySearch]
    train: Mapping[str, Any]
    influences: Sequence[Influence]


class StudyTrain(TypedDict):
    """What is not searched; as STUDY.toml has it under `[train]`."""

    learning_rate: NotRequired[float | int | None]
    batch: NotRequired[int | None]
    epochs: NotRequired[int | None]
    weight_decay: NotRequired[float | int | None]
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    channels: NotRequired[int | None]
    stride: NotRequired[Literal[4, 8] | None]
    blocks: NotRequired[int | None]
    kernel_size: NotRequired[Literal[3, 5] | None]
    norm: NotRequired[str | None]
    activation: NotRequired[str | None]
    flip: NotRequired[float | int | None]
    zoom: NotRequired[float | int | None]
    light: NotRequired[float | int | None]
    noise: NotRequired[float | int | None]
    threads: NotRequired[int | None]


class TrainingRunItem(TypedDict):
    """A training run in a list."""

    id: str
    step: str
    model: str
    names: Sequence[str]
    dataset: str | None
    seed: int
    started_ns: int
    seconds: float
    parameters: Mapping[str, Any]
    host: str
    loss: NotRequired[float | None]
    evaluation: NotRequired[str | None]
    headline: NotRequired[Kpi | None]


class TrainingRunTold(TypedDict):
    """One training run with its curve."""

    cli: str
    run: TrainingRunItem
    curve: Sequence[Mapping[str, Any]]
    inputs: Mapping[str, str]


class TrialItem(TypedDict):
    """One set of parameters, and what came of it."""

    number: int
    state: str
    parameters: Mapping[str, float | int | str]
    kpi: Kpi | None
    training: str
    model: str | None
    names: Sequence[str]
    reason: str
    started_ns: int | None
    seconds: float | None
