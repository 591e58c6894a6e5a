"""`ringroad train`: fit a network to a dataset version, or have the user's trainer do it."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.datasets.manifest import header_at
from ringroad.domain.artifact import Artifact
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.train.training import Fitted, train_version
from ringroad.pipelines.workspace import Workspace


@command()
@click.argument("dataset")
@click.option("--labels", multiple=True, help="Batches of annotations; those of the rows else.")
@click.option("--name", default="", help="Points NAME:candidate at the model; the dataset's else.")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option("--batch", type=click.IntRange(1), default=8, show_default=True)
@click.option("--learning-rate", type=click.FloatRange(0, 1), default=3e-3, show_default=True)
@click.option("--width", type=click.IntRange(32), help="Pixels; 320 by default.")
@click.option("--height", type=click.IntRange(32), help="Pixels; the recordings' shape by default.")
@click.option("--channels", type=click.IntRange(4), default=16, show_default=True)
@click.option("--stride", type=click.Choice(["4", "8"]), default="8", show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--start-from", default="", help="Model version of equal shape to go on from.")
@click.option(
    "--command", "trainer", default="", help="python my.py --data {dataset} --out {model}"
)
@click.option("--predictor", default="reference", help="Who reads what --command wrote.")
def train(
    door: Door,
    dataset: str,
    labels: tuple[str, ...],
    name: str,
    epochs: int,
    batch: int,
    learning_rate: float,
    width: int | None,
    height: int | None,
    channels: int,
    stride: str,
    threads: int,
    start_from: str,
    trainer: str,
    predictor: str,
) -> None:
    """Fit a network to the training rows of DATASET, a name or an id.

    An interrupted training goes on where it was when the same command is started again.
    --command hands the rows to your own trainer as a folder of COCO boxes and pictures; it
    writes an ONNX network to {model}, and sees no test row.
    """
    if (width is None) != (height is None):
        raise click.UsageError("give both --width and --height, or none")
    size = (width, height) if width is not None and height is not None else None
    with opened(door) as workspace:
        version = dataset_of(workspace, dataset)
        fitted = train_version(
            workspace,
            version,
            labels=[
                find_named(workspace, item, ("annotations", "truth"), prefix="") for item in labels
            ],
            size=size,
            channels=channels,
            stride=int(stride),
            epochs=epochs,
            batch=batch,
            learning_rate=learning_rate,
            threads=threads,
            seed=door.seed,
            start_from=model_of(workspace, start_from) if start_from else None,
            command=trainer,
            predictor=predictor,
        )
        alias = f"{name or _name(workspace, version)}:candidate"
        workspace.point(alias, fitted.model, reason=f"trained on {dataset}")
    door.give(
        {
            "model": fitted.model.id,
            "name": alias,
            "dataset": version.id,
            "frames": fitted.frames,
            "curve": list(fitted.curve),
        },
        f"{alias} -> {fitted.model.id}\n  {fitted.frames} frames{_losses(fitted)}",
    )


def _name(workspace: Workspace, version: Artifact) -> str:
    return header_at(workspace.blobs, version).name


def _losses(fitted: Fitted) -> str:
    if not fitted.curve:
        return ", by your own trainer"
    losses = [entry["loss"] for entry in fitted.curve]
    return (
        f", {len(losses)} epochs, loss {losses[0]:.3f} -> {losses[-1]:.3f}, "
        f"lowest {min(losses):.3f}"
    )
