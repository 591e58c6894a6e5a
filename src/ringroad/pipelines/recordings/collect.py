"""Takes recordings in: identified, admitted, read, and copied where that was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    InputError,
    IntegrityError,
    IsolationError,
    RingroadError,
    StepFailed,
    StorageFull,
    UnreadableSource,
)
from ringroad.domain.ids import recording_id, vehicle_id
from ringroad.domain.recording import Location, Recording, Refusal, recording_from
from ringroad.ingest.channel_map import parse
from ringroad.ingest.discover import SourceFile, discover
from ringroad.ingest.discover_objects import is_url
from ringroad.pipelines.recordings.admission import Twin, replaced, twin_of
from ringroad.pipelines.recordings.read_step import copy_source, draft_channel_map, read_recording
from ringroad.pipelines.recordings.refusals import withdraw
from ringroad.pipelines.workspace import Workspace
from ringroad.store.identify import (
    identify,
    identify_folder,
    identify_object,
    identify_objects,
)
from ringroad.store.layout import CHUNKS, FAR, FILE, FOLDER, OBJECT, path_of, uri_of
from ringroad.workflow.step import R, Step

BYTES = "application/octet-stream"
BATCH = 32
"""Sources that are identified and read at a time: enough for every worker, little to redo."""
REMOTE_BATCH = 2
"""Objects of a bucket, each of which lies in the workspace whole while it is indexed."""
HASHERS = 2
SET_ASIDE = (InputError, IntegrityError, IsolationError, StepFailed)
"""What stops one source and no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What holds for all sources of one ingest."""

    vehicle: str
    """Who recorded them."""
    copy: bool
    """Take the bytes into the blobs, or leave them where they lie."""
    rate_hz: float = 0.0
    """For files without a clock."""
    signals: Path | None = None
    """A CSV beside a single video."""
    channel_map: Path | None = None
    """What the channels are, where the readers cannot know."""
    synthetic: bool = False
    """Whether the simulator made them; stands in every report."""
    replace: bool = False
    """Whether other bytes under a known key take the place of those that are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One recording that was taken in."""

    recording: Recording
    source: Artifact
    frames: Artifact
    signals: Artifact
    frames_count: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What an ingest took in, what it knew already by another name, and what it set aside."""

    taken: tuple[Taken, ...]
    refused: tuple[Refusal, ...]
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admitted:
    """A source that will be read."""

    found: SourceFile
    place: Location
    replaces: str

    @property
    def source(self) -> Artifact:
        size = self.place.size_bytes
        return Artifact(kind="source", digest=self.place.digest, size_bytes=size, media=BYTES)


def collect(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    vehicle: str,
    copy: bool,
    group: str = "",
    rate_hz: float = 0.0,
    signals: Path | None = None,
    channel_map: Path | None = None,
    synthetic: bool = False,
    replace: bool = False,
) -> Collected:
    """Take in all recordings below some paths. What cannot be read is set aside with its reason.

    What was taken in before an error stays; the same call again goes on from there. `paths` are
    files and folders, `group` is for `discover`, the rest as in `Intake`.

    Raises:
        StorageFull: the workspace took no more bytes; no other recording would fit either.
    """
    known = discover(paths, group=group, objects=workspace.objects)
    intake = Intake(
        vehicle=vehicle,
        copy=copy,
        rate_hz=rate_hz,
        signals=signals,
        channel_map=channel_map,
        synthetic=synthetic,
        replace=replace,
    )
    found = take_in(workspace, known.sources, intake)
    remember(workspace, known.refused)
    return Collected(taken=found.taken, refused=(*known.refused, *found.refused), twins=found.twins)


def take_in(workspace: Workspace, sources: Sequence[SourceFile], intake: Intake) -> Collected:
    """Take in sources that were found, some at a time. Raises StorageFull as `collect`."""
    taken: list[Taken] = []
    refused: list[Refusal] = []
    twins: list[Twin] = []
    beside = _beside(workspace, intake)
    rest = iter(sources)
    size = REMOTE_BATCH if any(source.entries for source in sources) else BATCH
    while batch := list(islice(rest, size)):
        admitted = _admit(workspace, batch, intake, twins, refused)
        asked = [(item, _arguments(item, intake) | beside) for item in admitted]
        made = _each(workspace, read_recording, asked, refused)
        if intake.copy:
            cuts = [(item, {"source": item.source, "cuts": read["cuts"]}) for item, read in made]
            copied = {item.place.digest for item, _ in _each(workspace, copy_source, cuts, refused)}
            made = [(item, read) for item, read in made if item.place.digest in copied]
        taken += [_taken(workspace, item, read, intake) for item, read in made]
        for item in admitted:
            _let_go(workspace, item.place)
        done = len(taken) + len(refused) + len(twins)
        workspace.progress("ingest", done, len(sources))
    withdraw(workspace.catalog, sources)
    remember(workspace, refused)
    return Collected(taken=tuple(taken), refused=tuple(refused), twins=tuple(twins))


def remember(workspace: Workspace, refused: Sequence[Refusal]) -> None:
    """Note refusals under the uri of their file or folder: a location there clears them."""
    for refusal in refused:
        path = Path(refusal.uri)
        uri = f"{OBJECT}:{refusal.uri}"
        if not is_url(refusal.uri):
            uri = uri_of(FOLDER if path.is_dir() else FILE, path)
        workspace.catalog.refuse(replace(refusal, uri=uri))


def _admit(
    workspace: Workspace,
    batch: Sequence[SourceFile],
    intake: Intake,
    twins: list[Twin],
    refused: list[Refusal],
) -> list[_Admitted]:
    """Those of a batch that are to be read; the others are told apart."""
    vehicle = vehicle_id(intake.vehicle)
    admitted: list[_Admitted] = []
    with ThreadPoolExecutor(HASHERS) as hashers:
        places = [hashers.submit(_identify, workspace, found) for found in batch]
        for found, looked in zip(batch, places, strict=True):
            known_as = recording_id(vehicle, found.source_key)
            try:
                place = looked.result()
                twin = twin_of(workspace.catalog, place.digest, vehicle, known_as)
                if twin is None:
                    gives_way = replaced(
                        workspace.catalog, known_as, place.digest, consent=intake.replace
                    )
                    admitted.append(_Admitted(found=found, place=place, replaces=gives_way))
                else:
                    twins.append(Twin(uri=place.uri, recording=twin.id))
                    _let_go(workspace, place)
            except SET_ASIDE as error:
                refused.append(refusal_of(found.name, error))
                continue
            if not _held_elsewhere(workspace, place, twin is not None):
                workspace.catalog.relocate(place)
    return _first_of_each(admitted, vehicle, twins)


def _held_elsewhere(workspace: Workspace, place: Location, twin: bool) -> bool:
    """Whether the bytes are guarded already: copied, or a twin's that still lie where they lay."""
    held = workspace.catalog.location(place.digest)
    if held is None:
        return False
    if held.uri.startswith(f"{CHUNKS}:"):
        return True
    there = held.uri.partition(":")[0] in FAR or path_of(held.uri).exists()
    return twin and there


def _first_of_each(
    admitted: Sequence[_Admitted], vehicle: str, twins: list[Twin]
) -> list[_Admitted]:
    """Of sources with equal bytes in one batch, the first one."""
    first: dict[str, _Admitted] = {}
    for item in admitted:
        known = first.setdefault(item.place.digest, item)
        if known is not item:
            known_as = recording_id(vehicle_id(vehicle), known.found.source_key)
            twins.append(Twin(uri=item.place.uri, recording=known_as))
    return list(first.values())


def _each(
    workspace: Workspace,
    step: Step[R],
    items: Sequence[tuple[_Admitted, dict[str, Any]]],
    refused: list[Refusal],
) -> list[tuple[_Admitted, R]]:
    """Run a step on each, several at a time with workers; where one fails, one by one."""
    try:
        results = workspace.runner.map(step, [given for _, given in items])
        return list(zip((item for item, _ in items), results, strict=True))
    except SET_ASIDE as error:
        refusal_of("", error)  # raises where the store is full
    made = []
    for item, given in items:
        try:
            made.append((item, workspace.runner.run(step, **given)))
        except SET_ASIDE as error:
            refused.append(refusal_of(item.found.name, error))
    return made


def _arguments(item: _Admitted, intake: Intake) -> dict[str, Any]:
    return {
        "source": item.source,
        "reader": item.found.reader,
        "vehicle": intake.vehicle,
        "source_key": item.found.source_key,
        "rate_hz": intake.rate_hz,
        "files": list(item.found.files),
        "synthetic": intake.synthetic,
        "replaces": item.replaces,
    }


def _taken(
    workspace: Workspace, item: _Admitted, made: dict[str, Artifact], intake: Intake
) -> Taken:
    known_as = recording_id(vehicle_id(intake.vehicle), item.found.source_key)
    recording = workspace.catalog.recording(known_as)
    if recording.source != item.place.digest:  # read before, and replaced in between
        recording = replace(
            recording_from(workspace.json(made["recording"])), replaces=recording.source
        )
        workspace.catalog.adopt(recording)
    told = workspace.json(made["recording"])
    return Taken(
        recording=recording,
        source=item.source,
        frames=made["frames"],
        signals=made["signals"],
        frames_count=sum(channel.messages for channel in recording.channels if channel.width),
        notes=tuple(told["notes"]),
    )


def _identify(workspace: Workspace, found: SourceFile) -> Location:
    """Digest and place of a source; a file that did not change is not read again."""
    far, known = workspace.objects, workspace.catalog.location_at
    if found.entries and found.files:
        manifest, place = identify_objects(
            far, found.url, found.files, found.entries, workspace.near, known
        )
        if manifest:
            workspace.blobs.put(manifest)
        return place
    if found.entries:
        return identify_object(far, found.entries[0], workspace.near, known)
    if not found.files:
        return identify(found.path, workspace.catalog.location_at)[1]
    _, manifest, place = identify_folder(found.path, found.files)
    workspace.blobs.put(manifest)
    return place


def _let_go(workspace: Workspace, place: Location) -> None:
    """Remove what was fetched of a source."""
    near = workspace.near / place.digest
    if near.is_dir():
        shutil.rmtree(near)
    else:
        near.unlink(missing_ok=True)


def _beside(workspace: Workspace, intake: Intake) -> dict[str, Artifact | None]:
    """The files that hold for all sources, as artifacts."""
    signals, rules = intake.signals, intake.channel_map
    if rules is not None:
        parse(rules.read_text(), subject=str(rules))
    csv = None if signals is None else _kept(workspace, signals, "signals-csv", "text/csv")
    toml = None if rules is None else _kept(workspace, rules, "channel-map", "application/toml")
    return {"signals": csv, "channel_map": toml}


def _kept(workspace: Workspace, path: Path, kind: str, media: str) -> Artifact:
    digest = workspace.blobs.put_file(path)
    return Artifact(kind=kind, digest=digest, size_bytes=path.stat().st_size, media=media)


def draft_map(workspace: Workspace, paths: Sequence[Path | str], intake: Intake) -> str:
    """A channel map of the first source below some paths; nothing is taken in.

    Raises:
        UnreadableSource: there is none, or it cannot be read.
    """
    known = discover(paths, objects=workspace.objects)
    if not known.sources:
        first = known.refused[0]
        raise UnreadableSource(first.reason, subject=first.uri, remedy=first.remedy)
    found = known.sources[0]
    item = _Admitted(found=found, place=_identify(workspace, found), replaces="")
    workspace.catalog.relocate(item.place)
    given = _arguments(item, intake) | {"signals": _beside(workspace, intake)["signals"]}
    left_out = {"synthetic", "replaces"}
    made = workspace.runner.run(
        draft_channel_map, **{name: value for name, value in given.items() if name not in left_out}
    )
    return workspace.blobs.get(made.digest).decode()


def refusal_of(uri: str, error: RingroadError) -> Refusal:
    """What to tell of a source that an error stopped; of a failed step, what made it fail.

    Raises:
        RingroadError: the error itself where it would stop every other source as well.
    """
    cause = error.__cause__ if isinstance(error, StepFailed) else error
    if isinstance(cause, StorageFull):
        raise cause
    if not isinstance(cause, RingroadError):
        return Refusal(uri=uri, code=error.code, reason=str(cause or error), remedy=error.remedy)
    reason = f"{cause.place}: {cause.what}" if cause.place else cause.what
    return Refusal(uri=uri, code=cause.code, reason=reason, remedy=cause.remedy)
