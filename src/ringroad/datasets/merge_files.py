"""Conflicts as a JSON file that people fill in: `take` says what becomes of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ringroad.datasets.merge import Choices, Merge, Side
from ringroad.datasets.merge_rows import CELLS, Row, RowConflict
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId

REMOVE = "remove"
SIDES: Mapping[str, Side] = {"ours": "ours", "theirs": "theirs"}
_REMEDY = 'say "ours", "theirs", "remove", or cells with their values: {"split": "val"}'


def told(plan: Merge) -> dict[str, Any]:
    """The conflicts as plain values, each with an empty `take`."""
    return {
        "ours": plan.ours,
        "theirs": plan.theirs,
        "base": list(plan.bases),
        "header": [{**asdict(item), "take": ""} for item in plan.header.conflicts],
        "rows": [_told(item) for item in plan.rows.conflicts],
    }


def to_bytes(plan: Merge) -> bytes:
    """The file: indented JSON."""
    return json.dumps(told(plan), indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def filled(data: bytes) -> bool:
    """Whether a file holds anybody's decisions, or something else that must not be lost."""
    try:
        document = json.loads(data)
        return any(part["take"] != "" for name in ("rows", "header") for part in document[name])
    except (ValueError, KeyError, TypeError, RecursionError):
        return True


def choices_from(data: bytes, plan: Merge, *, place: str, default: Side | None = None) -> Choices:
    """What a filled-in file decides; what it leaves empty takes the default.

    Raises:
        InputError: it is no such file, it is of another merge, or it decides something unknown.
    """
    try:
        document = json.loads(data)
        rows = {FrameId(part["frame"]): part.get("take", "") for part in document["rows"]}
        fields = {str(part["field"]): part.get("take", "") for part in document["header"]}
        versions = document["ours"], document["theirs"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"is no file of conflicts: {error!r}",
            subject=place,
            remedy="fill in the file that `ringroad datasets merge` wrote",
        ) from error
    if versions != (plan.ours, plan.theirs):
        raise InputError(
            "is about other versions than those to merge now",
            subject=place,
            remedy="merge again to write the conflicts as they are now",
        )
    conflicts = {item.frame: item for item in plan.rows.conflicts}
    known = {item.field for item in plan.header.conflicts}
    for strange in sorted((rows.keys() - conflicts.keys()) | (fields.keys() - known)):
        raise InputError("is not in conflict", subject=place, place=strange)
    return Choices(
        default=default,
        rows={at: _take(conflicts[at], said, place) for at, said in rows.items() if said != ""},
        header={name: _side(said, place, name) for name, said in fields.items() if said != ""},
    )


def _told(conflict: RowConflict) -> dict[str, Any]:
    return {
        "frame": conflict.frame,
        "kind": conflict.kind,
        "cells": list(conflict.cells),
        "base": conflict.base,
        "ours": conflict.ours,
        "theirs": conflict.theirs,
        "take": "",
    }


def _side(said: object, place: str, where: str) -> Side:
    if said not in {"ours", "theirs"}:
        raise InputError(
            f"takes {said!r}", subject=place, place=where, remedy='say "ours" or "theirs"'
        )
    return SIDES[str(said)]


def _take(conflict: RowConflict, said: object, place: str) -> Side | Row | None:
    if isinstance(said, str) and said in SIDES:
        return SIDES[said]
    if said == REMOVE:
        return None
    if not isinstance(said, dict) or not said or set(said) - set(CELLS):
        raise InputError(f"takes {said!r}", subject=place, place=conflict.frame, remedy=_REMEDY)
    for name, value in said.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number if name == "weight" else isinstance(value, str)):
            raise InputError(
                f"{name} is {value!r}", subject=place, place=conflict.frame, remedy=_REMEDY
            )
    row = conflict.merged or conflict.ours or conflict.theirs or {}
    return {**row, **said, "frame_id": conflict.frame}
