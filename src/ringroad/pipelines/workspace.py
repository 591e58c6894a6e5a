"""What every pipeline works with: the parts that app.py chose, in one frozen bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId
from ringroad.protocols.blobs import Blobs, Sources
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.clock import Clock
from ringroad.protocols.index import FrameIndex
from ringroad.protocols.objects import Objects
from ringroad.protocols.runtime import Runtime
from ringroad.protocols.sandbox import Sandbox
from ringroad.protocols.tables import Tables
from ringroad.store.indexing import catch_up
from ringroad.workflow.runner import Runner

if TYPE_CHECKING:
    import pyarrow as pa


NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One open workspace."""

    folder: Path
    catalog: Catalog
    blobs: Blobs
    tables: Tables
    index: FrameIndex
    sources: Sources
    objects: Objects
    sandbox: Sandbox
    runtime: Runtime
    clock: Clock
    runner: Runner
    say: Callable[[str], None]
    """Receives one line per thing worth telling."""
    progress: Callable[[str, int, int], None]
    """Receives how far a long work is: what, done, of how many."""
    close: Callable[[], None]

    @property
    def near(self) -> Path:
        """Where whole sources from buckets are kept while they are indexed."""
        return self.folder / NEAR

    def rows(self, table: str, *, columns: list[str] | None = None, where: str = "") -> pa.Table:
        """Rows of a table, after it caught up with the catalog."""
        catch_up(self.catalog, self.blobs, self.tables, table)
        return self.tables.read(table, columns=columns, where=where)

    def point(self, name: str, to: Artifact | ArtifactId, *, reason: str = "") -> None:
        """Move an alias to an artifact, from wherever it points now."""
        target = to.id if isinstance(to, Artifact) else to
        now_ns = self.clock.now_ns()
        self.catalog.move(
            name, target, expected=self.catalog.resolve(name), now_ns=now_ns, reason=reason
        )

    def hold(self, table: str, of: str, rows: Artifact) -> None:
        """Let rows of a table count for what they are about, until others do.

        They may have been found before, and others after them: then they count once more.
        """
        name = f"{table}:{of}"
        before = self.catalog.resolve(name)
        if before == rows.id:
            return
        if before is not None:
            self.catalog.put_last(table, rows.id)
        self.point(name, rows, reason="found")

    def find(self, name: str) -> Artifact:
        """An artifact by alias, id, or unique prefix of its digest. Raises UnknownName."""
        target = self.catalog.resolve(name)
        return self.catalog.artifact(target if target is not None else ArtifactId(name))

    def json(self, artifact: Artifact) -> Any:
        """The value that a JSON artifact holds."""
        return json.loads(self.blobs.get(artifact.digest))
