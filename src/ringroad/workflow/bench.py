"""What a step has before it: bytes in, bytes out, a seed, and nothing else of the world."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringroad.domain.artifact import Artifact, Measurement
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId, Digest
from ringroad.media import arrow
from ringroad.media.schemas import ABOUT
from ringroad.workflow.scratch import Scratch

if TYPE_CHECKING:  # shapes alone: a new method of a protocol changes no step's key
    import pyarrow as pa

    from ringroad.protocols.blobs import Blobs, Sources
    from ringroad.protocols.catalog import Record
    from ringroad.protocols.clock import Clock
    from ringroad.protocols.runtime import Runtime
    from ringroad.protocols.sandbox import Sandbox
    from ringroad.protocols.tracker import Tracker

JSON = "application/json"


class SilentTracker:
    """Hears everything, says nothing."""

    def metrics(self, values: Mapping[str, float], *, step: int) -> None:
        """Nothing."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The collaborators that steps reach through their bench.

    Pickles where its parts do; a worker process unpickles equal bytes once and keeps the kit.
    """

    blobs: Blobs
    sources: Sources
    sandbox: Sandbox
    clock: Clock
    runtime: Runtime | None = None
    threads: int = 1
    attempts: Path | None = None
    """Folder in which a long step may leave what its next attempt takes up again."""
    near: Path | None = None
    """Folder of whole sources that were just fetched from a bucket, by digest."""

    def __reduce__(self) -> tuple[Any, ...]:
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return (_unpacked, (pickle.dumps(parts),))


class Bench:
    """One attempt of one step. Used by one thread; `close` removes the scratch folder."""

    def __init__(self, kit: Kit, *, seed: int, tracker: Tracker, key: str = "") -> None:
        self.blobs = kit.blobs
        self.sources = kit.sources
        self.sandbox = kit.sandbox
        self.threads = kit.threads
        self.seed = seed
        self.tracker = tracker
        self.batches: dict[ArtifactId, str] = {}
        self.records: list[Record] = []
        self._runtime = kit.runtime
        self._scratch: Scratch | None = None
        self._attempts = kit.attempts
        self._near = kit.near
        self._key = key

    @property
    def resume(self) -> Path | None:
        """A folder that outlives an interrupted attempt of this very key; gone once it commits.

        None where the workspace keeps none, or the step runs without a key.
        """
        return self._attempts / self._key if self._attempts is not None and self._key else None

    def near(self, source: Artifact) -> Path | None:
        """A local file with all bytes of a source that lies far away; None where there is none."""
        path = self._near / source.digest if self._near is not None else None
        return path if path is not None and path.exists() else None

    @property
    def runtime(self) -> Runtime:
        """The engine that executes networks. Raises UsageError where the kit holds none."""
        if self._runtime is None:
            raise UsageError("this workspace has no runtime", remedy="give the kit one")
        return self._runtime

    @property
    def scratch(self) -> Path:
        """An empty folder of this attempt, gone afterwards."""
        if self._scratch is None:
            self._scratch = Scratch()
        return self._scratch.path

    def read(self, artifact: Artifact) -> bytes:
        """All bytes, verified."""
        return self.blobs.get(artifact.digest)

    def read_json(self, artifact: Artifact) -> Any:
        """The value that `write_json` wrote."""
        return json.loads(self.read(artifact))

    def read_table(self, artifact: Artifact) -> pa.Table:
        """The rows that `write_table` wrote."""
        return arrow.from_bytes(self.read(artifact))

    def path(self, artifact: Artifact) -> Path | None:
        """A local file of the bytes, not verified; None where the store has none."""
        return self.blobs.path(artifact.digest)

    def write(self, kind: str, data: bytes | memoryview | Path, media: str) -> Artifact:
        """Store bytes, or those of a file, durably."""
        if isinstance(data, Path):
            size = data.stat().st_size
            return _artifact(kind, self.blobs.put_file(data), size, media)
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        return _artifact(kind, self.blobs.put(data), size, media)

    def write_json(self, kind: str, value: Any) -> Artifact:
        """Store a value as canonical JSON."""
        return self.write(kind, canonical_json(value), JSON)

    def write_table(
        self,
        kind: str,
        table: pa.Table,
        *,
        table_name: str = "",
        packed: bool = False,
        about: Sequence[str] = (),
    ) -> Artifact:
        """Store rows; with `table_name` they become rows of that table when the step commits.

        `packed` rows are compressed: for what is large and read as a whole. `about` names the
        scopes (`schemas.TABLE_SCOPES`) of which these are all rows, though there be none.
        """
        if about:
            table = table.replace_schema_metadata({ABOUT: json.dumps(sorted(about))})
        artifact = self.write(kind, arrow.to_bytes(table, packed=packed), arrow.ARROW_FILE)
        if table_name:
            self.batches[artifact.id] = table_name
        return artifact

    def record(self, record: Record) -> None:
        """Hand a noun to the catalog, true when the step commits."""
        self.records.append(record)

    def measure(
        self, artifact: Artifact, name: str, value: float, unit: str, **detail: object
    ) -> None:
        """Note a figure beside an artifact, such as a latency: never a part of its bytes."""
        self.record(
            Measurement(artifact=artifact.id, name=name, value=value, unit=unit, detail=detail)
        )

    def close(self) -> None:
        """Remove the scratch folder."""
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None


def _artifact(kind: str, digest: Digest, size_bytes: int, media: str) -> Artifact:
    return Artifact(kind=kind, digest=digest, size_bytes=size_bytes, media=media)


@lru_cache(maxsize=4)
def _unpacked(data: bytes) -> Kit:
    return Kit(**pickle.loads(data))  # noqa: S301 (the parent's)
