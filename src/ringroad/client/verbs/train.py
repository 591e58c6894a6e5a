"""Verbs of train. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ringroad.client.shapes.shared import OperationTold
from ringroad.client.shapes.train import (
    ComparisonTold,
    ModelTold,
    PageOfModelItem,
    PageOfStudyItem,
    PageOfTrainingRunItem,
    StudyMetric,
    StudySearch,
    StudyTold,
    StudyTrain,
    TrainingRunTold,
)
from ringroad.client.wire import Wire


class Train(Wire):
    """Verbs of train."""

    def list_models(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfModelItem:
        """Every model version with its names."""
        found: PageOfModelItem = self._json(
            "GET", "/models", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def show_model(self, id: str) -> ModelTold:
        """One model version: what made it, its names and where they have been."""
        found: ModelTold = self._json("GET", "/models/{id}", path={"id": id})
        return found

    def list_studies(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfStudyItem:
        """Every tuning study, the one in which something happened last first."""
        found: PageOfStudyItem = self._json(
            "GET", "/studies", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def start_study(
        self,
        *,
        name: str,
        dataset: str,
        search: Mapping[str, StudySearch],
        idempotency_key: str | None = None,
        seed: int | None = None,
        trials: int | None = None,
        sampler: Literal["tpe", "random", "grid"] | None = None,
        startup: int | None = None,
        at_once: int | None = None,
        metric: StudyMetric | None = None,
        train: StudyTrain | None = None,
    ) -> OperationTold:
        """Run a study: train and judge networks with the parameters that it searches."""
        found: OperationTold = self._json(
            "POST",
            "/studies",
            header={"Idempotency-Key": idempotency_key},
            body={
                "name": name,
                "dataset": dataset,
                "seed": seed,
                "trials": trials,
                "sampler": sampler,
                "startup": startup,
                "at_once": at_once,
                "metric": metric,
                "train": train,
                "search": search,
            },
        )
        return found

    def show_study(self, id: str) -> StudyTold:
        """One study by its name or id: its trials, and how its figure goes with each parameter."""
        found: StudyTold = self._json("GET", "/studies/{id}", path={"id": id})
        return found

    def list_training_runs(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfTrainingRunItem:
        """Every training run, newest first, with its last loss and its newest KPI."""
        found: PageOfTrainingRunItem = self._json(
            "GET", "/training-runs", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def train_network(
        self,
        *,
        dataset: str,
        idempotency_key: str | None = None,
        name: str | None = None,
        epochs: int | None = None,
        batch: int | None = None,
        learning_rate: float | None = None,
        width: int | None = None,
        height: int | None = None,
        channels: int | None = None,
        stride: Literal[4, 8] | None = None,
        threads: int | None = None,
        seed: int | None = None,
        start_from: str | None = None,
    ) -> OperationTold:
        """Fit the reference network to the training rows of a dataset version."""
        found: OperationTold = self._json(
            "POST",
            "/training-runs",
            header={"Idempotency-Key": idempotency_key},
            body={
                "dataset": dataset,
                "name": name,
                "epochs": epochs,
                "batch": batch,
                "learning_rate": learning_rate,
                "width": width,
                "height": height,
                "channels": channels,
                "stride": stride,
                "threads": threads,
                "seed": seed,
                "start_from": start_from,
            },
        )
        return found

    def compare_training_runs(self, *, run: Sequence[str]) -> ComparisonTold:
        """Training runs beside each other: what differs in their parameters, and their KPIs."""
        found: ComparisonTold = self._json("GET", "/training-runs/comparison", query={"run": run})
        return found

    def show_training_run(self, id: str) -> TrainingRunTold:
        """One training run, by its id or that of its model version, with its curve."""
        found: TrainingRunTold = self._json("GET", "/training-runs/{id}", path={"id": id})
        return found
