"""What queries are evaluated on in a workspace: the index, the tables beside it, examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.columns import Columns
from ringroad.curate.language.tree import Like
from ringroad.curate.language.vocabulary import AtomWord, Vocabulary, columns_of
from ringroad.curate.scenario.atoms import ATOMS, SEEN
from ringroad.curate.scenario.find import CATEGORY
from ringroad.curate.scenario.intervals import VEHICLE, Intervals, intervals
from ringroad.curate.words import rank_words
from ringroad.domain.errors import InputError, UnknownName, UsageError
from ringroad.ingest.events.found import KINDS
from ringroad.media.schemas import CHECKS, EVENTS, INTERVALS, SWEEPS
from ringroad.pipelines.curate.examples import embedded_example
from ringroad.pipelines.curate.frame_index import Fresh
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.index import Space

BESIDE = {"checks": CHECKS, "events": EVENTS, "intervals": INTERVALS, "sweeps": SWEEPS}
"""Tables that SQL in a query may look into."""
DEFAULT_SPACE = "layout-64"
_OF_INTERVALS = ("recording_id", "track_id", "start_ns", "end_ns", "value")


class IndexSources:
    """`curate.language.sources.Sources` over a workspace, as of one moment."""

    def __init__(self, workspace: Workspace, fresh: Fresh, *, frameless: bool = False) -> None:
        """Over what is indexed; with `frameless` over recordings without frames as well."""
        self.workspace = workspace
        self.frameless = frameless
        self.view = fresh.view
        self.rows = fresh.view.columns
        self.alive = fresh.view.alive
        self._note = fresh.note
        self._bare: list[str] = []

    @cached_property
    def recordings(self) -> Mapping[str, int]:
        """Number of each recording; those without frames come last."""
        whole = self.rows["recording_id"].combine_chunks()
        names = whole.dictionary.to_pylist() if len(whole) else []
        if self.frameless:
            names += sorted({str(r.id) for r in self.workspace.catalog.recordings()} - {*names})
        return {name: at for at, name in enumerate(names)}

    @cached_property
    def recording(self) -> np.ndarray:
        """(n,) int32 number of each row's recording."""
        whole = self.rows["recording_id"].combine_chunks()
        return np.asarray(whole.indices, np.int32) if len(whole) else np.empty(0, np.int32)

    def mask(self, sql: str) -> np.ndarray:
        """(n,) bool: alive rows for which an expression over the columns holds."""
        beside = {name: self._table(name) for name in BESIDE if name in sql}
        if beside:
            columns = Columns(self.rows, alive=self.alive, beside=beside)
            try:
                return columns.mask(sql)
            finally:
                columns.close()
        return self._columns.mask(sql)

    def in_cell(self, cell: str) -> np.ndarray:
        """(n,) bool: rows in an H3 cell of the index's resolution or a coarser one."""
        if not h3.is_valid_cell(cell):
            raise UsageError("is no H3 cell", subject=cell, remedy="see h3geo.org")
        resolution = h3.get_resolution(cell)
        held = self.rows["cell"]
        known = pc.unique(held).drop_null().to_pylist()
        try:
            inside = [c for c in known if h3.cell_to_parent(h3.int_to_str(c), resolution) == cell]
        except h3.H3ResDomainError:
            raise UsageError(
                f"is finer than the index's cells, resolution {resolution}",
                subject=cell,
                remedy="ask with near(latitude, longitude, radius)",
            ) from None
        found = pc.is_in(held, value_set=pa.array(inside, pa.uint64()))
        return np.asarray(found.to_numpy(), dtype=bool)

    def spans(self) -> Intervals:
        """Each recording from its first frame to its last; without frames, all its time."""
        time_ns = self.rows["time_ns"].to_numpy()[self.alive]
        recording = self.recording[self.alive]
        count = len(self.recordings)
        first = np.full(count, np.iinfo(np.int64).max)
        last = np.full(count, np.iinfo(np.int64).min)
        np.minimum.at(first, recording, time_ns)
        np.maximum.at(last, recording, time_ns)
        if self.frameless:
            for item in self.workspace.catalog.recordings():
                at = self.recordings[str(item.id)]
                if first[at] > last[at]:
                    first[at], last[at] = item.start_ns, item.start_ns + item.duration_ns
        living = np.flatnonzero(first <= last)
        nobody = np.full(len(living), VEHICLE)
        return intervals(living, nobody, first[living], last[living])

    def atom(self, name: str) -> Intervals:
        """When an atom held."""
        if name not in self._atoms:
            where = f"atom = '{name}'"
            try:
                rows = self.workspace.rows("intervals", columns=list(_OF_INTERVALS), where=where)
            except UnknownName:
                rows = INTERVALS.empty_table()
            self._atoms[name] = self._intervals(rows)
        return self._atoms[name]

    def names_of_atoms(self) -> pa.ChunkedArray:
        """The atom of each interval that was found."""
        try:
            return self.workspace.rows("intervals", columns=["atom"])["atom"]
        except UnknownName:
            return INTERVALS.empty_table()["atom"]

    def event(self, name: str) -> Intervals:
        """When events of a kind lasted."""
        rows = self._table("events")
        rows = rows.filter(pc.equal(rows["event"], name))
        return self._intervals(rows.append_column("track_id", pa.array([""] * rows.num_rows)))

    def category(self, name: str) -> Intervals:
        """When tracks of a category were seen; of all tracks for an empty name."""
        return self.atom(f"{CATEGORY}{name}" if name else SEEN)

    def alike(
        self, like: Like, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """Rows nearest to an example, or farthest."""
        space = self.space(like.space)
        bare = int(np.count_nonzero(self.alive & ~self.view.embedded(space.name)))
        if bare:
            self._bare.append(f"{bare:,} frames have no embedding in {space.name!r}")
        vector, own = self._example(like, space)
        if like.away:
            return self._farthest(space, vector, among, limit)
        rows, distances = self.view.nearest(
            space.name, vector, limit=limit + (own is not None), among=among
        )
        kept = rows != (-1 if own is None else own)
        return rows[kept][:limit], distances[kept][:limit], told(space)

    def alike_exactly(self, like: Like, *, among: np.ndarray, limit: int) -> np.ndarray:
        """Rows nearest to an example, every vector compared."""
        space = self.space(like.space)
        vector, own = self._example(like, space)
        counting = among & self.view.embedded(space.name)
        if own is not None:
            counting[own] = False
        return self.view.nearest(space.name, vector, limit=limit, among=counting, exact=True)[0]

    def worded(
        self, words: str, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows whose words match best."""
        counting = self.alive if among is None else among
        return rank_words(self.rows["words"], words, among=counting, limit=limit)

    def notes(self) -> Sequence[str]:
        """What the answer may lack."""
        undecoded = pc.sum(pc.is_null(self.rows["brightness"]).filter(pa.array(self.alive))).as_py()
        decoded = f"{undecoded:,} frames are not decoded yet" if undecoded else ""
        return [note for note in (self._note, decoded, *self._bare) if note]

    def space(self, name: str) -> Space:
        """The embeddings of a name; those that every described frame has where none is named."""
        spaces = self.view.spaces
        asked = name or (DEFAULT_SPACE if DEFAULT_SPACE in spaces else next(iter(spaces), ""))
        if asked not in spaces:
            raise UnknownName(
                f"no embeddings are called {name!r}" if name else "nothing is embedded yet",
                remedy=f"known: {', '.join(spaces)}"
                if spaces
                else "describe frames first: ringroad ingest PATH --describe 1",
            )
        return spaces[asked]

    def living(self, frames: Sequence[str], subject: str) -> np.ndarray:
        """(n,) int64 rows of frames. Raises InputError where some are in no recording any more."""
        rows = self.view.rows_of(list(frames))
        gone = [frame for frame, row in zip(frames, rows, strict=True) if row < 0]
        if gone:
            raise InputError(
                f"{len(gone)} of {len(frames)} frames are in no recording any more, such as "
                f"{gone[0]}",
                subject=subject,
                remedy="take the recordings in again, or make the selection anew",
            )
        return rows

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that a query over this workspace may use."""
        return vocabulary_of(self)

    def table(self, name: str) -> pa.Table:
        """All rows of a table beside the index."""
        return self._table(name)

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self.rows, alive=self.alive)

    def _example(self, like: Like, space: Space) -> tuple[np.ndarray, int | None]:
        """The example's vector, and its row where it is a whole frame."""
        row = int(self.view.rows_of([like.example])[0])
        if row >= 0 and not like.crop:
            return self.view.vectors(space.name, np.array([row]))[0], row
        if row < 0 and not Path(like.example).is_file():
            raise UnknownName(
                "is neither a frame nor a file",
                subject=like.example,
                remedy="see frame ids: ringroad search",
            )
        return embedded_example(self.workspace, like, space.name, known=row >= 0), None

    def _farthest(
        self, space: Space, vector: np.ndarray, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """Every vector is compared: codes tell what is near, not what is far."""
        counting = self.view.embedded(space.name) & (self.alive if among is None else among)
        rows, distances = self.view.nearest(
            space.name, vector, limit=int(counting.sum()), among=counting, exact=True
        )
        order = np.lexsort((rows, -distances))[:limit]
        return rows[order], distances[order], "exact"

    def _intervals(self, rows: pa.Table) -> Intervals:
        """Rows of `schemas.INTERVALS`, with numbers for recordings and tracks."""
        numbers = self.recordings
        recording = np.array(
            [numbers.get(r, -1) for r in rows["recording_id"].to_pylist()], np.int32
        )
        tracks = rows["track_id"].combine_chunks().dictionary_encode()
        codes = np.asarray(tracks.indices, np.int32)
        nobody = np.array([name == "" for name in tracks.dictionary.to_pylist()], bool)
        track = np.where(nobody[codes], VEHICLE, codes) if len(codes) else codes
        known = recording >= 0
        return intervals(
            recording[known],
            track[known],
            rows["start_ns"].to_numpy()[known],
            rows["end_ns"].to_numpy()[known],
            rows["value"].to_numpy()[known],
        )

    def _table(self, name: str) -> pa.Table:
        if name not in self._tables:
            try:
                self._tables[name] = self.workspace.rows(name)
            except UnknownName:
                self._tables[name] = BESIDE[name].empty_table()
        return self._tables[name]

    @cached_property
    def _atoms(self) -> dict[str, Intervals]:
        return {}

    @cached_property
    def _tables(self) -> dict[str, pa.Table]:
        return {}


def vocabulary_of(sources: IndexSources) -> Vocabulary:
    """Columns, with the texts that there are; events, atoms, and categories that were tracked."""
    events = sources.table("events")
    units = dict(zip(events["event"].to_pylist(), events["unit"].to_pylist(), strict=True))
    named = pc.unique(sources.names_of_atoms()).to_pylist()
    atoms = {
        name: AtomWord(name=name, tracked=atom.tracked, unit=atom.unit, says=atom.says)
        for name, atom in ATOMS.items()
    }
    return Vocabulary(
        columns=columns_of(sources.rows),
        atoms=atoms,
        events={**dict.fromkeys(KINDS, ""), **units},
        categories=frozenset(n.removeprefix(CATEGORY) for n in named if n.startswith(CATEGORY)),
        spaces=tuple(sources.view.spaces),
    )


def told(space: Space) -> str:
    """How much of the exact answer is found."""
    if not space.probes:
        return "exact"
    return f"approximate: recall at 10 of {space.recall:.3f}, measured over {space.probes} frames"
