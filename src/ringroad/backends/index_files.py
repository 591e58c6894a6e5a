"""The files of a local index: a manifest that says which count, and nothing else does.

    CURRENT                     the manifest, replaced by renaming
    columns-000001.arrow        rows; .keys.npy hashes of their frames, sorted; .order.npy
    dead-000002.npy             numbers of rows that newer ones replaced
    SPACE/vectors-000003.npy    (n, d) float32; codes-000003.npy; rows-000003.npy their rows
    SPACE/centre.npy            (d,) float32, what codes are centred on

Files are written once. A reader that opened the manifest maps all it names; a file that is
deleted then stays readable to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from ringroad.backends.durable import fsync_path
from ringroad.domain.config import build
from ringroad.domain.errors import InvalidConfig, WorkspaceError

CURRENT = "CURRENT"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of rows or of vectors."""

    name: str
    rows: int
    map: str = ""
    """Of vectors: the file that says which rows they belong to, -1 for none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceFiles:
    """One kind of embedding."""

    name: str
    dimension: int
    parts: tuple[Part, ...] = ()
    rerank: int = 0
    """How many codes' vectors are compared exactly."""
    recall: float = 1.0
    probes: int = 0
    measured: int = 0
    """How many vectors there were then."""

    @property
    def vectors(self) -> int:
        """How many, those that belong to no row any more among them."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that counts."""

    format: int = FORMAT
    serial: int = 0
    """Of the last file made."""
    columns: tuple[Part, ...] = ()
    dead: str = ""
    dead_rows: int = 0
    spaces: tuple[SpaceFiles, ...] = ()
    reached: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows, dead ones among them."""
        return sum(part.rows for part in self.columns)

    def space(self, name: str) -> SpaceFiles | None:
        """The space of a name, or None."""
        return next((space for space in self.spaces if space.name == name), None)

    def with_space(self, changed: SpaceFiles) -> Manifest:
        """The same with one space put in, or in place of the one of its name."""
        others = [space for space in self.spaces if space.name != changed.name]
        return replace(self, spaces=tuple(sorted([*others, changed], key=lambda space: space.name)))

    def next_serial(self) -> Manifest:
        """The same with a new number for a file."""
        return replace(self, serial=self.serial + 1)

    def files(self) -> frozenset[str]:
        """Paths below the folder of all that it names."""
        named = {CURRENT, self.dead} - {""}
        for part in self.columns:
            named |= {f"{part.name}.arrow", f"{part.name}.keys.npy", f"{part.name}.order.npy"}
        for space in self.spaces:
            named.add(f"{space.name}/centre.npy")
            for part in space.parts:
                named |= {f"{space.name}/{kind}-{part.name}.npy" for kind in ("vectors", "codes")}
                named.add(f"{space.name}/{part.map}")
        return frozenset(named)


def read_manifest(folder: Path) -> Manifest:
    """What counts now; nothing where nothing was ever written.

    Raises:
        WorkspaceError: the manifest is damaged or of another format.
    """
    try:
        text = (folder / CURRENT).read_text()
    except FileNotFoundError:
        return Manifest()
    try:
        manifest = build(Manifest, json.loads(text), subject=CURRENT)
    except (InvalidConfig, ValueError) as error:
        raise _unusable(folder, str(error)) from error
    if manifest.format != FORMAT:
        raise _unusable(folder, f"format {manifest.format}, this version reads {FORMAT}")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make durable what it names, then let it count, then remove what no longer does.

    Nothing is lost by a crash at any point: files that no manifest names go with the next
    write.
    """
    kept = manifest.files()
    fresh = _made_since(folder, kept)
    for path in fresh:
        fsync_path(path)
    for parent in sorted({path.parent for path in fresh}):
        fsync_path(parent)
    temporary = folder / f"{CURRENT}.new"
    with temporary.open("w") as file:
        json.dump(asdict(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / CURRENT)
    fsync_path(folder)
    for path in _all_files(folder):
        if path.relative_to(folder).as_posix() not in kept and path.suffix != ".lock":
            path.unlink(missing_ok=True)


def save_array(path: Path, values: np.ndarray) -> None:
    """Write a new .npy file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.lib.format.write_array(file, values, allow_pickle=False)


def save_blocks(path: Path, blocks: Iterable[np.ndarray], shape: tuple[int, ...]) -> None:
    """Write a new .npy file of float32, block after block."""
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype="<f4").data)


def load_array(path: Path) -> np.ndarray:
    """Map a .npy file; never unpickles."""
    found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return found.view(np.ndarray)  # slices of a memmap cost more than what is done with them


def _made_since(folder: Path, kept: frozenset[str]) -> list[Path]:
    """Files that the manifest in force does not name yet."""
    before = read_manifest(folder).files()
    return sorted(folder / name for name in kept - before if name != CURRENT)


def _all_files(folder: Path) -> list[Path]:
    return [Path(base) / name for base, _, names in os.walk(folder) for name in names]


def _unusable(folder: Path, why: str) -> WorkspaceError:
    return WorkspaceError(
        f"the search index cannot be used: {why}",
        subject=str(folder),
        remedy="make it again: ringroad doctor --rebuild",
    )
