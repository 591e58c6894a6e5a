"""The one way to the rows of a dataset version, and to the annotations that they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.manifest import from_bytes
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.datasets.version import headed, header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.media import arrow
from ringroad.media.annotation_rows import joined
from ringroad.protocols.blobs import Blobs


def rows_of(blobs: Blobs, dataset: Artifact) -> pa.Table:
    """Rows of `schemas.MANIFEST` by frame id, with the header in their metadata (`header_of`).

    Raises:
        DigestMismatch: the bytes are no dataset version.
    """
    data = blobs.get(dataset.digest)
    if dataset.media == arrow.ARROW_FILE:
        rows = arrow.from_bytes(data)
        header_of(rows)
        return rows
    version = from_bytes(data)
    return headed(version.header, stack_of(version, Shelf(blobs)).rows())


def of_splits(rows: pa.Table, splits: Sequence[str], *, subject: str) -> pa.Table:
    """The rows of some splits, all of them as they lie. Raises InputError where none is left."""
    found = rows.filter(pc.is_in(rows["split"], value_set=pa.array(list(splits), pa.string())))
    if rows.num_rows and not found.num_rows:
        raise InputError(
            f"has no row in {', '.join(splits) or 'no split'}",
            subject=subject,
            remedy="see its splits: ringroad datasets show NAME",
        )
    return found


def annotations_of(
    read: Callable[[Artifact], pa.Table], rows: pa.Table, batches: Iterable[Artifact]
) -> pa.Table:
    """The annotation rows that rows of a version refer to, in full, batch after batch.

    Args:
        read: the rows of an artifact.
        rows: of `schemas.MANIFEST`.
        batches: of annotations; where one is missing, its frames have no annotations.
    """
    parts = []
    for batch in batches:
        mine = rows.filter(pc.equal(rows["annotations"], batch.digest))["frame_id"]
        marks = read(batch)
        parts.append(marks.filter(pc.is_in(marks["frame_id"], value_set=mine.combine_chunks())))
    return joined(parts).combine_chunks()
