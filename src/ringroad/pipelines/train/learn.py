"""Training runs: a dataset version to a model version and its ONNX network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from ringroad.datasets.reading import annotations_of, rows_of
from ringroad.datasets.version import header_of
from ringroad.deploy.onnx_strip import strip
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import LIGHT_STATE, TRAIN
from ringroad.media.annotation_rows import box_rows
from ringroad.media.pictures import proxies as pack
from ringroad.models.checkpoint import MEDIA, config_of, from_bytes
from ringroad.models.config import NetworkConfig, read_config
from ringroad.models.export import to_onnx
from ringroad.pipelines.loop_config import LoopConfig, TrainSection
from ringroad.pipelines.model import ONNX, Model
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.train.augment import AugmentConfig
from ringroad.train.data import training_data
from ringroad.train.fit import TrainConfig, fit
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one training run is asked to do."""

    dataset: Artifact
    labels: tuple[Artifact, ...]
    """The annotation batches that its training rows refer to."""
    seed: int
    epochs: int
    what: str
    """For the terminal: `first network`, or the arm that chose its frames."""
    start_from: Artifact | None = None


@step(uses=("numpy", "pyarrow", "safetensors", "torch"), retries=1)
def train_network(
    bench: Bench,
    *,
    dataset: Artifact,
    labels: Sequence[Artifact],
    proxies: Sequence[Artifact],
    network: dict[str, Any],
    epochs: int,
    batch: int,
    learning_rate: float,
    threads: int,
    start_from: Artifact | None = None,
    weight_decay: float = 1e-2,
    augment: dict[str, float] | None = None,
) -> dict[str, Artifact]:
    """Fit the reference network to the training split; `augment` as `AugmentConfig` names it."""
    config = read_config(network)
    version = rows_of(bench.blobs, dataset)
    header = header_of(version)
    rows = version.filter(pc.equal(version.column("split"), TRAIN))
    ids = rows.column("frame_id").to_pylist()
    frames, sizes = pack.gather((bench.read_table(part) for part in proxies), ids)
    data = training_data(
        config,
        frames,
        sizes,
        ids,
        box_rows(annotations_of(bench.read_table, rows, labels)),
        annotated=header.categories,
        states_annotated=LIGHT_STATE in header.tasks,
        weights=rows.column("weight").to_numpy(),
    )
    result = fit(
        config,
        TrainConfig(
            epochs=epochs,
            batch=batch,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            threads=threads,
            augment=AugmentConfig(**augment or {}),
        ),
        data,
        seed=bench.seed,
        tracker=bench.tracker,
        start_from=bench.read(start_from) if start_from is not None else None,
        checkpoint=bench.resume,
    )
    return {
        "model": bench.write("model", result.model, MEDIA),
        "curve": bench.write_json("curve", list(result.curve)),
    }


@step(uses=("onnx", "torch"))
def export_network(bench: Bench, *, model: Artifact) -> dict[str, Artifact]:
    """The model as one stripped ONNX file."""
    data = bench.read(model)
    network = strip(to_onnx(from_bytes(data)))
    return {
        "onnx": bench.write("onnx", network, ONNX),
        "config": bench.write_json("network-config", config_of(data).to_json()),
    }


def learn(
    workspace: Workspace, config: LoopConfig, lessons: Sequence[Lesson], seen: Sequence[Seen]
) -> list[Model]:
    """Train all lessons, several at a time where the workspace has workers, and export them."""
    train = config.train
    if train is None:
        return []
    network = _network(config, train).to_json()
    made = workspace.runner.map(
        train_network,
        [
            {
                "seed": lesson.seed,
                "dataset": lesson.dataset,
                "labels": lesson.labels,
                "proxies": [item.proxies for item in seen],
                "network": network,
                "epochs": lesson.epochs,
                "batch": train.batch,
                "learning_rate": train.learning_rate,
                "threads": train.threads,
                "start_from": lesson.start_from,
            }
            for lesson in lessons
        ],
    )
    exported = workspace.runner.map(export_network, [{"model": part["model"]} for part in made])
    return [
        Model(
            name=f"{config.name}-{part['model'].digest[:12]}",
            network=out["onnx"],
            predictor="reference",
            config=json.loads(workspace.blobs.get(out["config"].digest)),
            weights=part["model"],
            curve=part["curve"],
        )
        for part, out in zip(made, exported, strict=True)
    ]


def _network(config: LoopConfig, train: TrainSection) -> NetworkConfig:
    annotated = config.truth.annotated if config.truth is not None else ()
    return NetworkConfig(
        width=train.width,
        height=train.height,
        channels=train.channels,
        stride=train.stride,
        categories=tuple(annotated),
    )
