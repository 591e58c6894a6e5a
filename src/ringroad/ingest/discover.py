"""Walks paths for sources: which reader takes each, what is set aside, and why."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringroad.domain.errors import InvalidConfig
from ringroad.domain.recording import Refusal
from ringroad.ingest.discover_objects import find_objects, is_url
from ringroad.plugins import LAYOUTS, READERS
from ringroad.protocols.objects import ObjectEntry, Objects
from ringroad.protocols.reader import FolderReader, FoundFolder, Reader

IMAGES = "images"
SIDE_FILES = {".csv", ".json", ".txt", ".md", ".toml", ".yaml", ".yml", ".bin", ".xml"}
SIDE_FILES |= {".db3-shm", ".db3-wal", ".db3-journal"}
"""Files that lie beside recordings; nobody expects them to be read as one."""
HEAD_BYTES = 65_536

FileState = tuple[str, int, int]
"""Path, bytes, time of the last change in ns: equal states are taken for equal contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One source that a reader recognised."""

    path: Path
    """The file, or the folder of a recording that consists of files."""
    source_key: str
    reader: str
    files: tuple[str, ...] = ()
    """Of a folder: its files in order, by name."""
    entry: ObjectEntry | None = None
    """Of an object in a bucket: what its listing told; `path` is its key then."""

    @property
    def name(self) -> str:
        """The path or URL to name in messages."""
        return self.entry.url if self.entry else str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readers:
    """All that may take something, by name."""

    files: dict[str, Reader]
    layouts: dict[str, FolderReader]
    remembered: MutableMapping[FileState, str]

    def recognise(self, path: Path) -> str:
        """The reader of a file by its first bytes; empty without one."""
        state = state_of(path)
        if state not in self.remembered:
            with path.open("rb") as file:
                self.remembered[state] = self._who_takes(file.read(HEAD_BYTES), path.name)
        return self.remembered[state]

    def recognise_object(self, objects: Objects, entry: ObjectEntry) -> str:
        """The same of an object in a bucket. Raises InputError."""
        state = (entry.url, entry.size_bytes, entry.modified_ns)
        if state not in self.remembered:
            head = objects.read_range(entry.url, 0, min(HEAD_BYTES, entry.size_bytes))
            self.remembered[state] = self._who_takes(head, entry.url.rpartition("/")[2])
        return self.remembered[state]

    def _who_takes(self, head: bytes, name: str) -> str:
        return next((n for n, reader in self.files.items() if reader.recognises(head, name)), "")

    def __str__(self) -> str:
        return ", ".join(sorted({*self.files, *self.layouts}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a walk found."""

    sources: tuple[SourceFile, ...]
    refused: tuple[Refusal, ...]


def discover(
    paths: Sequence[Path | str],
    *,
    group: str = "",
    objects: Objects | None = None,
    remembered: MutableMapping[FileState, str] | None = None,
) -> Discovered:
    """Look at files and folders, in a fixed order. Hidden files are passed over.

    A source's key is its path below the folder that was named, or its name where it was named
    itself. Sources of equal keys would be one recording: the second one is set aside.

    Args:
        paths: files are taken by name, folders are walked; `s3://bucket/prefix` is listed.
        group: for folders of pictures, a regular expression with one group: pictures of equal
            group are one recording. Without it a folder is one.
        objects: reads buckets; needed where a path names one.
        remembered: what was found of files in earlier walks; those that have not changed are not
            opened again. Updated.

    Raises:
        InvalidConfig: `group` is no regular expression with one group.
    """
    pattern = _pattern(group)
    readers = _Readers(
        files={name: READERS.load(name)() for name in READERS.names()},
        layouts={name: LAYOUTS.load(name)() for name in LAYOUTS.names()},
        remembered={} if remembered is None else remembered,
    )
    sources: dict[str, SourceFile] = {}
    refused: list[Refusal] = []
    for path in paths:
        if is_url(str(path)):
            found, left = _in_bucket(str(path), readers, objects)
        else:
            found, left = _below(Path(path), readers, pattern)
        refused += left
        for source in found:
            if source.source_key in sources:
                other = sources[source.source_key].name
                why = f"would be the same recording as {other}: both are {source.source_key!r}"
                remedy = "name the folder above both, or take them in for different vehicles"
                refused.append(_refusal(source.name, why, remedy))
            else:
                sources[source.source_key] = source
    return Discovered(sources=tuple(sources.values()), refused=tuple(refused))


def state_of(path: Path) -> FileState:
    """The state of a file now. Raises OSError."""
    now = path.stat()
    return str(path), now.st_size, now.st_mtime_ns


def _below(
    root: Path, readers: _Readers, pattern: re.Pattern[str] | None
) -> tuple[list[SourceFile], list[Refusal]]:
    """Sources and refusals of one path that was named."""
    if not root.exists():
        return [], [_refusal(root, "there is no such file or folder", "check the path")]
    found: list[SourceFile] = []
    refused: list[Refusal] = []
    pictures: dict[Path, list[str]] = {}
    if root.is_dir():
        found += _laid_out(root, readers)
    claimed = {source.path for source in found}
    for file in [root] if root.is_file() else sorted(_files(root, claimed)):
        try:
            reader = readers.recognise(file)
        except OSError as error:
            why = f"cannot be opened: {error.strerror}"
            refused.append(_refusal(file, why, "make it readable, then ingest it again"))
            continue
        if reader == IMAGES:
            pictures.setdefault(file.parent, []).append(file.name)
        elif reader:
            key = file.name if root.is_file() else file.relative_to(root).as_posix()
            found.append(SourceFile(path=file, source_key=key, reader=reader))
        elif root.is_file() or file.suffix.lower() not in SIDE_FILES:
            why = "no reader recognises it" if file.stat().st_size else "is empty"
            refused.append(_refusal(file, why, f"readers: {readers}; is it whole?"))
    for folder, names in sorted(pictures.items()):
        groups, others = _grouped(names, pattern)
        found += [_pictures(root, folder, name, files) for name, files in groups.items()]
        if others:
            why = f"{len(others)} pictures are of no group, {others[0]} the first"
            refused.append(_refusal(folder, why, "change the expression so that it finds them"))
    if root.is_dir() and not found and not pictures:
        seen = f"; {len(refused)} files were looked at" if refused else ""
        why = f"holds no file that a reader knows{seen}"
        refused = [_refusal(root, why, f"name a folder of recordings; readers: {readers}")]
    return found, refused


def _in_bucket(
    url: str, readers: _Readers, objects: Objects | None
) -> tuple[list[SourceFile], list[Refusal]]:
    """Sources and refusals of one address that was named."""
    if objects is None:
        return [], [_refusal(url, "nothing here reads buckets", "name a file or folder")]
    found, refused = find_objects(
        objects,
        url,
        recognise=lambda entry: readers.recognise_object(objects, entry),
        beside=lambda name: Path(name).suffix.lower() in SIDE_FILES,
        pictures=IMAGES,
    )
    return [
        SourceFile(path=Path(key), source_key=key, reader=reader, entry=entry)
        for entry, key, reader in found
    ], refused


def _grouped(
    names: Sequence[str], pattern: re.Pattern[str] | None
) -> tuple[dict[str, list[str]], list[str]]:
    """Names by group, numbers in them counted as numbers; and those of no group."""
    groups: dict[str, list[str]] = {}
    others: list[str] = []
    for name in sorted(names, key=_natural):
        match = pattern.search(name) if pattern else None
        if pattern and (match is None or not match.group(1)):
            others.append(name)
        else:
            groups.setdefault(match.group(1) if match else "", []).append(name)
    return dict(sorted(groups.items())), others


def _pictures(root: Path, folder: Path, group: str, files: Sequence[str]) -> SourceFile:
    base = folder.relative_to(root).as_posix() if root.is_dir() else ""
    parts = [part for part in (base, group) if part not in {"", "."}]
    key = "/".join(parts) or (folder.name if root.is_dir() else root.name)
    return SourceFile(path=folder, source_key=key, reader=IMAGES, files=tuple(files))


def _natural(name: str) -> list[tuple[int, str]]:
    """`frame_2` before `frame_10`."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), part) if number % 2 else (0, part) for number, part in enumerate(parts)]


def _laid_out(root: Path, readers: _Readers) -> list[SourceFile]:
    """Recordings that consist of many files, from the root down; who finds some ends the search."""
    found: list[SourceFile] = []
    for at, below, _ in os.walk(root) if readers.layouts else ():
        folder = Path(at)
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name, reader in sorted(readers.layouts.items()):
            recordings = reader.find(folder)
            found += [_folder(root, folder, name, item) for item in recordings]
            if recordings:
                below.clear()
                break
    return found


def _folder(root: Path, folder: Path, reader: str, item: FoundFolder) -> SourceFile:
    base = folder.relative_to(root).as_posix()
    parts = [part for part in (base, item.key) if part not in {"", "."}]
    key = "/".join(parts) or folder.name
    return SourceFile(path=folder, source_key=key, reader=reader, files=item.files)


def _files(folder: Path, claimed: Collection[Path] = ()) -> Iterator[Path]:
    """Files that are not hidden, and not below a folder that a layout has claimed."""
    for at, below, names in os.walk(folder):
        if Path(at) in claimed:
            below.clear()
            continue
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(at, name) for name in names if not name.startswith("."))


def _pattern(group: str) -> re.Pattern[str] | None:
    if not group:
        return None
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise InvalidConfig(f"{group!r} is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise InvalidConfig(
            f"{group!r} has {pattern.groups} groups",
            remedy="put brackets around the name: ^(\\w+)_",
        )
    return pattern


def _refusal(path: Path | str, reason: str, remedy: str) -> Refusal:
    return Refusal(uri=str(path), code="unreadable-source", reason=reason, remedy=remedy)
