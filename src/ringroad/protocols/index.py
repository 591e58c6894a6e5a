"""What searches run on: columns and vectors of frames, laid out to be looked through fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """One kind of embedding: vectors of one embedder, which alone can be compared."""

    name: str
    dimension: int
    vectors: int
    recall: float
    """Share of the ten nearest that `nearest` found, measured over `probes` stored vectors."""
    probes: int
    """0 where every search is exact."""


class IndexView(Protocol):
    """The index as it was when it was opened; later writes do not show. Safe for threads.

    Rows have numbers from 0 to `size` - 1. Some are dead: a newer row of the same frame
    replaced them. They are False in `alive`, and no search answers with them.
    """

    @property
    def size(self) -> int:
        """How many rows, dead ones among them."""
        ...

    @property
    def alive(self) -> np.ndarray:
        """(size,) bool."""
        ...

    @property
    def columns(self) -> pa.Table:
        """All rows with `schemas.INDEX`, by number. Memory-mapped."""
        ...

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Kinds of embeddings by name."""
        ...

    @property
    def reached(self) -> Mapping[str, int]:
        """Per table of batches, the position of the last batch that is in."""
        ...

    def rows_of(self, frames: Sequence[str]) -> np.ndarray:
        """(n,) int64 number of the living row of each frame, -1 where there is none."""
        ...

    def embedded(self, space: str) -> np.ndarray:
        """(size,) bool: which rows have a vector. Raises UnknownName."""
        ...

    def vectors(self, space: str, rows: np.ndarray) -> np.ndarray:
        """(n, d) float32 of rows that have one. Raises UnknownName for a row without."""
        ...

    def nearest(
        self,
        space: str,
        vector: np.ndarray,
        *,
        limit: int,
        among: np.ndarray | None = None,
        exact: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the rows nearest to a (d,) vector, and their squared L2 distances.

        Args:
            space: which embeddings.
            vector: the example.
            limit: at most so many; rows at equal distance by number.
            among: (size,) bool, the rows that count; None for all.
            exact: compare with every vector, instead of with those whose code is close.

        Raises:
            UnknownName: no such space.
            UsageError: the vector has another length, or holds a NaN.
        """
        ...


class FrameIndex(Protocol):
    """A rebuildable index over committed batches. One writer at a time; readers never wait.

    A write becomes visible as a whole or not at all, however its process ends.
    """

    def view(self) -> IndexView:
        """What it holds now."""
        ...

    def extend(
        self,
        *,
        columns: pa.Table | None = None,
        vectors: Mapping[str, pa.Table] | None = None,
        reached: Mapping[str, int] | None = None,
        gone: Sequence[str] = (),
    ) -> None:
        """Add rows and vectors in one write. Rows of a frame that is known replace the old one.

        Args:
            gone: frames whose rows and vectors end, before anything is added.
            columns: rows of `schemas.INDEX`.
            vectors: per space, columns `frame_id` and `vector`. Those of frames without a row
                are left out, with or without rows in `columns`.
            reached: per table of batches, how far this brings the index.

        Raises:
            InputError: vectors of another length than the space has, or with NaN.
            StorageFull: nothing was changed.
        """
        ...

    def clear(self) -> None:
        """Hold nothing."""
        ...

    def writing(self, *, wait: bool = True) -> AbstractContextManager[bool]:
        """The turn to write, over processes; False where another has it and `wait` is not asked."""
        ...
