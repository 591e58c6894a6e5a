"""Predictions of any network from a COCO results file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ringroad.datasets.reading import rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.evaluate.files import read_predictions
from ringroad.pipelines.coco_files import document_of, named_categories, stored
from ringroad.pipelines.pictures import (
    frames_by_name,
    picture_names,
    renamed,
    scaled,
    stated_sizes,
)
from ringroad.pipelines.recordings.taken import taken_with
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


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
        document = renamed(document_of(bench.read(part)), known)
        drawn |= stated_sizes(document, known, sizes)
        ids |= {row["id"]: known[row["file_name"]] for row in document["images"]
                if row["file_name"] in known}  # fmt: skip
        numbered = {row["id"]: row["name"] for row in document["categories"]}
    rows, problems = read_predictions(
        data, frames=ids, categories=named_categories(data) or numbered, model=model
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
    version = rows_of(workspace.blobs, dataset)
    taken = taken_with(workspace, version["frame_id"].to_pylist())
    file = stored(workspace, path)
    made = workspace.runner.run(
        import_predictions,
        file=file,
        images=[stored(workspace, images)] if images else [],
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
