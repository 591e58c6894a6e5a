"""Studies as they stand: found by name, with their trials, whether somebody runs them now.

Reads alone; needs neither Optuna nor torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.domain.study import ASKED, DONE, FAILED, Trial
from ringroad.pipelines.workspace import Workspace
from ringroad.tune.config import MINIMISE, StudyConfig
from ringroad.workflow.owner import is_gone

STUDY = "study"
"""Kind of what lists the trials of a study."""
PREFIX = "study:"
"""Of the alias that points at a study."""
TRIAL, WANTED = "trial", "wanted"
"""Beside a study: its trials as they come, and how many it is to have."""
RUNNING, ENDED, STOPPED = "running", "done", "stopped"
STATES = (RUNNING, ENDED, STOPPED)
"""Of a study: somebody runs it; it has all its trials; it would go on if it were started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study and its trials."""

    id: ArtifactId
    name: str
    config: StudyConfig
    dataset: ArtifactId
    """The version that the name in the file stood for."""
    state: str
    wanted: int
    trials: tuple[Trial, ...]
    """By number, with those that are asked for."""
    moved_ns: int
    """When something came of it last, or it began."""

    @property
    def best(self) -> Trial | None:
        """The trial with the best figure; the first of equals."""
        return best_of(self.trials, self.config.metric.direction)

    def count(self, state: str) -> int:
        """How many trials are in a state."""
        return sum(trial.state == state for trial in self.trials)


def best_of(trials: Iterable[Trial], direction: str) -> Trial | None:
    """The trial with the best figure; the first of equals, None where none has one."""
    sign = -1 if direction == MINIMISE else 1
    known = [trial for trial in trials if trial.state == DONE and trial.value is not None]
    return max(known, key=lambda trial: (sign * (trial.value or 0.0), -trial.number), default=None)


def ranked(study: Study) -> list[Trial]:
    """Trials, the best first; those without a figure behind the others, by number."""
    sign = 1 if study.config.metric.direction == MINIMISE else -1
    return sorted(
        study.trials,
        key=lambda one: (one.value is None, sign * (one.value or 0.0), one.number),
    )


def studies(workspace: Workspace) -> list[Study]:
    """All studies, the one in which something happened last first."""
    names = workspace.catalog.names(PREFIX)
    found = [_study(workspace, name.removeprefix(PREFIX), at) for name, at in names.items()]
    return sorted(found, key=lambda one: (-one.moved_ns, one.name))


def study_of(workspace: Workspace, name: str) -> Study:
    """One study by its name, or by the id of its artifact. Raises UnknownName."""
    names = workspace.catalog.names(PREFIX)
    wanted = name.removeprefix(PREFIX)
    if f"{PREFIX}{wanted}" in names:
        return _study(workspace, wanted, names[f"{PREFIX}{wanted}"])
    at = next((key for key, target in names.items() if name == target), "")
    if not at:
        raise UnknownName("no study is called so", subject=name, remedy="ringroad studies list")
    return _study(workspace, at.removeprefix(PREFIX), names[at])


def begun_by(workspace: Workspace, study: ArtifactId) -> ArtifactId:
    """The artifact of a study before its first trial: what is noted stands beside this one."""
    told = workspace.json(workspace.catalog.artifact(study))
    return ArtifactId(told.get("opened", study))


def trials_noted(workspace: Workspace, opened: ArtifactId) -> dict[int, Trial]:
    """What is known of the trials of a study, by number: of each what was noted last."""
    found = {}
    for note in workspace.catalog.measurements(opened):
        if note.name == TRIAL:
            told: Any = note.detail[TRIAL]
            found[int(note.value)] = build(Trial, told, subject=opened)
    return dict(sorted(found.items()))


def wanted_of(workspace: Workspace, opened: ArtifactId) -> int:
    """How many trials a study is to have, as was said last; 0 where nobody said."""
    notes = [n for n in workspace.catalog.measurements(opened) if n.name == WANTED]
    return int(notes[-1].value) if notes else 0


def spans_of(workspace: Workspace, study: Study) -> dict[int, tuple[int, int]]:
    """Trial -> when its training began and ended, in nanoseconds UTC; none that has not."""
    found = {}
    for trial in study.trials:
        made = workspace.catalog.execution(trial.training)
        if made is not None:
            found[trial.number] = (made.started_ns, made.ended_ns)
    return found


def line_of(trial: Trial, metric: str) -> str:
    """One trial for the terminal."""
    values = ", ".join(f"{name} {short(value)}" for name, value in trial.parameters.items())
    told = {DONE: f"{metric} {figure(trial)}", FAILED: f"failed: {trial.reason}", ASKED: "asked"}
    return f"trial {trial.number:<4} {told[trial.state]}  ({values})"


def figure(trial: Trial) -> str:
    """The figure of a trial with its interval, where it has one."""
    kpi = trial.kpi
    if kpi is None or kpi.value is None:
        return "not evaluated"
    if kpi.low is None or kpi.high is None:
        return f"{kpi.value:.3f}"
    return f"{kpi.value:.3f} [{kpi.low:.3f}, {kpi.high:.3f}]"


def short(value: object) -> str:
    """A parameter in few digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _study(workspace: Workspace, name: str, at: ArtifactId) -> Study:
    opened: Artifact = workspace.catalog.artifact(begun_by(workspace, at))
    told = workspace.json(opened)
    trials = tuple(trials_noted(workspace, opened.id).values())
    wanted = max(wanted_of(workspace, opened.id), 1)
    return Study(
        id=at,
        name=name,
        config=build(StudyConfig, {**told["study"], "trials": wanted}, subject=at),
        dataset=ArtifactId(told["dataset"]),
        state=_state(workspace, name, trials, wanted),
        wanted=wanted,
        trials=trials,
        moved_ns=_moved_ns(workspace, name, opened.id),
    )


def _moved_ns(workspace: Workspace, name: str, opened: ArtifactId) -> int:
    moves = [move.moved_ns for move in workspace.catalog.history(f"{PREFIX}{name}")[-1:]]
    notes = [note.detail["at_ns"] for note in workspace.catalog.measurements(opened)[-1:]]
    return max(int(str(at)) for at in (0, *moves, *notes))


def _state(workspace: Workspace, name: str, trials: tuple[Trial, ...], wanted: int) -> str:
    lease = workspace.catalog.holder(f"{PREFIX}{name}")
    if lease and lease.expires_ns > workspace.clock.now_ns() and not is_gone(lease.owner):
        return RUNNING
    ended = sum(trial.state != ASKED for trial in trials)
    return ENDED if ended >= wanted else STOPPED
