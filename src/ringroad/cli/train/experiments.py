"""`ringroad experiments`: training runs, listed and beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import UnknownName
from ringroad.domain.kpi import Kpi
from ringroad.domain.time import SECOND_NS, to_iso
from ringroad.evaluate.compare import standing
from ringroad.pipelines.evaluate.comparing_models import compare_named
from ringroad.pipelines.evaluate.run_kpis import Comparison, compare, run_of, scores_behind
from ringroad.pipelines.histories import TrainingRun, curve_of, kpis_in, training_runs
from ringroad.pipelines.workspace import Workspace

SHORT = 10


@click.group()
def experiments() -> None:
    """Training runs and what came of them."""


@command(experiments, name="list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def list_(door: Door, limit: int) -> None:
    """Training runs, newest first, with their parameters and last loss."""
    with opened(door) as workspace:
        runs = training_runs(workspace)
        found = [_values(workspace, run) for run in runs[:limit]]
    lines = [
        f"{row['id'][:SHORT]}  {to_iso(row['started_ns'])[:19]}  {row['seconds']:8.1f} s  "
        f"seed {row['seed']}  loss {_number(row['loss'])}  {', '.join(row['names']) or '-'}"
        for row in found
    ]
    if len(runs) > limit:
        lines.append(f"and {len(runs) - limit} more: --limit")
    value = {"runs": found, "count": len(runs)}
    door.give(value, "\n".join(lines) or "nothing was trained yet: ringroad train DATASET")


@command(experiments, name="compare")
@click.argument("runs", nargs=-1, required=True)
@click.option("--metric", default="AP50", show_default=True)
def compare_(door: Door, runs: tuple[str, ...], metric: str) -> None:
    """RUNS beside each other, by id or that of their model: what differs, and their KPIs.

    KPIs are those on the test rows of the dataset version on which most of them were evaluated.
    """
    with opened(door) as workspace:
        found = [_run(workspace, name) for name in runs]
        mine = {run.model: scores_behind(workspace, run.model) for run in found}
        told = compare(workspace, found, mine)
        ids = [run.execution.id for run in found]
    door.give({"runs": ids, **asdict(told)}, "\n".join(_table(ids, told, metric)))


@command(experiments)
@click.argument("champion")
@click.argument("candidate")
@click.option("--truth", default="", help="On these test rows; else where both were scored last.")
@click.option("--slice", "slices", multiple=True, help="Show these alone; may be repeated.")
def difference(
    door: Door, champion: str, candidate: str, truth: str, slices: tuple[str, ...]
) -> None:
    """AP50 of CANDIDATE less that of CHAMPION, model versions or evaluations, with intervals.

    Both have to be evaluated on the same test rows. Their units are resampled together: the
    interval is narrower than two apart would say. One above 0 says that the candidate is better.
    """
    with opened(door) as workspace:
        made = compare_named(workspace, champion, candidate, dataset=truth, seed=door.seed)
        told = [row for row in kpis_in(workspace, made) if not slices or row.slice in slices]
    door.give(
        {
            "differences": made.id,
            "rows": [asdict(row) | {"standing": standing(row)} for row in told],
        },
        "\n".join([*_differences(told), made.id]),
    )


def _differences(rows: Sequence[Kpi]) -> list[str]:
    lines = [f"{'slice':8} {'category':12} {'value':>7}  {'interval':18}  units"]
    for row in rows:
        head = f"{row.slice:8} {row.category:12}"
        if row.value is None:
            lines.append(f"{head} not evaluated: nothing annotated in {row.frames} frames")
            continue
        none = row.low is None or row.high is None
        spread = "no interval" if none else f"{row.low:+.3f} to {row.high:+.3f}"
        lines.append(f"{head} {row.value:+7.3f}  {spread:18}  {row.units:5}  {standing(row)}")
    for first in rows[:1]:
        lines += [
            "AP50 of the candidate less that of the champion",
            f"intervals: {first.confidence:.0%}, over units; a unit is: {first.unit}",
        ]
    return lines


def _table(ids: Sequence[str], told: Comparison, metric: str) -> list[str]:
    rows = [("", *(str(at)[:SHORT] for at in ids))]
    rows += [(name, *map(_short, values)) for name, values in told.parameters.items()]
    rows += [
        (f"{row.metric} {row.category} {row.slice}", *map(_kpi, row.values))
        for row in told.kpis
        if row.metric == metric
    ]
    wide = max(len(row[0]) for row in rows)
    lines = [f"{row[0]:{wide}}  " + "  ".join(f"{cell:>22}" for cell in row[1:]) for row in rows]
    if told.dataset is None:
        return [*lines, "none of them was evaluated: ringroad evaluate --model M --truth DATASET"]
    return [*lines, f"KPIs on the test rows of {told.dataset[:18]}"]


def _run(workspace: Workspace, id: str) -> TrainingRun:
    full = next((run for run in training_runs(workspace) if run.execution.id.startswith(id)), None)
    found = full or run_of(workspace, id)
    if found is None:
        raise UnknownName(
            "no training run has this id", subject=id, remedy="ringroad experiments list"
        )
    return found


def _values(workspace: Workspace, run: TrainingRun) -> dict[str, Any]:
    made, curve = run.execution, curve_of(workspace, run)
    return {
        "id": made.id,
        "model": run.model,
        "names": list(run.names),
        "dataset": run.dataset,
        "seed": made.key.seed,
        "started_ns": made.started_ns,
        "seconds": (made.ended_ns - made.started_ns) / SECOND_NS,
        "parameters": dict(made.key.parameters),
        "loss": curve[-1].get("loss") if curve else None,
    }


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-"


def _short(value: object) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 22 else f"{text[:19]}..."


def _kpi(value: Kpi | None) -> str:
    if value is None or value.value is None:
        return "not evaluated"
    if value.low is None or value.high is None:
        return f"{value.value:.3f}"
    return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
