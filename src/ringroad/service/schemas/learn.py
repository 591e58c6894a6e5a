"""Bodies about training, models, evaluations, gates and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

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


class TrainingRunTold(Told):
    """One training run with its curve."""

    run: TrainingRunItem
    curve: Sequence[Mapping[str, Any]]
    inputs: Mapping[str, str]


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


class PlanItem(BaseModel):
    """A plan, and what was measured of it."""

    id: str
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
