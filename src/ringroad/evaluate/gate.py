"""The statistical gate: PASS, FAIL, or INCONCLUSIVE with what it would take to decide."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ringroad.domain.canonical import canonical_json
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.kpi import Gate, GateResult, Kpi, Verdict

LEAST_UNITS = 5
"""Under so many units a percentile interval is too narrow to decide by."""


def check(gate: Gate, kpis: Sequence[Kpi], frames: Sequence[FrameId]) -> GateResult:
    """Hold a KPI's interval against the gate's minimum.

    PASS where the whole interval lies at or above the minimum, FAIL where it lies below, else
    INCONCLUSIVE; also where the KPI was not evaluated or fewer than five units were resampled.

    Args:
        gate: the rule, frozen before the test set was looked at.
        kpis: what `score` found; the gate picks its own by metric, category and slice.
        frames: those that weigh most, to show beside the verdict.

    Raises:
        UnknownName: no KPI of the gate's metric, category and slice.
        UsageError: the KPI's interval is of another confidence than the gate asks for.
    """
    kpi = _pick(gate, kpis)
    verdict = _verdict(gate, kpi)
    more = _more_units(gate, kpi) if verdict is Verdict.INCONCLUSIVE else None
    return GateResult(
        gate=gate,
        verdict=verdict,
        kpi=kpi,
        reason=_reason(gate, kpi, verdict, more),
        more_units=more,
        frames=tuple(frames),
    )


def _pick(gate: Gate, kpis: Sequence[Kpi]) -> Kpi:
    wanted = (gate.metric, gate.category, gate.slice)
    for kpi in kpis:
        if (kpi.metric, kpi.category, kpi.slice) == wanted:
            if not math.isclose(kpi.confidence, gate.confidence):
                raise UsageError(
                    f"asks for a confidence of {gate.confidence}, the KPI has {kpi.confidence}",
                    subject=f"gate {gate.name}",
                    remedy="evaluate again with the gate's confidence",
                )
            return kpi
    known = sorted({f"{kpi.metric} of {kpi.category} on {kpi.slice}" for kpi in kpis})
    raise UnknownName(
        f"no KPI {gate.metric} of {gate.category} on {gate.slice}",
        subject=f"gate {gate.name}",
        remedy=f"known: {', '.join(known) or 'none'}",
    )


def _verdict(gate: Gate, kpi: Kpi) -> Verdict:
    if kpi.value is None or kpi.low is None or kpi.high is None or kpi.units < LEAST_UNITS:
        return Verdict.INCONCLUSIVE
    if kpi.low >= gate.minimum:
        return Verdict.PASS
    return Verdict.FAIL if kpi.high < gate.minimum else Verdict.INCONCLUSIVE


def _more_units(gate: Gate, kpi: Kpi) -> int | None:
    """Units still to collect until the interval clears the minimum, should the value stay.

    The distance from the value to a bound shrinks with the square root of the number of units.
    """
    if kpi.value is None or kpi.low is None or kpi.high is None or kpi.value == gate.minimum:
        return None
    above = kpi.value > gate.minimum
    reach = kpi.value - kpi.low if above else kpi.high - kpi.value
    needed = kpi.units * (reach / (kpi.value - gate.minimum)) ** 2
    if not math.isfinite(needed):
        return None
    return max(math.ceil(needed), LEAST_UNITS, kpi.units + 1) - kpi.units


def _reason(gate: Gate, kpi: Kpi, verdict: Verdict, more: int | None) -> str:
    name = f"{kpi.metric} of {kpi.category} on {kpi.slice}"
    if kpi.value is None:
        return f"{name} was not evaluated: nothing is annotated for it in {kpi.frames} frames"
    if kpi.low is None or kpi.high is None:
        return (
            f"{name} is {kpi.value:.4f} without an interval ({_counted(kpi)}); "
            f"the gate needs one, from at least {LEAST_UNITS} units"
        )
    found = (
        f"{name} is {kpi.value:.4f}, {kpi.confidence:.0%} interval {kpi.low:.4f} to "
        f"{kpi.high:.4f} over {_counted(kpi)}"
    )
    if verdict is Verdict.PASS:
        return f"{found}: none of it lies below the minimum of {gate.minimum:.4f}"
    if verdict is Verdict.FAIL:
        return f"{found}: all of it lies below the minimum of {gate.minimum:.4f}"
    wish = f"; about {more} more would decide" if more is not None else ""
    if kpi.units < LEAST_UNITS:
        return f"{found}: fewer than {LEAST_UNITS} units decide nothing{wish}"
    return f"{found}: the minimum of {gate.minimum:.4f} lies within it{wish}"


def _counted(kpi: Kpi) -> str:
    return f"{kpi.units} {'unit' if kpi.units == 1 else 'units'} (unit: {kpi.unit})"


def kpis_to_json(kpis: Sequence[Kpi]) -> bytes:
    """Canonical JSON, a list in the order given."""
    return canonical_json(list(kpis))


def kpis_from_json(data: bytes) -> tuple[Kpi, ...]:
    """Read what `kpis_to_json` wrote.

    Raises:
        InputError: not a JSON list of objects.
        InvalidConfig: a key is unknown, missing or of the wrong type.
    """
    rows = _parsed(data, "kpis")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("not a JSON list of objects", subject="kpis")
    return tuple(build(Kpi, row, subject="kpis", place=f"[{at}]") for at, row in enumerate(rows))


def result_to_json(result: GateResult) -> bytes:
    """Canonical JSON, an object."""
    return canonical_json(result)


def result_from_json(data: bytes) -> GateResult:
    """Read what `result_to_json` wrote.

    Raises:
        InputError: not a JSON object.
        InvalidConfig: a key or verdict is unknown, missing or of the wrong type.
    """
    row = _parsed(data, "gate result")
    if not isinstance(row, dict):
        raise InputError("not a JSON object", subject="gate result")
    return build(GateResult, row, subject="gate result")


def _parsed(data: bytes, subject: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise InputError(f"not JSON: {error}", subject=subject) from error
