"""Trials as ordinary cached steps: train, export, look at the validation rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import annotations_of, rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.dataset import TRAIN, VAL
from ringroad.domain.errors import (
    Conflict,
    InputError,
    IntegrityError,
    InvalidConfig,
    RingroadError,
    StepFailed,
    StorageFull,
    UsageError,
    WorkspaceError,
)
from ringroad.domain.kpi import Kpi
from ringroad.domain.study import DONE, FAILED, Trial
from ringroad.media.annotation_rows import box_rows
from ringroad.pipelines.datasets.split_truth import CONDITIONS
from ringroad.pipelines.finding import dataset_of, labels_of, table_of
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.train.learn import export_network, train_network
from ringroad.pipelines.train.lesson import checked_labels, fitted_size
from ringroad.pipelines.train.trial_steps import evaluate_validation, predict_validation
from ringroad.pipelines.workspace import Workspace
from ringroad.tune.asking import Asked
from ringroad.tune.config import ALL, Metric, StudyConfig
from ringroad.tune.settings import TrainSettings

NOT_THE_TRIAL = (Conflict, IntegrityError, StorageFull, UsageError, WorkspaceError)
"""What stops a study: other trials would meet it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Proxies of one size."""

    taught: Sequence[Artifact]
    """Of the recordings with training rows."""
    judged: Sequence[Artifact]
    """Of those with validation rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all trials of a study stand on. Holds no test row."""

    config: StudyConfig
    dataset: Artifact
    categories: tuple[str, ...]
    labels: tuple[Artifact, ...]
    """Of the training rows."""
    truth: tuple[Artifact, ...]
    """Of the validation rows."""
    taught: tuple[Taken, ...]
    """Recordings with training rows."""
    judged: tuple[Taken, ...]
    """Recordings with validation rows."""
    frames: Mapping[str, int]
    """Rows by split: train and val."""
    decoded: dict[tuple[int, int], Decoded] = field(default_factory=dict)
    """Proxies that were found already, by width and height."""


def ground_of(workspace: Workspace, config: StudyConfig, *, subject: str = "study") -> Ground:
    """Find the rows, their labels and their recordings, and see that trials can be judged.

    Args:
        workspace: where they are.
        config: the study.
        subject: what its mistakes are said of: the file.

    Raises:
        UnknownName: no dataset version is called so.
        InvalidConfig: it has no training or no validation rows, or the figure could not be
            computed on them.
    """
    dataset = dataset_of(workspace, config.dataset)
    version = rows_of(workspace.blobs, dataset)
    header = header_of(version)
    parts = {name: version.filter(pc.equal(version["split"], name)) for name in (TRAIN, VAL)}
    for name, words in ((TRAIN, "to train on"), (VAL, "to judge trials by")):
        if not parts[name].num_rows:
            raise InvalidConfig(
                f"{config.dataset} has no rows {words}",
                subject=subject,
                place="dataset",
                remedy="ringroad datasets create NAME --from SELECTION --val-fraction 0.2",
            )
    _check_metric(config, header.categories, subject=subject)
    ground = Ground(
        config=config,
        dataset=dataset,
        categories=header.categories,
        labels=checked_labels(workspace, parts[TRAIN], ()),
        truth=labels_of(workspace, parts[VAL]),
        taught=_recordings(workspace, parts[TRAIN]),
        judged=_recordings(workspace, parts[VAL]),
        frames={name: rows.num_rows for name, rows in parts.items()},
    )
    _check_truth(workspace, ground, parts[VAL], subject=subject)
    return ground


def run_trials(
    workspace: Workspace, ground: Ground, trials: Sequence[Asked], known: Mapping[int, Trial]
) -> Iterator[Trial]:
    """Train, export and judge; one that fails does not stop the others.

    Several are trained at a time where the workspace has workers. What failed before in a way that
    lasts, under the same key, is not tried again.

    Raises:
        StepFailed: of something that no trial is to blame for.
    """
    lessons = [_lesson(workspace, ground, one) for one in trials]
    new = [one for one in lessons if not _failed_before(one.trial, known)]
    if len(new) > 1:
        # What fails here fails again below, where it is told which trial it was.
        with suppress(StepFailed):
            workspace.runner.map(train_network, [one.training for one in new])
    for one in lessons:
        yield (
            known[one.trial.number]
            if _failed_before(one.trial, known)
            else _try(workspace, ground, one)
        )


def asked_trials(
    workspace: Workspace, ground: Ground, trials: Sequence[Asked]
) -> tuple[Trial, ...]:
    """Trials that were asked for and not tried yet; decodes what is not decoded at their size."""
    return tuple(_lesson(workspace, ground, one).trial for one in trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """One trial, ready to be trained."""

    trial: Trial
    training: Mapping[str, Any]
    network: Mapping[str, Any]
    judged: Sequence[Artifact]
    """Proxies of the recordings with validation rows."""


def _lesson(workspace: Workspace, ground: Ground, asked: Asked) -> _Lesson:
    settings = ground.config.train.with_values(asked.values)
    size = _size(settings, ground.taught[0])
    decoded = _decoded(workspace, ground, size)
    network = settings.network(height=size[1], categories=ground.categories).to_json()
    training: dict[str, Any] = {
        "seed": ground.config.seed,
        "dataset": ground.dataset,
        "labels": ground.labels,
        "proxies": decoded.taught,
        "network": network,
        "epochs": settings.epochs,
        "batch": settings.batch,
        "learning_rate": settings.learning_rate,
        "threads": settings.threads,
        "weight_decay": settings.weight_decay,
        "augment": settings.augment,
    }
    return _Lesson(
        trial=Trial(
            number=asked.number,
            parameters=asked.values,
            training=workspace.runner.key_of(train_network, **training),
        ),
        training=training,
        network=network,
        judged=decoded.judged,
    )


def _failed_before(trial: Trial, known: Mapping[int, Trial]) -> bool:
    before = known.get(trial.number)
    return before is not None and before.lasting and before.training == trial.training


def _try(workspace: Workspace, ground: Ground, lesson: _Lesson) -> Trial:
    run = workspace.runner.run
    try:
        made = run(train_network, **lesson.training)
        network = run(export_network, model=made["model"])["onnx"]
        boxes = run(
            predict_validation,
            network=network,
            dataset=ground.dataset,
            proxies=lesson.judged,
            config=dict(lesson.network),
        )
        judged = run(evaluate_validation, dataset=ground.dataset, truth=ground.truth, found=boxes)
    except StepFailed as failed:
        cause = failed.__cause__
        if isinstance(cause, NOT_THE_TRIAL):
            raise
        return replace(
            lesson.trial,
            state=FAILED,
            reason=cause.what if isinstance(cause, RingroadError) else failed.what,
            lasting=isinstance(cause, InputError),
        )
    return replace(
        lesson.trial,
        state=DONE,
        kpi=_kpi(workspace, judged, ground.config.metric),
        model=made["model"].id,
        validation=judged.id,
    )


def _kpi(workspace: Workspace, validation: Artifact, metric: Metric) -> Kpi:
    wanted = {"metric": metric.metric, "category": metric.category, "slice": metric.slice}
    for row in workspace.json(validation):
        if all(row[name] == value for name, value in wanted.items()):
            return build(Kpi, row, subject=validation.id)
    raise AssertionError("metric, category and slice were checked before the first trial")


def _size(settings: TrainSettings, taken: Taken) -> tuple[int, int]:
    """Width and height of the frames; the height in the recordings' shape where none is fixed."""
    if settings.height:
        return settings.width, settings.height
    camera = next(item for item in taken.recording.channels if item.width)
    return fitted_size(camera.width, camera.height, wanted=settings.width)


def _decoded(workspace: Workspace, ground: Ground, size: tuple[int, int]) -> Decoded:
    def proxies(taken: Sequence[Taken]) -> list[Artifact]:
        seen = seen_of(workspace, taken, width=size[0], height=size[1])
        return [item.proxies for item in seen]

    if size not in ground.decoded:
        ground.decoded[size] = Decoded(taught=proxies(ground.taught), judged=proxies(ground.judged))
    return ground.decoded[size]


def _recordings(workspace: Workspace, rows: pa.Table) -> tuple[Taken, ...]:
    return taken_with(workspace, rows["frame_id"].to_pylist())


def _check_metric(config: StudyConfig, categories: Sequence[str], *, subject: str) -> None:
    for name, known in (("category", (ALL, *categories)), ("slice", (ALL, *CONDITIONS))):
        value = getattr(config.metric, name)
        if value not in known:
            raise InvalidConfig(
                f"{name} {value!r} is not evaluated on {config.dataset}",
                subject=subject,
                place="[metric]",
                remedy=f"known: {', '.join(known)}",
            )


def _check_truth(workspace: Workspace, ground: Ground, rows: pa.Table, *, subject: str) -> None:
    """Whether there is anything that the figure could be computed on."""
    metric = ground.config.metric
    if metric.slice != ALL:
        rows = rows.filter(pc.equal(rows["condition"], metric.slice))
    marks = box_rows(annotations_of(partial(table_of, workspace), rows, ground.truth))
    wanted = ground.categories if metric.category == ALL else (metric.category,)
    if not pc.any(pc.is_in(marks["category"], value_set=pa.array(wanted))).as_py():
        raise InvalidConfig(
            f"{metric} cannot be evaluated: of {ground.frames[VAL]} validation rows of "
            f"{ground.config.dataset} {rows.num_rows} are of that slice, without such annotations",
            subject=subject,
            place="[metric]",
            remedy="choose another category or slice, or put such frames into the split val",
        )
