"""KPIs with intervals, and the gate that lets a model version pass or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ringroad.domain.ids import FrameId


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "PASS"  # noqa: S105 (a verdict, no secret)
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A metric over a slice, with the interval from resampling a declared unit."""

    metric: str
    """`AP50`, `AP` ..."""
    category: str
    """A category, or `all` for the mean over those evaluated."""
    slice: str
    """`all`, or a condition such as `night`."""
    value: float | None
    """None means not evaluated: nothing was annotated for it. Never a silent zero."""
    low: float | None
    high: float | None
    confidence: float
    units: int
    """How many units were resampled."""
    unit: str
    """What a unit is: `recording`, `block of 20 frames` ..."""
    truths: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A rule, frozen before the test set is looked at."""

    name: str
    metric: str
    category: str
    slice: str
    minimum: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """A verdict, its reason in words, and the frames that decided."""

    gate: Gate
    verdict: Verdict
    kpi: Kpi
    reason: str
    more_units: int | None
    """How many more units an inconclusive verdict would need, where it can be estimated."""
    frames: tuple[FrameId, ...]
