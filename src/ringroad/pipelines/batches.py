"""Many batches of rows as one. Its own module, so that steps which only read have small keys."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.workflow.bench import Bench


def all_rows(bench: Bench, parts: Sequence[Artifact]) -> pa.Table:
    """The rows of many batches, one after the other."""
    return pa.concat_tables([bench.read_table(part) for part in parts])
