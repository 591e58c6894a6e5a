"""Rows of the pictures and sweeps of a folder recording, and the reading that holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import xxhash

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, Channel, Recording
from ringroad.ingest.folder_files import Placed, Shot, content, left_out
from ringroad.ingest.rows import Signal, frame_rows, rate_hz, signal_rows, sweep_rows
from ringroad.media.pictures.images import encoding_of, size_of
from ringroad.media.pictures.picture import Kind
from ringroad.media.points.sweep import point_bytes
from ringroad.media.schemas import FRAMES
from ringroad.media.video.container import VideoIndex, hashed, index_video, metadata, presentation
from ringroad.protocols.reader import Reading, ReadRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """The frames or sweeps of one channel.

    Attributes:
        channel: the noun.
        rows: of `schemas.FRAMES` or `schemas.SWEEPS`; empty where nothing could be read.
        notes: files that were left out, and other doubts.
    """

    channel: Channel
    rows: pa.Table
    notes: tuple[str, ...] = ()


def picture_kind(name: str, data: bytes) -> Kind:
    """Encoding, width and height of a JPEG or PNG, by its header. Raises UnreadableSource."""
    del name
    return (encoding_of(data), *size_of(data))


def picture_lane(
    request: ReadRequest,
    channel: str,
    taken: Sequence[Shot],
    *,
    kind_of: Callable[[str, bytes], Kind] = picture_kind,
) -> Lane:
    """The pictures of one camera. Those that are none are left out; sequence numbers show it.

    `kind_of` takes a file's name and bytes, and raises UnreadableSource for what is no picture.
    """
    kept: list[Shot] = []
    shapes: list[tuple[str, int, int]] = []
    digests: list[int] = []
    bad: list[str] = []
    for shot in taken:
        try:
            data = content(request, shot.file)
            shapes.append(kind_of(shot.file.name, data))
        except UnreadableSource as error:
            bad.append(f"{shot.file.name} ({error.what})")
            continue
        kept.append(shot)
        digests.append(xxhash.xxh3_64_intdigest(data))
    encodings, widths, heights = zip(*shapes, strict=True) if shapes else ((), (), ())
    columns = _columns(kept, digests)
    columns |= {"encoding": encodings, "width": np.array(widths), "height": np.array(heights)}
    notes = left_out({"are no pictures": bad} if bad else {})
    if len(set(shapes)) > 1:
        notes.append(f"{channel}: pictures of {len(set(shapes))} encodings or sizes")
    encoding, width, height = shapes[0] if shapes else ("", 0, 0)
    noun = _channel(channel, CAMERA, encoding, kept)
    return Lane(
        channel=replace(noun, width=width, height=height),
        rows=frame_rows(request, channel, columns),
        notes=tuple(notes),
    )


def video_lane(
    request: ReadRequest,
    channel: str,
    file: Placed,
    time_of: Callable[[int], int | None],
    *,
    index_of: Callable[[Path], VideoIndex] = index_video,
) -> Lane:
    """The frames of a video in the folder, each at the time of its number.

    What its decoder needs stands in the metadata of the rows: a recording holds one such lane.

    Raises:
        UnreadableSource: it cannot be indexed, or a frame has no time.
    """
    path = request.path / file.name
    index = index_of(path)
    count = len(index.samples.pts)
    known = [time_of(number) for number in range(count)]
    times = [time_ns for time_ns in known if time_ns is not None]
    if len(times) != count:
        raise UnreadableSource(
            f"{count - len(times)} of its {count} frames have no time", place=file.name
        )
    columns = presentation(index, hashed(path, index.samples))
    columns["offset"] = columns["offset"] + file.offset
    columns["time_ns"] = np.array(times, np.int64)
    size = (index.width, index.height)
    rows = frame_rows(request, channel, columns, encoding=index.codec, size=size)
    notes = [f"{file.name}: {note}" for note in (*index.notes, index.salvaged) if note]
    return Lane(
        channel=Channel(
            name=channel,
            sensor=CAMERA,
            encoding=index.codec,
            messages=count,
            width=index.width,
            height=index.height,
            rate_hz=rate_hz(count - 1, times[-1] - times[0]),
        ),
        rows=rows.replace_schema_metadata(metadata(index)),
        notes=tuple(notes),
    )


def sweep_lane(
    request: ReadRequest,
    channel: str,
    taken: Sequence[Shot],
    *,
    sensor: str,
    encoding: str,
    measure: Callable[[bytes], tuple[int, int]] | None = None,
) -> Lane:
    """The sweeps of one lidar or radar, a file each, up to its last whole point.

    Args:
        request: whose recording it is.
        channel: its name.
        taken: the files.
        sensor: lidar or radar.
        encoding: one of `media/points/sweep.py`, or of a picture.
        measure: points of a sweep, -1 where only decoding would tell, and bytes of the whole
            ones; raises UnreadableSource for what is no sweep. Not needed where all points are
            equally long.
    """
    measure = measure or partial(_whole_points, size=point_bytes(encoding))
    kept: list[Shot] = []
    digests: list[int] = []
    counts: list[int] = []
    left: dict[str, list[str]] = {}
    cut: list[str] = []
    for shot in taken:
        try:
            data = content(request, shot.file)
            points, length = measure(data)
        except UnreadableSource as error:
            left.setdefault("are no sweeps", []).append(f"{shot.file.name} ({error.what})")
            continue
        if length < len(data):
            cut.append(shot.file.name)
        kept.append(replace(shot, file=replace(shot.file, size_bytes=length)))
        digests.append(xxhash.xxh3_64_intdigest(data[:length]))
        counts.append(points)
    columns = _columns(kept, digests) | {"points": np.array(counts, np.int64)}
    notes = left_out(left)
    if cut:
        notes.append(f"{len(cut)} sweeps end within a point, which is left out: {cut[0]}")
    return Lane(
        channel=_channel(channel, sensor, encoding, kept),
        rows=sweep_rows(request, channel, columns, sensor=sensor, encoding=encoding),
        notes=tuple(notes),
    )


def folder_reading(
    request: ReadRequest,
    *,
    container: str,
    clock: str,
    cameras: Sequence[Lane] = (),
    ranging: Sequence[Lane] = (),
    signals: Sequence[Signal] = (),
    signal_channels: Sequence[Channel] = (),
    calibrations: Sequence[Calibration] = (),
    notes: Sequence[str] = (),
) -> Reading:
    """The reading of a folder; lanes without one row are told in the notes alone.

    Args:
        request: whose recording it is.
        container: the layout's name.
        clock: as in `Recording`.
        cameras: lanes of frames.
        ranging: lanes of sweeps.
        signals: of the channels of low rate.
        signal_channels: those channels.
        calibrations: those of channels without a row are left out.
        notes: in front of those of the lanes.

    Raises:
        UnreadableSource: there is not one row.
    """
    lanes = [lane for lane in (*cameras, *ranging) if len(lane.rows)]
    told = (*notes, *(note for lane in (*cameras, *ranging) for note in lane.notes))
    frames = [lane.rows for lane in cameras if len(lane.rows)]
    sweeps = [lane.rows for lane in ranging if len(lane.rows)]
    values = signal_rows(request, signals)
    times = [rows["time_ns"].to_numpy() for rows in (*frames, *sweeps, values) if len(rows)]
    if not times:
        raise UnreadableSource(
            f"holds nothing that can be read{': ' + '; '.join(told[:3]) if told else ''}",
            subject=str(request.path),
            remedy=f"is it whole? it was taken for {container} by the names in it",
        )
    start_ns = min(int(part.min()) for part in times)
    channels = (*(lane.channel for lane in lanes), *signal_channels)
    named = {channel.name for channel in channels}
    return Reading(
        recording=Recording(
            id=request.recording,
            vehicle=request.vehicle,
            source_key=request.source_key,
            source=request.source,
            container=container,
            start_ns=start_ns,
            duration_ns=max(int(part.max()) for part in times) - start_ns,
            channels=channels,
            clock=clock,
            calibrations=tuple(item for item in calibrations if item.channel in named),
        ),
        frames=_together(frames) if frames else FRAMES.empty_table(),
        signals=values,
        sweeps=pa.concat_tables(sweeps) if sweeps else None,
        notes=told,
    )


def _whole_points(data: bytes, *, size: int) -> tuple[int, int]:
    return len(data) // size, len(data) // size * size


def _together(parts: Sequence[pa.Table]) -> pa.Table:
    """Rows of all cameras; what a decoder needs stands in the metadata of one of them at most."""
    told = {key: value for part in parts for key, value in (part.schema.metadata or {}).items()}
    plain = [part.replace_schema_metadata(None) for part in parts]
    return pa.concat_tables(plain).replace_schema_metadata(told or None)


def _columns(
    taken: Sequence[Shot], digests: Sequence[int]
) -> dict[str, np.ndarray | Sequence[object]]:
    return {
        "sequence": np.array([shot.sequence for shot in taken], np.int64),
        "time_ns": np.array([shot.time_ns for shot in taken], np.int64),
        "offset": np.array([shot.file.offset for shot in taken], np.int64),
        "length": np.array([shot.file.size_bytes for shot in taken], np.int64),
        "xxh3": np.array(digests, np.uint64),
    }


def _channel(name: str, sensor: str, encoding: str, taken: Sequence[Shot]) -> Channel:
    lasts_ns = taken[-1].time_ns - taken[0].time_ns if taken else 0
    return Channel(
        name=name,
        sensor=sensor,
        encoding=encoding,
        messages=len(taken),
        rate_hz=rate_hz(len(taken) - 1, lasts_ns),
    )
