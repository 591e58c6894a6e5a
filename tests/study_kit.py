"""Small studies on a copy of the demo: a dataset with validation rows, and a study of it."""

from __future__ import annotations

from typing import Any

from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.pipelines.datasets.versions import create_version
from ringroad.pipelines.finding import dataset_of, labels_of
from ringroad.pipelines.workspace import Workspace
from ringroad.tune.config import StudyConfig, study_of

DATASET = "judged"
FEW = 24


def judged_dataset(workspace: Workspace, *, frames: int = FEW, val: float = 0.3) -> Artifact:
    """A version `judged` of some frames of the demo, with rows in all three splits."""
    rows = rows_of(workspace.blobs, dataset_of(workspace, "demo"))
    ids = rows["frame_id"].to_pylist()
    made, _ = create_version(
        workspace,
        DATASET,
        ids[:: max(1, len(ids) // frames)],
        labels=labels_of(workspace, rows),
        categories=["car", "pedestrian"],
        unit="recording",
        block=1,
        gap=0,
        test_fraction=0.2,
        query="",
        seed=0,
        val_fraction=val,
    )
    return made


def study(**given: Any) -> StudyConfig:
    """A study of few, small trials; what is given stands in place of that."""
    train = {"epochs": 1, "channels": 4} | given.pop("train", {})
    search = given.pop("search", {"learning_rate": {"low": 1e-3, "high": 1e-2, "log": True}})
    values = {"name": "small", "dataset": DATASET, "trials": 2, "sampler": "random"} | given
    return study_of({**values, "train": train, "search": search}, subject="STUDY.toml")
