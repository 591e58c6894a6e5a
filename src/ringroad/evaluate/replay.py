"""Module replay: the same plan on the same frames twice gives the same rows, within tolerances.

Compares row by row and field by field; pairs no boxes: that is `resimulate`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError

REPLAYED = pa.schema([pa.field(n, pa.string()) for n in ("key", "field", "first", "second")])
"""One row per field that differs. A row on one side only differs in its key: `True`, `False`."""


def replay(
    first: pa.Table,
    second: pa.Table,
    *,
    key: str = "prediction_id",
    tolerances: Mapping[str, float] | None = None,
) -> pa.Table:
    """List what differs between two tables of one schema; no rows where they are the same.

    Numbers may differ by the tolerance of their column, 0 where none is given; NaN equals NaN.
    Lists differ by their largest difference. Text must be equal.

    Raises:
        InputError: the tables have different columns.
    """
    if first.schema.names != second.schema.names:
        raise InputError(
            f"columns {first.schema.names} against {second.schema.names}",
            remedy="replay rows of one schema",
        )
    allowed = tolerances or {}
    a = {row[key]: row for row in first.to_pylist()}
    b = {row[key]: row for row in second.to_pylist()}
    rows = []
    for name in sorted({*a, *b}):
        if name not in a or name not in b:
            rows.append((name, key, str(name in a), str(name in b)))
            continue
        for field in first.schema.names:
            x, y = a[name][field], b[name][field]
            if not _same(x, y, allowed.get(field, 0.0)):
                rows.append((name, field, repr(x), repr(y)))
    named = [dict(zip(REPLAYED.names, row, strict=True)) for row in rows]
    return pa.Table.from_pylist(named, schema=REPLAYED)


def _same(x: object, y: object, tolerance: float) -> bool:
    if isinstance(x, (list, float)) and isinstance(y, (list, float)):
        a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
        return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True)
    if isinstance(x, int) and isinstance(y, int):
        return abs(x - y) <= tolerance
    return x == y
