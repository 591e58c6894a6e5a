"""Appends rows and vectors to a local index. Nothing counts until its manifest does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.backends.index_files import Manifest, Part, SpaceFiles, load_array, save_array
from ringroad.backends.index_sketch import codes_of, directions
from ringroad.backends.index_view import LocalIndexView, hashes_of
from ringroad.domain.errors import InputError, UsageError
from ringroad.media.schemas import INDEX

CENTRE_ROWS = 65_536
"""The mean of so many vectors is what codes are centred on; it is never changed afterwards."""
ROWS_PER_BATCH = 65_536
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def add_rows(root: Path, manifest: Manifest, columns: pa.Table) -> Manifest:
    """A file with these rows; older rows of the same frames are dead, their vectors move over."""
    rows = _last_of_each(columns.select(INDEX.names).cast(INDEX))
    frames = rows["frame_id"].to_pylist()
    hashes = hashes_of(frames)
    before = LocalIndexView(root, manifest)
    old = before.locate(frames, hashes)
    replaced = old >= 0
    manifest = manifest.next_serial()
    name = f"columns-{manifest.serial:06d}"
    write_columns(root / f"{name}.arrow", rows)
    order = np.argsort(hashes, kind="stable").astype(np.int64)
    save_array(root / f"{name}.keys.npy", hashes[order])
    save_array(root / f"{name}.order.npy", order)
    first = manifest.size
    grown = replace(manifest, columns=(*manifest.columns, Part(name=name, rows=rows.num_rows)))
    if not replaced.any():
        return grown
    grown = _bury(root, grown, before, old[replaced])
    return _move(root, grown, old[replaced], first + np.flatnonzero(replaced))


def end_rows(root: Path, manifest: Manifest, frames: Sequence[str]) -> Manifest:
    """The rows of some frames are dead, and their vectors belong to none."""
    before = LocalIndexView(root, manifest)
    old = before.rows_of(frames)
    old = old[old >= 0]
    if not len(old):
        return manifest
    manifest = _bury(root, manifest, before, old)
    for space in manifest.spaces:
        manifest, ended = _end_older(root, manifest, space, old)
        manifest = manifest.with_space(ended)
    return manifest


def add_vectors(root: Path, manifest: Manifest, name: str, given: pa.Table) -> Manifest:
    """A file with the vectors of frames that have a row; older ones of these frames end.

    Raises:
        UsageError: a name that is no name of a space.
        InputError: another length than the space has, or a value that is not a number.
    """
    vectors = _matrix(name, given)
    frames = given["frame_id"].to_pylist()
    last = {frame: place for place, frame in enumerate(frames)}
    places = np.fromiter(last.values(), np.int64, count=len(last))
    view = LocalIndexView(root, manifest)
    rows = view.rows_of(list(last))
    places, rows = places[rows >= 0], rows[rows >= 0]
    if not len(rows):
        return manifest
    space = manifest.space(name) or _new_space(root, name, vectors)
    if vectors.shape[1] != space.dimension:
        raise InputError(
            f"vectors of {vectors.shape[1]} numbers, stored are {space.dimension}",
            subject=f"embeddings {name!r}",
            remedy="give embeddings of another model a name of their own",
        )
    manifest, space = _end_older(root, manifest, space, rows)
    return _write_part(root, manifest, space, vectors[places], rows)


def write_columns(path: Path, rows: pa.Table) -> None:
    """An Arrow file that is mapped, in batches of a fixed size, one dictionary per column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = rows.unify_dictionaries().combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole, max_chunksize=ROWS_PER_BATCH)


def remap(
    root: Path, manifest: Manifest, space: str, part: Part, rows: np.ndarray
) -> tuple[Manifest, Part]:
    """A new file that says which rows the vectors of a part belong to."""
    manifest = manifest.next_serial()
    name = f"rows-{manifest.serial:06d}.npy"
    save_array(root / space / name, rows)
    return manifest, replace(part, map=name)


def _write_part(
    root: Path, manifest: Manifest, space: SpaceFiles, vectors: np.ndarray, rows: np.ndarray
) -> Manifest:
    manifest = manifest.next_serial()
    name, folder = f"{manifest.serial:06d}", root / space.name
    centre = load_array(folder / "centre.npy")
    save_array(folder / f"vectors-{name}.npy", vectors)
    codes = codes_of(vectors, centre, directions(space.dimension))
    save_array(folder / f"codes-{name}.npy", codes)
    manifest, part = remap(root, manifest, space.name, Part(name=name, rows=len(rows)), rows)
    return manifest.with_space(replace(space, parts=(*space.parts, part)))


def _new_space(root: Path, name: str, vectors: np.ndarray) -> SpaceFiles:
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for embeddings", remedy="use letters, digits, . _ -")
    centre = vectors[:CENTRE_ROWS].mean(axis=0, dtype=np.float64).astype(np.float32)
    save_array(root / name / "centre.npy", centre)
    return SpaceFiles(name=name, dimension=vectors.shape[1])


def _bury(root: Path, manifest: Manifest, before: LocalIndexView, old: np.ndarray) -> Manifest:
    """Note rows as dead, besides those that are."""
    manifest = manifest.next_serial()
    dead = np.union1d(np.flatnonzero(~before.alive), old)
    name = f"dead-{manifest.serial:06d}.npy"
    save_array(root / name, dead)
    return replace(manifest, dead=name, dead_rows=len(dead))


def _move(root: Path, manifest: Manifest, old: np.ndarray, new: np.ndarray) -> Manifest:
    """Let vectors that belong to old rows belong to the new ones."""
    order = np.argsort(old)
    old, new = old[order], new[order]
    for space in manifest.spaces:
        parts = []
        for part in space.parts:
            rows = load_array(root / space.name / part.map)
            at = np.minimum(np.searchsorted(old, rows), len(old) - 1)
            hit = old[at] == rows
            kept = part
            if hit.any():
                changed = np.where(hit, new[at], rows)
                manifest, kept = remap(root, manifest, space.name, part, changed)
            parts.append(kept)
        manifest = manifest.with_space(replace(space, parts=tuple(parts)))
    return manifest


def _end_older(
    root: Path, manifest: Manifest, space: SpaceFiles, rows: np.ndarray
) -> tuple[Manifest, SpaceFiles]:
    """Let the vectors that these rows had belong to none."""
    wanted, parts = np.sort(rows), []
    for part in space.parts:
        held = load_array(root / space.name / part.map)
        at = np.minimum(np.searchsorted(wanted, held), len(wanted) - 1)
        hit = wanted[at] == held
        kept = part
        if hit.any():
            ended = np.where(hit, -1, held)
            manifest, kept = remap(root, manifest, space.name, part, ended)
        parts.append(kept)
    return manifest, replace(space, parts=tuple(parts))


def _matrix(name: str, given: pa.Table) -> np.ndarray:
    """(n, d) float32 of the `vector` column."""
    column = given["vector"].combine_chunks()
    flat = np.asarray(column.flatten(), dtype=np.float32)
    if column.null_count or not len(given) or len(flat) % len(given):
        raise InputError(
            "some frames have no vector, or vectors are of unequal length",
            subject=f"embeddings {name!r}",
            remedy="give one vector of one length for each frame",
        )
    vectors: np.ndarray = flat.reshape(len(given), -1)
    bad = ~np.isfinite(vectors).all(axis=1)
    if bad.any():
        frame = given["frame_id"][int(np.flatnonzero(bad)[0])].as_py()
        raise InputError(
            f"{int(bad.sum())} of {len(given)} vectors hold a value that is not a number, "
            f"the first is of {frame}",
            subject=f"embeddings {name!r}",
            remedy="leave these frames out, or embed them again",
        )
    return vectors


def _last_of_each(rows: pa.Table) -> pa.Table:
    """One row per frame."""
    if pc.count_distinct(rows["frame_id"]).as_py() == rows.num_rows:
        return rows
    last = {frame: place for place, frame in enumerate(rows["frame_id"].to_pylist())}
    return rows.take(sorted(last.values()))
