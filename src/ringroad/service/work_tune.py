"""What the operation of a study does. Imports torch and Optuna."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ringroad.domain.study import FAILED
from ringroad.pipelines.train.tuning import tune
from ringroad.pipelines.workspace import Workspace
from ringroad.tune.config import StudyConfig, study_of


def run_study(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """Run the trials of a study that are not done yet, and point NAME:candidate at the best."""
    names = {item.name for item in fields(StudyConfig)}
    given = {name: value for name, value in body.items() if name in names}
    config = study_of(given, subject=str(body["name"]))
    done = tune(workspace, config, subject=config.name, reason=f"study by {body['who']}")
    return {
        "study": done.study.id,
        "name": config.name,
        "trials": len(done.trials),
        "failed": sum(trial.state == FAILED for trial in done.trials),
        "best": None if done.best is None else done.best.number,
        "model": None if done.best is None else done.best.model,
        "alias": done.alias,
    }
