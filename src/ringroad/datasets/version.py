"""Dataset versions: checked rows under a header. How rows were split stands in split.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS, DatasetHeader
from ringroad.domain.errors import DigestMismatch, InputError
from ringroad.media.schemas import MANIFEST

KIND = "dataset"
METADATA_KEY = b"ringroad.dataset"
SHOWN = 5


def build(header: DatasetHeader, rows: pa.Table) -> pa.Table:
    """A dataset version: rows of `schemas.MANIFEST` by frame id, the header in its metadata.

    Raises:
        InputError: a frame stands twice, a split is unknown, a weight is no number of 0 or more, or
            a unit lies in two splits.
    """
    ordered = rows.select(MANIFEST.names).cast(MANIFEST).sort_by("frame_id").combine_chunks()
    check_rows(ordered)
    _check_frames(ordered)
    check_units(ordered)
    return headed(header, ordered)


def headed(header: DatasetHeader, rows: pa.Table) -> pa.Table:
    """Rows with a header in their metadata; they are not looked at."""
    return rows.replace_schema_metadata({METADATA_KEY: canonical_json(header)})


def header_of(table: pa.Table) -> DatasetHeader:
    """What the version claims.

    Raises:
        DigestMismatch: the table is not a dataset version.
    """
    data = (table.schema.metadata or {}).get(METADATA_KEY)
    if data is None:
        raise DigestMismatch("not a dataset version: its metadata holds no header")
    return header_read(json.loads(data))


def header_read(fields: Mapping[str, Any]) -> DatasetHeader:
    """A header from what JSON made of it; one of an earlier release lacks the last fields."""
    lists = {name: tuple(fields[name]) for name in ("categories", "tasks", "parents")}
    return DatasetHeader(**{**fields, **lists})


def check_rows(rows: pa.Table) -> None:
    """Raise InputError for a split that is unknown, a weight that is none, a frame without id."""
    unknown = sorted(set(pc.unique(rows["split"]).to_pylist()) - set(SPLITS))
    if unknown:
        raise InputError(f"unknown split {unknown[0]!r}", remedy=f"use one of {', '.join(SPLITS)}")
    weights = rows["weight"].to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        raise InputError(
            f"a weight of {weights[wrong[0]]}",
            subject=rows["frame_id"][int(wrong[0])].as_py(),
            remedy="give a number, 0 or more",
        )
    if pc.any(pc.equal(rows["frame_id"], "")).as_py():
        raise InputError("a row names no frame", remedy="give each row its frame_id")


def check_units(rows: pa.Table) -> None:
    """Raise InputError where a unit lies in more than one split; it names them."""
    pairs = rows.group_by(["unit", "split"], use_threads=False).aggregate([])
    units = pairs.group_by("unit", use_threads=False).aggregate([("split", "count")])
    torn = sorted(units.filter(pc.greater(units["split_count"], 1))["unit"].to_pylist())
    if torn:
        places = pairs.filter(pc.equal(pairs["unit"], torn[0]))["split"].to_pylist()
        others = ", ".join(torn[1:SHOWN]) + (f" and {len(torn) - SHOWN} more" * (len(torn) > SHOWN))
        raise InputError(
            f"lies in more than one split: {', '.join(sorted(places))}"
            + (f"; so do {others}" if others else ""),
            subject=torn[0],
            remedy="split by unit, or give new frames of a unit the split it already has",
        )


def _check_frames(rows: pa.Table) -> None:
    counts = pc.value_counts(rows["frame_id"])
    twice = [c["values"].as_py() for c in counts if c["counts"].as_py() > 1]
    if twice:
        raise InputError(
            f"{len(twice)} frames stand in the rows more than once",
            subject=twice[0],
            remedy="hand in each frame once",
        )
