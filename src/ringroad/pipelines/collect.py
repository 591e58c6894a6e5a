"""Takes recordings in: walk, identify, index inside the sandbox, leave in place or copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    InputError,
    IntegrityError,
    IsolationError,
    RingroadError,
    StepFailed,
    StorageFull,
)
from ringroad.domain.ids import recording_id, vehicle_id
from ringroad.domain.recording import Location, Recording, Refusal
from ringroad.ingest.discover import SourceFile, discover
from ringroad.ingest.reading import read_source
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.reader import Reading, ReadRequest
from ringroad.store.copying import copy_folder, copy_in
from ringroad.store.identify import identify, identify_folder
from ringroad.store.layout import CHUNKS, FILE, FOLDER, path_of, uri_of
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

READER_ROOTS = (
    "ringroad.ingest.read_images",
    "ringroad.ingest.read_mcap",
    "ringroad.ingest.read_video",
)
BYTES = "application/octet-stream"


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
    """What an ingest took in, and what it set aside."""

    taken: tuple[Taken, ...]
    refused: tuple[Refusal, ...]


@step(uses=("lz4", "mcap", "numpy", "pyarrow", "xxhash", "zstandard"), also=READER_ROOTS)
def read_recording(
    bench: Bench,
    *,
    source: Artifact,
    reader: str,
    vehicle: str,
    source_key: str,
    rate_hz: float,
    files: list[str],
    signals: Artifact | None = None,
    synthetic: bool = False,
) -> dict[str, Artifact]:
    """Index one recording without decoding it."""
    csv = None
    if signals is not None:
        csv = bench.scratch / "signals.csv"
        csv.write_bytes(bench.read(signals))
    request = ReadRequest(
        path=_at_hand(bench, source, files),
        source=source.digest,
        recording=recording_id(vehicle_id(vehicle), source_key),
        vehicle=vehicle_id(vehicle),
        source_key=source_key,
        rate_hz=rate_hz or None,
        signals=csv,
        files=tuple(files),
    )
    found: Reading = bench.sandbox.call(read_source, reader, request)
    recording = replace(found.recording, synthetic=synthetic)
    bench.record(recording)
    return {
        "recording": bench.write_json("recording", asdict(recording) | {"notes": found.notes}),
        "frames": bench.write_table("frames", found.frames, table_name="frames"),
        "signals": bench.write_table("signals", found.signals),
        "cuts": bench.write_json("cuts", list(found.cuts)),
    }


@step(uses=())
def copy_source(bench: Bench, *, source: Artifact, cuts: Artifact) -> Artifact:
    """Copy a source into the blobs, cut where decoding can start; the chunks make it up again."""
    place = bench.sources.location(source.digest)
    kind = place.uri.partition(":")[0] if place is not None else ""
    path = _at_hand(bench, source)
    if kind == FOLDER:
        copied = copy_folder(bench.blobs, path, bench.read(source), digest=source.digest)
    else:
        copied = copy_in(bench.blobs, path, cuts=bench.read_json(cuts), expected=source.digest)
    bench.record(copied.location())
    return bench.write(CHUNKS, copied.manifest, "application/json")


def collect(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    vehicle: str,
    copy: bool,
    group: str = "",
    rate_hz: float = 0.0,
    signals: Path | None = None,
    synthetic: bool = False,
) -> Collected:
    """Take in all recordings below some paths. What cannot be read is set aside with its reason.

    What was taken in before an error stays; the same call again goes on from there.

    Args:
        workspace: where to.
        paths: files and folders.
        vehicle: who recorded them.
        copy: take the bytes into the blobs, or leave them where they lie.
        group: see `discover`.
        rate_hz: for files without a clock.
        signals: a CSV beside a single video.
        synthetic: whether the simulator made them; stands in every report.

    Raises:
        StorageFull: the workspace took no more bytes; no other recording would fit either.
    """
    known = discover(paths, group=group)
    beside = _signals(workspace, signals) if signals is not None else None
    taken: list[Taken] = []
    refused = list(known.refused)
    for source in known.sources:
        try:
            taken.append(
                _take(workspace, source, vehicle, copy, rate_hz, beside, synthetic=synthetic)
            )
        except (InputError, IntegrityError, IsolationError, StepFailed) as error:
            refused.append(refusal_of(str(source.path), error))
        workspace.progress("ingest", len(taken) + len(refused), len(known.sources))
    for refusal in refused:
        path = Path(refusal.uri)
        uri = uri_of(FOLDER if path.is_dir() else FILE, path)  # a location there clears it
        workspace.catalog.refuse(replace(refusal, uri=uri))
    return Collected(taken=tuple(taken), refused=tuple(refused))


def _take(
    workspace: Workspace,
    found: SourceFile,
    vehicle: str,
    copy: bool,
    rate_hz: float,
    signals: Artifact | None,
    *,
    synthetic: bool,
) -> Taken:
    place = _identify(workspace, found)
    held = workspace.catalog.location(place.digest)
    if held is None or not held.uri.startswith(f"{CHUNKS}:"):
        workspace.catalog.relocate(place)
    source = Artifact(kind="source", digest=place.digest, size_bytes=place.size_bytes, media=BYTES)
    made = workspace.runner.run(
        read_recording,
        source=source,
        reader=found.reader,
        vehicle=vehicle,
        source_key=found.source_key,
        rate_hz=rate_hz,
        files=list(found.files),
        signals=signals,
        synthetic=synthetic,
    )
    if copy:
        workspace.runner.run(copy_source, source=source, cuts=made["cuts"])
    recording = workspace.catalog.recording(recording_id(vehicle_id(vehicle), found.source_key))
    told = workspace.json(made["recording"])
    frames = sum(channel.messages for channel in recording.channels if channel.width)
    return Taken(
        recording=recording,
        source=source,
        frames=made["frames"],
        signals=made["signals"],
        frames_count=frames,
        notes=tuple(told["notes"]),
    )


def _identify(workspace: Workspace, found: SourceFile) -> Location:
    """Digest and place of a source; a file that did not change is not read again."""
    if not found.files:
        return identify(found.path, workspace.catalog.location_at)[1]
    _, manifest, place = identify_folder(found.path, found.files)
    workspace.blobs.put(manifest)
    return place


def _signals(workspace: Workspace, path: Path) -> Artifact:
    digest = workspace.blobs.put_file(path)
    return Artifact(
        kind="signals-csv", digest=digest, size_bytes=path.stat().st_size, media="text/csv"
    )


def _at_hand(bench: Bench, source: Artifact, files: Sequence[str] = ()) -> Path:
    """A path that holds the source's bytes: where it lies, or put together from its chunks."""
    place = bench.sources.location(source.digest)
    if place is not None and place.uri.partition(":")[0] in {FILE, FOLDER}:
        return path_of(place.uri)
    path = bench.scratch / "source"
    if not files:
        _write_out(bench, source, path, 0, source.size_bytes)
        return path
    path.mkdir()
    for entry in bench.read_json(source):
        _write_out(bench, source, path / entry["name"], entry["offset"], entry["size"])
    return path


def _write_out(bench: Bench, source: Artifact, path: Path, offset: int, size: int) -> None:
    """Put one stretch of a source into a file."""
    with path.open("wb") as file:
        for start in range(offset, offset + size, PIECE_BYTES):
            length = min(PIECE_BYTES, offset + size - start)
            file.write(bench.sources.read_range(source.digest, start, length))


PIECE_BYTES = 8 << 20


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
