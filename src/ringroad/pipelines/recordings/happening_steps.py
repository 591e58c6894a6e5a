"""Steps over one recording's signals and index: its events, its usefulness, what may go of it.

Their own module, so that their keys know ingest and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import RecordingId
from ringroad.ingest.events import find
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.usefulness import Looks, UsefulnessLimits, looks_of, usefulness
from ringroad.media.pictures import proxies as pack
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "pyarrow"))
def find_events(
    bench: Bench, *, signals: Artifact, recording: str, limits: dict[str, float]
) -> Artifact:
    """Find the ego events of one recording in its signals."""
    found = find.find_events(
        bench.read_table(signals),
        recording=RecordingId(recording),
        limits=EventLimits(**limits),
    )
    return bench.write_table("events", found, table_name="events", about=[recording])


@step(uses=("numpy", "pyarrow"))
def judge_usefulness(
    bench: Bench,
    *,
    recording: str,
    span_ns: list[int],
    frames: Artifact,
    signals: Artifact,
    events: Artifact,
    limits: dict[str, Any],
    proxies: Artifact | None = None,
    scores: Artifact | None = None,
    checks: Artifact | None = None,
) -> Artifact:
    """Score every stretch of one recording."""
    index = bench.read_table(frames)
    made = usefulness(
        RecordingId(recording),
        (span_ns[0], span_ns[1]),
        signals=bench.read_table(signals),
        events=bench.read_table(events),
        looks=[] if proxies is None else _looks(index, bench.read_table(proxies)),
        boxes=None if scores is None else _boxes(index, bench.read_table(scores)),
        checks=None if checks is None else bench.read_table(checks),
        limits=UsefulnessLimits(**limits | {"keep_events": tuple(limits["keep_events"])}),
    )
    return bench.write_table("usefulness", made)


@step(uses=())
def decide_thinning(bench: Bench, *, going: list[dict[str, Any]], keep_score: float) -> Artifact:
    """Write down which stretches may go."""
    return bench.write_json("thinning", {"keep_score": keep_score, "going": going})


def _looks(index: pa.Table, proxies: pa.Table) -> list[Looks]:
    """Tiny pictures camera by camera."""
    pixels = pack.pixels_of(proxies)
    channels, times = _at(index, proxies)
    return [
        looks_of(times[channels == name], pixels[channels == name])
        for name in sorted(set(channels.tolist()))
    ]


def _boxes(index: pa.Table, scores: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """When a network looked, and how many things it found."""
    return _at(index, scores)[1], scores["boxes"].to_numpy()


def _at(index: pa.Table, rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Channel and time of the frames that rows are about."""
    place = {frame: at for at, frame in enumerate(index["frame_id"].to_pylist())}
    found = [place[frame] for frame in rows["frame_id"].to_pylist()]
    taken = index.select(["channel", "time_ns"]).take(found)
    return np.array(taken["channel"].to_pylist(), object), taken["time_ns"].to_numpy()
