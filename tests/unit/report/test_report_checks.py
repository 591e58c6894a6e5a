"""The page of checks: one drawing a finding, equal bytes, thinned lines that keep their peaks."""

from __future__ import annotations

import numpy as np

from ringroad.report.checks import (
    MOST_POINTS,
    Told,
    Trace,
    checks_page,
    overview,
    picture_evidence,
    thinned,
    trace_figure,
)
from ringroad.report.render import render


def told(number: int, severity: str = "warning") -> Told:
    return Told(
        id=f"r/{number}", check="channel-gap", channel="/imu", severity=severity,
        start_s=1.0 + number, end_s=2.5 + number, value=1.5, limit=1.0, unit="s",
        message=f"nothing for 1.5 s, {number}",
    )  # fmt: skip


def test_a_page_shows_each_finding_and_is_equal_each_time():
    findings = [told(0, "error"), told(1)]
    seconds = np.arange(0, 5, 0.01)
    trace = Trace(name="a $ & <b>", seconds=seconds, values=np.sin(seconds))
    evidence = {
        "r/0": trace_figure(findings[0], [trace], unit="m/s2"),
        "r/1": picture_evidence(findings[1], [np.zeros((9, 16, 3), np.uint8)] * 2, ["1 s", "2 s"]),
    }
    page = checks_page("car/a.mcap", findings, evidence, duration_s=5.0, synthetic=True, checks=41)
    html = render(page)
    assert html == render(page)
    assert html.count(b"data:image/jpeg;base64,") == 1
    assert b"nothing for 1.5 s, 0" in html
    assert b"<b>" not in html


def test_a_recording_without_findings_says_so():
    page = checks_page("car/a.mcap", [], {}, duration_s=5.0, synthetic=False, checks=32)
    assert b"32 checks looked at 5.0 s and found nothing" in render(page)


def test_a_drawing_tells_its_numbers_in_words():
    figure = overview([told(0)], duration_s=0.0)
    assert "channel-gap, /imu from 1.00 s" in figure.alt
    assert "nothing for 1.5 s" in trace_figure(told(0), [], unit="s").alt


def test_thinned_lines_keep_their_peaks():
    values = np.zeros(100_000)
    values[61_234] = 9.0
    seconds, kept = thinned(np.arange(100_000) / 100, values)
    assert len(kept) <= MOST_POINTS
    assert kept.max() == 9.0
    assert (np.diff(seconds) >= 0).all()
