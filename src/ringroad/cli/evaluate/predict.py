"""`ringroad predict`: run a network over recordings; answers leave as COCO results."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.evaluate.answers import answers, coco_results
from ringroad.pipelines.train.named_models import model_of


@command()
@click.option("--model", required=True, help="Alias, id, or an ONNX file with --predictor.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Least score of a box.")
@click.option("--on", default="all", show_default=True, help="A recording, a selection, or all.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="COCO results; image ids are frame ids.",
)
def predict(
    door: Door, model: str, predictor: str, threshold: float | None, on: str, out: Path | None
) -> None:
    """Run a network over recordings. What is not decoded at its size yet is decoded first."""
    with opened(door) as workspace:
        chosen = model_of(workspace, model, predictor=predictor, threshold=threshold)
        rows, frames = answers(workspace, chosen, scope_of(workspace, on))
    counts = Counter(rows["category"].to_pylist())
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(coco_results(rows)) + "\n")
    value = {
        "model": chosen.name,
        "network": chosen.network.id,
        "frames": len(frames),
        "boxes": dict(counts),
        "out": str(out) if out is not None else None,
    }
    named = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
    where = f"\nwritten to {out}" if out is not None else ""
    door.give(value, f"{chosen.name}: {len(frames)} frames, boxes: {named}{where}")
