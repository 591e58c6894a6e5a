"""Looks through a bucket for recordings: by listing, and by the first bytes of each object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from ringroad.domain.recording import Refusal
from ringroad.protocols.objects import ObjectEntry, Objects

FoundObject = tuple[ObjectEntry, str, str]
"""The object, its key below what was named, and the reader that takes it."""


def is_url(text: str) -> bool:
    """Whether a path that somebody named is the address of a bucket or object."""
    return "://" in text


def find_objects(
    entries: Mapping[str, ObjectEntry],
    *,
    recognise: Callable[[ObjectEntry], str],
    beside: Callable[[str], bool],
) -> tuple[list[FoundObject], list[Refusal]]:
    """Objects that a reader takes, by key; those set aside, with the reason.

    Args:
        entries: as `listed` told them.
        recognise: the name of the reader that takes an object, or an empty string.
        beside: whether an object of this name lies beside recordings and is passed over.

    Raises:
        InputError: as `Objects`.
    """
    found: list[FoundObject] = []
    refused: list[Refusal] = []
    for key, entry in entries.items():
        if not entry.size_bytes:
            continue
        if reader := recognise(entry):
            found.append((entry, key, reader))
        elif not beside(key):
            refused.append(refusal(entry.url, "no reader recognises it", "is it whole?"))
    return found, refused


def listed(objects: Objects, url: str) -> dict[str, ObjectEntry]:
    """Objects at or below a URL by key, hidden ones left out. Raises InputError."""
    entries = {_below(url, entry.url): entry for entry in objects.entries(url)}
    return {
        key: entry
        for key, entry in entries.items()
        if not any(part.startswith(".") for part in key.split("/"))
    }


def _below(url: str, found: str) -> str:
    """The key of a recording: below the prefix that was named, or the object's own name."""
    url, found = unquote(url), unquote(found)
    rest = found.removeprefix(url).lstrip("/") if found.startswith(url) else ""
    return rest or PurePosixPath(found).name


def refusal(url: str, reason: str, remedy: str, code: str = "unreadable-source") -> Refusal:
    """An address that was set aside."""
    return Refusal(uri=url, code=code, reason=reason, remedy=remedy)
