"""Unpacks a ZIP of labels without trust: names, links, sizes and ratios are looked at first."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import NoReturn

from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.files import MOST_FILES, SUFFIXES

TOTAL_LIMIT = 16 << 30
RATIO_LIMIT = 200
"""How much larger a file may become; text of labels reaches 20 to 60."""
SMALL_BYTES = 1 << 20
"""Files that stay below this may have any ratio."""
_CHUNK = 1 << 20


def unpack(path: Path, to: Path) -> tuple[str, ...]:
    """Write the label files of an archive below a new folder; others are passed over.

    Raises:
        InvalidAnnotations: not a ZIP, a path that leads out of it, a link, an encrypted or
            doubled file, or one that grows beyond the limits. Nothing stays in `to` then that
            the caller would use.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _looked_at(archive, path)
            total = 0
            for info in wanted:
                total += _write(archive, info, to / info.filename, path, TOTAL_LIMIT - total)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise InvalidAnnotations(
            f"not a whole ZIP archive: {error}", subject=str(path), remedy="make it again"
        ) from error
    return tuple(info.filename for info in wanted)


def _looked_at(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    wanted: dict[str, zipfile.ZipInfo] = {}
    if len(archive.infolist()) > MOST_FILES:
        _refuse(path, "", f"holds more than {MOST_FILES:,} files")
    for info in archive.infolist():
        name = info.filename
        parts = PurePosixPath(name).parts
        if "\\" in info.orig_filename or name.startswith("/") or ".." in parts or ":" in name:
            _refuse(path, name, "leads out of the archive")
        if stat.S_ISLNK(info.external_attr >> 16):
            _refuse(path, name, "is a link")
        if info.is_dir() or PurePosixPath(name).suffix.lower() not in SUFFIXES:
            continue
        if info.flag_bits & 1:
            _refuse(path, name, "is encrypted")
        if name in wanted:
            _refuse(path, name, "stands in the archive twice")
        wanted[name] = info
    if not wanted:
        _refuse(path, "", "holds no label files")
    return list(wanted.values())


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path, path: Path, room: int) -> int:
    """Unpack one file, counting what really comes out; what the archive claims is not believed."""
    most = min(room, max(SMALL_BYTES, RATIO_LIMIT * info.compress_size))
    to.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(info) as source, to.open("wb") as sink:
        while data := source.read(_CHUNK):
            size += len(data)
            if size > most:
                _refuse(path, info.filename, f"unpacks to more than {most:,} bytes: a bomb")
            sink.write(data)
    return size


def _refuse(path: Path, name: str, what: str) -> NoReturn:
    raise InvalidAnnotations(
        what,
        subject=str(path),
        place=repr(name) if name else "",
        remedy="do not trust where it came from; unpack it by hand if you do, and name the folder",
    )
