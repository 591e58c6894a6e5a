"""Choosing many frames out of very many: k-center, k-means++ and facility location.

Vectors of 512 numbers with the distribution of real embeddings (real_vectors.py), memory-mapped
from a file. Beside it, in this run: the matrix products that any exact k-center has to do (the
floor), and the usual greedy that goes through all vectors once per choice, for 100 choices and
extrapolated. Memory is what this process holds beside the mapped file.

    python benchmarks/selecting.py [FRAMES [CHOSEN]]         default 1000000 10000
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from real_vectors import draw

from ringroad.mine.coreset import k_center_greedy
from ringroad.mine.spread import facility_greedy, plus_plus
from ringroad.mine.thinning import Spacing

USUAL = 100
LEAST = 3.0
"""k-center has to be so many times cheaper than the usual greedy, at an equal radius."""


def main() -> int:
    """Print figures; 1 where a budget is missed."""
    numbers = [int(text) for text in sys.argv[1:]]
    count, chosen = [*numbers, *(1_000_000, 10_000)[len(numbers) :]][:2]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    points = draw(count, folder=Path(tempfile.gettempdir()))
    rows = pa.table({"recording_id": pa.array(["r"] * count), "time_ns": np.arange(count)})
    none = np.empty((0, points.shape[1]), np.float32)
    floor = _floor(points, chosen)
    usual, radius_usual = _usual(points)
    print(
        f"{chosen:,} of {count:,} x 512; floor {floor:.0f} CPU-s (products alone), usual greedy "
        f"{usual * chosen:,.0f} CPU-s ({1e3 * usual:.0f} ms a choice, extrapolated from {USUAL})"
    )

    def spacing() -> Spacing:
        return Spacing(rows, min_gap_ns=0)

    few = k_center_greedy(points, none, count=USUAL, seed=0, spacing=spacing())
    print(f"  radius of the first {USUAL}: {_radius(points, few):.4f}, usual {radius_usual:.4f}")
    cost = _told(
        "k-center",
        points,
        lambda: k_center_greedy(points, none, count=chosen, seed=0, spacing=spacing()),
        floor,
    )
    _told(
        "k-means++",
        points,
        lambda: plus_plus(points, none, count=chosen, seed=0, spacing=spacing()),
        floor,
    )
    _told(
        "facility location, sample of 2,000",
        points,
        lambda: facility_greedy(
            points, none, count=chosen, seed=0, spacing=spacing(), reference=2_000
        ),
        floor,
    )
    drawn = np.random.Generator(np.random.PCG64(1)).permutation(count)[:chosen]
    print(f"  random: radius {_radius(points, drawn.tolist()):.4f}")
    cheaper = usual * chosen / cost
    equal = abs(_radius(points, few) / radius_usual - 1) <= 0.01
    good = cheaper >= LEAST and equal
    print(
        f"k-center {cheaper:.1f} x cheaper than the usual greedy (budget {LEAST}), radius "
        f"{'equal within 1 %' if equal else 'NOT equal'}: {'within' if good else 'MISSED'}"
    )
    return 0 if good else 1


def _told(name: str, points: np.ndarray, choose: Callable[[], list[int]], floor: float) -> float:
    begun, cpu = time.perf_counter(), time.process_time()
    picks = choose()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(
        f"  {name}: {wall:.0f} s, {cpu:.0f} CPU-s, {cpu / floor:.1f} x the floor; radius "
        f"{_radius(points, picks):.4f}; {_held_gb():.1f} GB held",
        flush=True,
    )
    return cpu


def _held_gb() -> float:
    """Memory of this process that no file stands for, at its most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _floor(points: np.ndarray, chosen: int) -> float:
    """CPU seconds of the products of all points with all choices, from a tenth of the points."""
    some = np.array(points[: len(points) // 10])
    centres = np.array(points[:256])
    cpu = time.process_time()
    some @ centres.T
    return (time.process_time() - cpu) * 10 * chosen / 256


def _usual(points: np.ndarray) -> tuple[float, float]:
    """CPU seconds a choice, and the radius, of greedy that looks at all points per choice."""
    held = np.array(points)
    lengths = np.einsum("nd,nd->n", held, held)
    first = int(np.random.Generator(np.random.PCG64(0)).integers(len(held)))
    reach = np.full(len(held), np.inf, np.float32)
    cpu = time.process_time()
    pick = first
    for _ in range(USUAL):
        reach = np.minimum(reach, lengths + lengths[pick] - 2 * (held @ held[pick]))
        pick = int(reach.argmax())
    cpu = time.process_time() - cpu
    return cpu / USUAL, float(np.sqrt(max(0.0, reach.max())))


def _radius(points: np.ndarray, picks: list[int]) -> float:
    """Largest distance of a point to the nearest choice."""
    centres = np.asarray(points[np.sort(picks)])
    lengths = np.einsum("md,md->m", centres, centres)
    worst = 0.0
    for start in range(0, len(points), 32_768):
        block = np.asarray(points[start : start + 32_768])
        far = (lengths - 2 * (block @ centres.T)).min(axis=1) + np.einsum("nd,nd->n", block, block)
        worst = max(worst, float(far.max()))
    return float(np.sqrt(max(0.0, worst)))


if __name__ == "__main__":
    sys.exit(main())
