"""Scenario queries over hours of traffic: finding what atoms hold, then asking for scenarios.

Synthetic hours: ten states of the vehicle a second, twenty tracks at any time, scripted
(`testing/traffic_hours.py`). Per hour all atoms are found and written down; then generated queries
run over all hours at once, each from the written intervals. A subset runs as SQL in DuckDB over
the same rows, and has to agree.

    python benchmarks/scenarios.py [HOURS [QUERIES]]         default 100 100
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ringroad.curate.language.parser import parse
from ringroad.curate.language.stretches import stretches_of
from ringroad.curate.language.vocabulary import AtomWord, Vocabulary
from ringroad.curate.scenario.atoms import ATOMS, SEEN
from ringroad.curate.scenario.find import CATEGORY, find_intervals
from ringroad.curate.scenario.intervals import VEHICLE, Intervals, intervals
from ringroad.domain.ids import RecordingId
from ringroad.testing.interval_scores import Score, scores
from ringroad.testing.traffic_hours import hour

BUDGET_S, BUDGET_F1 = 60.0, 0.95
FIRST_SEED = 1_000
"""Hours from here on were not looked at while atoms were made."""
CATEGORIES = ("car", "pedestrian", "truck")
PEERS = 12


class Stored:
    """Intervals of many hours in one Parquet file, by atom; read once per query."""

    def __init__(self, path: Path, hours: list[str], ends: list[tuple[int, int]]) -> None:
        self.path = path
        self.number = {name: at for at, name in enumerate(hours)}
        self.ends = np.array(ends)
        self.read: dict[str, Intervals] = {}

    @cached_property
    def groups(self) -> dict[str, list[int]]:
        """Row groups of each atom."""
        found: dict[str, list[int]] = {}
        meta = pq.ParquetFile(self.path)
        at = meta.schema_arrow.get_field_index("atom")
        for group in range(meta.num_row_groups):
            name = meta.metadata.row_group(group).column(at).statistics.min
            found.setdefault(name, []).append(group)
        return found

    def spans(self) -> Intervals:
        """Each hour."""
        count = len(self.ends)
        return intervals(np.arange(count), np.full(count, VEHICLE), *self.ends.T)

    def atom(self, name: str) -> Intervals:
        """From the file, unless this query read it already."""
        if name not in self.read:
            rows = pq.ParquetFile(self.path).read_row_groups(self.groups.get(name, []))
            self.read[name] = self._intervals(rows)
        return self.read[name]

    def event(self, name: str) -> Intervals:
        """Nothing asks for events here."""
        raise KeyError(name)

    def category(self, name: str) -> Intervals:
        """Written as atoms are."""
        return self.atom(f"{CATEGORY}{name}" if name else SEEN)

    def _intervals(self, rows: pa.Table) -> Intervals:
        names = rows["recording_id"].combine_chunks().dictionary_encode()
        codes = np.array([self.number[name] for name in names.dictionary.to_pylist()], np.int32)
        tracks = rows["track_id"].combine_chunks().dictionary_encode()
        track = np.array(
            [int(name[1:]) if name else VEHICLE for name in tracks.dictionary.to_pylist()], np.int32
        )
        return intervals(
            codes[np.asarray(names.indices)],
            track[np.asarray(tracks.indices)],
            rows["start_ns"].to_numpy(),
            rows["end_ns"].to_numpy(),
            rows["value"].to_numpy(),
        )


def main() -> int:
    """Print figures; 1 where a budget is missed."""
    hours, queries = (int(text) for text in (*sys.argv[1:], "100", "100")[:2])
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    folder = Path(tempfile.mkdtemp(prefix="ringroad-scenarios-"))
    try:
        stored, total = _find(folder, hours)
        spent = _ask(stored, queries)
        _beside(stored)
    finally:
        shutil.rmtree(folder)
    least = min(score.f1 for score in total.values())
    for name, score in sorted(total.items()):
        print(f"  {name:24} F1 {score.f1:.3f}  {score.found:6} found, {score.true:6} true")
    mean = statistics.mean(score.f1 for score in total.values())
    good = spent <= BUDGET_S and least >= BUDGET_F1
    print(
        f"{queries} queries over {hours} hours in {spent:.1f} s (budget {BUDGET_S:.0f}); F1 of "
        f"{len(total)} atoms {mean:.3f}, least {least:.3f} (budget {BUDGET_F1}): "
        f"{'within' if good else 'MISSED'}"
    )
    return 0 if good else 1


def _find(folder: Path, hours: int) -> tuple[Stored, dict[str, Score]]:
    names, ends, total = [], [], dict[str, Score]()
    parts, rows, found_s = [], 0, []
    for number in range(hours):
        one = hour(FIRST_SEED + number)
        begun = time.perf_counter()
        found = find_intervals(one.ego, one.tracks, recording=RecordingId(one.recording))
        found_s.append(time.perf_counter() - begun)
        rows += one.tracks.num_rows
        times = one.ego["time_ns"].to_numpy()
        names.append(one.recording)
        ends.append((int(times[0]), int(times[-1])))
        for atom, score in scores(one, found).items():
            total[atom] = total[atom] + score if atom in total else score
        parts.append(found.drop_columns(["interval_id"]))
    begun = time.perf_counter()
    whole = pa.concat_tables(parts).sort_by([("atom", "ascending"), ("recording_id", "ascending")])
    path = folder / "intervals.parquet"
    with pq.ParquetWriter(path, whole.schema) as writer:
        atoms = np.asarray(whole["atom"].to_pylist(), dtype=object)
        cuts = np.flatnonzero(np.append(True, atoms[1:] != atoms[:-1]))
        for low, high in zip(cuts, np.append(cuts[1:], len(atoms)), strict=True):
            writer.write_table(whole.slice(low, high - low), row_group_size=high - low)
    written = time.perf_counter() - begun
    print(
        f"{hours} hours, {rows:,} rows of tracks: {len(ATOMS)} atoms found in "
        f"{sum(found_s):.1f} s, {statistics.median(found_s):.2f} s an hour "
        f"({3600 / statistics.median(found_s):,.0f} times real time); {whole.num_rows:,} "
        f"intervals, {path.stat().st_size / 1e6:.0f} MB, written in {written:.1f} s"
    )
    return Stored(path, names, ends), total


def _ask(stored: Stored, count: int) -> float:
    words = Vocabulary(
        columns={},
        atoms={n: AtomWord(name=n, tracked=a.tracked, unit=a.unit) for n, a in ATOMS.items()},
        categories=frozenset(CATEGORIES),
    )
    draw = np.random.Generator(np.random.PCG64(77))
    texts = [query(draw) for _ in range(count)]
    times, found = [], []
    for text in texts:
        stored.read.clear()  # each query reads what it needs
        begun = time.perf_counter()
        node = parse(text, words).where
        held = stretches_of(node, stored, None)
        times.append(time.perf_counter() - begun)
        found.append(len(held))
    order = np.argsort(times)[::-1]
    for at in [*order[:3], *order[-2:]]:
        print(f"  {1e3 * times[at]:7.0f} ms  {found[at]:8,} found  {texts[at]}")
    print(
        f"a query: median {1e3 * statistics.median(times):.0f} ms, slowest "
        f"{1e3 * max(times):.0f} ms; {sum(n > 0 for n in found)} of {count} find something"
    )
    return sum(times)


TRACKED = tuple(name for name, atom in ATOMS.items() if atom.tracked)
VEHICLES = tuple(name for name, atom in ATOMS.items() if not atom.tracked)


def query(draw: np.random.Generator) -> str:
    """A scenario: what the vehicle does, and what one track does, one after the other."""
    parts = [_track(draw)]
    if draw.random() < 0.6:
        vehicle = str(draw.choice(VEHICLES))
        if draw.random() < 0.4:
            vehicle = f"within {draw.integers(1, 6)} s of {vehicle}"
        if draw.random() < 0.2:
            vehicle = f"not ({vehicle})"
        parts.append(vehicle)
    if draw.random() < 0.3:
        parts.append(_track(draw))
    join = " then " if draw.random() < 0.3 else " or " if draw.random() < 0.2 else " and "
    text = join.join(f"({part})" for part in parts)
    return f"({text}) for {draw.integers(1, 4)} s" if draw.random() < 0.2 else text


def _track(draw: np.random.Generator) -> str:
    """Something of one track."""
    first, second, third = (str(name) for name in draw.choice(TRACKED, 3, replace=False))
    kind = str(draw.choice(CATEGORIES))
    shapes = (
        f"track({kind} and {first})",
        f"track({first} and {second})",
        f"track({first} then {second} within {draw.integers(1, 8)} s)",
        f"track({kind} and {first} and not {second})",
        f"track(({first} or {second}) then {third} within {draw.integers(1, 8)} s)",
        f"track({first} for {draw.integers(1, 5)} s and {kind})",
    )
    return shapes[int(draw.integers(0, len(shapes)))]


def _beside(stored: Stored) -> None:
    """Pairs of atoms of one track that overlap, by us and by SQL."""
    draw = np.random.Generator(np.random.PCG64(5))
    pairs = [tuple(str(n) for n in draw.choice(TRACKED, 2, replace=False)) for _ in range(PEERS)]
    ours, theirs = [], []
    with duckdb.connect(config={"threads": 1}) as engine:
        for one, two in pairs:
            stored.read.clear()
            begun = time.perf_counter()
            held = stretches_of(
                parse(f"track({one} and {two})", _words()).where.part, stored, None, tracked=True
            )
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            (rows,) = engine.execute(
                "SELECT count(*) FROM (SELECT * FROM read_parquet($p) WHERE atom = $a) a JOIN "
                "(SELECT * FROM read_parquet($p) WHERE atom = $b) b ON a.recording_id = "
                "b.recording_id AND a.track_id = b.track_id AND a.start_ns <= b.end_ns AND "
                "b.start_ns <= a.end_ns",
                {"p": str(stored.path), "a": one, "b": two},
            ).fetchone()
            theirs.append(time.perf_counter() - begun)
            if rows != len(held):
                raise SystemExit(f"{one} and {two}: {len(held)} found, SQL finds {rows}")
    print(
        f"{PEERS} pairs of atoms of one track, equal answers: median "
        f"{1e3 * statistics.median(ours):.0f} ms, DuckDB {1e3 * statistics.median(theirs):.0f} ms"
    )


def _words() -> Vocabulary:
    return Vocabulary(
        columns={},
        atoms={n: AtomWord(name=n, tracked=a.tracked, unit=a.unit) for n, a in ATOMS.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
