"""One training run by hand: a dataset version to a model version, by our trainer or the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ringroad.datasets.export import export
from ringroad.datasets.version import header_of
from ringroad.deploy.onnx_strip import strip
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST, TRAIN
from ringroad.domain.errors import InputError
from ringroad.label.write_coco import write_coco
from ringroad.media import proxies as pack
from ringroad.media.images import encode_jpeg
from ringroad.models.config import NetworkConfig, read_config
from ringroad.pipelines.compose import annotations_of
from ringroad.pipelines.finding import labels_of, seen_of, table_of, taken_with
from ringroad.pipelines.learn import ONNX, train_network
from ringroad.pipelines.pictures import scaled
from ringroad.pipelines.registry import REFERENCE
from ringroad.pipelines.validate import PREDICTOR_ROOTS
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import PREDICTORS
from ringroad.train.command import arguments_of, files_of, run_command
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model version, and how its loss went down; no curve where the user's trainer ran."""

    model: Artifact
    curve: tuple[dict[str, float], ...]
    frames: int


@step(uses=("numpy", "onnx", "onnxruntime", "pyarrow", "simplejpeg"), also=PREDICTOR_ROOTS)
def train_by_command(
    bench: Bench,
    *,
    dataset: Artifact,
    labels: Sequence[Artifact],
    proxies: Sequence[Artifact],
    command: str,
    files: dict[str, str],
    predictor: str,
    config: dict[str, Any],
) -> dict[str, Artifact]:
    """Export the rows that are not tested on, run the user's trainer, take in what it wrote."""
    del files  # in the key alone: an edited script is another trainer
    version = bench.read_table(dataset)
    version = version.filter(pc.not_equal(version.column("split"), TEST))
    ids = version.column("frame_id").to_pylist()
    pixels, sizes = pack.gather((bench.read_table(part) for part in proxies), ids)
    place = {frame: row for row, frame in enumerate(ids)}
    height, width = pixels.shape[1:3]
    folder, path = bench.scratch / "dataset", bench.scratch / "model.onnx"
    export(
        version,
        scaled(annotations_of(bench, version, labels), ids, sizes, (width, height)),
        folder,
        sizes=dict.fromkeys(ids, (width, height)),
        picture=lambda frame: encode_jpeg(np.ascontiguousarray(pixels[place[frame]])),
        write_boxes=write_coco,
    )
    values = {"dataset": str(folder), "model": str(path), "seed": str(bench.seed)}
    run_command(arguments_of(command, values), tracker=bench.tracker)
    if not path.is_file():
        raise InputError(
            "ended well but wrote no model",
            subject=command,
            remedy="write an ONNX file to the path that {model} stands for",
        )
    data = strip(path.read_bytes())
    options = {"config": read_config(config)} if config else {}
    PREDICTORS.load(predictor)(bench.runtime.load(data, threads=bench.threads), **options)
    return {
        "onnx": bench.write("onnx", data, ONNX),
        "card": bench.write_json("model-card", {"predictor": predictor, "config": config}),
    }


def train_version(
    workspace: Workspace,
    dataset: Artifact,
    *,
    labels: Sequence[Artifact] = (),
    size: tuple[int, int] | None = None,
    channels: int = 16,
    stride: int = 8,
    epochs: int = 20,
    batch: int = 8,
    learning_rate: float = 3e-3,
    threads: int = 1,
    seed: int = 0,
    start_from: Artifact | None = None,
    command: str = "",
    predictor: str = REFERENCE,
) -> Fitted:
    """Train on the training rows of a version, with the proxies of their recordings.

    Args:
        workspace: where everything is kept.
        dataset: the version.
        labels: batches of annotations; those that the rows refer to where none are given.
        size: width and height of the frames; 320 wide in the recordings' shape by default.
        channels: of the first layer.
        stride: pixels per cell of the output.
        epochs: how often each frame is seen.
        batch: frames per step.
        learning_rate: at its peak.
        threads: of the training.
        seed: of weights, order and augmentation.
        start_from: a model version of equal configuration to go on from.
        command: the user's own trainer instead, see `train.command`.
        predictor: who reads the answers of what that trainer wrote.

    Raises:
        InputError: the version has no training rows.
        InvalidConfig: a size or command that breaks a rule.
    """
    version = table_of(workspace, dataset)
    rows = version.filter(pc.equal(version.column("split"), TRAIN))
    if not rows.num_rows:
        raise InputError(
            "has no rows for training",
            subject=dataset.id,
            remedy="see its splits: ringroad datasets show NAME",
        )
    kept = version.filter(pc.not_equal(version.column("split"), TEST)) if command else rows
    taken = taken_with(workspace, kept.column("frame_id").to_pylist())
    camera = next(item for item in taken[0].recording.channels if item.width)
    width, height = size or fitted_size(camera.width, camera.height)
    config = read_config(
        {
            "width": width,
            "height": height,
            "channels": channels,
            "stride": stride,
            "categories": list(header_of(version).categories),
        }
    )
    given = {
        "dataset": dataset,
        "labels": tuple(labels) or labels_of(workspace, kept),
        "proxies": [item.proxies for item in seen_of(workspace, taken, width=width, height=height)],
    }
    if command:
        arguments_of(command, dict.fromkeys(("dataset", "model", "seed"), "?"))
        made = workspace.runner.run(
            train_by_command,
            seed=seed,
            command=command,
            files=files_of(command),
            predictor=predictor,
            config=_config_for(predictor, config),
            **given,
        )
        return Fitted(model=made["onnx"], curve=(), frames=kept.num_rows)
    made = workspace.runner.run(
        train_network,
        seed=seed,
        network=config.to_json(),
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        threads=threads,
        start_from=start_from,
        **given,
    )
    curve = tuple(workspace.json(made["curve"]))
    return Fitted(model=made["model"], curve=curve, frames=rows.num_rows)


def fitted_size(width: int, height: int, *, wanted: int = 320) -> tuple[int, int]:
    """A size a network takes: `wanted` wide, the shape kept to the nearest multiple of 16."""
    return wanted, max(32, round(wanted * height / width / 16) * 16)


def _config_for(predictor: str, config: NetworkConfig) -> dict[str, Any]:
    """Only the reference network's predictor is told a configuration."""
    return config.to_json() if predictor == REFERENCE else {}
