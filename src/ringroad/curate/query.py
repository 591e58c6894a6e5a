"""Finds frames by columns and by likeness, exactly. Writes nothing and reads no file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UnknownName, UsageError
from ringroad.domain.ids import FrameId

SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    "memory_limit": "4GB",
    "temp_directory": "",
}
"""An expression comes from outside: it sees the rows handed in, no file, network or variable."""

_ROWS_AT_ONCE = 65_536


def sealed() -> duckdb.DuckDBPyConnection:
    """A connection for one thread: it sees the rows that it is handed, and nothing else.

    The engine behind it is opened once in a process. Nothing but single SELECT statements may be
    run on it: what they define would be seen by others.
    """
    return _engine().cursor()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect(":memory:", config=dict(SEALED))
    engine.execute("SET lock_configuration = true")
    return engine


def query_frames(
    frames: pa.Table,
    where: str,
    *,
    limit: int | None = None,
    order: str = "",
    beside: Mapping[str, pa.Table] | None = None,
) -> pa.Table:
    """Rows for which an SQL expression over the columns holds.

    Args:
        frames: any table with a `frame_id` column.
        where: such as `condition = 'night' AND speed_mps > 5`; empty means all.
        limit: at most so many rows.
        order: such as `brightness DESC`; ties, and an empty order, go by frame id.
        beside: other tables that the expression may look into by name, such as
            `recording_id NOT IN (SELECT recording_id FROM checks WHERE severity = 'error')`.

    Raises:
        UsageError: the expression does not parse, or names a column that is not there.
    """
    with sealed() as connection:
        try:
            for name, rows in (beside or {}).items():
                connection.register(name, rows)
            found = connection.from_arrow(frames).set_alias("frames")
            found = found.filter(where) if where.strip() else found
            found = found.order(f"{order}, frame_id" if order.strip() else "frame_id")
            found = found if limit is None else found.limit(limit)
            return found.to_arrow_table().cast(frames.schema)
        except duckdb.Error as error:
            raise refusal(error, frames, where, order) from error


def more_like(
    vectors: pa.Table,
    example: FrameId | np.ndarray,
    *,
    limit: int,
    among: Collection[FrameId] | None = None,
) -> pa.Table:
    """The frames nearest to an example, by exact squared L2 distance.

    Args:
        vectors: columns `frame_id` and `vector`, see `schemas.embeddings`.
        example: a frame of that table, which is left out of the answer, or a (d,) vector.
        limit: at most so many rows.
        among: look at these frames only.

    Returns:
        Columns `frame_id` and `distance` (float32), nearest first, ties by frame id.

    Raises:
        UnknownName: the table holds no vector of the example.
    """
    ids = np.asarray(vectors["frame_id"].to_pylist(), dtype=object)
    points = matrix_of(vectors)
    kept = np.ones(len(ids), dtype=bool)
    if among is not None:
        wanted = frozenset(among)
        kept = np.fromiter((frame in wanted for frame in ids), dtype=bool, count=len(ids))
    if isinstance(example, str):
        place = _place_of(ids, example)
        kept[place] = False
        target = points[place]
    else:
        target = np.asarray(example, dtype=np.float32)
    distances = _distances(points[kept], target)
    nearest = np.lexsort((ids[kept].astype(str), distances))[:limit]
    return pa.table(
        {
            "frame_id": pa.array(ids[kept][nearest].tolist(), pa.string()),
            "distance": pa.array(distances[nearest], pa.float32()),
        }
    )


def matrix_of(vectors: pa.Table) -> np.ndarray:
    """The `vector` column as (n, d) float32; lists of fixed or of equal length."""
    column = vectors["vector"].combine_chunks()
    flat = np.asarray(column.flatten(), dtype=np.float32)
    return flat.reshape(len(vectors), -1 if len(vectors) else 0)


def _distances(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Squared L2 of (n, d) to (d,), in bounded memory; float32."""
    distances = np.empty(len(points), dtype=np.float32)
    for start in range(0, len(points), _ROWS_AT_ONCE):
        apart = points[start : start + _ROWS_AT_ONCE] - target
        distances[start : start + _ROWS_AT_ONCE] = (apart * apart).sum(axis=1)
    return distances


def _place_of(ids: np.ndarray, frame: str) -> int:
    places = np.flatnonzero(ids == frame)
    if len(places) == 0:
        raise UnknownName(
            "no embedding is stored for this frame",
            subject=frame,
            remedy="list the frames with `ringroad search`, or describe the recording first",
        )
    return int(places[0])


def refusal(error: duckdb.Error, frames: pa.Table, where: str, order: str) -> UsageError:
    """Our error: the first line of what the engine said, and the columns there are."""
    said = str(error).splitlines()[0]
    asked = f"{where} ORDER BY {order}" if order else where
    return UsageError(
        f"this query cannot be understood: {said}",
        subject=asked,
        remedy=f"columns: {', '.join(frames.column_names)}",
    )
