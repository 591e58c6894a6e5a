"""A study: ask for parameters, try them, tell what came of it, until there are trials enough.

Nothing of a study is kept but its trials. A study that is started again asks and is told the same
from the first trial on, and finds what it did in the cache of steps: so it goes on where it was,
whatever ended it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ringroad.domain.artifact import Artifact, Measurement
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import Conflict
from ringroad.domain.ids import ArtifactId, ExecutionId
from ringroad.domain.study import ASKED, DONE, Trial
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.train.studies import (
    PREFIX,
    TRIAL,
    WANTED,
    begun_by,
    best_of,
    line_of,
    trials_noted,
    wanted_of,
)
from ringroad.pipelines.train.trial_steps import close_study, open_study
from ringroad.pipelines.train.trials import Ground, asked_trials, ground_of, run_trials
from ringroad.pipelines.workspace import Workspace
from ringroad.tune.asking import asker_of
from ringroad.tune.config import GRID, TPE, StudyConfig
from ringroad.tune.settings import KINDS
from ringroad.tune.space import grid_size
from ringroad.workflow.holding import Holding
from ringroad.workflow.owner import this_process

LEASE_NS = 30 * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a study would do."""

    dataset: ArtifactId
    frames: Mapping[str, int]
    """Rows by split: `train` and `val`."""
    trials: int
    known: tuple[Trial, ...]
    """Those that it had before."""
    first: tuple[Mapping[str, Any], ...]
    """What is asked for whatever comes of it, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """A study, and the trial that won."""

    study: Artifact
    dataset: ArtifactId
    trials: tuple[Trial, ...]
    best: Trial | None
    alias: str
    """Points at the best model; empty where there is none."""


def plan_study(workspace: Workspace, config: StudyConfig, *, subject: str = "study") -> Planned:
    """Check a study and tell what it would do. Writes and trains nothing; raises as `tune`."""
    ground = ground_of(workspace, config, subject=subject)
    known = _ended(_noted_before(workspace, ground))
    count = _count(config, len(known))
    sure = min(config.startup, count) if config.sampler == TPE else count
    return Planned(
        dataset=ground.dataset.id,
        frames=ground.frames,
        trials=count,
        known=tuple(known.values()),
        first=tuple(one.values for one in asker_of(config).ask(sure)),
    )


def tune(
    workspace: Workspace,
    config: StudyConfig,
    *,
    workers: int = 1,
    subject: str = "study",
    reason: str = "study",
) -> Tuned:
    """Run the trials that are not done yet, and point NAME:candidate at the best model.

    Args:
        workspace: where everything is kept.
        config: the study.
        workers: trials that are trained side by side, where the sampler lets them: `random` and
            `grid` ask for so many at once, `tpe` for as many as the study says.
        subject: what its mistakes are said of: the file.
        reason: why names move.

    Raises:
        InvalidConfig: its dataset has no validation rows, or does not hold what is judged.
        Conflict: somebody runs this study now.
    """
    ground = ground_of(workspace, config, subject=subject)
    with alone(workspace, config.name):
        opened = workspace.runner.run(open_study, dataset=ground.dataset, study=config.identity)
        noted = trials_noted(workspace, opened.id)
        count = _count(config, len(_ended(noted)))
        _begin(workspace, config.name, opened, count, reason=reason)
        told = []
        for trial in _trials(workspace, ground, opened, noted, count=count, workers=workers):
            told.append(trial)
            workspace.progress("trials", len(told), count)
        study = _close(workspace, ground, opened, told, reason=reason)
        best = best_of(told, config.metric.direction)
        alias = f"{config.name}:candidate" if best is not None else ""
        if best is not None and best.model is not None:
            workspace.point(alias, best.model, reason=f"{reason}: trial {best.number}")
    return Tuned(study=study, dataset=ground.dataset.id, trials=tuple(told), best=best, alias=alias)


@contextmanager
def alone(workspace: Workspace, name: str) -> Iterator[None]:
    """Hold a study, so that nobody else runs it meanwhile. Raises Conflict."""
    key = ExecutionId(f"{PREFIX}{name}")
    holding = Holding(workspace.catalog, workspace.clock, owner=this_process(), ttl_ns=LEASE_NS)
    if not holding.take(key):
        holder = workspace.catalog.holder(key)
        raise Conflict(
            f"is being run by {holder.owner if holder else 'somebody'}",
            subject=name,
            remedy=f"wait for it, and look: ringroad studies show {name}",
        )
    try:
        yield
    finally:
        holding.give_back(key)


def _trials(
    workspace: Workspace,
    ground: Ground,
    opened: Artifact,
    noted: Mapping[int, Trial],
    *,
    count: int,
    workers: int,
) -> Iterator[Trial]:
    """One trial after the other, each noted before it is told."""
    config, asker, done = ground.config, asker_of(ground.config), 0
    known = _ended(noted)
    while asked := asker.ask(min(_at_once(config, workers), count - done)):
        new = [one for one in asked if one.number not in known]
        _note(workspace, opened, noted, asked_trials(workspace, ground, new))
        for trial in run_trials(workspace, ground, asked, known):
            _note(workspace, opened, known, [trial])
            workspace.say(line_of(trial, config.metric.metric))
            yield trial
            asker.tell(trial.number, trial.value if trial.state == DONE else None)
            done += 1


def _count(config: StudyConfig, known: int) -> int:
    """How many trials: those asked for, none fewer than there were, none beyond a grid's end."""
    count = max(config.trials, known)
    return min(count, grid_size(config.search, KINDS)) if config.sampler == GRID else count


def _at_once(config: StudyConfig, workers: int) -> int:
    """How many are asked for before any is told. What `random` and `grid` ask stays the same."""
    return config.at_once if config.sampler == TPE else max(config.at_once, workers)


def _ended(trials: Mapping[int, Trial]) -> dict[int, Trial]:
    return {number: trial for number, trial in trials.items() if trial.state != ASKED}


def _noted_before(workspace: Workspace, ground: Ground) -> dict[int, Trial]:
    """Trials of the study that has this name, where it is the same study."""
    at = workspace.catalog.resolve(f"{PREFIX}{ground.config.name}")
    if at is None:
        return {}
    opened = begun_by(workspace, at)
    told = workspace.json(workspace.catalog.artifact(opened))
    same = json.loads(canonical_json(ground.config.identity)) == told["study"]
    return trials_noted(workspace, opened) if same and told["dataset"] == ground.dataset.id else {}


def _begin(workspace: Workspace, name: str, opened: Artifact, count: int, *, reason: str) -> None:
    """Let the study be found by its name from now on, with how many trials it is to have."""
    if wanted_of(workspace, opened.id) != count:
        workspace.catalog.note([_measured(workspace, opened, WANTED, count)])
    at = workspace.catalog.resolve(f"{PREFIX}{name}")
    before = None if at is None else begun_by(workspace, at)
    if before not in {None, opened.id}:
        workspace.say(f"{PREFIX}{name} was a study of other rows or parameters; it begins anew")
    if before != opened.id:
        workspace.point(f"{PREFIX}{name}", opened, reason=reason)


def _note(
    workspace: Workspace, opened: Artifact, before: Mapping[int, Trial], trials: Sequence[Trial]
) -> None:
    """Write down trials that are not as they were before."""
    workspace.catalog.note(
        _measured(workspace, opened, TRIAL, trial.number, trial=asdict(trial))
        for trial in trials
        if before.get(trial.number) != trial
    )


def _measured(
    workspace: Workspace, opened: Artifact, name: str, value: int, **detail: object
) -> Measurement:
    told = {**detail, "at_ns": workspace.clock.now_ns()}
    return Measurement(artifact=opened.id, name=name, value=float(value), unit="", detail=told)


def _close(
    workspace: Workspace, ground: Ground, opened: Artifact, told: Sequence[Trial], *, reason: str
) -> Artifact:
    """The study with all its trials as an artifact made from the models that they trained."""

    def artifacts(ids: Iterable[ArtifactId | None]) -> list[Artifact]:
        return [workspace.catalog.artifact(at) for at in dict.fromkeys(ids) if at is not None]

    study = workspace.runner.run(
        close_study,
        opened=opened,
        models=artifacts(trial.model for trial in told),
        validations=artifacts(trial.validation for trial in told),
        trials=[asdict(trial) for trial in told],
    )
    workspace.point(f"{PREFIX}{ground.config.name}", study, reason=reason)
    return study
