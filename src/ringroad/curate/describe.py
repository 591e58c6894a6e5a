"""Measures frames: light, contrast, sharpness, colour, condition, speed. Embeds nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.domain.time import SECOND_NS
from ringroad.media.schemas import FRAMES

DAY = "day"
DUSK = "dusk"
NIGHT = "night"
CONDITIONS = (DAY, DUSK, NIGHT)

SPEED_NAMES = ("speed", "speed_mps", "vehicle_speed")
SPEED_UNITS = {"m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704}
"""Factor from the unit to metres per second."""
SPEED_REACH_NS = SECOND_NS
"""A frame farther than this from any speed value has none."""

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601 weights of red, green and blue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionThresholds:
    """Limits on luma, 0 to 1.

    Exposure control holds the sky of a daylight frame bright and the street readable. At dusk
    some sky is still bright while the street is not; at night none is, however bright headlights
    make the street. Light decides before colour: blue skies are common by day.
    """

    night_sky: float = 0.28
    """Night where less than a tenth of the upper third of a frame is brighter than this."""
    dusk_street: float = 0.14
    """Dusk where there is sky, and the mean of the lower half lies below this."""
    dim_sky: float = 0.53
    dim_street: float = 0.22
    """Dusk also where both lie below these: exposure was raised, and still neither is bright."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measures:
    """What one frame measures."""

    brightness: float
    contrast: float
    sharpness: float
    saturation: float
    sky: float
    street: float


def describe(
    frames: pa.Table,
    pixels: np.ndarray,
    signals: pa.Table,
    *,
    thresholds: ConditionThresholds | None = None,
) -> pa.Table:
    """Fill the measured columns of `schemas.FRAMES`.

    Args:
        frames: n rows of `schemas.FRAMES`.
        pixels: (n, height, width, 3) uint8 RGB, row for row.
        signals: rows of `schemas.SIGNALS`; speed stays null where they name none.
        thresholds: where day ends and night begins.

    Returns:
        The same rows in the same order, brightness to speed_mps set anew.
    """
    if len(frames) != len(pixels):
        raise ValueError(f"{len(frames)} rows of frames for {len(pixels)} pictures")
    limits = thresholds or ConditionThresholds()
    measures = [_measure(picture) for picture in pixels]
    columns: dict[str, list[float] | list[str] | list[float | None]] = {
        "brightness": [m.brightness for m in measures],
        "contrast": [m.contrast for m in measures],
        "sharpness": [m.sharpness for m in measures],
        "saturation": [m.saturation for m in measures],
        "condition": [_condition(m, limits) for m in measures],
        "speed_mps": speeds(frames, signals),
    }
    filled = frames.select(FRAMES.names)
    for name, values in columns.items():
        field = FRAMES.field(name)
        filled = filled.set_column(
            filled.schema.get_field_index(name), field, pa.array(values, field.type)
        )
    return filled.cast(FRAMES)


def condition_of(picture: np.ndarray, *, thresholds: ConditionThresholds | None = None) -> str:
    """Day, dusk or night of one (height, width, 3) uint8 picture."""
    return _condition(_measure(picture), thresholds or ConditionThresholds())


def speeds(frames: pa.Table, signals: pa.Table) -> list[float | None]:
    """Speed in m/s nearest in time for each frame; None without one within `SPEED_REACH_NS`."""
    series = _speed_series(signals)
    found: list[float | None] = []
    for recording, time_ns in zip(
        frames["recording_id"].to_pylist(), frames["time_ns"].to_pylist(), strict=True
    ):
        found.append(_nearest(series.get(recording), time_ns))
    return found


def _measure(picture: np.ndarray) -> _Measures:
    """Figures of one (height, width, 3) uint8 picture, in float32 of 0 to 1."""
    colour = picture.astype(np.float32) / np.float32(255)
    luma = colour @ LUMA
    half = max(1, len(luma) // 2)
    return _Measures(
        brightness=float(luma.mean()),
        contrast=float(luma.std()),
        sharpness=_sharpness(luma * np.float32(255)),
        saturation=_saturation(colour),
        sky=float(np.percentile(luma[: max(1, len(luma) // 3)], 90)),
        street=float(luma[-half:].mean()),
    )


def _sharpness(luma: np.ndarray) -> float:
    """log10 of (1 + variance) of the 4-neighbour Laplacian of luma in 0 to 255."""
    if min(luma.shape) < 3:
        return 0.0
    centre = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.log10(1.0 + float((around - 4 * centre).var())))


def _saturation(colour: np.ndarray) -> float:
    """Mean of HSV saturation; black counts as 0."""
    high, low = colour.max(axis=-1), colour.min(axis=-1)
    return float(((high - low) / np.maximum(high, np.float32(1 / 255))).mean())


def _condition(measures: _Measures, limits: ConditionThresholds) -> str:
    if measures.sky < limits.night_sky:
        return NIGHT
    dim = measures.sky < limits.dim_sky and measures.street < limits.dim_street
    return DUSK if dim or measures.street < limits.dusk_street else DAY


def _speed_series(signals: pa.Table) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Recording -> (times in ns ascending, speeds in m/s) of its first known speed signal."""
    found: dict[str, dict[int, list[tuple[int, float]]]] = {}
    for row in signals.to_pylist():
        name = row["name"].lower()
        factor = SPEED_UNITS.get(row["unit"])
        if name not in SPEED_NAMES or factor is None:
            continue
        by_name = found.setdefault(row["recording_id"], {})
        by_name.setdefault(SPEED_NAMES.index(name), []).append(
            (row["time_ns"], row["value"] * factor)
        )
    return {recording: _series(by_name[min(by_name)]) for recording, by_name in found.items()}


def _series(values: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    ordered = sorted(values)
    times = np.array([time for time, _ in ordered], dtype=np.int64)
    return times, np.array([value for _, value in ordered], dtype=np.float64)


def _nearest(series: tuple[np.ndarray, np.ndarray] | None, time_ns: int) -> float | None:
    if series is None:
        return None
    times, values = series
    after = int(np.searchsorted(times, time_ns))
    near = min(
        (i for i in (after - 1, after) if 0 <= i < len(times)),
        key=lambda i: abs(int(times[i]) - time_ns),
    )
    return float(values[near]) if abs(int(times[near]) - time_ns) <= SPEED_REACH_NS else None
