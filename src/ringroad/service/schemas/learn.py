"""Bodies about training, models, evaluations, gates and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.domain.artifact import AliasMove, Measurement
from ringroad.domain.kpi import GateResult, Kpi
from ringroad.domain.plan import PlanManifest
from ringroad.service.schemas.bodies import Given, Name, Told


class TrainingRunItem(BaseModel):
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
    loss: float | None = Field(None, description="At the end; null where nobody wrote a curve.")
    evaluation: str | None = Field(None, description="The newest of its model version.")
    headline: Kpi | None = Field(None, description="AP50 of all categories on all frames there.")


class TrainingRunTold(Told):
    """One training run with its curve."""

    run: TrainingRunItem
    curve: Sequence[Mapping[str, Any]]
    inputs: Mapping[str, str]


class StartTraining(Given):
    """Fit the reference network to the training rows of a dataset version."""

    dataset: Name
    name: Annotated[str, Field(max_length=100, pattern=r"^[^:\x00-\x1f\x7f]*$")] = Field(
        "", description="NAME:candidate will point at the model; the dataset's name without."
    )
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 20
    batch: Annotated[int, Field(ge=1, le=4096)] = 8
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 3e-3
    width: Annotated[int, Field(ge=32, le=8192)] | None = Field(
        None, description="Pixels, with `height`; 320 in the recordings' shape without."
    )
    height: Annotated[int, Field(ge=32, le=8192)] | None = None
    channels: Annotated[int, Field(ge=4, le=1024)] = 16
    stride: Literal[4, 8] = 8
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    start_from: Name | None = Field(None, description="Model version of equal shape to go on from.")


class BesideItem(BaseModel):
    """One KPI of several training runs, in their order."""

    metric: str
    category: str
    slice: str
    values: Sequence[Kpi | None]


class ComparisonTold(Told):
    """Training runs beside each other."""

    runs: Sequence[TrainingRunItem]
    parameters: Mapping[str, Sequence[Any]] = Field(description="Those that differ, by run.")
    equal: Mapping[str, Any]
    dataset: str | None = Field(description="On whose test rows the KPIs are.")
    evaluations: Sequence[str | None]
    kpis: Sequence[BesideItem]


class ModelItem(BaseModel):
    """A model version in a list."""

    id: str
    kind: str
    size_bytes: int
    names: Sequence[str]


class ModelTold(Told):
    """One model version."""

    model: ModelItem
    made_by: Sequence[Mapping[str, Any]]
    history: Sequence[AliasMove]
    measurements: Sequence[Measurement]


class EvaluationItem(BaseModel):
    """KPIs in a list."""

    id: str
    dataset: str | None
    models: Sequence[str]
    made_ns: int | None
    headline: Kpi | None = Field(description="Of all categories on all frames.")
    versions: Sequence[str] = Field((), description="Model versions that were trained for it.")
    names: Sequence[str] = Field((), description="Aliases that point at these now.")


class EvaluationTold(Told):
    """All KPIs of one evaluation."""

    evaluation: EvaluationItem
    kpis: Sequence[Kpi]


class EvaluateModel(Given):
    """Score a model version on the test rows of a dataset version."""

    model: Name
    dataset: Name
    categories: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


class GateItem(BaseModel):
    """A verdict in a list."""

    id: str
    kpis: str | None
    made_ns: int | None
    result: GateResult


class GateTold(Told):
    """One verdict."""

    gate: GateItem


class CheckGate(Given):
    """Hold KPIs against a rule."""

    kpis: Name
    name: Name
    metric: Name
    category: Name
    slice: Name
    minimum: Annotated[float, Field(ge=-1e9, le=1e9)]
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95


class ParityItem(BaseModel):
    """How far the answers of a plan are from those of its network, at worst."""

    frames: int
    cosine: float
    max_relative: float


class PlanItem(BaseModel):
    """A plan, and what was measured of it."""

    id: str
    names: Sequence[str] = Field((), description="Aliases of its model version.")
    parity: ParityItem | None = Field(None, description="Null where nobody compared.")
    made_ns: int | None = None
    manifest: PlanManifest | None = Field(description="Null where it came without one.")
    measurements: Sequence[Measurement]


class PlanTold(Told):
    """One plan."""

    plan: PlanItem


class BuildPlan(Given):
    """Build a plan for the server's machine."""

    model: Name
    on: Name = "all"
    threads: Annotated[int, Field(ge=1, le=256)] = 1


class AliasItem(BaseModel):
    """A movable name."""

    name: str
    artifact: str


class AliasTold(Told):
    """A movable name and where it has been."""

    name: str
    artifact: str
    history: Sequence[AliasMove]


class MoveAlias(Given):
    """Where a name is to point; `If-Match` says where it is believed to point."""

    artifact: Name
    reason: Annotated[str, Field(max_length=1000)] = ""


class ProposePromotion(Given):
    """Propose where a champion's name is to point."""

    name: Name
    artifact: Name
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class DecidePromotion(Given):
    """Agree or not."""

    agree: bool
