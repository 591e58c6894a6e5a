"""Conditions: sun, sky, lamps, haze, exposure and noise by day, at dusk and at night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One condition. Colours are linear in [0, 1]."""

    sun: float
    ambient: float
    horizon: tuple[float, float, float]
    zenith: tuple[float, float, float]
    haze: tuple[float, float, float]
    haze_per_m: float
    lamps: float
    """How strongly street lamps, windows and vehicle lamps shine."""
    headlights: float
    exposure: float
    noise: float
    """Standard deviation in dark parts, in levels of 255."""

    def array(self) -> np.ndarray:
        """(16,) float32 in the order of the fields, for the shader."""
        return np.array(
            [
                self.sun, self.ambient, *self.horizon, *self.zenith, *self.haze, self.haze_per_m,
                self.lamps, self.headlights, self.exposure, self.noise,
            ],
            np.float32,
        )  # fmt: skip


LIGHTS = {
    "day": Light(
        sun=1.05,
        ambient=0.50,
        horizon=(0.62, 0.74, 0.90),
        zenith=(0.22, 0.42, 0.80),
        haze=(0.62, 0.70, 0.80),
        haze_per_m=0.0018,
        lamps=0.0,
        headlights=0.0,
        exposure=1.0,
        noise=2.0,
    ),
    "dusk": Light(
        sun=0.06,
        ambient=0.135,
        horizon=(0.72, 0.42, 0.26),
        zenith=(0.15, 0.18, 0.36),
        haze=(0.36, 0.27, 0.25),
        haze_per_m=0.003,
        lamps=0.5,
        headlights=0.2,
        exposure=1.1,
        noise=5.0,
    ),
    "night": Light(
        sun=0.0,
        ambient=0.022,
        horizon=(0.022, 0.026, 0.04),
        zenith=(0.006, 0.008, 0.016),
        haze=(0.02, 0.023, 0.03),
        haze_per_m=0.004,
        lamps=1.0,
        headlights=0.75,
        exposure=1.35,
        noise=9.0,
    ),
}


def light_of(condition: str) -> Light:
    """The light of a condition. Raises UnknownName."""
    if condition not in LIGHTS:
        raise UnknownName(
            f"no condition is called {condition!r}", remedy=f"known: {', '.join(LIGHTS)}"
        )
    return LIGHTS[condition]
