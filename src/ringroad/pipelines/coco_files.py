"""COCO files as they come in: kept as artifacts, and what their ids mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, InvalidAnnotations
from ringroad.pipelines.workspace import Workspace

JSON = "application/json"


def stored(workspace: Workspace, path: Path) -> Artifact:
    """A file as an artifact. Raises InputError where there is none."""
    if not path.is_file():
        raise InputError("no such file", subject=str(path), remedy="name a COCO file")
    digest = workspace.blobs.put_file(path)
    return Artifact(kind="coco", digest=digest, size_bytes=path.stat().st_size, media=JSON)


def document_of(data: bytes) -> dict[str, Any]:
    """A COCO file of images and categories, as far as ids need it. Raises InvalidAnnotations."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None  # as good as any other that holds no images
    wanted = {"images": ("id", "file_name"), "categories": ("id", "name")}
    if not isinstance(found, dict) or not all(_listed(found.get(k), v) for k, v in wanted.items()):
        raise InvalidAnnotations(
            "not a COCO file of images and categories",
            remedy="give the file that the network was run on, such as annotations/test.json",
        )
    return found


def _listed(rows: object, keys: tuple[str, ...]) -> bool:
    """Whether it is a list of objects that have these keys, each a number or a text."""
    return isinstance(rows, list) and all(
        isinstance(row, dict) and all(isinstance(row.get(key), int | str) for key in keys)
        for row in rows
    )


def named_categories(data: bytes) -> dict[int, str]:
    """Category id -> name, where each row of a results file says its name beside the id."""
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError):
        return {}  # the reader says what is wrong with it
    found: dict[int, str] = {}
    for row in rows if isinstance(rows, list) else ():
        number = row.get("category_id") if isinstance(row, dict) else None
        name = row.get("category_name") if isinstance(row, dict) else None
        if not isinstance(number, int) or not isinstance(name, str):
            return {}
        if found.setdefault(number, name) != name:
            return {}
    return found
