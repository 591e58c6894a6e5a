"""Bodies about the frames behind KPIs, KPIs over time, and two networks beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ringroad.domain.kpi import Kpi
from ringroad.evaluate.resimulate import ConditionSummary
from ringroad.service.schemas.bodies import Count, Given, Name, PageOf, Told


class KpiPoint(BaseModel):
    """One KPI at one time."""

    at_ns: int = Field(description="When it was evaluated; of an alias, when it pointed there.")
    evaluation: str | None = Field(description="Null where that version was not evaluated.")
    dataset: str | None
    models: Sequence[str] = Field(description="Model versions; several that answer alike.")
    names: Sequence[str] = Field(description="Aliases that point at the model version now.")
    kpi: Kpi | None


class KpisTold(Told):
    """One KPI over time, oldest first."""

    metric: str
    category: str
    slice: str
    points: Sequence[KpiPoint]


class JudgedFrame(BaseModel):
    """A frame of a slice, and what was right and wrong on it."""

    frame_id: str
    recording_id: str
    unit: str
    condition: str
    truths: Count
    missed: Count = Field(description="Truths that no detection stands on.")
    false: Count = Field(description="Confident detections that stand on no truth.")
    errors: Count


class JudgedFrames(PageOf[JudgedFrame]):
    """Frames of a slice, most errors first."""

    recordings: Mapping[str, int] = Field(description="Recording -> its frames in the slice.")
    truths: Count
    missed: Count
    false: Count


class BoxItem(BaseModel):
    """A box in pixels as recorded."""

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: str = ""
    score: float | None = None
    came_to: str = Field("", description="found, missed; right, false; or nothing is known.")


class JudgedMarks(BaseModel):
    """A frame with truth and detections."""

    frame: str
    picture: str
    width: Count
    height: Count
    truth: Sequence[BoxItem]
    predictions: Sequence[BoxItem]


class JudgedMarksTold(Told):
    """Frames with truth and detections, to be drawn on the picture."""

    evaluation: str
    threshold: float
    frames: Sequence[JudgedMarks]


class ResimulationItem(BaseModel):
    """A comparison of two networks."""

    id: str
    made_ns: int
    champion: Sequence[str] = Field(description="Model versions; several that answer alike.")
    candidate: Sequence[str]
    champion_names: Sequence[str]
    candidate_names: Sequence[str]
    threshold: float
    truth: bool = Field(description="Whether it is known anywhere who was right.")
    selection: str = Field(description="The frames that differ most.")
    summary: Sequence[ConditionSummary] = Field(description="All frames first, then conditions.")


class ResimulationTold(Told):
    """One comparison of two networks."""

    resimulation: ResimulationItem


class DifferingFrames(PageOf[Mapping[str, Any]]):
    """Frames on which two networks differ, the worst first."""


class DifferencesTold(Told):
    """What two networks said of one frame."""

    frame: str
    picture: str
    width: Count
    height: Count
    champion: Sequence[BoxItem]
    candidate: Sequence[BoxItem]
    truth: Sequence[BoxItem] | None = Field(description="Null where nobody looked at the frame.")
    differences: Sequence[Mapping[str, Any]] = Field(description="The heaviest first.")


class CompareModels(Given):
    """Run a candidate beside the champion."""

    candidate: Name
    champion: Name
    on: Name = Field("all", description="A recording, a selection, or `all`.")
    truth: Name | None = Field(
        None, description="A dataset version whose test rows say who is right."
    )
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.3
    limit: Annotated[int, Field(ge=1, le=10_000)] = Field(50, description="Frames kept.")


class EvaluationDifference(BaseModel):
    """By how much a candidate is better than the champion, on the same test rows."""

    id: str
    made_ns: int
    champion: Sequence[str] = Field(description="Model versions; several that answer alike.")
    candidate: Sequence[str]
    champion_names: Sequence[str]
    candidate_names: Sequence[str]
    dataset: str
    kpis: Sequence[Kpi] = Field(
        description="`AP50 difference` by category and slice: above 0 the candidate is better."
    )
    standings: Sequence[str] = Field(
        description="Of each KPI: better, worse, not decided, too few units; empty: not evaluated."
    )
    worse: Mapping[str, Sequence[str]] = Field(
        description="Slice -> frames on which the candidate makes more errors, the worst first."
    )


class EvaluationDifferenceTold(Told):
    """One difference."""

    difference: EvaluationDifference


class CompareEvaluations(Given):
    """Compare two evaluations on the same test rows, unit by unit."""

    champion: Name = Field(description="An evaluation, or a model version.")
    candidate: Name = Field(description="An evaluation, or a model version.")
    dataset: Name | None = Field(
        None, description="On whose test rows; null for those on which both were scored last."
    )
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
