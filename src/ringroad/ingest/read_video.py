"""Reads MP4 and MOV with H.264 or HEVC; vehicle signals from a CSV beside it where one is named."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import CAMERA, SIGNALS, Channel, Recording
from ringroad.ingest.rows import frame_rows, rate_hz, signal_rows
from ringroad.ingest.signals_csv import read_signals
from ringroad.media.video.container import (
    container_of,
    cuts,
    hashed,
    index_video,
    metadata,
    presentation,
)
from ringroad.protocols.reader import Reading, ReadRequest

CHANNEL = "camera"
SIGNAL_CHANNEL = "signals"


class VideoReader:
    """One video file is one recording with one camera."""

    name = "video"
    suffixes = (".mp4", ".mov", ".m4v")
    verified = "every frame as PyAV gives it, of eight encodings and four real clips"

    def recognises(self, head: bytes, name: str) -> bool:
        """By the first bytes; containers that are not read are known, so that a remedy is told."""
        del name
        return bool(container_of(head))

    def read(self, request: ReadRequest) -> Reading:
        """Index one file. Raises UnreadableSource."""
        index = index_video(request.path)
        columns = presentation(index, hashed(request.path, index.samples))
        times = columns["time_ns"] = columns["time_ns"] + request.start_ns
        size = (index.width, index.height)
        frames = frame_rows(request, CHANNEL, columns, encoding=index.codec, size=size)
        lasts_ns = int(times[-1] - times[0]) + _step_ns(times)
        camera = Channel(
            name=CHANNEL,
            sensor=CAMERA,
            encoding=index.codec,
            messages=len(times),
            width=size[0],
            height=size[1],
            rate_hz=rate_hz(len(times), lasts_ns),
        )
        signals, problems = (
            read_signals(request.signals, channel=SIGNAL_CHANNEL, start_ns=request.start_ns)
            if request.signals
            else ([], [])
        )
        rows = signal_rows(request, signals)
        beside = Channel(
            name=SIGNAL_CHANNEL, sensor=SIGNALS, encoding="csv", messages=rows.num_rows
        )
        undated = () if request.start_ns else ("no wall clock in the file: times count from 1970",)
        return Reading(
            recording=Recording(
                id=request.recording,
                vehicle=request.vehicle,
                source_key=request.source_key,
                source=request.source,
                container="mp4",
                start_ns=request.start_ns,
                duration_ns=lasts_ns,
                channels=(camera, beside) if rows.num_rows else (camera,),
                clock="recorded" if request.start_ns else "declared",
                salvaged=index.salvaged,
            ),
            frames=frames.replace_schema_metadata(metadata(index)),
            signals=rows,
            cuts=cuts(index),
            notes=(*undated, *index.notes, *problems),
        )


def _step_ns(times: np.ndarray) -> int:
    """The usual time between two frames: the last one lasts as long."""
    return int(np.median(np.diff(times))) if len(times) > 1 else 0
