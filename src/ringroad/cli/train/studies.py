"""`ringroad studies`: tuning studies, listed, and one with its trials."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.study import DONE, FAILED, Influence
from ringroad.domain.time import SECOND_NS, to_iso
from ringroad.pipelines.train.studies import (
    STOPPED,
    Study,
    figure,
    line_of,
    ranked,
    spans_of,
    study_of,
)
from ringroad.pipelines.train.studies import studies as all_studies
from ringroad.tune.influence import influences


@click.group()
def studies() -> None:
    """Tuning studies: parameters that were tried, and what came of them."""


@command(studies, name="list")
def list_(door: Door) -> None:
    """All studies, the one in which something happened last first."""
    with opened(door) as workspace:
        found = all_studies(workspace)
    lines = [
        f"{one.name}  {one.state}, {one.count(DONE) + one.count(FAILED)} of {one.wanted} trials, "
        f"{one.count(FAILED)} failed; {one.config.metric}: "
        + (figure(one.best) if one.best else "nothing yet")
        for one in found
    ]
    nothing = "no studies yet: ringroad tune STUDY.toml"
    door.give({"studies": [_head(one) for one in found]}, "\n".join(lines) or nothing)


@command(studies)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The trials of one study, best first, and how its figure goes with each parameter."""
    with opened(door) as workspace:
        found = study_of(workspace, name)
        spans = spans_of(workspace, found)
    told = influences(found.trials, sorted(found.config.search))
    value = {
        **_head(found),
        "study": found.config.identity,
        "trials": [
            {**asdict(trial), "seconds": _seconds(spans.get(trial.number))}
            for trial in found.trials
        ],
        "influences": [asdict(one) for one in told],
    }
    metric = found.config.metric
    about = f"{metric} on the validation rows of {found.config.dataset}"
    lines = [
        f"{found.id}  {found.state}",
        f"  {about}; {found.config.sampler}, seed {found.config.seed}",
        *(f"  {line_of(trial, metric.metric)}" for trial in ranked(found)),
        *(f"  {_influence(one)}" for one in told),
    ]
    if found.state == STOPPED:
        lines.append("stopped: start the same `ringroad tune` again, and it goes on")
    door.give(value, "\n".join(lines))


def _influence(of: Influence) -> str:
    told = "none" if of.correlation is None else f"{of.correlation:+.2f}"
    return f"{of.parameter}: rank correlation {told} over {of.trials} trials"


def _head(study: Study) -> dict[str, Any]:
    return {
        "id": study.id,
        "name": study.name,
        "state": study.state,
        "dataset": study.dataset,
        "wanted": study.wanted,
        "done": study.count(DONE),
        "failed": study.count(FAILED),
        "metric": asdict(study.config.metric),
        "best": None if study.best is None else asdict(study.best),
        "moved": to_iso(study.moved_ns),
    }


def _seconds(span: tuple[int, int] | None) -> float | None:
    return None if span is None else (span[1] - span[0]) / SECOND_NS
