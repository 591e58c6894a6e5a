"""Files that operations made, to be fetched once: below the workspace, by the operation's id.

They are no artifacts: whoever wants them again asks for them again.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from ringroad.domain.errors import SourceMissing

PLACE = "exports"
KEEP_S = 7 * 24 * 3600
PACKED = frozenset({".json", ".xml", ".txt", ".csv", ".yaml", ".md"})
"""What is worth deflating; pictures and columns are packed already."""
FIRST = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal files give equal archives."""


def place_of(folder: Path, operation: str) -> Path:
    """Where the archive of an operation lies."""
    return folder / PLACE / f"{operation}.zip"


def desk_of(folder: Path, operation: str) -> Path:
    """An empty folder to write into, which `pack` takes away."""
    desk = folder / PLACE / f"{operation}.part"
    if desk.exists():
        shutil.rmtree(desk)
    desk.mkdir(parents=True)
    return desk


def pack(desk: Path, target: Path) -> int:
    """All files of a folder as one archive, which takes its name once it is whole; its bytes."""
    unfinished = target.with_suffix(".zip.part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for path in sorted(part for part in desk.rglob("*") if part.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(desk).as_posix(), FIRST)
            deflated = path.suffix.lower() in PACKED
            entry.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
    unfinished.replace(target)
    shutil.rmtree(desk)
    return target.stat().st_size


def fetched(folder: Path, operation: str) -> Path:
    """The archive of an operation. Raises SourceMissing where it was swept, or never made."""
    path = place_of(folder, operation)
    if not path.is_file():
        raise SourceMissing(
            "no file of this operation is kept",
            subject=operation,
            remedy="export again: files are kept for seven days",
        )
    return path


def sweep(folder: Path, *, now_s: float) -> None:
    """Take away archives that are old, and what unfinished work left."""
    place = folder / PLACE
    for path in place.iterdir() if place.is_dir() else ():
        if path.suffix == ".zip" and now_s - path.stat().st_mtime < KEEP_S:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
