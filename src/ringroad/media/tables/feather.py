"""Feather files (Arrow IPC, their columns perhaps compressed) to tables, never larger than told.

The bytes are untrusted: call it inside a sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.errors import UnreadableSource

MOST_VALUES = 16_000_000
"""Rows times columns; a sweep of Argoverse 2 has 600,000."""
MOST_BATCHES = 4096
MOST_COLUMNS = 256
MAGIC = b"ARROW1"
REMEDY = "copy the file again from its origin"


def read_feather(data: bytes, columns: Sequence[str] = ()) -> pa.Table:
    """The named columns in this order, or all of them.

    Raises:
        UnreadableSource: no Feather file, a damaged or too large one, or one without such a
            column.
    """
    if not data.startswith(MAGIC):
        raise UnreadableSource("is no Feather file of version 2", remedy=REMEDY)
    try:
        return _read(data, columns)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        first = str(error).partition("\n")[0][:200]
        raise UnreadableSource(f"damaged Feather file: {first}", remedy=REMEDY) from error


def _read(data: bytes, columns: Sequence[str]) -> pa.Table:
    with pa.ipc.open_file(pa.py_buffer(data)) as reader:
        names = reader.schema.names
        batches = reader.num_record_batches
        if batches > MOST_BATCHES or len(names) > MOST_COLUMNS:
            raise UnreadableSource(f"claims {batches} batches of {len(names)} columns")
    missing = [name for name in columns if name not in names]
    if missing:
        raise UnreadableSource(f"has no column {missing[0]!r}", remedy=f"it has {', '.join(names)}")
    wanted = sorted(names.index(name) for name in columns or names)
    options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=wanted)
    found, rows = [], 0
    with pa.ipc.open_file(pa.py_buffer(data), options=options) as reader:
        for number in range(batches):
            batch = reader.get_batch(number)
            batch.validate(full=True)
            found.append(batch)
            rows += batch.num_rows
            if rows * len(wanted) > MOST_VALUES:
                raise UnreadableSource(f"has more than {MOST_VALUES} values", remedy=REMEDY)
        table = pa.Table.from_batches(found, schema=reader.schema)
    return table.select([*columns]) if columns else table
