"""Walks paths for sources: which reader takes each, what is set aside, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringroad.domain.errors import InvalidConfig
from ringroad.domain.recording import Refusal
from ringroad.plugins import READERS
from ringroad.protocols.reader import Reader

IMAGES = "images"
SIDE_FILES = {".csv", ".json", ".txt", ".md", ".toml", ".yaml", ".yml", ".bin", ".xml"}
"""Files that lie beside recordings; nobody expects them to be read as one."""
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One source that a reader recognised."""

    path: Path
    """The file, or the folder of a recording that consists of files."""
    source_key: str
    reader: str
    files: tuple[str, ...] = ()
    """Of a folder: its files in order, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a walk found."""

    sources: tuple[SourceFile, ...]
    refused: tuple[Refusal, ...]


def discover(paths: Sequence[Path], *, group: str = "") -> Discovered:
    """Look at files and folders.

    Args:
        paths: files are taken by name, folders are walked.
        group: for folders of pictures, a regular expression with one group: pictures of equal
            group are one recording. Without it a folder is one.

    Raises:
        InvalidConfig: `group` is no regular expression with one group.
    """
    pattern = _pattern(group)
    readers = {name: READERS.load(name)() for name in READERS.names()}
    sources: list[SourceFile] = []
    refused: list[Refusal] = []
    for path in paths:
        before = len(sources) + len(refused)
        if not path.exists():
            refused.append(_refusal(path, "there is no such file or folder", "check the path"))
            continue
        files = [path] if path.is_file() else sorted(_files(path))
        pictures: dict[Path, list[Path]] = {}
        for file in files:
            reader = _recognise(file, readers)
            if reader == IMAGES:
                pictures.setdefault(file.parent, []).append(file)
            elif reader:
                key = str(file.relative_to(path)) if path.is_dir() else file.name
                sources.append(SourceFile(path=file, source_key=key, reader=reader))
            elif path.is_file() or file.suffix.lower() not in SIDE_FILES:
                known = ", ".join(sorted(readers))
                refused.append(
                    _refusal(file, "no reader recognises it", f"readers: {known}; is it whole?")
                )
        for folder, members in sorted(pictures.items()):
            sources += _recordings(path, folder, members, pattern)
        if path.is_dir() and len(sources) + len(refused) == before:
            refused.append(
                _refusal(path, "holds no file that a reader knows", "name a folder of recordings")
            )
    return Discovered(sources=tuple(sources), refused=tuple(refused))


def _recordings(
    root: Path, folder: Path, members: Sequence[Path], pattern: re.Pattern[str] | None
) -> Iterator[SourceFile]:
    """One source per group of pictures in a folder."""
    groups: dict[str, list[str]] = {}
    for member in members:
        found = pattern.search(member.name) if pattern else None
        groups.setdefault(found.group(1) if found else "", []).append(member.name)
    base = folder.relative_to(root).as_posix() if root.is_dir() else ""
    base = "" if base == "." else base
    for name, files in sorted(groups.items()):
        key = "/".join(part for part in (base, name) if part) or folder.name
        yield SourceFile(path=folder, source_key=key, reader=IMAGES, files=tuple(sorted(files)))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _recognise(path: Path, readers: dict[str, Reader]) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return ""
    return next(
        (name for name, reader in readers.items() if reader.recognises(head, path.name)), ""
    )


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


def _refusal(path: Path, reason: str, remedy: str) -> Refusal:
    return Refusal(uri=str(path), code="unreadable-source", reason=reason, remedy=remedy)
