"""A local index: one folder, one writer at a time, readers that never wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from ringroad.backends.durable import telling_full
from ringroad.backends.file_turn import FileTurn
from ringroad.backends.index_files import CURRENT, Manifest, read_manifest, write_manifest
from ringroad.backends.index_merging import merged
from ringroad.backends.index_recall import measured
from ringroad.backends.index_view import LocalIndexView
from ringroad.backends.index_writing import add_rows, add_vectors, end_rows


class LocalIndex:
    """Files under one folder. Safe to call from threads and processes; pickles."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._turn = FileTurn(root / "writing.lock")
        self._seen: LocalIndexView | None = None

    def view(self) -> LocalIndexView:
        """What it holds now; the same view while nobody writes, with all that it worked out."""
        seen = self._seen
        if seen is None or seen.manifest != read_manifest(self.root):
            self._seen = seen = LocalIndexView(self.root)
        return seen

    def __reduce__(self) -> tuple[type[LocalIndex], tuple[Path]]:
        return LocalIndex, (self.root,)

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[bool]:
        """The turn to write, over processes; False where another has it."""
        with self._turn.tried(wait=wait) as held:
            yield held

    def extend(
        self,
        *,
        columns: pa.Table | None = None,
        vectors: Mapping[str, pa.Table] | None = None,
        reached: Mapping[str, int] | None = None,
        gone: Sequence[str] = (),
    ) -> None:
        """Add rows and vectors in one write; see the protocol."""
        with self.writing(), telling_full("search index"):
            manifest = read_manifest(self.root)
            if gone:
                manifest = end_rows(self.root, manifest, gone)
            if columns is not None and columns.num_rows:
                manifest = add_rows(self.root, manifest, columns)
            for space, rows in sorted((vectors or {}).items()):
                manifest = add_vectors(self.root, manifest, space, rows)
            manifest = measured(self.root, merged(self.root, manifest))
            write_manifest(
                self.root, replace(manifest, reached={**manifest.reached, **(reached or {})})
            )

    def clear(self) -> None:
        """Hold nothing."""
        with self.writing():
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / CURRENT).unlink(missing_ok=True)  # it may be damaged
            write_manifest(self.root, Manifest())
