from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.ids import RecordingId
from ringroad.ingest.usefulness import Looks, UsefulnessLimits, looks_of, usefulness
from ringroad.media.pictures.images import decode_image
from ringroad.media.schemas import CHECKS, EVENTS, SIGNALS, USEFULNESS

HERE = RecordingId("car/a")
START = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
MINUTE = (START, START + 60 * SECOND)


def event(kind: str, begin_s: float, end_s: float) -> dict[str, object]:
    return {
        "event_id": f"{HERE}/{kind}/{begin_s}",
        "recording_id": HERE,
        "event": kind,
        "start_ns": START + int(begin_s * SECOND),
        "end_ns": START + int(end_s * SECOND),
        "value": 1.0,
        "unit": "s",
        "message": "",
    }


def events(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=EVENTS)


def signals(speed: float) -> pa.Table:
    rows = [
        {
            "recording_id": HERE,
            "channel": "can",
            "time_ns": START + number * SECOND,
            "name": "speed",
            "value": speed,
            "unit": "m/s",
        }
        for number in range(61)
    ]
    return pa.Table.from_pylist(rows, schema=SIGNALS)


def view(seed: int, count: int, *, light: float = 0.5) -> Looks:
    """A scene that changes all the time, twice a second."""
    rng = np.random.Generator(np.random.PCG64(seed))
    luma = light * rng.random((count, 12, 20), dtype=np.float32)
    return Looks(time_ns=START + np.arange(count) * SECOND // 2, luma=luma)


def scores(table: pa.Table) -> list[tuple[int, int, float, str]]:
    assert table.schema == USEFULNESS
    return [
        (
            (row["start_ns"] - START) // SECOND,
            (row["end_ns"] - START) // SECOND,
            row["score"],
            row["reason"],
        )
        for row in table.to_pylist()
    ]


def judged(**given: object) -> list[tuple[int, int, float, str]]:
    known = {"signals": signals(10.0), "events": events()} | given
    span = known.pop("span_ns", MINUTE)
    return scores(usefulness(HERE, span, **known))  # type: ignore[arg-type]  # checked by tests


def test_a_drive_without_fault_is_worth_all():
    assert judged(looks=[view(1, 121)]) == [(0, 60, 1.0, "")]


def test_parked_counts_after_two_minutes():
    span = (START, START + 300 * SECOND)
    found = judged(span_ns=span, events=events(event("standstill", 0, 240)))
    assert found == [(0, 120, 1.0, ""), (120, 240, 0.1, "parked"), (240, 300, 1.0, "")]


def test_a_frozen_camera_is_duplicate_and_another_camera_saves_it():
    frozen = view(2, 121)
    frozen.luma[40:81] = frozen.luma[40]
    assert judged(looks=[frozen], signals=signals(0.0)) == [
        (0, 20, 1.0, ""),
        (20, 40, 0.05, "duplicate"),
        (40, 60, 1.0, ""),
    ]
    assert judged(looks=[frozen, view(3, 121)], signals=signals(0.0)) == [(0, 60, 1.0, "")]


def test_a_covered_lens_is_seen_only_while_driving():
    covered = view(4, 121)
    covered.luma[:, :9] = 0.3
    assert judged(looks=[covered]) == [(0, 60, 0.1, "occluded")]
    assert judged(looks=[covered], signals=signals(1.0)) == [(0, 60, 1.0, "")]
    assert judged(looks=[covered], signals=SIGNALS.empty_table()) == [(0, 60, 1.0, "")]


def test_darkness_without_a_lamp():
    dark = view(5, 121, light=0.05)
    assert judged(looks=[dark]) == [(0, 60, 0.1, "dark")]
    dark.luma[:, 5, 5] = 0.5 + dark.luma[:, 4, 4]
    assert judged(looks=[dark]) == [(0, 60, 1.0, "")]


def test_nothing_in_view_and_failed_checks_multiply():
    times = START + np.arange(61) * SECOND
    counts = np.where((np.arange(61) >= 10) & (np.arange(61) < 40), 0, 2)
    counts[50:53] = 0  # too short to count
    row = {
        "check_id": "x", "recording_id": HERE, "channel": "", "check": "gap", "severity": "error",
        "start_ns": START + 30 * SECOND, "end_ns": START + 50 * SECOND,
        "value": 1.0, "limit": 0.0, "unit": "s", "message": "",
    }  # fmt: skip
    warning = row | {"severity": "warning", "start_ns": START, "end_ns": MINUTE[1]}
    checks = pa.Table.from_pylist([row, warning], schema=CHECKS)
    assert judged(boxes=(times, counts), checks=checks) == [
        (0, 10, 1.0, ""),
        (10, 30, 0.4, "nothing in view"),
        (30, 40, 0.12, "failed check, nothing in view"),
        (40, 50, 0.3, "failed check"),
        (50, 60, 1.0, ""),
    ]


def test_what_happened_is_kept_whatever_the_pictures_say():
    dark = view(6, 121, light=0.05)
    found = judged(looks=[dark], events=events(event("near-miss", 31, 32), event("stop", 5, 8)))
    assert found == [
        (0, 30, 0.1, "dark"),
        (30, 35, 1.0, "kept for near-miss"),
        (35, 60, 0.1, "dark"),
    ]


def test_a_clock_gone_wild_makes_no_endless_table():
    century = (START, START + 100 * 365 * 86_400 * SECOND)
    assert judged(span_ns=century) == [(0, 100 * 365 * 86_400, 1.0, "")]


def test_limits_are_checked():
    with pytest.raises(ValueError, match="dark_worth lies between 0 and 1"):
        UsefulnessLimits(dark_worth=2.0)
    with pytest.raises(ValueError, match="stretch_s is more than 0"):
        UsefulnessLimits(stretch_s=0.0)


def test_real_pictures_of_a_drive_are_worth_all(test_data: Path):
    files = sorted((test_data / "camvid" / "images").glob("0016E5*"))[:60]
    pixels = np.stack([decode_image(path.read_bytes()) for path in files])
    times = START + np.arange(60) * SECOND
    assert judged(looks=[looks_of(times, pixels)]) == [(0, 60, 1.0, "")]
    frozen = np.repeat(pixels[:1], 60, axis=0)
    begin, end, score, reason = judged(looks=[looks_of(times, frozen)])[0]
    assert (begin, end) == (0, 55)
    assert score < 0.05
    assert reason == "duplicate, occluded"


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20, 80), st.floats(0, 50)), max_size=8),
    st.integers(1, 60 * SECOND),
)
def test_stretches_cover_the_recording_and_scores_stay_within_bounds(standing, lasts):
    told = events(*(event("standstill", begin, begin + long) for begin, long in standing))
    rule = UsefulnessLimits(parked_s=0.5)
    table = usefulness(HERE, (START, START + lasts), signals=signals(0.0), events=told, limits=rule)
    rows = table.to_pylist()
    assert rows[0]["start_ns"] == START
    assert rows[-1]["end_ns"] == START + lasts
    assert all(a["end_ns"] == b["start_ns"] for a, b in pairwise(rows))
    assert all(0 <= row["score"] <= 1 for row in rows)
