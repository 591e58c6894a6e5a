"""The one way to the rows of a dataset version, whatever they are stored as."""

from __future__ import annotations

import pyarrow as pa

from ringroad.datasets.manifest import from_bytes
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.datasets.version import headed, header_of
from ringroad.domain.artifact import Artifact
from ringroad.media import arrow
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
