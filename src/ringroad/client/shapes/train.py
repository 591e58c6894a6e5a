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


class PageOfTrainingRunItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[TrainingRunItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


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
