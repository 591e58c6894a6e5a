"""Dataset versions: checked rows under a header. How rows were split stands in split.py."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS, DatasetHeader
from ringroad.domain.errors import DigestMismatch, InputError
from ringroad.domain.ids import ArtifactId
from ringroad.media.schemas import MANIFEST

KIND = "dataset"
METADATA_KEY = b"ringroad.dataset"


def build(header: DatasetHeader, rows: pa.Table) -> pa.Table:
    """A dataset version: rows of `schemas.MANIFEST` by frame id, the header in its metadata.

    Raises:
        InputError: a frame stands twice, a split is unknown, or a unit lies in two splits.
    """
    ordered = rows.select(MANIFEST.names).cast(MANIFEST).sort_by("frame_id").combine_chunks()
    _check_frames(ordered)
    _check_splits(ordered)
    _check_units(ordered)
    return ordered.replace_schema_metadata({METADATA_KEY: canonical_json(header)})


def header_of(table: pa.Table) -> DatasetHeader:
    """What the version claims.

    Raises:
        DigestMismatch: the table is not a dataset version.
    """
    data = (table.schema.metadata or {}).get(METADATA_KEY)
    if data is None:
        raise DigestMismatch("not a dataset version: its metadata holds no header")
    fields = json.loads(data)
    lists = {name: tuple(fields[name]) for name in ("categories", "tasks", "parents")}
    return DatasetHeader(**{**fields, **lists})


def append(
    parent: pa.Table,
    rows: pa.Table,
    *,
    parents: Sequence[ArtifactId],
    query: str = "",
    synthetic: bool = False,
) -> pa.Table:
    """The next version: the parent's rows and these; a frame that is in both takes the new row.

    Args:
        parent: the version before.
        rows: rows of `schemas.MANIFEST`.
        parents: the version before and what the new rows come from.
        query: how they were found.
        synthetic: whether any of the new frames comes from the simulator.

    Raises:
        InputError: as `build`; so a unit keeps the split that it had.
    """
    header = header_of(parent)
    new = rows.select(MANIFEST.names).cast(MANIFEST)
    kept = parent.filter(pc.invert(pc.is_in(parent["frame_id"], new["frame_id"].combine_chunks())))
    changed = replace(
        header,
        parents=tuple(parents),
        query=query,
        synthetic=header.synthetic or synthetic,
    )
    return build(changed, pa.concat_tables([kept.replace_schema_metadata(None), new]))


def revert(earlier: pa.Table, *, current: ArtifactId, reason: str) -> pa.Table:
    """The rows of an earlier version again, as a new version whose parent is the current one."""
    header = replace(header_of(earlier), parents=(current,), query=reason)
    return build(header, earlier)


def _check_frames(rows: pa.Table) -> None:
    counts = pc.value_counts(rows["frame_id"])
    twice = [c["values"].as_py() for c in counts if c["counts"].as_py() > 1]
    if twice:
        raise InputError(
            f"{len(twice)} frames stand in the rows more than once",
            subject=twice[0],
            remedy="hand in each frame once",
        )


def _check_splits(rows: pa.Table) -> None:
    unknown = sorted(set(pc.unique(rows["split"]).to_pylist()) - set(SPLITS))
    if unknown:
        raise InputError(f"unknown split {unknown[0]!r}", remedy=f"use one of {', '.join(SPLITS)}")


def _check_units(rows: pa.Table) -> None:
    pairs = rows.group_by(["unit", "split"], use_threads=False).aggregate([])
    units = pairs.group_by("unit", use_threads=False).aggregate([("split", "count")])
    torn = units.filter(pc.greater(units["split_count"], 1))
    if len(torn):
        unit = torn["unit"][0].as_py()
        places = pairs.filter(pc.equal(pairs["unit"], unit))["split"].to_pylist()
        raise InputError(
            f"lies in more than one split: {', '.join(sorted(places))}",
            subject=unit,
            remedy="split by unit, or give new frames of a unit the split it already has",
        )
