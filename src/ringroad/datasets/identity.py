"""What rows are, whatever way they came about: a sum of digests, so that an edit costs an edit.

The sum tells equal rows from others that came by accident or work. It is no defence against
somebody who makes up rows to meet a sum: what is locked is compared row by row (see locks.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.media.schemas import MANIFEST

BITS = 256
Identity = Mapping[str, str]
"""Split -> sum of the SHA-256 of its rows, modulo 2 to the 256th, in hex; a bare split is out."""

_TEXTS = tuple(name for name in MANIFEST.names if name != "weight")


def identity(rows: pa.Table) -> Identity:
    """The identity of rows of `schemas.MANIFEST`, in whatever order they stand."""
    return changed({}, gone=MANIFEST.empty_table(), new=rows)


def changed(before: Identity, *, gone: pa.Table, new: pa.Table) -> Identity:
    """The identity after some rows went and others came."""
    sums = {split: int(value, 16) for split, value in before.items()}
    for sign, rows in ((-1, gone), (1, new)):
        for split in pc.unique(rows["split"]).to_pylist():
            part = rows.filter(pc.equal(rows["split"], split))
            sums[split] = (sums.get(split, 0) + sign * _sum(part)) % (1 << BITS)
    return {split: f"{value:064x}" for split, value in sorted(sums.items()) if value}


def digest_of_rows(value: Identity) -> str:
    """One number for all splits, to show and to compare."""
    total = sum(int(part, 16) for part in value.values()) % (1 << BITS)
    return f"{total:064x}"


def _sum(rows: pa.Table) -> int:
    """Of the SHA-256 of each row, read as little-endian numbers."""
    number, sha = int.from_bytes, hashlib.sha256
    texts = _texts(rows.combine_chunks())
    return sum(number(sha(text).digest(), "little") for text in texts)


def _texts(rows: pa.Table) -> list[bytes]:
    """Each row as one text that no other row has: every cell after its length."""
    if not rows.num_rows:
        return []
    parts: list[pa.Array] = []
    for name in _TEXTS:
        column = rows[name].chunk(0)
        parts += [pc.cast(pc.binary_length(column), pa.string()), column]
    bits = np.ascontiguousarray(rows["weight"].to_numpy()).view(np.int32)
    parts.append(pa.array(bits).cast(pa.string()))
    joined = pc.binary_join_element_wise(*parts, ":")
    found: list[bytes] = joined.cast(pa.binary()).to_pylist()
    return found
