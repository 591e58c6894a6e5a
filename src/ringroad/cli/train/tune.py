"""`ringroad tune`: search training parameters, trial by trial."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from ringroad.cli.doors import EXIT_FAILED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.study import FAILED
from ringroad.pipelines.train.studies import figure, line_of, short
from ringroad.pipelines.train.tuning import Planned, Tuned, plan_study
from ringroad.pipelines.train.tuning import tune as run_study
from ringroad.tune.config import MOST_TRIALS, StudyConfig, read_study


@command()
@click.argument("file", metavar="STUDY.toml", type=click.Path(path_type=Path))
@click.option("--trials", type=click.IntRange(1, MOST_TRIALS), help="Instead of the file's.")
@click.option("--dry-run", is_flag=True, help="Check, and tell what would be tried; train nothing.")
def tune(door: Door, file: Path, trials: int | None, dry_run: bool) -> int:
    """Train and judge networks with the parameters that a STUDY.toml searches.

    Trials are judged by the validation rows; no test row is looked at. A study that is started
    again goes on where it was; with more --trials it adds to those that it has. NAME:candidate
    points at the best model at the end.
    """
    config = read_study(file)
    config = config if trials is None else replace(config, trials=trials)
    with opened(door) as workspace:
        if dry_run:
            planned = plan_study(workspace, config, subject=str(file))
            door.give(_planned(planned), "\n".join(_plan_lines(config, planned)))
            return 0
        done = run_study(workspace, config, workers=door.workers, subject=str(file))
    door.give(_values(config, done), "\n".join(_lines(config, done)))
    return 0 if done.best is not None else EXIT_FAILED


def _values(config: StudyConfig, done: Tuned) -> dict[str, object]:
    return {
        "study": done.study.id,
        "name": config.name,
        "dataset": done.dataset,
        "trials": [asdict(trial) for trial in done.trials],
        "best": None if done.best is None else asdict(done.best),
        "alias": done.alias,
    }


def _lines(config: StudyConfig, done: Tuned) -> list[str]:
    failed = sum(trial.state == FAILED for trial in done.trials)
    head = f"study:{config.name} -> {done.study.id}"
    lines = [head, f"  {len(done.trials)} trials, {failed} failed; {config.metric}"]
    if done.best is None or done.best.kpi is None:
        return [*lines, "  no trial came to an end: see why above, and change what is searched"]
    kpi = done.best.kpi
    rows = f"{kpi.frames} validation frames in {kpi.units} units ({kpi.unit})"
    values = ", ".join(f"{name} {short(value)}" for name, value in done.best.parameters.items())
    return [
        *lines,
        f"best   trial {done.best.number}: {figure(done.best)} on {rows}",
        f"       {values}",
        "       the best of many looks better than it is: evaluate it on the test rows",
        f"       {done.alias} -> {done.best.model}",
        f"next   ringroad evaluate --model {done.alias} --truth {config.dataset}",
    ]


def _planned(planned: Planned) -> dict[str, object]:
    return {
        "dataset": planned.dataset,
        "frames": dict(planned.frames),
        "trials": planned.trials,
        "known": [asdict(trial) for trial in planned.known],
        "first": [dict(values) for values in planned.first],
        "dry_run": True,
    }


def _plan_lines(config: StudyConfig, planned: Planned) -> list[str]:
    metric, frames = config.metric, planned.frames
    known = {trial.number: trial for trial in planned.known}
    by = f"{planned.trials} trials by {config.sampler}, {len(known)} done"
    lines = [
        f"{config.name}: {by}; {metric.direction} {metric}",
        f"  trained on {frames['train']} frames of {config.dataset}, judged by {frames['val']}",
    ]
    for number, values in enumerate(planned.first):
        told = ", ".join(f"{name} {short(value)}" for name, value in values.items())
        trial = known.pop(number, None)
        lines.append(f"  {line_of(trial, metric.metric) if trial else f'trial {number:<4} {told}'}")
    lines += [f"  {line_of(trial, metric.metric)}" for trial in known.values()]
    more = planned.trials - max(len(planned.first), len(planned.known))
    return [*lines, f"  and {more} more, which depend on what comes of these"] if more else lines
