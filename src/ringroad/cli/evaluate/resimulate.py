"""`ringroad resimulate`: a candidate beside the champion on the same recordings."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.deploy.side_by_side import side_by_side
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.train.named_models import model_of


@command()
@click.option("--candidate", required=True, help="Alias, id, or an ONNX file.")
@click.option("--champion", required=True, help="Alias, id, or an ONNX file.")
@click.option("--predictor", default="", help="Who reads an ONNX file of the candidate.")
@click.option("--champion-predictor", default="", help="Who reads an ONNX file of the champion.")
@click.option("--on", default="all", show_default=True, help="A recording, or all.")
@click.option("--truth", default="", help="Dataset version that says who is right where it can.")
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.3, show_default=True)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Frames kept.")
def resimulate(
    door: Door,
    candidate: str,
    champion: str,
    predictor: str,
    champion_predictor: str,
    on: str,
    truth: str,
    threshold: float,
    limit: int,
) -> None:
    """Run two networks over whole recordings and say where they differ.

    The frames that differ most become selection:disagreements, for the next round of mining.
    """
    with opened(door) as workspace:
        dataset = dataset_of(workspace, truth) if truth else None
        made = side_by_side(
            workspace,
            model_of(workspace, candidate, predictor=predictor),
            model_of(
                workspace,
                champion,
                predictor=champion_predictor,
                option="--champion-predictor",
            ),
            scope_of(workspace, on),
            dataset=dataset,
            threshold=threshold,
            limit=limit,
        )
        rows = workspace.json(made["resimulation"])
    value = {
        "resimulation": made["resimulation"].id,
        "differences": made["differences"].id,
        "selection": made["disagreements"].id,
        "summary": rows,
    }
    lines = [
        f"{row['condition']:8} {row['disagreeing']} of {row['frames']} frames differ; boxes "
        f"{row['champion_boxes']} -> {row['candidate_boxes']}; "
        + (f"right: champion {row['champion_right']}, candidate {row['candidate_right']}"
           if dataset else "no truth: nobody knows who is right")
        for row in rows
    ]  # fmt: skip
    lines.append("frames that differ most: ringroad selections show disagreements")
    door.give(value, "\n".join(lines))
