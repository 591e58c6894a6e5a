"""Near-duplicates out of many vectors, then new ones against all that was kept.

Vectors of 512 numbers with the distribution of real embeddings (real_vectors.py), a tenth of them
planted: a vector that came before, moved by 0.3 to 0.95 of the radius. Planted ones whose original
was kept have to be found. Beside it: comparing 2,000 of them with all by one matrix product, in
this run, extrapolated to all pairs; the same 2,000 tell whether anything was missed or made up.

    python benchmarks/duplicates.py [FRAMES [NEW]]           default 1000000 50000
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from real_vectors import draw

from ringroad.curate.duplicates import Duplicates, Kept, begin, extend

RADIUS = 0.03
PLANTED = 0.1
BUDGET_S, BUDGET_RECALL = 240.0, 0.999
PROBES = 2_000
SAMPLE = 200_000


def main() -> int:
    """Print figures; 1 where a budget of a million is missed."""
    count, new = (int(text) for text in (*sys.argv[1:], "1000000", "50000")[:2])
    if len(sys.argv) == 2:
        count, new = int(sys.argv[1]), 50_000
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    whole = np.array(draw(count + new, folder=Path(tempfile.gettempdir())))
    rng = np.random.Generator(np.random.PCG64(3))
    source = _plant(whole, rng)
    begun, cpu = time.perf_counter(), time.process_time()
    state = begin(whole[:SAMPLE], radius=RADIUS, expected=count, seed=0)
    cells_s = time.perf_counter() - begun
    kept, told = extend(state, whole[:count])
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    recall = _recall(source[:count], told)
    print(
        f"{count:,} x 512, radius {RADIUS}, {len(state.centres)} cells: {wall:.0f} s, {cpu:.0f} "
        f"CPU-s ({cells_s:.0f} s for the cells), {told.kept.sum():,} kept; planted found "
        f"{recall:.5f}"
    )
    missed, floor = _check(whole[:count], kept, told, rng)
    print(
        f"comparing all by matrix products, extrapolated from {PROBES:,}: {floor:,.0f} CPU-s, "
        f"{floor / cpu:.0f} x; of these {PROBES:,}, {missed} are told otherwise"
    )
    begun, cpu = time.perf_counter(), time.process_time()
    after, more = extend(kept, whole[count:])
    wall_new, cpu_new = time.perf_counter() - begun, time.process_time() - cpu
    among = Duplicates(
        stands_for=np.concatenate([told.stands_for, more.stands_for]),
        distance=np.concatenate([told.distance, more.distance]),
        kept=np.concatenate([told.kept, more.kept]),
    )
    late = source.copy()
    late[:count] = -1
    print(
        f"{new:,} new against {len(kept.vectors):,} kept: {wall_new:.1f} s, {cpu_new:.1f} CPU-s; "
        f"planted found {_recall(late, among):.5f}; {len(after.vectors):,} kept now"
    )
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    good = wall <= BUDGET_S and recall >= BUDGET_RECALL
    print(f"budget {BUDGET_S:.0f} s, planted {BUDGET_RECALL}: {'within' if good else 'MISSED'}")
    return 0 if good or count != 1_000_000 else 1


def _plant(whole: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put moved copies of earlier vectors in; the place of each one's original, or -1."""
    source = np.full(len(whole), -1)
    places = np.flatnonzero(rng.random(len(whole)) < PLANTED)[1:]
    originals = (rng.random(len(places)) * places).astype(np.int64)
    fresh = ~np.isin(originals, places)
    places, originals = places[fresh], originals[fresh]
    for start in range(0, len(places), 20_000):
        some, of = places[start : start + 20_000], originals[start : start + 20_000]
        way = rng.standard_normal((len(some), whole.shape[1]), dtype=np.float32)
        way -= np.einsum("nd,nd->n", way, whole[of])[:, None] * whole[of]
        way *= (RADIUS * rng.uniform(0.3, 0.95, len(some)) / np.linalg.norm(way, axis=1))[:, None]
        moved = whole[of] + way
        whole[some] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    source[places] = originals
    return source


def _recall(source: np.ndarray, told: Duplicates) -> float:
    """Of planted ones whose original was kept, how many were found."""
    planted = np.flatnonzero(source >= 0)
    fair = planted[told.kept[source[planted]]]
    return float(1 - told.kept[fair].mean())


def _check(
    whole: np.ndarray, kept: Kept, told: Duplicates, rng: np.random.Generator
) -> tuple[int, float]:
    """How many of some vectors are told otherwise than by comparing with all that was kept."""
    probes = np.sort(rng.permutation(len(whole))[:PROBES])
    cpu = time.process_time()
    near = np.full(PROBES, np.inf)
    number = np.cumsum(told.kept) - 1  # kept ones came in this order
    for start in range(0, len(kept.vectors), 65_536):
        block = kept.vectors[start : start + 65_536]
        apart = 2 - 2 * (whole[probes] @ block.T)
        numbers = np.arange(start, start + len(block))
        apart[numbers[None, :] >= np.where(told.kept[probes], number[probes], 1 << 40)[:, None]] = 9
        near = np.minimum(near, apart.min(axis=1))
    seconds = time.process_time() - cpu
    margin = np.abs(np.sqrt(np.maximum(near, 0)) - RADIUS) > 1e-4
    wrong = (np.sqrt(np.maximum(near, 0)) <= RADIUS) == told.kept[probes]
    return int((wrong & margin).sum()), seconds * len(whole) / PROBES / 2


if __name__ == "__main__":
    sys.exit(main())
