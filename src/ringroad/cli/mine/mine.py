"""`ringroad mine`: choose the frames that are worth a label."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.datasets.reading import rows_of
from ringroad.domain.ids import FrameId
from ringroad.domain.time import from_seconds
from ringroad.pipelines.curate.scope import Scope, scope_of
from ringroad.pipelines.failures import told_plainly
from ringroad.pipelines.finding import dataset_of, table_of
from ringroad.pipelines.mine.pick_step import BOXES, FRAMES
from ringroad.pipelines.mine.picking import pick
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.workspace import Workspace


@command()
@click.option("--from", "source", default="all", show_default=True, help="Selection, or all.")
@click.option("--model", required=True, help="Alias, id, or an ONNX file with --predictor.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
@click.option("--strategy", default="entropy-k-center", show_default=True)
@click.option("--budget", type=click.IntRange(1), default=100, show_default=True)
@click.option("--unit", type=click.Choice([BOXES, FRAMES]), default=BOXES, show_default=True)
@click.option("--min-gap-s", type=click.FloatRange(0), default=0.0, help="Least time between two.")
@click.option("--labelled", default="", help="Dataset version whose frames are labelled already.")
@click.option("--save", required=True, help="Name of the selection.")
def mine(
    door: Door,
    source: str,
    model: str,
    predictor: str,
    strategy: str,
    budget: int,
    unit: str,
    min_gap_s: float,
    labelled: str,
    save: str,
) -> None:
    """Choose frames up to a budget, and keep them as a selection.

    A frame costs the boxes that the network sees on it, at least one. Frames that have
    annotations, or that the --labelled version holds, are never chosen.
    """
    with opened(door) as workspace, told_plainly():
        scope = scope_of(workspace, source)
        made, figures = pick(
            workspace,
            scope,
            model_of(workspace, model, predictor=predictor),
            save,
            labelled=_labelled(workspace, scope, labelled),
            strategy=strategy,
            budget=budget,
            unit=unit,
            options={"min_gap_ns": from_seconds(min_gap_s)},
            seed=door.seed,
        )
    door.give(
        {"id": made.id, "name": f"selection:{save}", **figures},
        f"selection:{save}: {figures['frames']} of {figures['pool']} frames, about "
        f"{figures['boxes']} boxes to draw ({strategy}); {figures['labelled']} labelled before",
    )


def _labelled(workspace: Workspace, scope: Scope, dataset: str) -> list[FrameId]:
    """Frames of the recordings that somebody annotated."""
    known = [
        FrameId(frame)
        for item in scope.taken
        for frame in table_of(workspace, item.frames)["frame_id"].to_pylist()
    ]
    done = set(workspace.catalog.heads(known))
    if dataset:
        version = rows_of(workspace.blobs, dataset_of(workspace, dataset))
        done |= set(version["frame_id"].to_pylist())
    return sorted(done)
