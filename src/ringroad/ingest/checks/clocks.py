"""Checks of clocks against one another: jumps of all, drift between cameras, offsets.

The rows carry one time a message, so that a clock can be judged only by what channels have in
common: a beginning, an end, pauses, and, among cameras of one rate, the rate itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ringroad.domain.recording import CAMERA
from ringroad.ingest.checks.findings import Finding
from ringroad.ingest.checks.lanes import RATED, Beat, Lanes, seconds
from ringroad.ingest.checks.limits import CheckLimits
from ringroad.ingest.checks.timing import INDEXED

PEERS = 3
"""Fewer channels cannot outvote one."""
ALIKE = 0.01
"""Cameras are peers where their periods differ by no more than this share."""
MOST_STEPS = 5_000
"""More pauses than this are no jumps of a clock."""
ON_LINE = 0.5
ON_LINE_SHARE = 0.9
"""A clock is judged where so many messages lie within half a period of the line."""
SAME_STEP = 0.2
"""Pauses of several channels are one jump where their lengths differ by no more than this."""


def clock_jumps(lanes: Lanes, limits: CheckLimits) -> tuple[list[Finding], np.ndarray]:
    """Jumps of all clocks at once, and of single ones back in time.

    Returns:
        The findings, and the times in ns, (n,) int64, before jumps that all channels share.
    """
    able = [beat for beat in lanes.beats if 0 < 3 * beat.period_ns < limits.jump_s * 1e9]
    shared = _shared(able, limits) if len(able) >= PEERS else []
    found = [
        Finding(
            check="clock-jump",
            channel="",
            start_ns=begin,
            end_ns=end,
            value=seconds(end - begin),
            limit=limits.jump_s,
            message=f"{count} of {len(able)} channels jump by {seconds(end - begin):.2f} s at once",
        )
        for begin, end, count in shared
    ]
    for beat in lanes.beats:
        back = np.flatnonzero(beat.steps <= -limits.jump_s * 1e9)
        found += [_back(beat, place, limits) for place in back.tolist() if beat.sensor in INDEXED]
    return found, np.array([begin for begin, _, _ in shared], np.int64)


def clock_drift(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Cameras of one rate whose periods differ: the odd one, in millionths, from their median.

    Periods are slopes over the whole recording, so that jitter averages out; what is found passes
    the limit by three standard errors.
    """
    cameras = [b for b in lanes.beats if b.sensor == CAMERA and b.period_ns and len(b.times) > 30]
    found = []
    for group in _alike(cameras):
        slopes = np.array([_slope(beat) for beat in group])
        middle = np.median(slopes[:, 0])
        for beat, (slope, error) in zip(group, slopes, strict=True):
            ppm = (slope / middle - 1) * 1e6
            doubt = error / middle * 1e6
            if abs(ppm) - 3 * doubt > limits.drift_ppm:
                found.append(_drifts(beat, float(ppm), float(doubt), len(group), limits))
    return found


def clock_offsets(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Channels that begin and end late, or begin and end early, by about the same time.

    A channel that merely starts late does not end late; a shifted clock does both. An edge is
    known to a period only, be it the channel's own or, of their median, the others'.
    """
    beats = [beat for beat in lanes.beats if beat.period_ns and beat.sensor in RATED]
    if len(beats) < PEERS:
        return []
    edges = np.array([(b.times.min(), b.times.max() + round(b.period_ns)) for b in beats])
    shifts = (edges - np.median(edges, axis=0).astype(np.int64)) / 1e9
    usual = float(np.median([beat.period_ns for beat in beats]))
    found = []
    for beat, (early, late) in zip(beats, shifts, strict=True):
        size = float(min(abs(early), abs(late)))
        doubt = seconds(max(beat.period_ns, usual))
        if early * late <= 0 or size <= limits.offset_s + doubt:
            continue
        if abs(early - late) > 0.5 * size + 2 * doubt:
            continue
        found.append(
            Finding(
                check="clock-offset",
                channel=beat.channel,
                start_ns=int(beat.times.min()),
                end_ns=int(beat.times.max()),
                value=size,
                limit=limits.offset_s,
                message=f"begins and ends about {size:.2f} s "
                f"{'after' if early > 0 else 'before'} the others: its clock may be shifted",
            )
        )
    return found


def _shared(beats: Sequence[Beat], limits: CheckLimits) -> list[tuple[int, int, int]]:
    """(begin, end, channels) of steps of about one length that most channels make together."""
    steps = [
        (int(beat.times[place]), int(beat.times[place + 1]), number)
        for number, beat in enumerate(beats)
        for place in np.flatnonzero(beat.steps >= limits.jump_s * 1e9).tolist()
    ]
    if len(steps) > MOST_STEPS:
        return []
    steps.sort()
    found: list[tuple[int, int, int]] = []
    while steps:
        begin, end, _ = steps[0]
        near = [s for s in steps if s[0] - begin < limits.jump_s * 1e9 / 2]
        alike = [s for s in near if abs((s[1] - s[0]) - (end - begin)) <= SAME_STEP * (end - begin)]
        count = len({number for _, _, number in alike})
        if count >= max(PEERS, limits.jump_channels_share * len(beats)):
            found.append((max(s[0] for s in alike), min(s[1] for s in alike), count))
        steps = [s for s in steps if s not in alike]
    return found


def _back(beat: Beat, place: int, limits: CheckLimits) -> Finding:
    size = seconds(-beat.steps[place])
    return Finding(
        check="clock-jump",
        channel=beat.channel,
        start_ns=int(beat.times[place + 1]),
        end_ns=int(beat.times[place]),
        value=size,
        limit=limits.jump_s,
        message=f"jumps back in time by {size:.2f} s",
    )


def _alike(beats: Sequence[Beat]) -> list[list[Beat]]:
    """Groups of peers by period, three or more."""
    groups: list[list[Beat]] = []
    for beat in sorted(beats, key=lambda beat: beat.period_ns):
        if groups and beat.period_ns <= groups[-1][0].period_ns * (1 + ALIKE):
            groups[-1].append(beat)
        else:
            groups.append([beat])
    return [group for group in groups if len(group) >= PEERS]


def _slope(beat: Beat) -> tuple[float, float]:
    """Period in ns and its standard error: a line through time over count, lost ones counted.

    A fit by least squares, again without what lies over four MAD away. The error is endless where
    much lies off the line: such a channel changes its rate.
    """
    counts = np.cumsum(np.concatenate([[0.0], np.rint(beat.steps / beat.period_ns)]))
    times = (beat.times - beat.times[0]).astype(np.float64)
    kept = np.ones(len(times), bool)
    slope, error = beat.period_ns, np.inf
    for _ in range(3):
        x, y = counts[kept], times[kept]
        x0, y0 = x.mean(), y.mean()
        spread = float(((x - x0) ** 2).sum())
        slope = float(((x - x0) * (y - y0)).sum() / spread)
        rest = times - y0 - slope * (counts - x0)
        error = float(np.sqrt((rest[kept] ** 2).mean() / spread))
        off = np.abs(rest - np.median(rest))
        kept = off <= max(4 * 1.4826 * float(np.median(off)), 1.0)
    near = float(np.mean(off <= ON_LINE * beat.period_ns))
    return slope, error if near > ON_LINE_SHARE else np.inf


def _drifts(beat: Beat, ppm: float, doubt: float, peers: int, limits: CheckLimits) -> Finding:
    return Finding(
        check="clock-drift",
        channel=beat.channel,
        start_ns=int(beat.times.min()),
        end_ns=int(beat.times.max()),
        value=abs(ppm),
        limit=limits.drift_ppm,
        message=f"its clock runs {ppm:+.0f} ppm (within {3 * doubt:.0f}) against the median "
        f"of {peers} cameras",
    )
