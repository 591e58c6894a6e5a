"""Checks of decoded pictures: frozen, dark, burnt out, blurred, covered, jumping, tinted.

They look at proxies (uint8 RGB at the network's size), so that untrusted bytes are not decoded
again. Stretches of pictures are told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.limits import CheckLimits
from ringroad.ingest.checks.measures import BLOCK, Measures, measure

FAST_NS = 600_000_000
"""Pictures farther apart may differ in exposure without a jump."""
DARK_MEAN = 4.0
"""Added to levels before ratios are taken: noise of dark pictures is no jump and no tint."""
FULL_WIDTH = 640.0
SHRUNK = 0.75
"""Power with which the ratio of detail rises in smaller pictures; measured on blurred ones."""
ENLARGED = 1.5
"""Pictures that were enlarged by more hold no fine detail, however sharp the camera."""
WINDOW = 60
LEAST_WINDOW = 8
MOVES = 2.5
"""The livelier tenth of the view varies by so many levels where the vehicle moves."""
STILL_LEVELS = 1.5
SMOOTH_LEVELS = 1.5
"""A covered block varies less over time, and differs from its neighbours less."""
UNLIT_LEVEL = 12.0
"""Darker blocks may be covered or only unlit: nobody can tell."""


def check_pictures(frames: pa.Table, pixels: np.ndarray, limits: CheckLimits) -> list[Finding]:
    """Every check of the picture lane.

    Args:
        frames: n rows of `schemas.FRAMES`.
        pixels: (n, height, width, 3) uint8 RGB, row for row.
        limits: of the checks.
    """
    found = []
    recorded = frames.column("width").to_numpy()
    for channel, times, rows in channels_of(frames):
        whole = len(rows) == len(pixels) and bool((np.diff(rows) == 1).all())
        told = findings_of(measure(pixels if whole else pixels[rows]), channel, times, limits)
        enlarged = pixels.shape[2] > ENLARGED * np.median(recorded[rows])
        found += [item for item in told if not (enlarged and item.check == "blurred")]
    return found


def channels_of(frames: pa.Table) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(channel, times in ns, rows) of every camera, in order of sequence."""
    names = np.array(frames.column("channel").to_pylist(), object)
    times = frames.column("time_ns").to_numpy()
    sequence = frames.column("sequence").to_numpy()
    for channel in sorted(set(names.tolist())):
        rows = np.flatnonzero(names == channel)
        rows = rows[np.argsort(sequence[rows], kind="stable")]
        yield channel, times[rows], rows


def findings_of(
    measures: Measures, channel: str, times: np.ndarray, limits: CheckLimits
) -> list[Finding]:
    """What the measures of one channel's pictures say; `times` is (n,) int64 ns."""
    told = [
        finding
        for check in (frozen, darkness, over_exposed, blurred, low_contrast, exposure_jumps, cast)
        for finding in check(measures, times, limits)
    ]
    told += occluded(measures, times, limits)
    return [
        Finding(
            check=check,
            channel=channel,
            start_ns=int(times[first]),
            end_ns=int(times[last]),
            value=value,
            limit=limit,
            message=message,
        )
        for check, first, last, value, limit, message in told
    ]


Told = tuple[str, int, int, float, float, str]
"""Check, first and last picture, value, limit, message."""


def frozen(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """Runs of pictures that do not change at all."""
    del times
    same = measures.change <= limits.frozen_level  # False for NaN
    for first, last in runs_of(same, least=limits.frozen_pictures - 1):
        count = last - first + 2
        yield (
            "frozen",
            first - 1,
            last,
            float(count),
            float(limits.frozen_pictures),
            f"{count} pictures are one and the same",
        )


def darkness(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """Black, and too dark to see in: by the level that 99 % stay below, as lamps light nights."""
    del times
    black = measures.top <= limits.black_level
    dark = (measures.top <= limits.dark_level) & ~black
    yield from _runs(
        "black", black, measures.top, limits.black_level, limits, "99 % are below level {:.0f}"
    )
    yield from _runs(
        "under-exposed",
        dark,
        measures.top,
        limits.dark_level,
        limits,
        "99 % are below level {:.0f} of 255",
    )


def over_exposed(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """A large share of the pixels is burnt out."""
    del times
    wrong = measures.clipped > limits.clipped_share
    text = "{:.0%} of the picture are burnt out"
    yield from _runs(
        "over-exposed", wrong, measures.clipped, limits.clipped_share, limits, text, worst=np.max
    )


def blurred(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """No fine detail, in pictures that hold anything at all.

    A picture made smaller is sharper: the limit, which is for pictures 640 wide, rises with it.
    """
    del times
    width = measures.blocks.shape[2] * BLOCK
    limit = limits.detail_ratio * max(1.0, FULL_WIDTH / max(width, BLOCK)) ** SHRUNK
    wrong = (measures.detail < limit) & (measures.spread > limits.contrast_level / 2)
    wrong &= measures.top > limits.black_level
    text = f"fine detail is {{:.3f}} of coarse, sharp pictures have over {2 * limit:.2f}"
    yield from _runs("blurred", wrong, measures.detail, limit, limits, text)


def low_contrast(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """Nearly one grey, and not for darkness."""
    del times
    wrong = (measures.spread < limits.contrast_level) & (measures.top > limits.dark_level)
    text = "luma varies by {:.1f} levels"
    yield from _runs("low-contrast", wrong, measures.spread, limits.contrast_level, limits, text)


def exposure_jumps(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """Brightness changes at once by more than exposure control would, far beyond its usual change.

    Levels go with about the 2.2nd root of light, hence stops are 2.2 times the log of levels. What
    is lit must change as one: a lamp that passes by at night changes the mean, but few blocks.
    """
    if len(times) < 3:
        return
    stops = 2.2 * np.diff(np.log2(measures.mean + DARK_MEAN))
    usual = 1.4826 * float(np.median(np.abs(stops)))
    wrong = (np.abs(stops) > max(limits.exposure_stops, 6 * usual)) & (np.diff(times) < FAST_NS)
    for place in np.flatnonzero(wrong):
        wrong[place] = _as_one(measures.blocks[place : place + 2]) > limits.exposure_stops / 2
    lit = np.maximum(measures.mean[1:], measures.mean[:-1]) > 2 * DARK_MEAN
    for first, last in runs_of(wrong & lit):
        worst = float(stops[first : last + 1][np.argmax(np.abs(stops[first : last + 1]))])
        text = f"brightness changes by {worst:+.1f} stops from one picture to the next"
        yield "exposure-jump", first, last + 1, abs(worst), limits.exposure_stops, text


def _as_one(blocks: np.ndarray) -> float:
    """Median change in stops, up or down, of the blocks of two pictures that are lit in either."""
    before, after = blocks.reshape(2, -1).astype(np.float64) + DARK_MEAN
    lit = np.maximum(before, after) > 3 * DARK_MEAN
    return abs(float(np.median(2.2 * np.log2(after[lit] / before[lit])))) if lit.any() else 0.0


def cast(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """One colour is far weaker than another over the whole picture."""
    del times
    levels = measures.colours + DARK_MEAN
    ratio = levels.max(axis=1) / levels.min(axis=1)
    text = "the strongest colour is {:.1f} times the weakest"
    wrong = ratio > limits.cast_ratio
    yield from _runs("colour-cast", wrong, ratio, limits.cast_ratio, limits, text, worst=np.max)


def occluded(measures: Measures, times: np.ndarray, limits: CheckLimits) -> Iterator[Told]:
    """Part of the lower view neither changes nor holds anything, while the rest moves by.

    The upper third may be sky. Roads are smooth, yet their marks pass by within a window; what is
    smooth and never changes lies on the lens. Where the whole view stands still, nothing is told.
    """
    del times
    count = len(measures.blocks)
    for start in range(0, max(1, count - LEAST_WINDOW), WINDOW):
        stop = count if count - start < WINDOW + LEAST_WINDOW else start + WINDOW
        if stop - start < LEAST_WINDOW:
            return
        share = covered_share(measures.blocks[start:stop])
        if share > limits.occluded_share:
            text = f"{share:.0%} of the lower view neither changes nor shows anything"
            yield "occluded", start, stop - 1, share, limits.occluded_share, text
        if stop == count:
            return


def covered_share(blocks: np.ndarray) -> float:
    """Share of covered blocks in the lower two thirds of (n, rows, columns) block means."""
    lower = blocks[:, blocks.shape[1] // 3 :]
    usual = np.median(lower, axis=0)
    varies = 1.4826 * np.median(np.abs(lower - usual), axis=0)
    if not varies.size or np.percentile(varies, 90) < MOVES:
        return 0.0
    smooth = np.median(_texture(lower), axis=0) < SMOOTH_LEVELS
    covered = (varies < STILL_LEVELS) & smooth & (usual > UNLIT_LEVEL)
    return float(covered.mean())


def _texture(blocks: np.ndarray) -> np.ndarray:
    """How far each block differs from its right and lower neighbours, in levels."""
    across = np.abs(np.diff(blocks, axis=2, append=blocks[:, :, -1:]))
    down = np.abs(np.diff(blocks, axis=1, append=blocks[:, -1:]))
    found: np.ndarray = across + down
    return found


def _runs(
    check: str,
    wrong: np.ndarray,
    values: np.ndarray,
    limit: float,
    limits: CheckLimits,
    text: str,
    *,
    worst: Callable[[np.ndarray], np.floating] = np.min,
) -> Iterator[Told]:
    """Stretches of wrong pictures, at least `run_pictures` long, with their worst value."""
    least = min(limits.run_pictures, len(wrong))
    for first, last in runs_of(wrong, least=max(1, least)):
        value = float(worst(values[first : last + 1]))
        yield check, first, last, value, limit, text.format(value)
