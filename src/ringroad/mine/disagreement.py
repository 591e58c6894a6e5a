"""Ranks frames by how far two models or two looks disagree. Who disagreed is found elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.mine.thinning import Spacing, thin


def rank_disagreements(
    frames: pa.Table,
    scores: Mapping[FrameId, float],
    *,
    count: int,
    min_gap_ns: int = 0,
) -> list[FrameId]:
    """Frames with the largest scores first, ties by frame id, neighbours in time left out.

    Args:
        frames: columns `frame_id`, `recording_id`, `time_ns`.
        scores: a frame that is missing, not a number, or at zero or below is not ranked:
            nobody disagreed on it.
        count: at most so many.
        min_gap_ns: frames of one recording closer than this are not both ranked.
    """
    ids: list[FrameId] = frames["frame_id"].to_pylist()
    values = [scores.get(frame, 0.0) for frame in ids]
    places = [i for i, value in enumerate(values) if math.isfinite(value) and value > 0]
    ranking = sorted(places, key=lambda i: (-values[i], ids[i]))
    spacing = Spacing(frames, min_gap_ns=min_gap_ns)
    return [ids[i] for i in thin(ranking, spacing, count=count)]
