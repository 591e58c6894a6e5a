"""Reads a local index: columns by number, vectors near an example. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import xxhash

from ringroad.backends.index_files import Manifest, Part, SpaceFiles, load_array, read_manifest
from ringroad.backends.index_sketch import FAR, closest, codes_of, directions, hamming
from ringroad.domain.errors import UnknownName, UsageError, WorkspaceError
from ringroad.media.schemas import INDEX
from ringroad.protocols.index import Space

EXACT_ROWS = 25_000
"""Up to here every vector is compared: the codes would save nothing."""
_ROWS_AT_ONCE = 65_536
RETRIES = 8


class VectorPart:
    """One file of vectors, mapped."""

    def __init__(self, folder: Path, part: Part) -> None:
        self.rows = load_array(folder / part.map)
        self.vectors = load_array(folder / f"vectors-{part.name}.npy")
        self._codes = folder / f"codes-{part.name}.npy"

    @cached_property
    def codes(self) -> np.ndarray:
        """(WORDS, n) uint64, in memory: a scan of mapped pages takes twice as long."""
        return np.array(load_array(self._codes))


class VectorSpace:
    """All vectors of one embedder."""

    def __init__(self, folder: Path, files: SpaceFiles) -> None:
        self.files = files
        self.centre = load_array(folder / "centre.npy")
        self.parts = [VectorPart(folder, part) for part in files.parts]

    @cached_property
    def towards(self) -> np.ndarray:
        """(bits, d) directions of the codes."""
        return directions(self.files.dimension)

    @cached_property
    def slots(self) -> np.ndarray:
        """(vectors,) int64 row of each vector, over all parts; -1 for none any more."""
        if not self.parts:
            return np.empty(0, dtype=np.int64)
        return np.concatenate([part.rows for part in self.parts])

    @cached_property
    def by_row(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows that have a vector, rising, and the place of each one's vector."""
        places = np.flatnonzero(self.slots >= 0)
        order = np.argsort(self.slots[places], kind="stable")
        return self.slots[places][order], places[order]

    def places(self, rows: np.ndarray) -> np.ndarray:
        """Which vector each row has, counted over all parts; -1 for none."""
        held, places = self.by_row
        if not len(held):
            return np.full(len(rows), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(held, rows), len(held) - 1)
        return np.where(held[at] == rows, places[at], -1)

    def take(self, places: np.ndarray) -> np.ndarray:
        """(n, d) float32 vectors at places counted over all parts."""
        taken = np.empty((len(places), self.files.dimension), dtype=np.float32)
        first = 0
        for part in self.parts:
            here = (places >= first) & (places < first + len(part.rows))
            if here.any():
                taken[here] = part.vectors[places[here] - first]
            first += len(part.rows)
        return taken

    def counting(self, among: np.ndarray | None) -> np.ndarray:
        """Places of vectors whose row counts."""
        if among is None:
            return np.asarray(np.flatnonzero(self.slots >= 0))
        rows = np.flatnonzero(among)
        places = self.places(rows) if len(rows) < len(self.slots) // 8 else self._among(among)
        return np.asarray(places[places >= 0])

    def candidates(self, vector: np.ndarray, among: np.ndarray | None, count: int) -> np.ndarray:
        """Places of the vectors whose codes are closest."""
        code = codes_of(vector[None, :], self.centre, self.towards)[:, 0]
        apart = np.concatenate([hamming(part.codes, code) for part in self.parts])
        if among is not None:
            kept = self._among(among)
            return np.asarray(kept[closest(apart[kept], count)])
        if self.ended:
            apart[self.slots < 0] = FAR
        return closest(apart, count)

    @cached_property
    def ended(self) -> bool:
        """Whether vectors are left that belong to no row any more."""
        return bool((self.slots < 0).any())

    @cached_property
    def aligned(self) -> bool:
        """Whether each row has the vector of its own number, as after an undisturbed ingest."""
        return bool(np.array_equal(self.slots, np.arange(len(self.slots))))

    def _among(self, among: np.ndarray) -> np.ndarray:
        """Places of vectors whose row counts, rising."""
        if self.aligned:
            return np.flatnonzero(among[: len(self.slots)])
        slots = self.slots
        return np.flatnonzero((slots >= 0) & among[slots])  # a slot of -1 is out already


class LocalIndexView:
    """What the files held when they were opened."""

    def __init__(self, folder: Path, manifest: Manifest | None = None) -> None:
        self.folder = folder
        if manifest is not None:
            self.manifest = manifest
            self._open(manifest)
            return
        for _ in range(RETRIES):  # a writer may remove files between the two reads
            self.manifest = read_manifest(folder)
            with suppress(FileNotFoundError):
                self._open(self.manifest)
                return
        raise WorkspaceError(
            "the search index names files that are not there",
            subject=str(folder),
            remedy="make it again: ringroad doctor --rebuild",
        )

    def _open(self, manifest: Manifest) -> None:
        places = [self.folder / part.name for part in manifest.columns]
        self._tables = [read_columns(place.with_suffix(".arrow")) for place in places]
        self._keys = [
            tuple(load_array(place.with_suffix(f".{kind}.npy")) for kind in ("keys", "order"))
            for place in places
        ]
        self._dead = load_array(self.folder / manifest.dead) if manifest.dead else None
        self.held = {
            files.name: VectorSpace(self.folder / files.name, files) for files in manifest.spaces
        }

    @property
    def size(self) -> int:
        """How many rows, dead ones among them."""
        return self.manifest.size

    @cached_property
    def alive(self) -> np.ndarray:
        """(size,) bool."""
        alive = np.ones(self.size, dtype=bool)
        if self._dead is not None:
            alive[self._dead] = False
        return alive

    @cached_property
    def columns(self) -> pa.Table:
        """All rows with `schemas.INDEX`, by number; one dictionary per column."""
        if not self._tables:
            return INDEX.empty_table()
        return pa.concat_tables(self._tables).unify_dictionaries()

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Kinds of embeddings by name."""
        return {
            name: Space(
                name=name,
                dimension=space.files.dimension,
                vectors=int((space.slots >= 0).sum()),
                recall=space.files.recall,
                probes=space.files.probes,
            )
            for name, space in self.held.items()
        }

    @property
    def reached(self) -> Mapping[str, int]:
        """Per table of batches, the position of the last batch that is in."""
        return self.manifest.reached

    def rows_of(self, frames: Sequence[str]) -> np.ndarray:
        """(n,) int64 number of the living row of each frame, -1 where there is none."""
        return self.locate(frames, hashes_of(frames))

    def locate(self, frames: Sequence[str], hashes: np.ndarray) -> np.ndarray:
        """The same for frames whose `hashes_of` is known."""
        found = np.full(len(hashes), -1, dtype=np.int64)
        wanted = np.asarray(frames, dtype=object)
        first = 0
        for table, (keys, order) in zip(self._tables, self._keys, strict=True):
            at = np.searchsorted(keys, hashes)
            while True:  # rows of one hash stand side by side: older ones of a frame, or a clash
                hit = np.flatnonzero((at < len(keys)) & (keys[at % max(1, len(keys))] == hashes))
                if not len(hit):
                    break
                local = order[at[hit]]
                ids = np.asarray(table["frame_id"].take(local).to_pylist(), dtype=object)
                same = ids == wanted[hit]  # made sure of by the id itself
                rows = first + local[same]
                lives = self.alive[rows]
                found[hit[same][lives]] = rows[lives]
                at = at + 1
            first += table.num_rows
        return found

    def embedded(self, space: str) -> np.ndarray:
        """(size,) bool: which rows have a vector."""
        slots = self._space(space).slots
        found = np.zeros(self.size, dtype=bool)
        found[slots[slots >= 0]] = True
        return found

    def vectors(self, space: str, rows: np.ndarray) -> np.ndarray:
        """(n, d) float32 of rows that have one."""
        held = self._space(space)
        places = held.places(rows)
        if (places < 0).any():
            row = int(rows[np.flatnonzero(places < 0)[0]])
            raise UnknownName(
                f"no embedding of {space!r} is stored for this frame",
                subject=self.columns["frame_id"][row].as_py(),
                remedy="describe the recording first: ringroad ingest --describe 1",
            )
        return held.take(places)

    def nearest(
        self,
        space: str,
        vector: np.ndarray,
        *,
        limit: int,
        among: np.ndarray | None = None,
        exact: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the rows nearest to a (d,) vector, and their squared L2 distances."""
        held = self._space(space)
        target = _checked(vector, held.files)
        if not held.parts or limit < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        few = among is not None and int(np.count_nonzero(among)) <= EXACT_ROWS
        if exact or few or held.files.rerank == 0 or len(held.slots) <= EXACT_ROWS:
            places = held.counting(among)
        else:
            places = held.candidates(target, among, max(held.files.rerank, 4 * limit))
        return ranked(held, places, target, limit)

    def _space(self, name: str) -> VectorSpace:
        if name not in self.held:
            known = ", ".join(self.held) or "none yet"
            raise UnknownName(f"no embeddings are called {name!r}", remedy=f"known: {known}")
        return self.held[name]


def ranked(
    space: VectorSpace, places: np.ndarray, target: np.ndarray, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows at some places by exact distance, then by number."""
    distances = np.empty(len(places), dtype=np.float32)
    for start in range(0, len(places), _ROWS_AT_ONCE):
        part = places[start : start + _ROWS_AT_ONCE]
        apart = space.take(part) - target
        distances[start : start + len(part)] = np.einsum("nd,nd->n", apart, apart)
    if len(places) > 4 * limit:  # those that tie at the limit stay in, so that numbers decide
        cut = np.partition(distances, limit - 1)[limit - 1]
        kept = np.flatnonzero(distances <= cut)
        places, distances = places[kept], distances[kept]
    rows = space.slots[places]
    order = np.lexsort((rows, distances))[:limit]
    return rows[order], distances[order]


def hashes_of(frames: Sequence[str]) -> np.ndarray:
    """(n,) uint64 XXH3 of frame ids."""
    return np.fromiter(
        (xxhash.xxh3_64_intdigest(frame.encode()) for frame in frames), np.uint64, count=len(frames)
    )


def read_columns(path: Path) -> pa.Table:
    """Map an Arrow file."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _checked(vector: np.ndarray, files: SpaceFiles) -> np.ndarray:
    if vector.shape != (files.dimension,):
        raise UsageError(
            f"an example of {vector.size} numbers meets embeddings of {files.dimension}",
            subject=files.name,
            remedy="embed the example with the embedder of this space",
        )
    target = np.asarray(vector, dtype=np.float32)
    if not np.isfinite(target).all():
        raise UsageError(
            "the example's embedding holds a value that is not a number",
            subject=files.name,
            remedy="embed it again; a network that answers NaN cannot be searched with",
        )
    return target
