"""Two evaluations beside each other: by how much the candidate is better, with intervals.

Scores nothing anew: takes the answers that both evaluations scored, on the same test rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from ringroad.domain.artifact import Artifact, Execution
from ringroad.domain.dataset import TEST
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId
from ringroad.evaluate.compare import differences, worsened_frames
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.datasets.split_truth import CONDITIONS, REPLICATES, split_truth
from ringroad.pipelines.evaluate.judged_frames import inputs_of
from ringroad.pipelines.evaluate.run_kpis import scores_behind
from ringroad.pipelines.finding import dataset_of, executions_at, find_named
from ringroad.pipelines.histories import DIFFERENCES, EVALUATION, MODEL_KINDS
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

WORST = 8


@step(uses=("hotcoco", "numpy", "pyarrow"))
def compare_evaluations(
    bench: Bench,
    *,
    dataset: Artifact,
    truth: Sequence[Artifact],
    champion: Sequence[Artifact],
    candidate: Sequence[Artifact],
    gate_categories: list[str],
    confidence: float,
) -> Artifact:
    """Paired differences on the test split, and the frames on which the candidate is worse."""
    known = split_truth(bench, dataset, truth, TEST)
    old, new = all_rows(bench, champion), all_rows(bench, candidate)
    found = differences(
        known.boxes,
        old,
        new,
        known.rows,
        annotated=known.header.categories,
        categories=gate_categories,
        conditions=CONDITIONS,
        unit=known.header.unit,
        confidence=confidence,
        replicates=REPLICATES,
        seed=bench.seed,
    )
    worst = {
        condition: worsened_frames(
            known.boxes,
            old,
            new,
            known.rows,
            categories=gate_categories,
            condition=condition,
            limit=WORST,
        )
        for condition in ("all", *CONDITIONS)
    }
    return bench.write_json(DIFFERENCES, {"gate": [asdict(kpi) for kpi in found], "worst": worst})


def compare_named(
    workspace: Workspace,
    champion: str,
    candidate: str,
    *,
    dataset: str = "",
    seed: int = 0,
    who: str = "",
) -> Artifact:
    """AP50 of the candidate less that of the champion, by category and slice.

    Args:
        workspace: where both were evaluated.
        champion: an evaluation, or a model version of which the newest fitting one is taken.
        candidate: the same of the other.
        dataset: on whose test rows; "" for those on which both were evaluated last.
        seed: of the resampling.
        who: looks at the test rows; the user of this process where nobody is named.

    Raises:
        UnknownName: nothing is called so.
        InputError: they were not evaluated on the same test rows, categories and confidence.
    """
    at = dataset_of(workspace, dataset).id if dataset else None
    old, new = (_evaluations(workspace, name, at) for name in (champion, candidate))
    for one in new:
        for other in old:
            if _asked(one) == _asked(other):
                return _compare(workspace, other, one, seed=seed, who=who)
    raise InputError(
        "was not evaluated on the same test rows, categories and confidence",
        subject=f"{candidate} beside {champion}",
        remedy="evaluate both alike: ringroad evaluate --model M --truth DATASET",
    )


def _compare(
    workspace: Workspace, old: Execution, new: Execution, *, seed: int, who: str
) -> Artifact:
    dataset = workspace.catalog.artifact(new.inputs["dataset"])
    look(workspace, dataset, why="compare evaluations", who=who)
    return workspace.runner.run(
        compare_evaluations,
        seed=seed,
        dataset=dataset,
        truth=inputs_of(workspace, new.inputs, "truth"),
        champion=inputs_of(workspace, old.inputs, "predictions"),
        candidate=inputs_of(workspace, new.inputs, "predictions"),
        gate_categories=new.key.parameters["gate_categories"],
        confidence=new.key.parameters["confidence"],
    )


def _evaluations(workspace: Workspace, name: str, dataset: ArtifactId | None) -> list[Execution]:
    """What a name was evaluated by, newest first; of a dataset version alone where one is given."""
    found = find_named(workspace, name, ("kpis", *MODEL_KINDS), prefix="")
    kpis: Iterable[ArtifactId] = (
        [found.id]
        if found.kind == "kpis"
        else [one.evaluation for one in scores_behind(workspace, found.id)]
    )
    made = [
        item for at in kpis for item in executions_at(workspace, at, EVALUATION, direction="out")
    ]
    return [item for item in made if dataset in {None, item.inputs["dataset"]}]


def _asked(made: Execution) -> tuple[object, ...]:
    """What has to be equal, so that two evaluations may be compared."""
    parameters = made.key.parameters
    truth = {role: at for role, at in made.inputs.items() if not role.startswith("predictions")}
    return truth, parameters["gate_categories"], parameters["confidence"]
