"""Shapes of validate. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from ringroad.client.shapes.shared import Kpi, Measurement


class BoxItem(TypedDict):
    """A box in pixels as recorded."""

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: NotRequired[str]
    score: NotRequired[float | None]
    came_to: NotRequired[str]


class BuildPlan(TypedDict):
    """Build a plan for the server's machine."""

    model: str
    on: NotRequired[str]
    threads: NotRequired[int]


class CheckGate(TypedDict):
    """Hold KPIs against a rule."""

    kpis: str
    name: str
    metric: str
    category: str
    slice: str
    minimum: float
    confidence: NotRequired[float]


class CompareEvaluations(TypedDict):
    """Compare two evaluations on the same test rows, unit by unit."""

    champion: str
    candidate: str
    dataset: NotRequired[str | None]
    seed: NotRequired[int]


class CompareModels(TypedDict):
    """Run a candidate beside the champion."""

    candidate: str
    champion: str
    on: NotRequired[str]
    truth: NotRequired[str | None]
    threshold: NotRequired[float]
    limit: NotRequired[int]


class ConditionSummary(TypedDict):
    """All frames of one condition, or of `all`."""

    condition: str
    frames: int
    disagreeing: int
    champion_boxes: int
    candidate_boxes: int
    kinds: Mapping[str, int]
    champion_right: int
    candidate_right: int
    mean_disagreement: float


class DifferencesTold(TypedDict):
    """What two networks said of one frame."""

    cli: str
    frame: str
    picture: str
    width: int
    height: int
    champion: Sequence[BoxItem]
    candidate: Sequence[BoxItem]
    truth: Sequence[BoxItem] | None
    differences: Sequence[Mapping[str, Any]]


class DifferingFrames(TypedDict):
    """Frames on which two networks differ, the worst first."""

    cli: str
    items: Sequence[Mapping[str, Any]]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class EvaluateModel(TypedDict):
    """Score a model version on the test rows of a dataset version."""

    model: str
    dataset: str
    categories: NotRequired[Sequence[str]]
    confidence: NotRequired[float]
    seed: NotRequired[int]


class EvaluationDifference(TypedDict):
    """By how much a candidate is better than the champion, on the same test rows."""

    id: str
    made_ns: int
    champion: Sequence[str]
    candidate: Sequence[str]
    champion_names: Sequence[str]
    candidate_names: Sequence[str]
    dataset: str
    kpis: Sequence[Kpi]
    standings: Sequence[str]
    worse: Mapping[str, Sequence[str]]


class EvaluationDifferenceTold(TypedDict):
    """One difference."""

    cli: str
    difference: EvaluationDifference


class EvaluationItem(TypedDict):
    """KPIs in a list."""

    id: str
    dataset: str | None
    models: Sequence[str]
    made_ns: int | None
    headline: Kpi | None
    versions: NotRequired[Sequence[str]]
    names: NotRequired[Sequence[str]]


class EvaluationTold(TypedDict):
    """All KPIs of one evaluation."""

    cli: str
    evaluation: EvaluationItem
    kpis: Sequence[Kpi]


class Gate(TypedDict):
    """A rule, frozen before the test set is looked at."""

    name: str
    metric: str
    category: str
    slice: str
    minimum: float
    confidence: NotRequired[float]


class GateItem(TypedDict):
    """A verdict in a list."""

    id: str
    kpis: str | None
    made_ns: int | None
    result: GateResult


class GateResult(TypedDict):
    """A verdict, its reason in words, and the frames that decided."""

    gate: Gate
    verdict: Verdict
    kpi: Kpi
    reason: str
    more_units: int | None
    frames: Sequence[str]


class GateTold(TypedDict):
    """One verdict."""

    cli: str
    gate: GateItem


class JudgedFrame(TypedDict):
    """A frame of a slice, and what was right and wrong on it."""

    frame_id: str
    recording_id: str
    unit: str
    condition: str
    truths: int
    missed: int
    false: int
    errors: int


class JudgedFrames(TypedDict):
    """Frames of a slice, most errors first."""

    cli: str
    items: Sequence[JudgedFrame]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    recordings: Mapping[str, int]
    truths: int
    missed: int
    false: int


class JudgedMarks(TypedDict):
    """A frame with truth and detections."""

    frame: str
    picture: str
    width: int
    height: int
    truth: Sequence[BoxItem]
    predictions: Sequence[BoxItem]


class JudgedMarksTold(TypedDict):
    """Frames with truth and detections, to be drawn on the picture."""

    cli: str
    evaluation: str
    threshold: float
    frames: Sequence[JudgedMarks]


class KpiPoint(TypedDict):
    """One KPI at one time."""

    at_ns: int
    evaluation: str | None
    dataset: str | None
    models: Sequence[str]
    names: Sequence[str]
    kpi: Kpi | None


class KpisTold(TypedDict):
    """One KPI over time, oldest first."""

    cli: str
    metric: str
    category: str
    slice: str
    points: Sequence[KpiPoint]


class PageOfEvaluationDifference(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[EvaluationDifference]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfEvaluationItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[EvaluationItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfGateItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[GateItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfPlanItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[PlanItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfResimulationItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[ResimulationItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class ParityItem(TypedDict):
    """How far the answers of a plan are from those of its network, at worst."""

    frames: int
    cosine: float
    max_relative: float


class ParityLimits(TypedDict):
    """How far the outputs of a plan may stand from those of the network it was made from."""

    cosine: NotRequired[float]
    relative: NotRequired[float]


class PlanItem(TypedDict):
    """A plan, and what was measured of it."""

    id: str
    names: NotRequired[Sequence[str]]
    parity: NotRequired[ParityItem | None]
    made_ns: NotRequired[int | None]
    manifest: PlanManifest | None
    measurements: Sequence[Measurement]


class PlanManifest(TypedDict):
    """A plan's identity and what it needs. Holds nothing measured: that stands in rows beside it."""

    plan: str
    onnx: str
    model: str
    runtime: str
    runtime_version: str
    platform: str
    batch: int
    precision: str
    threads: int
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    parity: ParityLimits


class PlanTold(TypedDict):
    """One plan."""

    cli: str
    plan: PlanItem


class ResimulationItem(TypedDict):
    """A comparison of two networks."""

    id: str
    made_ns: int
    champion: Sequence[str]
    candidate: Sequence[str]
    champion_names: Sequence[str]
    candidate_names: Sequence[str]
    threshold: float
    truth: bool
    selection: str
    summary: Sequence[ConditionSummary]


class ResimulationTold(TypedDict):
    """One comparison of two networks."""

    cli: str
    resimulation: ResimulationItem


class Tensor(TypedDict):
    """One input or output of a network; text stands for a free dimension."""

    name: str
    shape: NotRequired[Sequence[int | str]]


Verdict: TypeAlias = "Literal['PASS', 'FAIL', 'INCONCLUSIVE']"
