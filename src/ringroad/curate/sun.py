"""Where the sun stood: elevation and solar time from place and time. Knows nothing of weather."""

from __future__ import annotations

import numpy as np

from ringroad.domain.time import SECOND_NS

J2000_NS = 946_728_000 * SECOND_NS
"""2000-01-01 12:00 UTC."""
_DAY_S = 86_400.0


def sun(
    time_ns: np.ndarray, latitude: np.ndarray, longitude: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Elevation of the sun in degrees above the horizon, and local solar time in hours.

    The low-precision formulae of the Astronomical Almanac as J. Michalsky gives them (Solar
    Energy 40, 1988): within 0.01 degrees from 1950 to 2050. Refraction is left out.

    Args:
        time_ns: (n,) int64 UTC.
        latitude: (n,) degrees, north positive; NaN gives NaN.
        longitude: (n,) degrees, east positive.
    """
    days = (time_ns - J2000_NS).astype(np.float64) / (_DAY_S * SECOND_NS)
    mean_longitude = np.radians((280.460 + 0.9856474 * days) % 360)
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = mean_longitude + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    utc_h = (days + 0.5) % 1 * 24
    sidereal_h = (6.697375 + 0.0657098242 * days + utc_h + longitude / 15) % 24
    angle = np.radians(sidereal_h * 15) - ascension
    north = np.radians(latitude)
    elevation = np.arcsin(
        np.sin(declination) * np.sin(north) + np.cos(declination) * np.cos(north) * np.cos(angle)
    )
    hour = (np.degrees(angle) / 15 + 12) % 24
    return np.degrees(elevation), np.where(np.isnan(elevation), np.nan, hour)
