"""One training run by hand: a dataset version to a model version, by our trainer or the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from ringroad.datasets.reading import rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST, TRAIN
from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig, read_config
from ringroad.pipelines.evaluate.registry import REFERENCE
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.train.learn import train_network
from ringroad.pipelines.train.lesson import checked_labels, fitted_size, weights_of
from ringroad.pipelines.train.own_trainer import train_by_command
from ringroad.pipelines.workspace import Workspace
from ringroad.train.command import arguments_of, files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model version, and how its loss went down; no curve where the user's trainer ran."""

    model: Artifact
    curve: tuple[dict[str, float], ...]
    frames: int


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
    start_from: Model | None = None,
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
        InputError: the version has no training rows, the labels are not those that it names, or
            there is no going on from that model.
        InvalidConfig: a size or command that breaks a rule.
    """
    version = rows_of(workspace.blobs, dataset)
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
        "labels": checked_labels(workspace, kept, labels),
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
        start_from=weights_of(start_from, config),
        **given,
    )
    curve = tuple(workspace.json(made["curve"]))
    return Fitted(model=made["model"], curve=curve, frames=rows.num_rows)


def _config_for(predictor: str, config: NetworkConfig) -> dict[str, Any]:
    """Only the reference network's predictor is told a configuration."""
    return config.to_json() if predictor == REFERENCE else {}
