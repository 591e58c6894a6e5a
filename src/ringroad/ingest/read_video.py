"""Reads MP4 and MOV with H.264 or HEVC; vehicle signals from a CSV beside it where one is named."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import CAMERA, SIGNALS, Channel, Recording
from ringroad.ingest.rows import frame_rows, signal_rows
from ringroad.ingest.signals_csv import read_signals
from ringroad.media.video import VideoIndex, cuts, index_video, metadata, presentation
from ringroad.protocols.reader import Reading, ReadRequest

CHANNEL = "camera"


class VideoReader:
    """One video file is one recording with one camera."""

    name = "video"
    suffixes = (".mp4", ".mov", ".m4v")

    def recognises(self, head: bytes, name: str) -> bool:
        """MP4 and MOV start with a box of a known kind; the name does not matter."""
        del name
        return head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}

    def read(self, request: ReadRequest) -> Reading:
        """Index one file. Raises UnreadableSource."""
        index = index_video(request.path)
        columns = presentation(index)
        columns["time_ns"] = columns["time_ns"] + request.start_ns
        size = (index.width, index.height)
        frames = frame_rows(request, CHANNEL, index.codec, columns, size=size)
        signals = (
            read_signals(request.signals, start_ns=request.start_ns) if request.signals else []
        )
        rows = signal_rows(request, signals)
        times = columns["time_ns"]
        lasts = int(times[-1] - times[0]) + _step_ns(times)
        channels = [_camera(index, lasts)]
        if rows.num_rows:
            channels.append(
                Channel(name="signals", sensor=SIGNALS, encoding="csv", messages=rows.num_rows)
            )
        notes = [] if request.start_ns else ["no wall clock in the file: times count from 1970"]
        salvaged = f"the last {index.lost_s:.2f} s are missing" if index.lost_s else ""
        return Reading(
            recording=Recording(
                id=request.recording,
                vehicle=request.vehicle,
                source_key=request.source_key,
                source=request.source,
                container="mp4",
                start_ns=request.start_ns,
                duration_ns=lasts,
                channels=tuple(channels),
                clock="recorded" if request.start_ns else "declared",
                salvaged=salvaged,
            ),
            frames=frames.replace_schema_metadata(metadata(index)),
            signals=rows,
            cuts=cuts(index),
            notes=tuple(notes),
        )


def _camera(index: VideoIndex, lasts_ns: int) -> Channel:
    return Channel(
        name=CHANNEL,
        sensor=CAMERA,
        encoding=index.codec,
        messages=len(index.packets),
        width=index.width,
        height=index.height,
        rate_hz=round(len(index.packets) / (lasts_ns / 1e9), 3) if lasts_ns else 0.0,
    )


def _step_ns(times: np.ndarray) -> int:
    """The usual time between two frames: the last one lasts as long."""
    return int(np.median(np.diff(times))) if len(times) > 1 else 0
