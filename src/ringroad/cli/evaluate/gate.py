"""`ringroad gate`: let a model version pass, or not, or say that nobody can know yet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.doors import EXIT_GATE_FAIL, EXIT_GATE_INCONCLUSIVE, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.artifact import Artifact
from ringroad.domain.kpi import Gate, Verdict
from ringroad.pipelines.datasets.looks import look_again
from ringroad.pipelines.evaluate.comparing_models import compare_named
from ringroad.pipelines.evaluate.gating import pass_gate, read_gate
from ringroad.pipelines.evaluate.prediction_files import predictions_from
from ringroad.pipelines.evaluate.scoring import score_model, score_predictions
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.histories import KPI_KINDS
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.workspace import Workspace

EXIT = {
    Verdict.PASS: 0,
    Verdict.FAIL: EXIT_GATE_FAIL,
    Verdict.INCONCLUSIVE: EXIT_GATE_INCONCLUSIVE,
}


@click.group()
def gate() -> None:
    """Gates: rules that are frozen before the test rows are looked at."""


@command(gate)
@click.argument("gate_toml", metavar="GATE.toml", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--kpis", default="", help="What `ringroad evaluate` made.")
@click.option(
    "--model", "--candidate", default="", help="Alias, id, or an ONNX file with --predictor."
)
@click.option("--champion", default="", help="Holds the difference to this model version.")
@click.option("--predictor", default="", help="Who reads an ONNX file: ringroad plugins list.")
@click.option(
    "--predictions", type=click.Path(dir_okay=False, path_type=Path), help="COCO results."
)
@click.option("--truth", default="", help="Dataset version; needed unless --kpis is given.")
@click.option("--categories", default="", help="What `all` means, with commas between.")
def check(
    door: Door,
    gate_toml: Path,
    kpis: str,
    model: str,
    champion: str,
    predictor: str,
    predictions: Path | None,
    truth: str,
    categories: str,
) -> int:
    """Hold a KPI against the rule in GATE.toml. Exit 0 PASS, 3 FAIL, 4 INCONCLUSIVE.

    Its keys: name, metric, category, slice, minimum, confidence. With --champion the metric is
    `AP50 difference`, and the minimum how much better the candidate has to be; below 0, how much
    worse it may be.
    """
    if sum(map(bool, (kpis, model, predictions))) != 1:
        raise click.UsageError("name one of --kpis, --model and --predictions")
    if champion and kpis:
        raise click.UsageError("--kpis are those of a difference already, or of one model alone")
    if not kpis and not truth:
        raise click.UsageError("--truth says which dataset version is scored")
    rule = read_gate(gate_toml)
    named = [part.strip() for part in categories.split(",") if part.strip()]
    with opened(door) as workspace:
        if kpis:
            found = find_named(workspace, kpis, KPI_KINDS, prefix="")
            look_again(workspace, found, why=f"gate {rule.name}")
        elif predictions is not None:
            dataset = dataset_of(workspace, truth)
            given = predictions_from(workspace, predictions, dataset, images=None)
            found = score_predictions(
                workspace,
                [given.predictions],
                dataset,
                categories=named,
                confidence=rule.confidence,
                seed=door.seed,
                why=f"gate {rule.name}",
            )
        else:
            found = score_model(
                workspace,
                model_of(workspace, model, predictor=predictor),
                dataset_of(workspace, truth),
                categories=named,
                confidence=rule.confidence,
                seed=door.seed,
                why=f"gate {rule.name}",
            )
        if champion:
            found = _beside(workspace, champion, found, truth, named, rule, door.seed)
        made, result = pass_gate(workspace, found, rule)
    verdict = Verdict(result.verdict)
    lines = [f"{verdict}: {result.reason}"]
    lines += [f"  decided by {frame}" for frame in result.frames]
    door.give({"gate": made.id, "kpis": found.id, **asdict(result)}, "\n".join(lines))
    return EXIT[verdict]


def _beside(
    workspace: Workspace,
    champion: str,
    candidate: Artifact,
    truth: str,
    categories: list[str],
    rule: Gate,
    seed: int,
) -> Artifact:
    """The difference of a candidate's KPIs to those of the champion, which is scored alike."""
    other = score_model(
        workspace,
        model_of(workspace, champion),
        dataset_of(workspace, truth),
        categories=categories,
        confidence=rule.confidence,
        seed=seed,
        why=f"gate {rule.name}",
    )
    return compare_named(workspace, other.id, candidate.id, seed=seed)
