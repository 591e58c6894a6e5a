"""Mining by hand: the frames of a selection that are most worth a label, cut to a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.pipelines.curate.scope import Scope
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.evaluate.validate import predict_all
from ringroad.pipelines.mine.pick_step import pick_frames
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import STRATEGIES


def pick(
    workspace: Workspace,
    scope: Scope,
    model: Model,
    name: str,
    *,
    labelled: Sequence[FrameId],
    strategy: str,
    budget: int,
    unit: str,
    options: Mapping[str, object],
    seed: int,
) -> tuple[Artifact, dict[str, Any]]:
    """Choose frames, and point `selection:NAME` at them; labelled frames are never chosen.

    Raises:
        InputError: there is nothing to choose from, or no frame is left to choose from.
        UnknownName: no strategy is called so.
    """
    STRATEGIES.load(strategy)
    if scope.frames is not None and not scope.frames:
        raise InputError("holds no frame", subject=name, remedy="choose from another selection")
    seen = seen_of(workspace, scope.taken, **size_of(model))
    found = predict_all(workspace, model, seen)
    made = workspace.runner.run(
        pick_frames,
        seed=seed,
        frames=[item.frames for item in seen],
        scores=[item.scores for item in found],
        predictions=[item.predictions for item in found],
        embeddings=[item.embeddings for item in seen],
        among=sorted(scope.frames or ()),
        labelled=sorted(labelled),
        strategy=strategy,
        budget=budget,
        unit=unit,
        options=dict(options),
    )
    figures: dict[str, Any] = workspace.json(made["figures"])
    if not figures["frames"]:
        raise InputError(
            f"nothing was chosen out of {figures['pool']} frames, {figures['labelled']} labelled",
            subject=name,
            remedy="choose from more frames, or raise --budget",
        )
    workspace.point(f"selection:{name}", made["selection"], reason=f"mined by {strategy}")
    return made["selection"], figures
