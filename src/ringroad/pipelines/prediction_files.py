"""Predictions of any network from a COCO results file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.evaluate.files import read_predictions
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.pictures import (
    frames_by_name,
    picture_names,
    renamed,
    scaled,
    stated_sizes,
)
from ringroad.pipelines.scope import taken_with
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Predictions from a file, and what of them was set aside."""

    predictions: Artifact
    problems: tuple[Problem, ...]


@step(uses=("pyarrow",))
def import_predictions(
    bench: Bench,
    *,
    file: Artifact,
    images: Sequence[Artifact],
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    containers: list[str],
    categories: list[str],
    model: str,
) -> dict[str, Artifact]:
    """Read COCO results; image ids are frame ids, or those of a COCO file of images."""
    data = bench.read(file)
    names, sizes = picture_names(bench, sources, frames, containers)
    drawn = dict(sizes)
    known = frames_by_name(names)
    numbered: dict[int, str] = dict(enumerate(categories, start=1))
    ids: dict[int | str, FrameId] = dict(known.items())
    for part in images:
        document = renamed(_document(bench.read(part)), known)
        drawn |= stated_sizes(document, known, sizes)
        ids |= {row["id"]: known[row["file_name"]] for row in document["images"]
                if row["file_name"] in known}  # fmt: skip
        numbered = {row["id"]: row["name"] for row in document["categories"]}
    rows, problems = read_predictions(
        data, frames=ids, categories=_named(data) or numbered, model=model
    )
    return {
        "predictions": bench.write_table(
            "predictions", scaled(rows, drawn, sizes), table_name="predictions"
        ),
        "problems": bench.write_json("problems", [asdict(problem) for problem in problems]),
    }


def predictions_from(
    workspace: Workspace, path: Path, dataset: Artifact, *, images: Path | None
) -> Given:
    """Predictions of any network for the frames of a version, from a COCO results file.

    Raises:
        InputError: there is no such file.
    """
    version = table_of(workspace, dataset)
    taken = taken_with(workspace, version["frame_id"].to_pylist())
    file = _stored(workspace, path)
    made = workspace.runner.run(
        import_predictions,
        file=file,
        images=[_stored(workspace, images)] if images else [],
        sources=[item.source for item in taken],
        frames=[item.frames for item in taken],
        containers=[item.recording.container for item in taken],
        categories=list(header_of(version).categories),
        model=f"{path.stem}-{file.digest[:12]}",
    )
    problems = workspace.json(made["problems"])
    return Given(
        predictions=made["predictions"],
        problems=tuple(build(Problem, row, subject=str(path)) for row in problems),
    )


def _stored(workspace: Workspace, path: Path) -> Artifact:
    if not path.is_file():
        raise InputError("no such file", subject=str(path), remedy="name a COCO file")
    digest = workspace.blobs.put_file(path)
    return Artifact(kind="coco", digest=digest, size_bytes=path.stat().st_size, media=JSON)


def _document(data: bytes) -> dict[str, Any]:
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


def _named(data: bytes) -> dict[int, str]:
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
