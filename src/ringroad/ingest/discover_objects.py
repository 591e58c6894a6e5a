"""Looks through a bucket for recordings: by listing, and by the first bytes of each object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote

from ringroad.domain.errors import InputError
from ringroad.domain.recording import Refusal
from ringroad.protocols.objects import ObjectEntry, Objects

FoundObject = tuple[ObjectEntry, str, str]
"""The object, its key below what was named, and the reader that takes it."""


def is_url(text: str) -> bool:
    """Whether a path that somebody named is the address of a bucket or object."""
    return "://" in text


def find_objects(
    objects: Objects,
    url: str,
    *,
    recognise: Callable[[ObjectEntry], str],
    beside: Callable[[str], bool],
    pictures: str,
) -> tuple[list[FoundObject], list[Refusal]]:
    """Objects at or below a URL that a reader takes, by key; those set aside, with the reason.

    Args:
        objects: the bucket.
        url: `s3://bucket/prefix` ...
        recognise: the name of the reader that takes an object, or an empty string.
        beside: whether an object of this name lies beside recordings and is passed over.
        pictures: name of the reader of single pictures; they are told of once.
    """
    found: list[FoundObject] = []
    refused: list[Refusal] = []
    single = 0
    try:
        entries = list(objects.entries(url))
        for entry in entries:
            key = _below(url, entry.url)
            if any(part.startswith(".") for part in key.split("/")) or not entry.size_bytes:
                continue
            reader = recognise(entry)
            if reader == pictures:
                single += 1
            elif reader:
                found.append((entry, key, reader))
            elif not beside(key):
                refused.append(_refusal(entry.url, "no reader recognises it", "is it whole?"))
    except InputError as error:
        return [], [_refusal(error.subject or url, error.what, error.remedy, error.code)]
    if single:
        why = f"{single} pictures lie there by themselves: a bucket gives whole recordings alone"
        refused.append(_refusal(url, why, "copy the folder, or pack the pictures into MCAP"))
    if not entries:
        refused.append(_refusal(url, "there is nothing of this name", "check bucket and prefix"))
    return found, refused


def _below(url: str, found: str) -> str:
    """The key of a recording: below the prefix that was named, or the object's own name."""
    url, found = unquote(url), unquote(found)
    rest = found.removeprefix(url).lstrip("/") if found.startswith(url) else ""
    return rest or PurePosixPath(found).name


def _refusal(url: str, reason: str, remedy: str, code: str = "unreadable-source") -> Refusal:
    return Refusal(uri=url, code=code, reason=reason, remedy=remedy)
