"""COCO files of labels as steps: read for any recording, written for a dataset version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO
from typing import Any

from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import PictureFile
from ringroad.domain.ids import FrameId
from ringroad.domain.task import AnnotationHead
from ringroad.label.coco import read_coco
from ringroad.label.write_coco import write_coco
from ringroad.pipelines.compose import annotations_of
from ringroad.pipelines.pictures import frames_by_name, picture_names, renamed, scaled, stated_sizes
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

COCO = "application/json"


@step(uses=("pyarrow",))
def read_labels(
    bench: Bench,
    *,
    coco: Artifact,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    containers: list[str],
    categories: dict[str, str],
    author: str,
) -> dict[str, Artifact]:
    """Read boxes for frames by path, base name, exported name or frame id, at any size.

    Its rows are nobody's current annotations until `move_heads` says so.
    """
    names, sizes = picture_names(bench, sources, frames, containers)
    known = frames_by_name(names)
    data = bench.read(coco)
    try:
        document = renamed(json.loads(data), known)
    except (ValueError, RecursionError):
        document = None  # the reader says what is wrong with it
    drawn = stated_sizes(document, known, sizes)
    boxes, problems = read_coco(
        json.dumps(document).encode() if isinstance(document, dict) else data,
        known,
        drawn,
        categories=categories or _own_names(document),
        author=author,
    )
    return {
        "annotations": bench.write_table("annotations", scaled(boxes, drawn, sizes)),
        "problems": bench.write_json("problems", [asdict(problem) for problem in problems]),
    }


@step(uses=("pyarrow",))
def move_heads(bench: Bench, *, annotations: Artifact, revisions: dict[str, int]) -> Artifact:
    """Make a batch the current annotations of frames, each after the revision that it had."""
    for frame, before in sorted(revisions.items()):
        bench.record(
            AnnotationHead(frame=FrameId(frame), batch=annotations.id, revision=before + 1)
        )
    return bench.write_json("heads", {"batch": annotations.id, "revisions": revisions})


@step(uses=("pyarrow",))
def write_labels(
    bench: Bench,
    *,
    dataset: Artifact,
    labels: Sequence[Artifact],
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    containers: list[str],
) -> Artifact:
    """All annotations of a dataset version as one COCO file, pictures by their own names."""
    version = bench.read_table(dataset)
    names, sizes = picture_names(bench, sources, frames, containers)
    sink = BytesIO()
    write_coco(
        [
            PictureFile(frame=f, name=names[f], width=sizes[f][0], height=sizes[f][1])
            for f in version.column("frame_id").to_pylist()
        ],
        annotations_of(bench, version, labels),
        sink,
        categories=header_of(version).categories,
    )
    return bench.write("coco", sink.getvalue(), COCO)


def _own_names(document: Any) -> dict[str, str]:
    """Every category of the file under its own name."""
    rows = document.get("categories") if isinstance(document, dict) else None
    named = [row.get("name") for row in rows or () if isinstance(row, dict)]
    return {name: name for name in named if isinstance(name, str) and name}
