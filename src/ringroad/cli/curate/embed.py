"""`ringroad embed`: embeddings of frames by a network of your choice."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.failures import told_plainly
from ringroad.pipelines.mine.embedding import embed_frames
from ringroad.pipelines.train.named_models import model_of


@command()
@click.option("--model", required=True, help="Alias, id, or an ONNX file with --predictor.")
@click.option("--predictor", default="embedding", show_default=True, help="Who reads the file.")
@click.option("--name", required=True, help="Of these embeddings, for like(..., in NAME).")
@click.option("--on", default="all", show_default=True, help="A recording, a selection, or all.")
def embed(door: Door, model: str, predictor: str, name: str, on: str) -> None:
    """Embed frames, so that searches by likeness can go by this network.

    A network that embeds takes one picture of 224 x 224 pixels, RGB from 0 to 1, and answers with
    one vector; --predictor embedding-imagenet for those that expect ImageNet's mean and spread.
    """
    with opened(door) as workspace, told_plainly():
        chosen = model_of(workspace, model, predictor=predictor)
        vectors = embed_frames(workspace, scope_of(workspace, on).taken, chosen, name)
    value = {"name": name, "model": chosen.name, "frames": vectors}
    door.give(value, f"{vectors:,} frames embedded as {name!r} by {chosen.name}")
