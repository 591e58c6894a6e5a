"""Checks of CAN by identifier: one that stops, a value that no longer changes."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import CAN
from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.lanes import Lanes, Line, seconds, values_at
from ringroad.ingest.checks.limits import CheckLimits

LEAST = 50
"""Fewer messages tell no rhythm of an identifier."""
STEADY = 0.95
"""An identifier is periodic where so many of its intervals are below three times their median."""
QUIET_PERIODS = 20.0
QUIET_SHARE = 0.7
MOST_PAUSES = 3
SAME_PAUSE_NS = 1_000_000_000
"""Pauses that begin within a second are one: a control unit that dies takes several with it."""
LIVELY = 0.9
"""A value is expected to change where so many messages outside of long runs change it."""
STUCK_MESSAGES = 30
LEFT_SHARE = 0.25
MOST_RUNS = 2
"""A value that rests more often than this is made to rest."""
MOVING_MPS = 0.5
JUMP_STEPS = 20.0
"""A change is a jump where it is so many times the usual one."""


def can_silence(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """A periodic identifier pauses, begins late or ends early, while its channel goes on.

    Where identifiers of a channel pause at many different times they speak when they like, as
    those of a radar's tracks do, and nothing is told.
    """
    found: dict[str, list[Finding]] = {}
    spans = {beat.channel: beat.times for beat in lanes.beats if len(beat.times)}
    for line in lanes.lines:
        if line.sensor == CAN and len(line.times) >= LEAST:
            known = found.setdefault(line.channel, [])
            said = {(item.message, item.start_ns) for item in known}
            pauses = _pauses(line, spans[line.channel], limits)
            known += [item for item in pauses if (item.message, item.start_ns) not in said]
    return [item for told in found.values() if _rare(told) for item in told]


def _pauses(line: Line, whole: np.ndarray, limits: CheckLimits) -> list[Finding]:
    """Where one identifier says nothing; `whole` are all times of its channel."""
    steps = np.diff(line.times)
    usual = float(np.median(steps))
    if not usual or np.mean(steps < 3 * usual) < STEADY:
        return []
    longest = max(limits.can_silence_s * 1e9, QUIET_PERIODS * usual)
    marks = np.concatenate([[whole.min()], line.times, [whole.max()]])
    found = []
    for place in np.flatnonzero(np.diff(marks) > longest).tolist():
        begin, end = int(marks[place]), int(marks[place + 1])
        if _all_quiet(whole, begin, end):
            continue
        lasts = seconds(end - begin)
        said = (
            f"{identifier_of(line.name)} is silent for {lasts:.2f} s, "
            f"usual are {seconds(usual):.3f} s"
        )
        found.append(_found("can-silence", line, (begin, end), lasts, longest / 1e9, said))
    return found


def _rare(told: list[Finding]) -> bool:
    """Whether the pauses of a channel's identifiers begin at a few times only."""
    begins = np.sort([item.start_ns for item in told])
    return 1 + int((np.diff(begins) > SAME_PAUSE_NS).sum()) <= MOST_PAUSES


def can_stuck(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """A value that nearly every message changes stays the same while the vehicle moves.

    Where the vehicle's speed is not known, a value at its lowest or at 0 counts as resting. One
    that is jumped to and is the highest or lowest of all says that there is nothing to measure.
    """
    found = []
    for line in lanes.lines:
        if line.sensor != CAN or len(line.values) < 2 * STUCK_MESSAGES:
            continue
        same = np.diff(line.values) == 0
        runs = runs_of(same, least=STUCK_MESSAGES)
        if not 0 < len(runs) <= MOST_RUNS or _alive(same, runs) < LIVELY:
            continue
        for first, last in runs:
            begin, end = int(line.times[first]), int(line.times[last + 1])
            lasts = seconds(end - begin)
            if lasts <= limits.can_stuck_s:
                continue
            if _rests(lanes, line, first, last) or _says_nothing(line, first):
                continue
            said = f"{line.name} stays at {line.values[first]:g} for {lasts:.1f} s"
            found.append(_found("can-stuck", line, (begin, end), lasts, limits.can_stuck_s, said))
    return found


def identifier_of(name: str) -> str:
    """`can.0x0b4` of `can.0x0b4.bytes0-3`; of other names all but the last part."""
    return name.rpartition(".")[0] or name


def _all_quiet(whole: np.ndarray, begin: int, end: int) -> bool:
    """Whether the channel itself is quiet for most of that time: that is a gap of the channel."""
    first, last = np.searchsorted(whole, [begin, end])
    inside = np.diff(whole[first : last + 1])
    return bool(inside.max(initial=0) > QUIET_SHARE * (end - begin))


def _alive(same: np.ndarray, runs: list[tuple[int, int]]) -> float:
    """Share of changes outside of some runs; 0 where they leave too little to tell."""
    outside = np.ones(len(same), bool)
    for first, last in runs:
        outside[first : last + 1] = False
    if outside.sum() < max(STUCK_MESSAGES, LEFT_SHARE * len(same)):
        return 0.0
    return 1 - float(same[outside].mean())


def _rests(lanes: Lanes, line: Line, first: int, last: int) -> bool:
    if lanes.speed is None or (lanes.speed.channel, lanes.speed.name) == (line.channel, line.name):
        return bool(line.values[first] in (0.0, line.values.min()))
    speeds = np.abs(values_at(lanes.speed, line.times[first : last + 2]))
    return bool(np.median(speeds) < MOVING_MPS)


def _says_nothing(line: Line, first: int) -> bool:
    """Whether a value is jumped to, and none is beyond it: so CAN says that nothing is measured."""
    if first == 0 or line.values[first] not in (line.values.min(), line.values.max()):
        return False
    steps = np.abs(np.diff(line.values))
    return bool(steps[first - 1] > JUMP_STEPS * np.median(steps[steps > 0]))


def _found(
    check: str, line: Line, span: tuple[int, int], value: float, limit: float, message: str
) -> Finding:
    return Finding(
        check=check,
        channel=line.channel,
        start_ns=span[0],
        end_ns=span[1],
        value=value,
        limit=limit,
        message=message,
    )
