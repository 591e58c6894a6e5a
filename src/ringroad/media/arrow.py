"""Arrow tables to bytes and back, equal rows to equal bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from ringroad.domain.errors import DigestMismatch

ARROW_FILE = "application/vnd.apache.arrow.file"
ROWS_PER_BATCH = 65_536


def to_bytes(table: pa.Table, *, packed: bool = False) -> bytes:
    """Write the Arrow file format in record batches of a fixed size.

    Chunking of the table in memory does not show in the bytes; schema metadata does.

    Args:
        table: the rows.
        packed: compress the columns (zstd). Else they are read without being copied.
    """
    whole = table.combine_chunks()
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd" if packed else None)
    with pa.ipc.new_file(sink, whole.schema, options=options) as writer:
        writer.write_table(whole, max_chunksize=ROWS_PER_BATCH)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def from_bytes(data: bytes | memoryview | pa.Buffer) -> pa.Table:
    """Read what `to_bytes` wrote, without copying columns that are not packed.

    Raises:
        DigestMismatch: the bytes are not an Arrow file.
    """
    try:
        with pa.ipc.open_file(pa.BufferReader(data)) as reader:
            return reader.read_all()
    except pa.ArrowInvalid as error:
        raise DigestMismatch(f"not an Arrow file: {error}") from error


def mapped(path: Path) -> pa.Table:
    """Rows of a file of `to_bytes` where they lie: columns that are not packed stay on the disk."""
    with pa.ipc.open_file(pa.memory_map(str(path))) as reader:
        return reader.read_all()
