"""Reads files of tracks: Parquet, Arrow or CSV with the columns of `schemas.TRACKS`, and AV2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import InputError
from ringroad.media.schemas import NAME, TRACKS
from ringroad.media.tables.row_files import read_rows

OPTIONAL: Mapping[str, float] = {
    "vx_mps": float("nan"), "vy_mps": float("nan"), "heading_rad": 0.0, "length_m": 4.5,
    "width_m": 1.8, "visible": 1.0,
}  # fmt: skip
"""What stands in where a file does not tell."""
VELOCITIES = ("vx_mps", "vy_mps")
"""An empty place there means that nobody measured it."""
SIZES = ("length_m", "width_m")
AV2 = {
    "track_uuid": "track_id", "timestamp_ns": "time_ns", "tx_m": "x_m", "ty_m": "y_m",
    "length_m": "length_m", "width_m": "width_m",
}  # fmt: skip
"""Columns of annotations of the Argoverse 2 sensor data set, in the vehicle's axes as ours."""
AV2_CATEGORIES: Mapping[str, str] = {
    "REGULAR_VEHICLE": "car", "LARGE_VEHICLE": "truck", "BOX_TRUCK": "truck", "TRUCK": "truck",
    "TRUCK_CAB": "truck", "BUS": "bus", "SCHOOL_BUS": "bus", "ARTICULATED_BUS": "bus",
    "MOTORCYCLE": "motorcycle", "VEHICULAR_TRAILER": "trailer", "BICYCLIST": "cyclist",
    "MOTORCYCLIST": "motorcycle", "PEDESTRIAN": "pedestrian", "WHEELED_RIDER": "cyclist",
}  # fmt: skip
REMEDY = "give the columns recording_id, track_id, category, time_ns, x_m and y_m"


def read_tracks(path: Path, *, recording: str = "") -> pa.Table:
    """Rows of `schemas.TRACKS`.

    Args:
        path: .parquet, .feather, .arrow or .csv; annotations of Argoverse 2 as they are.
        recording: whose tracks they are, where the file does not say.

    Raises:
        InputError: it cannot be read, lacks a column, or holds a value that is not a number.
    """
    rows = read_rows(path, of="tracks", remedy=REMEDY)
    if "track_uuid" in rows.column_names:
        rows = _from_av2(rows, path)
    if "recording_id" not in rows.column_names:
        if not recording:
            raise InputError(
                "does not say which recording it is about",
                subject=str(path),
                remedy="name it: --recording ID",
            )
        rows = rows.append_column("recording_id", pa.array([recording] * rows.num_rows))
    columns = [_column(rows, field, path) for field in TRACKS]
    return pa.table(columns, schema=TRACKS)


def _column(rows: pa.Table, field: pa.Field, path: Path) -> pa.Array:
    if field.name not in rows.column_names:
        if field.name not in OPTIONAL:
            raise InputError(f"has no column {field.name!r}", subject=str(path), remedy=REMEDY)
        return pa.array(np.full(rows.num_rows, OPTIONAL[field.name])).cast(field.type)
    column = rows[field.name].combine_chunks()
    try:
        if field.type == NAME:
            made = column.cast(pa.string())
            made = pc.dictionary_encode(made).cast(NAME)
        else:
            made = column.cast(field.type)
    except pa.ArrowException as error:
        raise InputError(
            f"column {field.name!r} is {column.type}, wanted is {field.type}",
            subject=str(path),
            remedy=REMEDY,
        ) from error
    if field.name in VELOCITIES:
        made = made.fill_null(float("nan"))
    _check(made, field, path)
    return made


def _check(column: pa.Array, field: pa.Field, path: Path) -> None:
    bad = column.is_null()
    if field.name in VELOCITIES:
        bad = pc.is_inf(column)
    elif pa.types.is_floating(field.type):
        bad = pc.or_(bad, pc.invert(pc.is_finite(column.fill_null(0))))
    if field.name in SIZES:
        bad = pc.or_(bad, pc.less_equal(column, 0).fill_null(fill_value=True))
    if field.name == "visible":
        outside = pc.or_(pc.less(column, 0), pc.greater(column, 1))
        bad = pc.or_(bad, outside.fill_null(fill_value=True))
    if pc.any(bad).as_py():
        row = bad.to_pylist().index(True)
        raise InputError(
            f"{field.name!r} holds no value that can be used",
            subject=str(path),
            place=f"row {row + 1}",
            remedy="leave such rows out",
        )


def _from_av2(rows: pa.Table, path: Path) -> pa.Table:
    missing = [name for name in (*AV2, "category", "qw", "qz") if name not in rows.column_names]
    if missing:
        raise InputError(
            f"lacks the columns {', '.join(missing)} of Argoverse 2",
            subject=str(path),
            remedy=REMEDY,
        )
    known = {mine: rows[theirs] for theirs, mine in AV2.items()}
    names = rows["category"].cast(pa.string()).to_pylist()
    known["category"] = pa.array(
        [AV2_CATEGORIES.get(n, n.lower().replace("_", "-")) for n in names]
    )
    turn = 2 * np.arctan2(rows["qz"].to_numpy(), rows["qw"].to_numpy())  # they stand upright
    known["heading_rad"] = pa.array(np.arctan2(np.sin(turn), np.cos(turn)))
    return pa.table(known)
