"""The pictures that a label file may speak of: frames by every name they go by, and their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import FrameId, frame_parts

PICTURES = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),  # path as its owner knows it
        pa.field("width", pa.int32(), nullable=False),  # as recorded; 0 where nobody knows
        pa.field("height", pa.int32(), nullable=False),
    ]
)
"""One row per picture of a conversion."""

UNKNOWN = -1
_AMBIGUOUS = -2


class Pictures:
    """Finds a picture's row by frame id, path, exported name or base name.

    A name that two pictures would share stands for neither. Lookup tables are made when the
    first name of their kind is asked for.
    """

    def __init__(self, table: pa.Table, *, known: Mapping[str, int] | None = None) -> None:
        self.table = table.combine_chunks()
        self._known = known

    @classmethod
    def named(
        cls, names: Mapping[str, FrameId], sizes: Mapping[FrameId, tuple[int, int]]
    ) -> Pictures:
        """Pictures that go by exactly these names."""
        frames = list(sizes)
        rows = {frame: row for row, frame in enumerate(frames)}
        columns = [
            frames,
            frames,
            [sizes[frame][0] for frame in frames],
            [sizes[frame][1] for frame in frames],
        ]
        return cls(
            pa.table(columns, schema=PICTURES),
            known={name: rows[frame] for name, frame in names.items()},
        )

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def sizes(self) -> np.ndarray:
        """(n, 2) float64: width and height as recorded, 0 where nobody knows."""
        sides = [self.table[name].to_numpy() for name in ("width", "height")]
        return np.stack(sides, axis=1).astype(np.float64)

    @cached_property
    def frames(self) -> pa.Array:
        """Frame ids by row."""
        return self.table["frame_id"].combine_chunks()

    def frame(self, row: int) -> FrameId:
        """The frame id of one row."""
        return FrameId(self.table["frame_id"][row].as_py())

    def find(self, *names: str) -> int:
        """The row of the first name that is known; `UNKNOWN` where none is."""
        return self._first(names, self._row)

    def is_frame(self, name: str, row: int) -> bool:
        """Whether a name is the frame id of that row."""
        return self._known is None and self._by_id.get(name, UNKNOWN) == row

    def find_stem(self, *stems: str) -> int:
        """The same by names without their suffix, for formats of one file per picture."""
        return self._first(stems, lambda name: self._stems.get(name, UNKNOWN))

    def find_number(self, channel: str, number: int) -> int:
        """The row of a frame by its number in `recording/channel`, as frame ids say it."""
        return self._by_id.get(f"{channel}/{number:06d}", UNKNOWN)

    @staticmethod
    def _first(names: Iterable[str], find: Callable[[str], int]) -> int:
        return next((row for row in map(find, names) if row >= 0), UNKNOWN)

    def _row(self, name: str) -> int:
        if self._known is not None:
            return self._known.get(name, UNKNOWN)
        if (row := self._by_id.get(name, UNKNOWN)) >= 0:
            return row
        if (row := self._by_name.get(name, UNKNOWN)) >= 0:
            return row
        if (row := self._by_key.get(name, UNKNOWN)) >= 0:
            return row
        base = name.rpartition("/")[2]
        if (row := self._by_id.get(base.rpartition(".")[0].replace("+", "/"), UNKNOWN)) >= 0:
            return row
        if (row := self._by_base.get(base, UNKNOWN)) >= 0:
            return row
        return UNKNOWN

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return _once(self.table["frame_id"].to_pylist())

    @cached_property
    def _by_name(self) -> dict[str, int]:
        return _once(self.table["name"].to_pylist())

    @cached_property
    def _by_key(self) -> dict[str, int]:
        """Paths below the key of the recording, as files lie below the folder of an ingest."""
        pairs = zip(self.table["frame_id"].to_pylist(), self.table["name"].to_pylist(), strict=True)
        return _once([_keyed(frame, name) for frame, name in pairs])

    @cached_property
    def _by_base(self) -> dict[str, int]:
        return self._cameras_first(
            [name.rpartition("/")[2] for name in self.table["name"].to_pylist()]
        )

    @cached_property
    def _stems(self) -> dict[str, int]:
        """Of base names, of whole paths, and of exported names."""
        paths = [PurePosixPath(name) for name in self.table["name"].to_pylist()]
        frames = [frame.replace("/", "+") for frame in self.table["frame_id"].to_pylist()]
        if self._known is not None:
            paths = [PurePosixPath("")] * len(paths)
            for name, row in self._known.items():
                paths[row] = PurePosixPath(name)
        found = _once(frames) | self._cameras_first([path.stem for path in paths])
        return found | _once([str(path.with_suffix("")) if path.name else "" for path in paths])

    def _cameras_first(self, names: list[str]) -> dict[str, int]:
        """Name -> row; sweeps, which have no size, give way to pictures of the same name."""
        flat: list[bool] = [width > 0 for width in self.table["width"].to_pylist()]
        found = _once([name if camera else "" for name, camera in zip(names, flat, strict=True)])
        rest = _once(["" if camera else name for name, camera in zip(names, flat, strict=True)])
        return rest | found


def _once(names: Iterable[str]) -> dict[str, int]:
    """Name -> row; a name that stands twice is ambiguous."""
    found: dict[str, int] = {}
    for row, name in enumerate(names):
        found[name] = row if name not in found else _AMBIGUOUS
    return found


def _keyed(frame: str, name: str) -> str:
    recording = frame_parts(FrameId(frame))[0] if frame.count("/") >= 2 else frame
    return f"{unquote(recording.partition('/')[2])}/{name}"
