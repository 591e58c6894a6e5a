"""Versions of made-up frames in a real workspace, for tests."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from ringroad.app import Settings, open_workspace
from ringroad.datasets.version import METADATA_KEY, build
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import DatasetHeader
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.datasets.names import begin
from ringroad.pipelines.datasets.writing import VERSION, write_base
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench, SilentTracker
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def made_up(bench: Bench, *, rows: list[list[str]], name: str, plain: bool) -> dict[str, Artifact]:
    """A first version; plain as releases before layers wrote it."""
    header = DatasetHeader(name=name, categories=("car",))
    table = build(header, frames(*map(tuple, rows)))
    if not plain:
        return write_base(bench, table)
    known = table.schema.metadata[METADATA_KEY].replace(b'"locked":false,', b"")
    return {
        VERSION: bench.write_table("dataset", table.replace_schema_metadata({METADATA_KEY: known}))
    }


def frames(*given: tuple[str, ...], **cells: object) -> pa.Table:
    """Rows of (frame, split, annotations); the unit is what stands before the first slash."""
    listed = [
        {
            "recording_id": "r",
            "unit": frame.partition("/")[0],
            "condition": "day",
            "weight": 1.0,
            **cells,
            "frame_id": frame,
            "split": (*rest, "train")[0],
            "annotations": (*rest, "train", "x")[1] if len(rest) > 1 else "x",
        }
        for frame, *rest in given
    ]
    return pa.Table.from_pylist(listed, schema=MANIFEST)


def opened(folder: Path) -> Workspace:
    """A workspace, made where there is none."""
    return open_workspace(
        Settings(folder=folder),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )


def begun(workspace: Workspace, name: str, *rows: tuple[str, ...], plain: bool = False) -> Artifact:
    """A dataset with a first version."""
    given = [list(row) for row in rows]
    made = workspace.runner.run(made_up, rows=given, name=name, plain=plain)[VERSION]
    begin(workspace, name, made, reason="made up")
    return made
