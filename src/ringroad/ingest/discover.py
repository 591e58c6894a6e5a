"""Walks paths for sources: which reader takes each, what is set aside, and why."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.domain.recording import Refusal
from ringroad.ingest.discover_objects import find_objects, is_url, listed, refusal
from ringroad.ingest.shadow import MOST_OBJECTS, write_shadow
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
    url: str = ""
    """Of what lies in a bucket: the address of the object, or of the folder; `path` is its key."""
    entries: tuple[ObjectEntry, ...] = ()
    """What the bucket's listing told of the object, or of each of the files."""

    @property
    def name(self) -> str:
        """The path or URL to name in messages."""
        return self.url or str(self.path)


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
            found, left = _in_bucket(str(path), readers, objects, pattern)
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
    url: str, readers: _Readers, objects: Objects | None, pattern: re.Pattern[str] | None
) -> tuple[list[SourceFile], list[Refusal]]:
    """Sources and refusals of one address that was named."""
    if objects is None:
        return [], [_refusal(url, "nothing here reads buckets", "name a file or folder")]
    try:
        entries = listed(objects, url)
        if not entries:
            return [], [refusal(url, "there is nothing of this name", "check bucket and prefix")]
        folders, refused = _laid_out_there(url, entries, readers, objects)
        claimed = {entry.url for source in folders for entry in source.entries}
        claims = tuple(source.url for source in folders)
        alone, left = find_objects(
            {
                key: entry
                for key, entry in entries.items()
                if entry.url not in claimed and not _inside(entry.url, claims)
            },
            recognise=lambda entry: readers.recognise_object(objects, entry),
            beside=lambda name: Path(name).suffix.lower() in SIDE_FILES,
        )
    except InputError as error:
        return [], [refusal(error.subject or url, error.what, error.remedy, error.code)]
    found = [
        SourceFile(path=Path(key), source_key=key, reader=reader, url=entry.url, entries=(entry,))
        for entry, key, reader in alone
        if reader != IMAGES
    ]
    pictures, others = _pictures_there(
        url, {key: entry for entry, key, reader in alone if reader == IMAGES}, pattern
    )
    return [*folders, *found, *pictures], [*refused, *left, *others]


def _laid_out_there(
    url: str, entries: Mapping[str, ObjectEntry], readers: _Readers, objects: Objects
) -> tuple[list[SourceFile], list[Refusal]]:
    """Recordings below an address that consist of many objects, told by their names."""
    if len(entries) == 1 or not readers.layouts:
        return [], []
    if len(entries) > MOST_OBJECTS:
        why = f"{len(entries)} objects lie there: too many to look for layouts of folders"
        return [], [refusal(url, why, f"name prefixes with at most {MOST_OBJECTS} objects")]
    name = PurePosixPath(unquote(url.rstrip("/"))).name or "bucket"
    with TemporaryDirectory() as scratch:
        root = Path(scratch, name)
        root.mkdir()
        write_shadow(objects, entries, root)
        found = _laid_out(root, readers)
        return [_placed_there(url, entries, root, source) for source in found], []


def _placed_there(
    url: str, entries: Mapping[str, ObjectEntry], root: Path, source: SourceFile
) -> SourceFile:
    """A source that was found in the shadow of a bucket, as it lies in the bucket."""
    base = source.path.relative_to(root).as_posix()
    keys = [name if base == "." else f"{base}/{name}" for name in source.files]
    return replace(
        source,
        path=Path(source.source_key),
        url=url.rstrip("/") + ("" if base == "." else f"/{quote(base)}"),
        entries=tuple(entries[key] for key in keys),
    )


def _pictures_there(
    url: str, pictures: Mapping[str, ObjectEntry], pattern: re.Pattern[str] | None
) -> tuple[list[SourceFile], list[Refusal]]:
    """Pictures of a bucket, a recording for each folder and group as on a disk."""
    root = PurePosixPath(PurePosixPath(unquote(url.rstrip("/"))).name or "bucket")
    found: list[SourceFile] = []
    refused: list[Refusal] = []
    below: dict[PurePosixPath, list[str]] = {}
    for key in pictures:
        below.setdefault(PurePosixPath(key).parent, []).append(PurePosixPath(key).name)
    for folder, names in sorted(below.items()):
        groups, others = _grouped(names, pattern)
        place = url.rstrip("/") + ("" if str(folder) == "." else f"/{quote(str(folder))}")
        for group, files in groups.items():
            parts = [part for part in (str(folder), group) if part not in {"", "."}]
            key = "/".join(parts) or root.name
            held = tuple(pictures[(folder / name).as_posix()] for name in files)
            found.append(
                SourceFile(
                    path=Path(key), source_key=key, reader=IMAGES, files=tuple(files),
                    url=place, entries=held,
                )
            )  # fmt: skip
        if others:
            why = f"{len(others)} pictures are of no group, {others[0]} the first"
            refused.append(refusal(place, why, "change the expression so that it finds them"))
    return found, refused


def _inside(url: str, folders: Collection[str]) -> bool:
    return any(url.startswith(f"{folder}/") for folder in folders)


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
