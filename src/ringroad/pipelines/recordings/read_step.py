"""The steps of ingest: index one recording, copy its bytes. Collect decides what is taken in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import recording_id, vehicle_id
from ringroad.domain.recording import Location
from ringroad.ingest.channel_map import applied, asked, draft, parse
from ringroad.ingest.reading import read_source
from ringroad.media.schemas import SWEEPS
from ringroad.protocols.reader import Reading, ReadRequest
from ringroad.store.copying import copy_folder, copy_in
from ringroad.store.layout import CHUNKS, FILE, FOLDER, OBJECTS, path_of
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

READER_ROOTS = (
    "ringroad.ingest.layout_av2",
    "ringroad.ingest.layout_bdd100k",
    "ringroad.ingest.layout_comma2k19",
    "ringroad.ingest.layout_kitti_object",
    "ringroad.ingest.layout_kitti_raw",
    "ringroad.ingest.layout_nuscenes",
    "ringroad.ingest.layout_radiate",
    "ringroad.ingest.layout_rosbag2",
    "ringroad.ingest.layout_waymo_v2",
    "ringroad.ingest.read_images",
    "ringroad.ingest.read_mcap",
    "ringroad.ingest.read_raw_picture",
    "ringroad.ingest.read_rosbag1",
    "ringroad.ingest.read_rosbag2",
    "ringroad.ingest.read_video",
)
READER_PACKAGES = ("cantools", "lz4", "mcap", "numpy", "pyarrow", "rawpy", "xxhash", "zstandard")
PIECE_BYTES = 8 << 20
MANIFEST = ("manifest",)
"""Stands for the files of a source that a manifest names."""
RECORDING_KEY = b"ringroad.recording"
"""In the schema metadata of frames of which there are none: whose."""


@step(uses=READER_PACKAGES, also=READER_ROOTS)
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
    replaces: str = "",
    channel_map: Artifact | None = None,
) -> dict[str, Artifact]:
    """Index one recording without decoding it."""
    rules = None if channel_map is None else parse(bench.read(channel_map).decode())
    wanted = () if rules is None else asked(rules)
    found = _read(bench, source, reader, vehicle, source_key, rate_hz, files, signals, wanted)
    if rules is not None:
        found = applied(found, rules)
    recording = replace(found.recording, synthetic=synthetic, replaces=replaces)
    bench.record(recording)
    sweeps = SWEEPS.empty_table() if found.sweeps is None else found.sweeps
    frames = found.frames
    if not len(frames):  # all without a camera would share one artifact, and what is made of it
        frames = frames.replace_schema_metadata({RECORDING_KEY: recording.id.encode()})
    return {
        "recording": bench.write_json("recording", asdict(recording) | {"notes": found.notes}),
        "frames": bench.write_table("frames", frames, table_name="frames"),
        "signals": bench.write_table("signals", found.signals, packed=True),
        "sweeps": bench.write_table("sweeps", sweeps, table_name="sweeps"),
        "cuts": bench.write_json("cuts", list(found.cuts)),
    }


@step(uses=READER_PACKAGES, also=READER_ROOTS)
def draft_channel_map(
    bench: Bench,
    *,
    source: Artifact,
    reader: str,
    vehicle: str,
    source_key: str,
    rate_hz: float,
    files: list[str],
    signals: Artifact | None = None,
) -> Artifact:
    """Look into one source, and write what its channels seem to be."""
    found = _read(bench, source, reader, vehicle, source_key, rate_hz, files, signals)
    return bench.write("channel-map", draft(found).encode(), "application/toml")


@step(uses=())
def copy_source(bench: Bench, *, source: Artifact, cuts: Artifact) -> Artifact:
    """Copy a source into the blobs, cut where decoding can start; the chunks make it up again."""
    place = bench.sources.location(source.digest)
    kind = place.uri.partition(":")[0] if place is not None else ""
    folder = kind in {FOLDER, OBJECTS}
    path = _at_hand(bench, source, MANIFEST if folder else ())
    if folder:
        copied = copy_folder(bench.blobs, path, bench.read(source), digest=source.digest)
    else:
        in_place = place is not None and kind == FILE and _stands_still(path, place)
        copied = copy_in(
            bench.blobs,
            path,
            cuts=bench.read_json(cuts),
            known=source.digest if in_place else None,
            expected=source.digest,
        )
    bench.record(copied.location())
    return bench.write(CHUNKS, copied.manifest, "application/json")


def _stands_still(path: Path, place: Location) -> bool:
    """Whether a file is as it was when its digest was taken."""
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) == (place.size_bytes, place.modified_ns)


def _read(
    bench: Bench,
    source: Artifact,
    reader: str,
    vehicle: str,
    source_key: str,
    rate_hz: float,
    files: list[str],
    signals: Artifact | None,
    wanted: tuple[str, ...] = (),
) -> Reading:
    """What the reader finds, inside the sandbox."""
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
        asked=wanted,
    )
    return bench.sandbox.call(read_source, reader, request)


def _at_hand(bench: Bench, source: Artifact, files: Sequence[str] = ()) -> Path:
    """A path that holds the source's bytes: where it lies, or put together from its chunks."""
    place = bench.sources.location(source.digest)
    if place is not None and place.uri.partition(":")[0] in {FILE, FOLDER}:
        return path_of(place.uri)
    if (near := bench.near(source)) is not None:
        return near
    path = bench.scratch / "source"
    if not files:
        _write_out(bench, source, path, 0, source.size_bytes)
        return path
    for entry in bench.read_json(source):
        (path / entry["name"]).parent.mkdir(parents=True, exist_ok=True)
        _write_out(bench, source, path / entry["name"], entry["offset"], entry["size"])
    return path


def _write_out(bench: Bench, source: Artifact, path: Path, offset: int, size: int) -> None:
    """Put one stretch of a source into a file."""
    with path.open("wb") as file:
        for start in range(offset, offset + size, PIECE_BYTES):
            length = min(PIECE_BYTES, offset + size - start)
            file.write(bench.sources.read_range(source.digest, start, length))
