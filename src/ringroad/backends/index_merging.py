"""Merges neighbouring small files of a local index; the order and numbers of rows stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from ringroad.backends.index_files import (
    Manifest,
    Part,
    SpaceFiles,
    load_array,
    save_array,
    save_blocks,
)
from ringroad.backends.index_view import read_columns
from ringroad.backends.index_writing import remap, write_columns

FEWER = 2
"""The last files are merged while the one before holds less than so many times their rows: a row
is written again about log2 of the number of writes times, and few files are open at once."""
_ROWS_AT_ONCE = 16_384


def merged(root: Path, manifest: Manifest) -> Manifest:
    """The same rows and vectors in few files."""
    tail = _tail(manifest.columns)
    if tail > 1:
        manifest = _merge_columns(root, manifest, tail)
    for space in manifest.spaces:
        tail = _tail(space.parts)
        if tail > 1:
            manifest = _merge_vectors(root, manifest, space, tail)
    return manifest


def _tail(parts: Sequence[Part]) -> int:
    """How many of the last files become one."""
    if not parts:
        return 0
    count, rows = 1, parts[-1].rows
    while count < len(parts) and parts[-count - 1].rows < FEWER * rows:
        rows += parts[-count - 1].rows
        count += 1
    return count


def _merge_columns(root: Path, manifest: Manifest, tail: int) -> Manifest:
    old = manifest.columns[-tail:]
    manifest = manifest.next_serial()
    name = f"columns-{manifest.serial:06d}"
    tables = [read_columns(root / f"{part.name}.arrow") for part in old]
    write_columns(root / f"{name}.arrow", pa.concat_tables(tables))
    keys = np.concatenate([load_array(root / f"{part.name}.keys.npy") for part in old])
    firsts = np.cumsum([0, *(part.rows for part in old[:-1])])
    orders = [
        load_array(root / f"{part.name}.order.npy") + first
        for part, first in zip(old, firsts, strict=True)
    ]
    order = np.concatenate(orders)
    if manifest.dead:  # nobody looks for dead rows: a frame stands once among the keys
        begun = sum(part.rows for part in manifest.columns[:-tail])
        living = ~np.isin(order + begun, load_array(root / manifest.dead))
        keys, order = keys[living], order[living]
    turn = np.argsort(keys, kind="stable")
    save_array(root / f"{name}.keys.npy", keys[turn])
    save_array(root / f"{name}.order.npy", order[turn])
    part = Part(name=name, rows=sum(part.rows for part in old))
    return replace(manifest, columns=(*manifest.columns[:-tail], part))


def _merge_vectors(root: Path, manifest: Manifest, space: SpaceFiles, tail: int) -> Manifest:
    """Vectors that belong to no row any more are left out."""
    old, folder = space.parts[-tail:], root / space.name
    maps = [load_array(folder / part.map) for part in old]
    kept = [np.flatnonzero(rows >= 0) for rows in maps]
    rows = np.concatenate([held[places] for held, places in zip(maps, kept, strict=True)])
    manifest = manifest.next_serial()
    name = f"{manifest.serial:06d}"
    blocks = (
        vectors[places[start : start + _ROWS_AT_ONCE]]
        for part, places in zip(old, kept, strict=True)
        for vectors in [load_array(folder / f"vectors-{part.name}.npy")]
        for start in range(0, len(places), _ROWS_AT_ONCE)
    )
    save_blocks(folder / f"vectors-{name}.npy", blocks, (len(rows), space.dimension))
    codes = [load_array(folder / f"codes-{part.name}.npy") for part in old]
    whole = [part[:, places] for part, places in zip(codes, kept, strict=True)]
    save_array(folder / f"codes-{name}.npy", np.concatenate(whole, axis=1))
    manifest, part = remap(root, manifest, space.name, Part(name=name, rows=len(rows)), rows)
    return manifest.with_space(replace(space, parts=(*space.parts[:-tail], part)))
