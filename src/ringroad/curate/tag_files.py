"""Reads files of tags: CSV, Parquet or Arrow; a row is about a frame or a whole recording."""

from __future__ import annotations

import re
from pathlib import Path

from ringroad.domain.errors import InputError
from ringroad.media.tables.row_files import read_rows

ABOUT = ("frame_id", "recording_id")
KIND = re.compile(r"[a-z][a-z0-9-]{0,30}")
LONGEST = 1_000
REMEDY = "give frame_id or recording_id, and a column for each kind of tag: weather, road, caption"


def read_tags(path: Path) -> list[tuple[str, str, str]]:
    """What a file says: (frame or recording, kind, value), empty places left out.

    Raises:
        InputError: it cannot be read, says nothing, or holds a kind or value that is none.
    """
    rows = read_rows(path, of="tags", remedy=REMEDY, as_text=True)
    about = [name for name in ABOUT if name in rows.column_names]
    if len(about) != 1:
        raise InputError(
            f"has {' and '.join(about) or 'neither frame_id nor recording_id'}",
            subject=str(path),
            remedy=REMEDY,
        )
    kinds = [name for name in rows.column_names if name != about[0]]
    bad = [name for name in kinds if not KIND.fullmatch(name)]
    if bad or not kinds:
        raise InputError(
            f"column {bad[0]!r} is no kind of tag" if bad else "has no kind of tag",
            subject=str(path),
            remedy=REMEDY,
        )
    found = []
    for at, row in enumerate(rows.to_pylist(), start=1):
        for kind in kinds:
            value = row[kind]
            if value in (None, ""):
                continue
            if not isinstance(value, str) or not isinstance(row[about[0]], str):
                raise InputError(
                    f"{kind!r} holds {value!r}, which is no text",
                    subject=str(path),
                    place=f"row {at}",
                    remedy=REMEDY,
                )
            found.append((row[about[0]], kind, tag_value(value, f"{path}, row {at}")))
    if not found:
        raise InputError("says nothing of any frame", subject=str(path), remedy=REMEDY)
    return found


def tag_value(text: str, subject: str) -> str:
    """A value as it is kept: blanks around and between words single. Raises InputError."""
    value = " ".join(text.split())
    if not value or len(value) > LONGEST or not value.isprintable():
        raise InputError(
            f"a value of {len(text)} letters is no tag",
            subject=subject,
            remedy=f"give at most {LONGEST:,} printable letters",
        )
    return value
