"""Means over seeds with intervals of 95 %, for the benchmarks of label quality."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ringroad.metrics.paired import mean_interval


def interval(values: np.ndarray) -> dict[str, float | int | None]:
    return mean_interval(values, confidence=0.95)


def told(figure: Mapping[str, float | int | None], digits: int, times: float = 1.0) -> str:
    if figure["value"] is None or figure["low"] is None or figure["high"] is None:
        return "-"
    reach = times * (figure["high"] - figure["low"]) / 2
    return f"{times * figure['value']:.{digits}f} +- {reach:.{digits}f}"
