"""Quality of labels: whose answers are compared, what a network doubts, campaigns in rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.config import build, read_toml
from ringroad.domain.errors import InputError, InvalidConfig, UnknownName
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.problem import Problem
from ringroad.domain.task import DONE, DRAW
from ringroad.label.adaptive import AdaptiveLooks
from ringroad.label.annotators import AnnotatorProfile
from ringroad.label.answers import marks_of
from ringroad.label.errors import FEWEST, Labelled, Suspect, rank_errors
from ringroad.label.looks import LooksPolicy
from ringroad.label.observed import Predicted
from ringroad.label.rehearsal import Stage, rehearse
from ringroad.label.rows import EMPTY, Mark, marks_by_frame
from ringroad.label.track_errors import track_errors
from ringroad.media.annotation_rows import box_rows, full
from ringroad.media.schemas import ANNOTATIONS
from ringroad.metrics.paired import mean_interval
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.evaluate.answers import answers
from ringroad.pipelines.evaluate.prediction_files import predictions_from
from ringroad.pipelines.finding import dataset_of, executions_at, table_of
from ringroad.pipelines.label.export import Leaving, leaving_of
from ringroad.pipelines.label.records import batch_frame_rows
from ringroad.pipelines.model import Model
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import LOOKS

LABELLING = "labelling"
RECORDED = "label_frames"
REMEDY = "see docs/label-quality.md for an example"


def answers_of(workspace: Workspace, names: Sequence[str]) -> list[pa.Table]:
    """Blind answers: of labelling orders, labellings or batches by name; of all without names.

    Frames that one annotator alone looked at are left out: there is nothing to compare.

    Raises:
        UnknownName: nothing is called so.
        InputError: no frame was looked at twice.
    """
    known = names or [
        *(order.id for order in workspace.catalog.orders()),
        *(item.id for item in workspace.catalog.artifacts(LABELLING)),
    ]
    rows = _once([full(table) for name in known for table in _named(workspace, name)])
    twice = _looked_at_twice(rows)
    if not twice:
        raise InputError(
            "no frame was looked at by two annotators",
            subject=", ".join(names),
            remedy="order two looks: ringroad labels order; or name batches of answers",
        )
    return [rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(twice)))]


def _named(workspace: Workspace, name: str) -> list[pa.Table]:
    """Answers behind one name."""
    try:
        order = workspace.catalog.order(name)
    except UnknownName:
        artifact = workspace.find(name)
        if artifact.kind != LABELLING:
            return [table_of(workspace, artifact)]
        made = executions_at(workspace, artifact.id, RECORDED, direction="out")
        outputs = made[0].outputs if made else {}
        return [
            table_of(workspace, workspace.catalog.artifact(at))
            for role, at in sorted(outputs.items())
            if role not in {"annotations", LABELLING}
        ]
    frames: dict[tuple[ArtifactId, str], list[str]] = {}
    for task in workspace.catalog.tasks(order=order.id, kind=DRAW, state=DONE):
        if task.answer is not None:
            frames.setdefault((task.answer, task.annotator), []).append(task.frame)
    return [_looks_of(workspace, *by, mine) for by, mine in frames.items()]


def _looks_of(workspace: Workspace, batch: ArtifactId, who: str, frames: Sequence[str]) -> pa.Table:
    """One annotator's answers to some frames, out of a batch that may hold more."""
    rows = full(table_of(workspace, workspace.catalog.artifact(batch)))
    mine = rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(frames, pa.string())))
    author = pa.array([who] * mine.num_rows, pa.string())
    at = mine.schema.get_field_index("author")
    return mine.set_column(at, mine.schema.field(at), author)


def _once(tables: Sequence[pa.Table]) -> pa.Table:
    """Each annotator's look at a frame once, however many names it was found under."""
    kept = [ANNOTATIONS.empty_table()]
    known = pa.array([], pa.string())
    for table in tables:
        looks = pc.binary_join_element_wise(table["frame_id"], table["author"], "\n")
        fresh = table.filter(pc.invert(pc.is_in(looks, value_set=known)))
        kept.append(fresh)
        known = pa.concat_arrays([known, pc.unique(looks)])
    return pa.concat_tables(kept)


def _looked_at_twice(rows: pa.Table) -> list[str]:
    pairs = rows.group_by(["frame_id", "author"]).aggregate([])
    counts = pairs.group_by("frame_id").aggregate([("author", "count")])
    some: list[str] = counts.filter(pc.greater(counts["author_count"], 1))["frame_id"].to_pylist()
    return some


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """Labels that were looked through, and what to look at, worst first."""

    suspects: tuple[Suspect, ...]
    annotations: int
    frames: int
    problems: tuple[Problem, ...] = ()
    network: str = ""


def doubts(
    workspace: Workspace,
    what: str,
    *,
    model: Model | None = None,
    predictions: Path | None = None,
    images: Path | None = None,
    judges: Callable[[Labelled], Labelled] | None = None,
    seed: int = 0,
) -> Doubted:
    """Rank likely errors in labels against a network, and in tracks without one.

    Args:
        workspace: where from.
        what: a dataset version, a selection, a batch, a recording, or `all`.
        model: a network to run over the frames; it should not have been trained on these labels.
        predictions: COCO results in its place, for a dataset version.
        images: COCO file that says what image ids of the results mean.
        judges: adds judges of boxes, such as `label_judging.judges_of`; none are asked without.
        seed: of planted errors.

    Raises:
        InputError: there are too few annotations to learn from.
    """
    leaving = leaving_of(workspace, what)
    rows = _of_frames(leaving)
    marks = marks_by_frame(box_rows(rows), with_ids=True)
    tracks = track_errors(marks_by_frame(rows, with_ids=True))
    count = sum(map(len, marks.values()))
    problems: tuple[Problem, ...] = ()
    if predictions is not None:
        given = predictions_from(workspace, predictions, dataset_of(workspace, what), images=images)
        seen, problems = table_of(workspace, given.predictions), given.problems
    elif model is not None:
        seen, _ = answers(workspace, model, scope_of(workspace, what))
    else:
        return Doubted(suspects=tuple(tracks), annotations=count, frames=len(marks))
    if count < FEWEST:
        raise InputError(
            f"holds {count} annotations, too few to learn from; {FEWEST} are needed",
            subject=what,
            remedy="name more labels, such as all",
        )
    labelled = Labelled(
        marks=marks,
        predictions=predicted_by_frame(seen),
        sizes=_sizes(leaving),
        categories=tuple(sorted({m.category for part in marks.values() for m in part})),
    )
    if judges is not None:
        labelled = judges(labelled)
    ranked = rank_errors(labelled, seed=seed)
    merged = sorted([*ranked, *tracks], key=lambda item: (-item.chance, item.frame, item.kind))
    return Doubted(
        suspects=tuple(merged),
        annotations=count,
        frames=len(marks),
        problems=problems,
        network=model.name if model is not None else str(predictions),
    )


def predicted_by_frame(rows: pa.Table) -> dict[FrameId, list[Predicted]]:
    """Rows of `schemas.PREDICTIONS` as marks with scores."""
    found: dict[FrameId, list[Predicted]] = {}
    names = ("frame_id", "category", "score", "x", "y", "w", "h", "light_state")
    for frame, category, score, x, y, w, h, state in zip(
        *(rows[name].to_pylist() for name in names), strict=True
    ):
        mark = Mark(category=category, x=x, y=y, w=w, h=h, light_state=state)
        found.setdefault(FrameId(frame), []).append(Predicted(mark=mark, score=score))
    return found


def _of_frames(leaving: Leaving) -> pa.Table:
    wanted = leaving.pictures["frame_id"].combine_chunks()
    rows = full(leaving.rows)
    return rows.filter(pc.is_in(rows["frame_id"], value_set=wanted))


def _sizes(leaving: Leaving) -> dict[FrameId, tuple[int, int]]:
    columns = (leaving.pictures[name].to_pylist() for name in ("frame_id", "width", "height"))
    return {FrameId(f): (w, h) for f, w, h in zip(*columns, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConfig:
    """One policy of a rehearsal."""

    name: str
    looks: str = "fixed"
    """Its name in `plugins.LOOKS`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    network: bool = False
    """Whether it may use predictions; adaptive ones alone do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A REHEARSAL.toml: annotators, policies, seeds, and what a label costs."""

    annotators: tuple[AnnotatorProfile, ...]
    policies: tuple[PolicyConfig, ...] = (
        PolicyConfig(name="one look", options={"looks": 1}),
        PolicyConfig(name="two looks", options={"looks": 2}),
        PolicyConfig(name="three looks", options={"looks": 3}),
        PolicyConfig(name="adaptive", looks="adaptive"),
    )
    seeds: int = 5
    price_per_hour: float = 0.0

    def __post_init__(self) -> None:
        """There are annotators to look, and seeds to tell luck by."""
        if len({profile.name for profile in self.annotators}) < 2:
            raise ValueError("a rehearsal needs two annotators of different names or more")
        if self.seeds < 1 or not self.policies:
            raise ValueError("a rehearsal needs a seed and a policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """How one policy fared, over seeds: `value`, `low`, `high` of each figure."""

    name: str
    figures: Mapping[str, Mapping[str, float | int | None]]


FIGURES = ("errors", "missed", "invented", "confused", "iou", "labels", "hours", "cost")
"""Errors, and labels, per thing there is; hours and cost of the whole."""


def read_rehearsal(path: Path) -> Rehearsal:
    """Read a REHEARSAL.toml. Raises InvalidConfig."""
    return build(Rehearsal, read_toml(path, remedy=REMEDY), subject=str(path))


def rehearsals(
    workspace: Workspace,
    what: str,
    plan: Rehearsal,
    *,
    model: Model | None = None,
    seed: int = 0,
) -> tuple[tuple[Rehearsed, ...], int, int]:
    """Play every policy over every seed; labels that are there stand in for the truth.

    Returns:
        Policies in order; frames; things there are.

    Raises:
        InputError: there is nothing labelled.
        InvalidConfig: a policy's options break a rule.
    """
    leaving = leaving_of(workspace, what)
    truth = marks_by_frame(box_rows(_of_frames(leaving)))
    things = sum(map(len, truth.values()))
    if not things:
        raise InputError(
            "holds no annotation that could stand in for the truth",
            subject=what,
            remedy="name labels, such as a dataset version, or a batch of a network's answers",
        )
    seen = None
    if model is not None:
        rows, _ = answers(workspace, model, scope_of(workspace, what))
        seen = {frame: found for frame, found in predicted_by_frame(rows).items() if frame in truth}
    sizes = list(_sizes(leaving).values())
    categories = tuple(sorted({m.category for part in truth.values() for m in part} - {EMPTY}))
    stage = Stage(
        truth=truth,
        profiles=plan.annotators,
        frame_size=(max(w for w, _ in sizes), max(h for _, h in sizes)),
        categories=categories,
    )
    made = [
        _rehearsed(stage, config, _policy(config, categories, seen), plan, seed)
        for config in plan.policies
    ]
    return tuple(made), len(truth), things


def _policy(
    config: PolicyConfig,
    categories: tuple[str, ...],
    seen: Mapping[FrameId, Sequence[Predicted]] | None,
) -> LooksPolicy:
    options = dict(config.options)
    made = LOOKS.load(config.looks)
    if made is AdaptiveLooks:
        known = {place.mark.category for part in (seen or {}).values() for place in part}
        options["categories"] = categories
        usable = {f: [p for p in part if p.mark.category in categories]
                  for f, part in (seen or {}).items()}  # fmt: skip
        options["predictions"] = usable if config.network and known else None
        options.setdefault("most", len(categories) + 6)
    try:
        policy: LooksPolicy = made(**options)
    except (TypeError, ValueError) as error:
        raise InvalidConfig(str(error), subject=f"policy {config.name!r}", remedy=REMEDY) from error
    return policy


def _rehearsed(
    stage: Stage, config: PolicyConfig, policy: LooksPolicy, plan: Rehearsal, seed: int
) -> Rehearsed:
    rows = []
    for turn in range(plan.seeds):
        played = rehearse(stage, policy, seed=seed + turn)
        errors = played.errors
        count = max(1, errors.truths)
        rows.append(
            (
                errors.per_thing,
                errors.missed / count,
                errors.invented / count,
                errors.confused / count,
                errors.mean_iou,
                played.per_thing,
                played.hours,
                played.hours * plan.price_per_hour,
            )
        )
    columns = np.array(rows)
    return Rehearsed(
        name=config.name,
        figures={
            name: mean_interval(columns[:, at], confidence=0.95) for at, name in enumerate(FIGURES)
        },
    )


def gold_of(workspace: Workspace) -> dict[FrameId, list[Mark]]:
    """Answers that people promoted, by frame."""
    return {
        frame: marks_of(batch_frame_rows(workspace, answer.batch, frame), frame)
        for frame, answer in workspace.catalog.gold().items()
        if answer.batch is not None
    }
