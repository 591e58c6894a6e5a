"""What leaves of one recording: its topics, how each is read, and what stays behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import InputError
from ringroad.domain.recording import Recording
from ringroad.media.export import parcel as nouns
from ringroad.media.export.moments import clouds, is_reordered, numbers, packets, pictures, rendered
from ringroad.media.export.parcel import Loss, Moment, Parcel, Part
from ringroad.media.export.signal_parts import SignalPart, lost_fields, signal_parts
from ringroad.media.pictures.images import JPEG, PNG
from ringroad.media.video.container import CODECS
from ringroad.protocols.blobs import Sources
from ringroad.protocols.sandbox import Sandbox

ALL = ""
"""The channel of a loss that is about the recording as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begin_ns` up to but not including `end_ns`."""

    begin_ns: int
    end_ns: int

    def holds(self, times: np.ndarray) -> np.ndarray:
        """Which times lie in it."""
        found: np.ndarray = (times >= self.begin_ns) & (times < self.end_ns)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """What a recording holds.

    Attributes:
        frames: camera -> its rows of `schemas.FRAMES`, in the form in which they leave.
        sweeps: rows of `schemas.SWEEPS`.
        signals: rows of `schemas.SIGNALS`.
        notes: doubts that ingest had.
        losses: of what was made of the frames before they came here.
    """

    recording: Recording
    frames: dict[str, pa.Table]
    sweeps: pa.Table
    signals: pa.Table
    notes: tuple[str, ...]
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaving:
    """One topic that leaves.

    Attributes:
        part: the topic.
        moments: makes its moments, in order.
        count: how many there are.
        begin_ns: log time of the first.
        losses: what of the channel does not go along.
        notes: worth saying, such as where a segment of a video begins.
    """

    part: Part
    moments: Callable[[Sources, Sandbox], Iterator[Moment]]
    count: int
    begin_ns: int
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """A parcel, and how its topics are filled."""

    parcel: Parcel
    leaving: tuple[Leaving, ...]
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Topics:
    """Names that ROS allows, each given once."""

    taken: set[str] = field(default_factory=set)

    def of(self, *names: str) -> str:
        base = "/" + "/".join(re.sub(r"[^A-Za-z0-9_/]+", "_", name).strip("/") for name in names)
        topic, number = base, 2
        while topic in self.taken:
            topic, number = f"{base}_{number}", number + 1
        self.taken.add(topic)
        return topic


def pack(
    held: Held,
    *,
    span: Span | None,
    channels: Sequence[str],
    profile: str,
    video_in_order: bool,
) -> Packed:
    """Choose what leaves.

    Args:
        held: what there is.
        span: what of it is wanted; None for all.
        channels: which channels; empty for all.
        profile: the form in which frames leave, as the file will say.
        video_in_order: whether the format shows frames only in the order in which they come, so
            that videos with frames out of order leave as pictures.

    Raises:
        InputError: nothing of the recording leaves.
    """
    topics = _Topics()
    wanted = set(channels)
    leaving = [
        item
        for item in _all(held, topics, span, video_in_order=video_in_order)
        if not wanted or item.part.channel in wanted
    ]
    leaving = [item for item in leaving if item.count]
    if not leaving:
        raise InputError(
            "nothing of it leaves",
            subject=held.recording.id,
            remedy="name a longer stretch, or see its channels: ringroad recordings show ID",
        )
    parcel = Parcel(
        recording=held.recording,
        profile=profile,
        notes=held.notes,
        begin_ns=min(item.begin_ns for item in leaving),
        parts=tuple(item.part for item in leaving),
        calibrations=_calibrations(held, [item.part for item in leaving]),
    )
    return Packed(
        parcel=parcel,
        leaving=tuple(leaving),
        losses=(*_losses(held, leaving, wanted), *(x for item in leaving for x in item.losses)),
        notes=tuple(note for item in leaving for note in item.notes),
    )


def _all(
    held: Held, topics: _Topics, span: Span | None, *, video_in_order: bool
) -> Iterator[Leaving]:
    for channel in sorted(held.frames):
        rows = held.frames[channel]
        yield _camera(topics.of(channel), rows, span, video_in_order=video_in_order)
    for channel in sorted(pc.unique(held.sweeps.column("channel")).to_pylist()):
        rows = held.sweeps.filter(pc.equal(held.sweeps.column("channel"), channel))
        chosen = _in(rows, span).sort_by("time_ns")
        if len(chosen):
            yield _scanner(topics.of(channel), chosen)
    for item in signal_parts(_in(held.signals, span)):
        names = (item.channel, item.name) if item.name else (item.channel,)
        yield _signal(topics.of(*names), item)


def _camera(topic: str, rows: pa.Table, span: Span | None, *, video_in_order: bool) -> Leaving:
    encodings = set(pc.unique(rows.column("encoding")).to_pylist())
    chosen = _in(rows, span).sort_by("time_ns")
    if encodings <= set(CODECS):
        if video_in_order and is_reordered(rows):
            return _rendered(topic, rows, chosen, "the format shows no frames stored out of order")
        return _video(topic, rows, span)
    if encodings <= {JPEG, PNG}:
        fill = partial(pictures, topic=topic, rows=chosen)
        return _leaving(_camera_part(topic, rows, nouns.PICTURE), fill, chosen)
    return _rendered(topic, rows, chosen, "no image of ROS holds the sensor's own values")


def _video(topic: str, rows: pa.Table, span: Span | None) -> Leaving:
    """From the key frame at or before the span on, as it is stored."""
    chosen, early_ns = _video_rows(rows, span)
    channel = rows.column("channel")[0].as_py()
    notes = []
    if early_ns:
        notes.append(f"{channel} begins {early_ns / 1e9:.3f} s earlier, with its key frame")
    if is_reordered(rows):
        notes.append(
            f"{channel} stores frames in another order than it shows them in; players that cannot "
            "do that need --profile training"
        )
    part = _camera_part(topic, rows, nouns.VIDEO)
    fill = partial(packets, topic=topic, rows=chosen)
    return _leaving(part, fill, chosen, notes=tuple(notes))


def _video_rows(rows: pa.Table, span: Span | None) -> tuple[pa.Table, int]:
    """Rows to store, and how much earlier than the span they begin.

    Frames between them that refer to a group of pictures before the first are left out: they are
    shown before it, and so before the span.
    """
    if span is None:
        return rows, 0
    times, positions = (rows.column(name).to_numpy() for name in ("time_ns", "position"))
    inside = span.holds(times)
    if not inside.any():
        return rows.slice(0, 0), 0
    place = dict(zip(rows.column("sequence").to_pylist(), positions.tolist(), strict=True))
    starts = np.array([place[at] for at in rows.column("start_sequence").to_pylist()])
    first, last = starts[inside].min(), positions[inside].max()
    kept = (positions >= first) & (positions <= last) & (starts >= first)
    early_ns = max(0, int(times[inside].min()) - int(times[kept].min()))
    return rows.filter(pa.array(kept)), early_ns


def _rendered(topic: str, rows: pa.Table, chosen: pa.Table, why: str) -> Leaving:
    sequences = chosen.column("sequence").to_pylist()
    encoding, channel = (rows.column(name)[0].as_py() for name in ("encoding", "channel"))
    what = f"{len(sequences)} frames as {encoding}: they leave as JPEG"
    part = _camera_part(topic, rows, nouns.PICTURE)
    fill = partial(rendered, topic=topic, frames=rows, sequences=sequences)
    return _leaving(part, fill, chosen, losses=(Loss(channel=channel, what=what, why=why),))


def _scanner(topic: str, rows: pa.Table) -> Leaving:
    """Sweeps as points, or as pictures where a scanning radar makes such."""
    channel, encoding = (rows.column(name)[0].as_py() for name in ("channel", "encoding"))
    flat = encoding in {JPEG, PNG}
    part = Part(topic=topic, channel=channel, kind=nouns.PICTURE if flat else nouns.CLOUD)
    fill = partial(pictures if flat else clouds, topic=topic, rows=rows)
    return _leaving(part, fill, rows)


def _signal(topic: str, item: SignalPart) -> Leaving:
    part = Part(topic=topic, channel=item.channel, kind=item.kind, name=item.name, unit=item.unit)
    return Leaving(
        part=part,
        moments=lambda *_: numbers(topic, item.times, item.values),
        count=len(item.times),
        begin_ns=int(item.times[0]),
    )


def _camera_part(topic: str, rows: pa.Table, kind: str) -> Part:
    channel, encoding, width, height = (
        rows.column(name)[0].as_py() for name in ("channel", "encoding", "width", "height")
    )
    codec = encoding if kind == nouns.VIDEO else ""
    return Part(topic=topic, channel=channel, kind=kind, codec=codec, size=(width, height))


def _leaving(
    part: Part,
    fill: Callable[[Sources, Sandbox], Iterator[Moment]],
    rows: pa.Table,
    *,
    losses: tuple[Loss, ...] = (),
    notes: tuple[str, ...] = (),
) -> Leaving:
    times = rows.column("time_ns").to_numpy()
    begin_ns = int(times.min()) if len(times) else 0
    return Leaving(
        part=part, moments=fill, count=len(times), begin_ns=begin_ns, losses=losses, notes=notes
    )


def _in(rows: pa.Table, span: Span | None) -> pa.Table:
    if span is None:
        return rows
    return rows.filter(pa.array(span.holds(rows.column("time_ns").to_numpy())))


def _calibrations(held: Held, parts: Sequence[Part]) -> tuple[Calibration, ...]:
    """Of the channels that leave and what they stand on; lenses fit the pictures that leave."""
    known = {pose.channel: pose for pose in held.recording.calibrations}
    sizes = {part.channel: part.size for part in parts if part.size[0]}
    recorded = {item.name: (item.width, item.height) for item in held.recording.channels}
    wanted: dict[str, Calibration] = {}
    waiting = [part.channel for part in parts]
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted:
            wanted[name] = _fitting(known[name], recorded.get(name, (0, 0)), sizes.get(name))
            waiting.append(known[name].parent)
    return tuple(wanted[name] for name in sorted(wanted))


def _fitting(
    pose: Calibration, recorded: tuple[int, int], size: tuple[int, int] | None
) -> Calibration:
    """A lens for pictures of another size; the centre of the first pixel is at 0, 0."""
    if not pose.intrinsics or size is None or not recorded[0] or size == recorded:
        return pose
    across, down = size[0] / recorded[0], size[1] / recorded[1]
    fx, fy, cx, cy = pose.intrinsics
    scaled = (fx * across, fy * down, (cx + 0.5) * across - 0.5, (cy + 0.5) * down - 0.5)
    return replace(pose, intrinsics=scaled)


def _losses(held: Held, leaving: Sequence[Leaving], wanted: set[str]) -> Iterator[Loss]:
    """What of the recording as a whole does not go along."""
    recording = held.recording
    gone = {item.part.channel for item in leaving}
    known = {*held.frames, *held.sweeps.column("channel").unique().to_pylist()}
    known |= {*held.signals.column("channel").unique().to_pylist()}
    for channel in recording.channels:
        if wanted and channel.name not in wanted:
            yield Loss(channel=channel.name, what="all of it", why="it was not asked for")
        elif channel.name not in gone:
            why = "nothing of it lies in the time that was asked for"
            if channel.name not in known:
                why = f"messages of {channel.encoding or channel.sensor} are counted, not read"
            yield Loss(channel=channel.name, what="all of it", why=why)
        elif fields := lost_fields(channel.encoding):
            yield Loss(channel=channel.name, what=fields, why="ingest does not keep them")
    for pose in recording.calibrations:
        if not pose.translation_m and not pose.intrinsics:
            yield Loss(channel=pose.channel, what="its calibration", why="it says no place")
    if recording.salvaged:
        yield Loss(channel=ALL, what=recording.salvaged, why="the source was damaged")
    stay = "checks, events, annotations and predictions"
    yield Loss(channel=ALL, what=stay, why="they are no part of the recording")
    yield from held.losses
