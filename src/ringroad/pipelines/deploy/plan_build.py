"""A plan built for this machine, held against its network on recorded frames."""

from __future__ import annotations

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.pipelines.curate.scope import Scope
from ringroad.pipelines.deploy.ship import make_plan
from ringroad.pipelines.evaluate.registry import REFERENCE
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace


def build(workspace: Workspace, model: Model, scope: Scope, *, threads: int) -> dict[str, Artifact]:
    """Build a plan for this machine and hold it against its network on recorded frames.

    Raises:
        InputError: a network of another predictor, or no recording to hold it against.
    """
    if model.predictor != REFERENCE:
        raise InputError(
            f"is read by {model.predictor!r}; plans are built for reference networks only",
            subject=model.name,
            remedy="run it as it is: ringroad predict --model M",
        )
    seen = seen_of(workspace, scope.taken[:1], **size_of(model))
    if not seen:
        raise InputError(
            "no recorded frame to hold the plan against",
            subject=model.name,
            remedy="take a recording in first: ringroad ingest PATH",
        )
    return workspace.runner.run(
        make_plan,
        network=model.network,
        model=model.identity,
        proxies=seen[0].proxies,
        threads=threads,
    )
