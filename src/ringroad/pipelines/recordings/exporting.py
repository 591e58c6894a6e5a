"""Recordings and segments of them leave as standard files: MCAP, or .rrd with the extra."""

from __future__ import annotations

import errno
import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ringroad.domain.errors import InputError, StorageFull, UnknownName, UsageError
from ringroad.domain.ids import RecordingId
from ringroad.domain.recording import Recording
from ringroad.domain.time import SECOND_NS, from_seconds
from ringroad.media.export.mcap import write_mcap
from ringroad.media.export.parcel import Loss, Moment, Parcel
from ringroad.media.export.rerun import check_rerun, write_rrd
from ringroad.media.pictures.profiles import AS_RECORDED, Profile, profile_of
from ringroad.media.schemas import SWEEPS
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.checking import made_of
from ringroad.pipelines.recordings.export_parcel import Held, Packed, Span, pack
from ringroad.pipelines.recordings.happening import events_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.recordings.transcoding import transcode
from ringroad.pipelines.workspace import Workspace

MCAP, RRD = "mcap", "rrd"
AROUND_S = 2.0
"""Of an event: what leaves before and after it."""
PROGRESS_EVERY = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of a recording is wanted, and how."""

    format: str = MCAP
    profile: str = AS_RECORDED
    width: int = 0
    """Of pictures in another profile; 0 for the profile's own."""
    from_s: float | None = None
    """Since the recording began, as all such times."""
    until_s: float | None = None
    event: str = ""
    """Id or kind of the one event that is wanted, with `around_s` before and after it."""
    around_s: float = AROUND_S
    channels: tuple[str, ...] = ()
    """Empty for all."""

    def __post_init__(self) -> None:
        """Raises UsageError where it contradicts itself."""
        stretch = self.from_s is not None or self.until_s is not None
        if self.event and stretch:
            raise UsageError("an event says when", remedy="leave --from-s and --until-s out")
        if self.from_s is not None and self.until_s is not None and self.from_s >= self.until_s:
            raise UsageError(
                f"nothing lies between {self.from_s:g} and {self.until_s:g} s",
                remedy="--until-s must be larger than --from-s",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One file that was written."""

    path: Path
    recording: RecordingId
    format: str
    profile: str
    begin_ns: int
    end_ns: int
    """Of its last message."""
    messages: dict[str, int]
    """By topic."""
    size_bytes: int
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]


Write = Callable[[Path, Parcel, Iterator[Moment], Callable[[], list[Loss]]], dict[str, int]]


def export(workspace: Workspace, ids: Sequence[str], to: Path, wish: Wish) -> tuple[Exported, ...]:
    """Write each recording, or the wanted segment of it, to a file of its own.

    A file takes its name only once it is whole, and never the place of another one.

    Args:
        workspace: where the recordings are.
        ids: of recordings.
        to: a file for one recording, by its suffix; a folder for several or where it has none.
        wish: what is wanted.

    Raises:
        UnknownName: no recording, channel or event is called so.
        UsageError: a file is there already; several recordings for one file.
        InputError: nothing of a recording leaves, or its index is gone; and as `Sources`.
        MissingExtra: the packages for this format are not installed.
    """
    write = writer_of(wish.format)
    profile_of(wish.profile, width=wish.width)
    known = [workspace.catalog.recording(RecordingId(at)) for at in dict.fromkeys(ids)]
    spans = [span_of(workspace, item, wish) for item in known]
    paths = _paths(known, spans, to, wish)
    return tuple(
        _export(workspace, item, span, path, wish, write)
        for item, span, path in zip(known, spans, paths, strict=True)
    )


def writer_of(format_: str) -> Write:
    """What writes a format. Raises MissingExtra where its packages are not installed."""
    if format_ == MCAP:
        return _write_mcap
    check_rerun()
    return write_rrd


def span_of(workspace: Workspace, recording: Recording, wish: Wish) -> Span | None:
    """The wanted stretch of a recording; None for all of it. Raises UnknownName."""
    start, last = recording.start_ns, recording.start_ns + recording.duration_ns
    if wish.event:
        row = _event(workspace, recording, wish.event)
        around = from_seconds(wish.around_s)
        return Span(begin_ns=row["start_ns"] - around, end_ns=row["end_ns"] + around + 1)
    if wish.from_s is None and wish.until_s is None:
        return None
    end = last + 1 if wish.until_s is None else start + from_seconds(wish.until_s)
    return Span(begin_ns=start + from_seconds(wish.from_s or 0.0), end_ns=end)


def held_of(workspace: Workspace, recording: Recording) -> Held:
    """What a recording holds, as it was recorded."""
    made = made_of(workspace, taken_of(workspace, recording))
    frames = table_of(workspace, made["frames"])
    cameras = pc.unique(frames.column("channel")).to_pylist()
    return Held(
        recording=recording,
        frames={name: frames.filter(pc.equal(frames.column("channel"), name)) for name in cameras},
        sweeps=table_of(workspace, made["sweeps"]) if "sweeps" in made else SWEEPS.empty_table(),
        signals=table_of(workspace, made["signals"]),
        notes=tuple(workspace.json(made["recording"])["notes"]),
    )


def in_profile(
    workspace: Workspace, held: Held, profile: Profile, channels: Sequence[str] = ()
) -> Held:
    """The same recording with its frames in another form, made now where need be."""
    cameras = [name for name in channels if name in held.frames]
    if channels and not cameras:
        return held
    made = transcode(workspace, held.recording, profile, channels=cameras)
    frames = {item.channel: table_of(workspace, item.rows) for item in made}
    losses = [
        Loss(
            channel=item.channel,
            what=f"{item.frames} of {held.frames[item.channel].num_rows} frames are stored anew",
            why=f"the profile {profile.name} asks for it",
        )
        for item in made
    ]
    return replace(held, frames=frames, losses=tuple(losses))


def _export(
    workspace: Workspace,
    recording: Recording,
    span: Span | None,
    path: Path,
    wish: Wish,
    write: Write,
) -> Exported:
    held = held_of(workspace, recording)
    _check_channels(held, wish.channels)
    profile = profile_of(wish.profile, width=wish.width)
    if profile is not None and held.frames:
        held = in_profile(workspace, held, profile, wish.channels)
    packed = pack(
        held,
        span=span,
        channels=wish.channels,
        profile=wish.profile,
        video_in_order=wish.format == RRD,
    )
    told = _Told(workspace, packed, recording.id)
    with _whole(path) as unfinished:
        counts = write(unfinished, packed.parcel, told.moments(), lambda: list(packed.losses))
        size_bytes = unfinished.stat().st_size
    return Exported(
        path=path,
        recording=recording.id,
        format=wish.format,
        profile=wish.profile,
        begin_ns=packed.parcel.begin_ns,
        end_ns=told.end_ns,
        messages=counts,
        size_bytes=size_bytes,
        losses=packed.losses,
        notes=packed.notes,
    )


class _Told:
    """The moments of a parcel by log time; tells how far they are as they pass."""

    def __init__(self, workspace: Workspace, packed: Packed, name: str) -> None:
        self.workspace = workspace
        self.packed = packed
        self.name = name
        self.end_ns = packed.parcel.begin_ns

    def moments(self) -> Iterator[Moment]:
        """Each once."""
        every = [
            item.moments(self.workspace.sources, self.workspace.sandbox)
            for item in self.packed.leaving
        ]
        total = sum(item.count for item in self.packed.leaving)
        what = f"export {self.name}"
        for number, moment in enumerate(heapq.merge(*every, key=lambda item: item.log_ns)):
            if number % PROGRESS_EVERY == 0:
                self.workspace.progress(what, number, total)
            self.end_ns = max(self.end_ns, moment.time_ns)
            yield moment
        self.workspace.progress(what, total, total)


def _write_mcap(
    path: Path, parcel: Parcel, moments: Iterator[Moment], losses: Callable[[], list[Loss]]
) -> dict[str, int]:
    with path.open("wb") as sink:
        return write_mcap(sink, parcel, moments, losses)


def _event(workspace: Workspace, recording: Recording, name: str) -> dict[str, Any]:
    """The one event of this id or kind."""
    (made,) = events_of(workspace, [taken_of(workspace, recording)])
    rows = table_of(workspace, made).to_pylist()
    found = [row for row in rows if name in {row["event_id"], row["event"]}]
    if len(found) == 1:
        return dict(found[0])
    what = f"has {len(found)} events called {name!r}" if found else f"has no event {name!r}"
    known = ", ".join(row["event_id"] for row in (found or rows)[:8]) or "it has none"
    raise UnknownName(what, subject=recording.id, remedy=f"name one by its id: {known}")


def _check_channels(held: Held, wanted: Sequence[str]) -> None:
    known = {*held.frames, *pc.unique(held.sweeps.column("channel")).to_pylist()}
    known |= {*held.signals.column("channel").unique().to_pylist()}
    for name in wanted:
        if name not in known:
            raise UnknownName(
                f"has no channel {name!r} that could leave",
                subject=held.recording.id,
                remedy=f"it has: {', '.join(sorted(known))}",
            )


def _paths(
    known: Sequence[Recording], spans: Sequence[Span | None], to: Path, wish: Wish
) -> list[Path]:
    """Where each file goes. Raises UsageError where something is there already."""
    suffix = f".{wish.format}"
    if to.suffix == suffix and not to.is_dir():
        if len(known) > 1:
            raise UsageError(
                f"{len(known)} recordings do not fit into one file",
                subject=str(to),
                remedy="name a folder",
            )
        paths = [to]
    else:
        paths = [
            to / f"{_stem(item, span)}{suffix}" for item, span in zip(known, spans, strict=True)
        ]
    for path in paths:
        _check_free(path)
    return paths


def _stem(recording: Recording, span: Span | None) -> str:
    """A file name from an id, whose slashes become `+`, which no id holds."""
    stem = recording.id.replace("/", "+")
    if span is None:
        return stem
    begin, end = (at - recording.start_ns for at in (span.begin_ns, span.end_ns))
    return f"{stem}@{begin / SECOND_NS:.3f}-{end / SECOND_NS:.3f}s"


def _check_free(path: Path) -> None:
    if path.exists():
        raise UsageError(
            "is there already", subject=str(path), remedy="name another place, or remove it"
        )


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name once it is complete; gone if it never is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", subject=str(path.parent)) from error
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        _check_free(path)
        unfinished.rename(path)
    except OSError as error:
        kind = StorageFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else InputError
        raise kind(
            f"cannot be written: {error.strerror or error}",
            subject=str(path),
            remedy="nothing of it is left there; name another place, or make room",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
