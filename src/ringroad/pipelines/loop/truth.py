"""Truth from a file: a COCO file beside image folders becomes one batch of annotations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.label.formats.coco.format import rows_of_coco
from ringroad.pipelines.coco_files import stored
from ringroad.pipelines.loop_config import TruthConfig
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def import_boxes(
    bench: Bench,
    *,
    coco: Artifact,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    categories: dict[str, str],
    minimum_area: float,
) -> dict[str, Artifact]:
    """Read boxes for the pictures of image folders, matched by file name without its folder."""
    names: dict[str, FrameId] = {}
    sizes: dict[FrameId, tuple[int, int]] = {}
    for source, part in zip(sources, frames, strict=True):
        files = [entry["name"] for entry in json.loads(bench.read(source))]
        rows = bench.read_table(part).select(["frame_id", "sequence", "width", "height"])
        for row in rows.to_pylist():
            names[PurePosixPath(files[row["sequence"]]).name] = row["frame_id"]
            sizes[row["frame_id"]] = (row["width"], row["height"])
    boxes, problems = rows_of_coco(
        _narrowed(bench.read(coco), minimum_area),
        names,
        sizes,
        categories=categories,
        author="truth",
    )
    return {
        "truth": bench.write_table("truth", boxes),
        "problems": bench.write_json("problems", [asdict(problem) for problem in problems]),
    }


def _narrowed(coco: bytes, minimum_area: float) -> bytes:
    """The file without its small boxes, pictures named without their folder."""
    try:
        document = json.loads(coco)
    except ValueError:
        return coco  # the reader says what is wrong with it
    if not isinstance(document, dict):
        return coco
    for image in document.get("images") or ():
        if isinstance(image, dict):
            image["file_name"] = PurePosixPath(str(image.get("file_name", ""))).name
    rows = document.get("annotations")
    if isinstance(rows, list):
        document["annotations"] = [
            row for row in rows if not (isinstance(row, dict) and _area(row) < minimum_area)
        ]
    return json.dumps(document).encode()


def _area(row: dict[str, Any]) -> float:
    """The stated area of a box in pixels; infinite where there is none to go by."""
    area = row.get("area")
    return float(area) if isinstance(area, (int, float)) else float("inf")


def import_truth(
    workspace: Workspace, oracle: TruthConfig, seen: Sequence[Seen], folder: Path
) -> tuple[Artifact, ...]:
    """Truth of all recordings, out of the file that the loop names.

    Raises:
        InputError: the file cannot be read, or the recordings are no image folders.
    """
    path = folder / oracle.coco
    if not oracle.coco or not path.is_file():
        raise InputError(
            "no file of boxes", subject=str(path), remedy="name a COCO file in truth.coco"
        )
    others = [item for item in seen if item.taken.recording.container != "images"]
    if others:
        raise InputError(
            "boxes by file name need image folders",
            subject=others[0].taken.recording.id,
            remedy="use truth.coco with recordings that are folders of images",
        )
    made = workspace.runner.run(
        import_boxes,
        coco=stored(workspace, path),
        sources=[item.taken.source for item in seen],
        frames=[item.taken.frames for item in seen],
        categories=dict(oracle.categories),
        minimum_area=oracle.minimum_area,
    )
    problems = json.loads(workspace.blobs.get(made["problems"].digest))
    if problems:
        first = problems[0]
        workspace.say(
            f"truth      {len(problems)} problems, the first: {first['place']}: {first['what']}"
        )
    return (made["truth"],)
