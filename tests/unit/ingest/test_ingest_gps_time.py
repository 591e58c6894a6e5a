from __future__ import annotations

import numpy as np
import pytest

from ringroad.domain.time import SECOND_NS, to_iso
from ringroad.ingest.clock_text import calendar_ns, seconds_ns
from ringroad.ingest.gps_time import ns_of_seconds, utc_of_gps


def utc(week: float, second: float) -> str:
    return to_iso(int(utc_of_gps(np.array([week]), np.array([second]))[0]))


def test_gps_weeks_are_utc_less_the_leap_seconds_of_their_day():
    assert utc(0, 0.0) == "1980-01-06T00:00:00.000000000Z"
    assert utc(2012, 404106.397) == "2018-08-02T16:14:48.397000000Z"  # 18 leap seconds
    assert utc(1694, 259200.0 + 15) == "2012-06-27T00:00:00.000000000Z"  # 15 of them
    assert utc(1695, 0.0 + 16) == "2012-07-01T00:00:00.000000000Z"


def test_a_leap_second_does_not_make_a_recording_jump():
    weeks, seconds = np.array([1694, 1695]), np.array([604_799.0, 16.0])
    assert np.diff(utc_of_gps(weeks, seconds)).tolist() == [17 * SECOND_NS]
    assert len(utc_of_gps(np.zeros(0), np.zeros(0))) == 0


def test_seconds_are_rounded_to_their_own_nanosecond():
    seconds = np.array([46408.58493039533, 0.0, 1e9 - 1e-7])
    assert ns_of_seconds(seconds)[:2].tolist() == [46_408_584_930_395, 0]
    assert ns_of_seconds(np.array([46408.58765184333])).tolist() == [46408587651843]


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1574859771.744660272", 1_574_859_771_744_660_272),
        ("1574859771.7", 1_574_859_771_700_000_000),
        (" 5 \n", 5_000_000_000),
        ("0.000000001999", 1),
    ],
)
def test_seconds_as_text_keep_every_nanosecond(text, time_ns):
    assert seconds_ns(text) == time_ns


@pytest.mark.parametrize("text", ["", "x", "1e9", "-1", "9999999999", "1.2.3", "1" * 60])
def test_what_are_no_seconds(text):
    with pytest.raises(ValueError, match=r"no seconds|out of reach"):
        seconds_ns(text)


def test_dates_as_text_keep_every_nanosecond():
    assert calendar_ns("2011-09-26 13:02:25.964389445") == 1_317_042_145_964_389_445
    assert calendar_ns("1970-01-01T00:00:01") == SECOND_NS


@pytest.mark.parametrize("text", ["", "2011-09-26", "2011-13-26 13:02:25", "2400-01-01 00:00:00"])
def test_what_is_no_date(text):
    with pytest.raises(ValueError, match=r"no date|out of reach|month"):
        calendar_ns(text)
