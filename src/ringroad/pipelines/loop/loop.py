"""The loop on one page: take in, see, split, label, learn, judge, mine, learn again, ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import RecordingId
from ringroad.domain.time import from_seconds
from ringroad.pipelines.datasets.compose import first_version, next_version
from ringroad.pipelines.datasets.names import renew
from ringroad.pipelines.datasets.writing import VERSION
from ringroad.pipelines.deploy.ship import Shipped, ship
from ringroad.pipelines.evaluate.validate import Judged, Predicted, judge, predict_all
from ringroad.pipelines.label.annotate import label_frames
from ringroad.pipelines.loop.truth import import_truth
from ringroad.pipelines.loop_config import (
    STAGES,
    LoopConfig,
    RecordingsConfig,
    TrainSection,
    TruthConfig,
)
from ringroad.pipelines.mine.choose import give_roles, list_role, rank_pool
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.collect import Collected, collect
from ringroad.pipelines.recordings.see import Seen, see
from ringroad.pipelines.train.learn import Lesson, learn
from ringroad.pipelines.workspace import Workspace

RANKING_FACTOR = 2
"""A ranking names so many frames per expected one, so that the budget is spent."""
POOL_FACTOR = 2
"""`entropy-k-center` spreads its choice over so many times as many uncertain frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Frames that two annotators looked at: their consensus, and the figures."""

    annotations: Artifact
    labelling: Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A network at one seed, what it says of every recording, and how it was judged."""

    seed: int
    model: Model
    predicted: tuple[Predicted, ...]
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One way of choosing at one seed: what it chose, and what came of it."""

    arm: str
    ranking: Artifact
    labels: Labels
    dataset: Artifact
    trained: Trained


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopResult:
    """Everything the report tells about."""

    config: LoopConfig
    collected: Collected
    seen: tuple[Seen, ...]
    truth: tuple[Artifact, ...]
    roles: Artifact
    start: Labels
    dataset: Artifact
    champions: tuple[Trained, ...]
    """One per training seed."""
    arms: tuple[ArmResult, ...]
    """Arm by arm, seed by seed within."""
    shipped: Shipped

    @property
    def candidate(self) -> ArmResult:
        """The first arm at the first seed: the one that wants to become champion."""
        return self.arms[0]


def run_loop(
    workspace: Workspace,
    config: LoopConfig,
    *,
    folder: Path,
    truth: Mapping[RecordingId, Artifact] | None = None,
    begin: str = STAGES[0],
    until: str = STAGES[-1],
    shown: Callable[[Sequence[Seen]], None] = lambda _: None,
) -> LoopResult | None:
    """Go once around with training. Cached steps are not run again, so it resumes anywhere.

    Args:
        workspace: where everything is kept.
        config: what to do; it has [train] and [truth].
        folder: where relative paths of the config start.
        truth: recording -> annotations batch, where the simulator made it.
        begin: the first stage in which anything may run; those before are taken as they are.
        until: the stage to stop after; then nothing is returned.
        shown: is handed the recordings as soon as they are decoded, to show some of them.

    Raises:
        InputError: no recording could be read, or none has truth.
        UsageError: a stage before `begin` would have to run something.
    """
    stop = STAGES.index(until)
    _enter(workspace, "ingest", begin)
    train, oracle = _sections(config)
    collected = take_in(workspace, config, folder)
    if stop < STAGES.index("describe"):
        return None
    _enter(workspace, "describe", begin)
    seen = see(
        workspace,
        collected.taken,
        width=train.width,
        height=train.height,
        every=config.recordings.every,
    )
    workspace.say(f"describe   {len(seen)} recordings decoded, measured and embedded")
    shown(seen)
    if stop < STAGES.index("label"):
        return None
    _enter(workspace, "label", begin)
    known = _truth(workspace, oracle, seen, folder, truth)
    roles = _roles(workspace, config, seen)
    first = workspace.runner.run(list_role, roles=roles, role="start")
    start = _label(workspace, config, first, known, seen, budget_boxes=0)
    made = workspace.runner.run(
        first_version,
        roles=roles,
        labels=start.annotations,
        truth=known,
        name=config.name,
        categories=list(oracle.annotated),
        unit=config.split.unit_text,
        query=config.split.start,
        synthetic=config.synthetic,
    )
    dataset = made[VERSION]
    renew(workspace, config.name, dataset, reason="first labels")
    _tell_labels(workspace, "start", start)
    if stop < STAGES.index("train"):
        return None
    _enter(workspace, "train", begin)
    lessons = [
        Lesson(
            dataset=dataset,
            labels=(start.annotations,),
            seed=seed,
            epochs=train.epochs,
            what="first network",
        )
        for seed in train.seeds
    ]
    champions = _train(workspace, config, lessons, seen, known)
    workspace.point(f"{config.name}:champion", champions[0].model.identity, reason="first network")
    if stop < STAGES.index("mine"):
        return None
    _enter(workspace, "mine", begin)
    arms = _compete(workspace, config, roles, start, dataset, champions, seen, known)
    candidate = arms[0]
    renew(workspace, config.name, candidate.dataset, reason=f"mined: {candidate.arm}")
    workspace.point(
        f"{config.name}:candidate", candidate.trained.model.identity, reason="retrained"
    )
    if stop < STAGES.index("ship"):
        return None
    _enter(workspace, "ship", begin)
    shipped = ship(
        workspace,
        champions[0].predicted,
        candidate.trained.predicted,
        candidate.trained.model,
        seen,
        known,
        annotated=oracle.annotated,
    )
    return LoopResult(
        config=config,
        collected=collected,
        seen=seen,
        truth=known,
        roles=roles,
        start=start,
        dataset=dataset,
        champions=champions,
        arms=arms,
        shipped=shipped,
    )


def _enter(workspace: Workspace, stage: str, begin: str) -> None:
    """Before the stage to start from, nothing runs anew."""
    early = STAGES.index(stage) < STAGES.index(begin)
    workspace.runner.reuse_only(begin if early else "")


def take_in(workspace: Workspace, config: LoopConfig, folder: Path) -> Collected:
    """Ingest what the config names. Raises InputError where nothing could be read."""
    return take_recordings(workspace, config.recordings, folder, synthetic=config.synthetic)


def take_recordings(
    workspace: Workspace, recordings: RecordingsConfig, folder: Path, *, synthetic: bool
) -> Collected:
    """Ingest what a section names. Raises InputError where nothing could be read."""
    collected = collect(
        workspace,
        [folder / path for path in recordings.paths],
        vehicle=recordings.vehicle,
        copy=recordings.mode == "copy",
        group=recordings.group,
        rate_hz=recordings.rate_hz,
        synthetic=synthetic,
    )
    workspace.say(
        f"ingest     {len(collected.taken)} recordings, "
        f"{sum(item.frames_count for item in collected.taken)} frames, "
        f"{len(collected.refused)} refused"
    )
    if not collected.taken:
        reasons = "; ".join(refusal.reason for refusal in collected.refused[:3])
        raise InputError(
            f"no recording could be read: {reasons}",
            subject=", ".join(recordings.paths),
            remedy="name a file or folder that holds recordings",
        )
    return collected


def _sections(config: LoopConfig) -> tuple[TrainSection, TruthConfig]:
    if config.train is None or config.truth is None:
        raise InputError("this loop trains nothing", subject=config.name, remedy="see [train]")
    return config.train, config.truth


def _truth(
    workspace: Workspace,
    oracle: TruthConfig,
    seen: Sequence[Seen],
    folder: Path,
    made: Mapping[RecordingId, Artifact] | None,
) -> tuple[Artifact, ...]:
    """One batch of truth per recording, from the simulator or from a file."""
    if made is None:
        return import_truth(workspace, oracle, seen, folder)
    return tuple(made[item.taken.recording.id] for item in seen)


def _roles(workspace: Workspace, config: LoopConfig, seen: Sequence[Seen]) -> Artifact:
    split = config.split
    return workspace.runner.run(
        give_roles,
        seed=config.seed,
        frames=[item.frames for item in seen],
        unit=split.unit,
        block=split.block,
        gap=split.gap,
        test=split.test,
        start=split.start,
        start_units=split.start_units,
    )


def _label(
    workspace: Workspace,
    config: LoopConfig,
    ranking: Artifact,
    truth: Sequence[Artifact],
    seen: Sequence[Seen],
    *,
    budget_boxes: int,
) -> Labels:
    channel = next(item for item in seen[0].taken.recording.channels if item.width)
    made = workspace.runner.run(
        label_frames,
        seed=config.seed,
        ranking=ranking,
        truth=truth,
        budget_boxes=budget_boxes,
        width=channel.width,
        height=channel.height,
        categories=list(config.truth.annotated if config.truth else ()),
        errors=asdict(config.labels),
    )
    return Labels(annotations=made["annotations"], labelling=made["labelling"])


def _train(
    workspace: Workspace,
    config: LoopConfig,
    lessons: Sequence[Lesson],
    seen: Sequence[Seen],
    truth: Sequence[Artifact],
) -> tuple[Trained, ...]:
    """Train, predict every recording, judge on the test units."""
    models = learn(workspace, config, lessons, seen)
    trained = []
    for lesson, model in zip(lessons, models, strict=True):
        predicted = predict_all(workspace, model, seen)
        judged = judge(workspace, config, lesson.dataset, truth, predicted)
        workspace.say(f"evaluate   {lesson.what}, seed {lesson.seed}: {judged.text}")
        trained.append(Trained(seed=lesson.seed, model=model, predicted=predicted, judged=judged))
    return tuple(trained)


def _compete(
    workspace: Workspace,
    config: LoopConfig,
    roles: Artifact,
    start: Labels,
    dataset: Artifact,
    champions: Sequence[Trained],
    seen: Sequence[Seen],
    truth: Sequence[Artifact],
) -> tuple[ArmResult, ...]:
    """Every arm at every seed: rank by the champion's scores, label at equal cost, fine-tune."""
    train, _ = _sections(config)
    chosen: list[tuple[str, Artifact, Labels, Artifact]] = []
    lessons: list[Lesson] = []
    for arm in config.mine.arms:
        for champion in champions:
            ranking = workspace.runner.run(
                rank_pool,
                seed=champion.seed,
                roles=roles,
                frames=[item.frames for item in seen],
                scores=[item.scores for item in champion.predicted],
                predictions=[item.predictions for item in champion.predicted],
                embeddings=[item.embeddings for item in seen],
                strategy=arm,
                count=config.mine.frames * RANKING_FACTOR,
                options=_options(config),
            )
            labels = _label(
                workspace, config, ranking, truth, seen, budget_boxes=config.mine.budget_boxes
            )
            version = workspace.runner.run(
                next_version,
                parent=dataset,
                roles=roles,
                labels=labels.annotations,
                query=f"{arm}, seed {champion.seed}",
                synthetic=config.synthetic,
            )
            chosen.append((arm, ranking, labels, version[VERSION]))
            lessons.append(
                Lesson(
                    dataset=version[VERSION],
                    labels=(start.annotations, labels.annotations),
                    seed=champion.seed,
                    epochs=train.retrain_epochs,
                    what=f"after {arm}",
                    start_from=champion.model.weights,
                )
            )
    workspace.say(
        f"mine       {len(config.mine.arms)} arms x {len(champions)} seeds, "
        f"{config.mine.budget_boxes} boxes each"
    )
    trained = _train(workspace, config, lessons, seen, truth)
    return tuple(
        ArmResult(arm=arm, ranking=ranking, labels=labels, dataset=version, trained=item)
        for (arm, ranking, labels, version), item in zip(chosen, trained, strict=True)
    )


def _tell_labels(workspace: Workspace, what: str, labels: Labels) -> None:
    told = workspace.json(labels.labelling)
    alpha = told["agreement"]["alpha"]
    workspace.say(
        f"label      {what}: {len(told['frames'])} frames looked at twice, "
        f"{told['cost']['boxes']} boxes drawn"
        + (f", alpha {alpha:.2f}" if alpha is not None else "")
    )


def _options(config: LoopConfig) -> dict[str, object]:
    """Options of the strategies; the manual arm looks where the gate looks."""
    condition = config.gate.slice if config.gate else "night"
    return {
        "min_gap_ns": from_seconds(config.mine.min_gap_s),
        "condition": condition,
        "pool_factor": POOL_FACTOR,
    }
