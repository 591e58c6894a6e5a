"""A reader recognises one layout of recordings and indexes it without decoding pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ringroad.domain.ids import Digest, RecordingId, VehicleId
from ringroad.domain.recording import Recording

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What to read, and what the user declared about it."""

    path: Path
    source: Digest
    recording: RecordingId
    vehicle: VehicleId
    source_key: str
    rate_hz: float | None = None
    """For files without a clock: frames per second."""
    start_ns: int = 0
    """For files without a clock: when the recording began."""
    signals: Path | None = None
    """A CSV of vehicle signals beside a video: `time_s`, then one column per signal."""
    files: tuple[str, ...] = ()
    """For folders: the files of this recording, in order, relative to `path`."""
    asked: tuple[str, ...] = ()
    """Channels whose numbers are wanted as signals even where nobody knows their messages."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What a reader found.

    Attributes:
        recording: the noun, complete.
        frames: rows of `schemas.FRAMES`; what curation measures is null.
        signals: rows of `schemas.SIGNALS`; empty where there are none.
        sweeps: rows of `schemas.SWEEPS`, lidar and radar; None where there are none.
        cuts: byte offsets at which a copy may be cut into chunks, ascending, without 0.
        notes: doubts worth showing, such as a missing clock.
    """

    recording: Recording
    frames: pa.Table
    signals: pa.Table
    sweeps: pa.Table | None = None
    cuts: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())


class Reader(Protocol):
    """Reads one layout. Holds no state between calls; runs inside a sandbox.

    Errors: `UnreadableSource` names the file, the place and the remedy. A file cut short is
    read up to its last whole part and says so in `Recording.salvaged`.
    """

    name: str
    suffixes: tuple[str, ...]
    verified: str
    """Which independent sample or writer it was checked against; empty where none was."""

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether the first 64 KiB of a file look like this layout."""
        ...

    def read(self, request: ReadRequest) -> Reading:
        """Index one recording."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFolder:
    """One recording that consists of many files.

    Attributes:
        key: below the folder that was searched; empty where the folder itself is the recording.
        files: in order, relative to the folder that was searched.
    """

    key: str
    files: tuple[str, ...]


class FolderReader(Protocol):
    """Reads one layout of folders, such as KITTI raw: many files make up a recording.

    `read` gets the folder that was searched as `path` and the files of one recording. The bytes of
    the source are those of the files, one after the other, and offsets count in them.
    Otherwise as `Reader`.
    """

    name: str
    verified: str

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """The recordings of this layout whose root is exactly this folder, by names alone.

        Empty where the folder is of another layout. Where it finds any, nobody else looks below.
        """
        ...

    def read(self, request: ReadRequest) -> Reading:
        """Index one recording."""
        ...
