"""`ringroad evaluate`: KPIs of a network, or of predictions from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.artifact import Artifact
from ringroad.domain.kpi import Kpi
from ringroad.pipelines.datasets.split_truth import CONDITIONS
from ringroad.pipelines.evaluate.prediction_files import predictions_from
from ringroad.pipelines.evaluate.scoring import score_model, score_predictions
from ringroad.pipelines.evaluate.validate import kpis_of
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.workspace import Workspace


@command()
@click.option("--model", default="", help="Alias, id, or an ONNX file with --predictor.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Least score of a box.")
@click.option(
    "--predictions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="COCO results of any network; image ids are frame ids.",
)
@click.option(
    "--images",
    type=click.Path(dir_okay=False, path_type=Path),
    help="COCO file that says which image and category each id means.",
)
@click.option("--truth", required=True, help="Dataset version whose test rows are scored.")
@click.option(
    "--slice",
    "slices",
    multiple=True,
    type=click.Choice(["all", *CONDITIONS]),
    help="Show these alone; may be repeated.",
)
@click.option("--categories", default="", help="What to score, with commas between.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True)
def evaluate(
    door: Door,
    model: str,
    predictor: str,
    threshold: float | None,
    predictions: Path | None,
    images: Path | None,
    truth: str,
    slices: tuple[str, ...],
    categories: str,
    confidence: float,
) -> int:
    """Score against the test rows of a dataset version, with intervals from whole units.

    `not evaluated` means that nothing is annotated for it: never a silent zero.
    """
    if bool(model) == (predictions is not None):
        raise click.UsageError("name one of --model and --predictions")
    options: dict[str, Any] = {
        "categories": [part.strip() for part in categories.split(",") if part.strip()],
        "confidence": confidence,
        "seed": door.seed,
    }
    problems: list[Any] = []
    with opened(door) as workspace:
        dataset = dataset_of(workspace, truth)
        if predictions is not None:
            given = predictions_from(workspace, predictions, dataset, images=images)
            problems = [asdict(item) for item in given.problems]
            kpis = score_predictions(workspace, [given.predictions], dataset, **options)
        else:
            chosen = model_of(workspace, model, predictor=predictor, threshold=threshold)
            kpis = score_model(workspace, chosen, dataset, **options)
        rows = shown(workspace, kpis, slices)
    value = {"kpis": kpis.id, "rows": [asdict(row) for row in rows], "problems": problems}
    lines = [f"set aside {item['place']}: {item['what']}" for item in problems[:20]]
    if len(problems) > len(lines):
        lines.append(f"and {len(problems) - len(lines)} more; see --json")
    door.give(value, "\n".join([*lines, *table(rows), kpis.id]))
    return EXIT_SOME_REFUSED if problems else 0


def shown(workspace: Workspace, kpis: Artifact, slices: Sequence[str]) -> list[Kpi]:
    """The KPIs of the categories asked for, in the slices asked for."""
    rows = kpis_of(workspace, kpis, "gate")
    return [row for row in rows if not slices or row.slice in slices]


def table(rows: Sequence[Kpi]) -> list[str]:
    """One line per KPI, and what a unit is."""
    lines = [f"{'slice':8} {'category':12} {'metric':6} {'value':>6}  interval          truths"]
    for row in rows:
        head = f"{row.slice:8} {row.category:12} {row.metric:6}"
        if row.value is None:
            lines.append(f"{head} not evaluated: nothing annotated in {row.frames} frames")
            continue
        spread = "no interval" if row.low is None else f"{row.low:.3f} to {row.high:.3f}"
        lines.append(
            f"{head} {row.value:6.3f}  {spread:16}  {row.truths} in {row.frames} frames, "
            f"{row.units} units"
        )
    if rows:
        lines.append(f"intervals: {rows[0].confidence:.0%}, over units; a unit is: {rows[0].unit}")
    return lines
