"""Checks of one channel's times: losses, repeats, rate, pauses, late starts and early ends.

Clocks that disagree between channels are `clocks.py`.
"""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import CAMERA, LIDAR, RADAR
from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.lanes import RATED, Beat, Lanes, seconds
from ringroad.ingest.checks.limits import CheckLimits

INDEXED = frozenset({CAMERA, LIDAR, RADAR})
"""Sensors whose rows keep the order of recording; signals are sorted by time."""


def missing_frames(beat: Beat, limits: CheckLimits) -> list[Finding]:
    """Messages that a steady rhythm promises and that are absent, apart from gaps."""
    period = beat.period_ns
    if not period or beat.sensor not in RATED:
        return []
    lost = np.rint(beat.steps / period).astype(np.int64) - 1
    lost[(beat.steps < 1.5 * period) | (beat.steps > gap_ns(period, limits))] = 0
    total = int(lost.sum())
    share = total / (total + len(beat.times))
    if total < limits.missing_frames or share <= limits.missing_share:
        return []
    places = np.flatnonzero(lost)
    return [
        Finding(
            check="missing-frames",
            channel=beat.channel,
            start_ns=int(beat.times[places[0]]),
            end_ns=int(beat.times[places[-1] + 1]),
            value=share,
            limit=limits.missing_share,
            message=f"{total} of {total + len(beat.times)} messages are absent, "
            f"at {len(places)} places",
        )
    ]


def repeated_times(beat: Beat, limits: CheckLimits) -> list[Finding]:
    """Neighbours with one and the same time."""
    if beat.sensor not in RATED or len(beat.times) < 2:
        return []
    places = np.flatnonzero(beat.steps == 0)
    share = len(places) / len(beat.steps)
    if share <= limits.repeated_share:
        return []
    return [
        Finding(
            check="repeated-times",
            channel=beat.channel,
            start_ns=int(beat.times[places[0]]),
            end_ns=int(beat.times[places[-1] + 1]),
            value=share,
            limit=limits.repeated_share,
            message=f"{len(places)} messages carry the time of the one before them",
        )
    ]


def time_backwards(beat: Beat, limits: CheckLimits) -> list[Finding]:
    """Messages older than those before them, by less than a jump of the clock."""
    back = -beat.steps / 1e9
    places = np.flatnonzero((back > limits.backwards_s) & (back < limits.jump_s))
    if beat.sensor not in INDEXED or not len(places):
        return []
    worst = int(places[np.argmax(back[places])])
    return [
        Finding(
            check="time-backwards",
            channel=beat.channel,
            start_ns=int(beat.times[worst + 1]),
            end_ns=int(beat.times[worst]),
            value=float(back[worst]),
            limit=limits.backwards_s,
            message=f"time goes back {len(places)} times, by {back[worst]:.4f} s at most",
        )
    ]


def rate_off(beat: Beat, limits: CheckLimits, *, check: str) -> list[Finding]:
    """Stretches in which the median interval is not the nominal one.

    The nominal rate is the declared one, else the channel's own median.
    """
    declared = limits.nominal_hz.get(beat.channel, 0.0)
    usual = float(np.median(beat.steps)) if beat.period_ns else 0.0
    nominal = 1e9 / declared if declared else usual
    if not nominal or not usual or beat.sensor not in RATED:
        return []
    size = max(5, round(limits.rate_window_s * 1e9 / usual))
    if len(beat.steps) < size:
        return []
    local = _block_medians(beat.steps, size)
    off = nominal / local - 1
    found = []
    for first, last in runs_of(np.abs(off) > limits.rate_share):
        begin = beat.times[first * size]
        end = beat.times[min(len(beat.times) - 1, (last + 1) * size)]
        worst = float(off[first : last + 1][np.argmax(np.abs(off[first : last + 1]))])
        found.append(
            Finding(
                check=check,
                channel=beat.channel,
                start_ns=int(begin),
                end_ns=int(max(begin, end)),
                value=abs(worst),
                limit=limits.rate_share,
                message=f"runs at {(1 + worst) * 1e9 / nominal:.2f} Hz instead of "
                f"{1e9 / nominal:.2f} Hz for {seconds(end - begin):.1f} s",
            )
        )
    return found


def channel_gaps(beat: Beat, limits: CheckLimits, jumps_ns: np.ndarray) -> list[Finding]:
    """Pauses of a channel that no jump of all clocks explains.

    Args:
        beat: of the channel.
        limits: how long a pause is.
        jumps_ns: (n,) int64, when all clocks jumped.
    """
    period = _typical(beat)
    if not period:
        return []
    longest = gap_ns(period, limits)
    found = []
    for place in np.flatnonzero(beat.steps > longest).tolist():
        begin, end = int(beat.times[place]), int(beat.times[place + 1])
        if len(jumps_ns) and np.abs(jumps_ns - begin).min() <= longest:
            continue
        found.append(
            Finding(
                check="channel-gap",
                channel=beat.channel,
                start_ns=begin,
                end_ns=end,
                value=seconds(end - begin),
                limit=seconds(longest),
                message=f"nothing for {seconds(end - begin):.2f} s, "
                f"usual are {seconds(period):.3f} s",
            )
        )
    return found


def silent_ends(beat: Beat, lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """A channel that begins late or ends early, against most channels."""
    period = _typical(beat)
    if not period:
        return []
    begin, end = lanes.span
    longest = max(limits.silent_s * 1e9, 3 * period)
    first, last = int(beat.times.min()), int(beat.times.max())
    cases = (("silent-start", begin, first, "begins"), ("silent-end", last, end, "ends"))
    return [
        Finding(
            check=check,
            channel=beat.channel,
            start_ns=since,
            end_ns=until,
            value=seconds(until - since),
            limit=seconds(longest),
            message=f"{verb} {seconds(until - since):.2f} s "
            f"{'after' if verb == 'begins' else 'before'} the others",
        )
        for check, since, until, verb in cases
        if until - since > longest
    ]


def few_messages(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Channels that hold far less than their rate promises, gaps apart, or nothing at all."""
    begin, end = lanes.span
    found = [
        _few(beat.channel, begin, end, len(beat.times), expected, limits)
        for beat in lanes.beats
        if beat.sensor in RATED and beat.period_ns
        for expected in [_promised(beat, limits)]
        if len(beat.times) < limits.few_share * expected
    ]
    rated = (item for item in lanes.recording.channels if item.sensor in RATED)
    empty = [channel for channel in rated if channel.messages == 0]
    return found + [_few(item.name, begin, end, 0, 1.0, limits) for item in empty]


def size_changes(beat: Beat, limits: CheckLimits) -> list[Finding]:
    """Stretches of pictures that are not of the channel's usual size."""
    if len(beat.sizes) < 2:
        return []
    shapes, which, counts = np.unique(beat.sizes, axis=0, return_inverse=True, return_counts=True)
    usual = shapes[np.argmax(counts)]
    off = np.abs(shapes - usual).max(axis=1)[which.ravel()]
    found = []
    for first, last in runs_of(off > limits.size_pixels):
        width, height = beat.sizes[first]
        found.append(
            Finding(
                check="size-change",
                channel=beat.channel,
                start_ns=int(beat.times[first]),
                end_ns=int(beat.times[last]),
                value=float(off[first : last + 1].max()),
                limit=limits.size_pixels,
                message=f"{last - first + 1} pictures of {width}x{height}, "
                f"others are {usual[0]}x{usual[1]}",
            )
        )
    return found


def gap_ns(period: float, limits: CheckLimits) -> float:
    """From which interval on a pause is a gap, no longer lost messages."""
    return max(limits.gap_s * 1e9, limits.gap_periods * period)


def _promised(beat: Beat, limits: CheckLimits) -> float:
    """How many messages the channel's rate promises over the time it runs without gaps."""
    steps = beat.steps[(beat.steps > 0) & (beat.steps <= gap_ns(beat.period_ns, limits))]
    return float(steps.sum(dtype=np.float64)) / beat.period_ns + 1


def _typical(beat: Beat) -> float:
    """The period of a steady channel, or three times the median interval of a lively one."""
    if beat.period_ns or len(beat.steps) < 20:
        return beat.period_ns
    return 3 * float(np.median(beat.steps)) if beat.sensor != "signals" else 0.0


def _block_medians(steps: np.ndarray, size: int) -> np.ndarray:
    """Median of each full block of so many intervals, at least 1 ns."""
    count = len(steps) // size
    medians = np.median(steps[: count * size].reshape(count, size), axis=1)
    least: np.ndarray = np.maximum(medians, 1.0)
    return least


def _few(
    channel: str, begin: int, end: int, count: int, expected: float, limits: CheckLimits
) -> Finding:
    return Finding(
        check="few-messages",
        channel=channel,
        start_ns=begin,
        end_ns=end,
        value=count / expected,
        limit=limits.few_share,
        message=f"{count} messages, its rate promises {expected:.0f}"
        if count
        else "no message at all",
    )
