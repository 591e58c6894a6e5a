"""Where the sun stood, against what geometry and almanacs say."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from ringroad.curate.sun import sun

MUNICH = (48.137, 11.575)


def at(text: str, latitude: float, longitude: float) -> tuple[float, float]:
    """Elevation and hour at one moment."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    time_ns = np.array([int(moment.timestamp()) * 10**9], dtype=np.int64)
    elevation, hour = sun(time_ns, np.array([latitude]), np.array([longitude]))
    return float(elevation[0]), float(hour[0])


@pytest.mark.parametrize(
    ("day", "declination"),
    [("2024-06-20", 23.44), ("2024-12-21", -23.44), ("2024-03-20", 0.0), ("2018-08-02", 17.8)],
)
def test_the_sun_is_highest_at_solar_noon(day: str, declination: float) -> None:
    heights = [at(f"{day}T{h:02d}:{m:02d}:00", *MUNICH) for h in range(24) for m in range(60)]
    elevation, hour = max(heights)
    assert elevation == pytest.approx(90 - MUNICH[0] + declination, abs=0.35)
    assert hour == pytest.approx(12, abs=0.03)


def test_midnight_is_dark_and_the_midnight_sun_is_not() -> None:
    assert at("2024-01-01T23:14:00", *MUNICH)[0] < -60
    assert at("2024-06-20T22:30:00", 69.65, 18.96)[0] > 1


def test_sunrise_at_greenwich() -> None:
    # Mean refraction and the sun's radius put sunrise where the centre is 0.83 degrees below;
    # almanacs give 06:02 UTC for Greenwich on 2024-03-21.
    assert at("2024-03-21T06:02:00", 51.4769, 0.0)[0] == pytest.approx(-0.83, abs=0.4)


def test_hours_run_with_longitude() -> None:
    east, west = at("2024-03-20T12:00:00", 0.0, 90.0), at("2024-03-20T12:00:00", 0.0, -90.0)
    assert east[1] == pytest.approx(18 - 7.4 / 60, abs=0.03)
    assert west[1] == pytest.approx(6 - 7.4 / 60, abs=0.03)


def test_without_a_place_there_is_no_answer() -> None:
    assert np.isnan(at("2024-03-20T12:00:00", float("nan"), 0.0)).all()
