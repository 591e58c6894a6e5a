"""Runs two networks over recordings and says where they differ. What was found: `resimulating`."""

from __future__ import annotations

from ringroad.datasets.manifest import header_at
from ringroad.domain.artifact import Artifact
from ringroad.pipelines.curate.scope import Scope
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.deploy.ship import rerun
from ringroad.pipelines.evaluate.scoring import size_of, tested_rows
from ringroad.pipelines.evaluate.validate import predict_all
from ringroad.pipelines.finding import labels_of
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace


def side_by_side(
    workspace: Workspace,
    candidate: Model,
    champion: Model,
    scope: Scope,
    *,
    dataset: Artifact | None = None,
    threshold: float = 0.3,
    limit: int = 50,
    who: str = "",
) -> dict[str, Artifact]:
    """Re-simulate over whole recordings; `selection:disagreements` holds where they differ most.

    Args:
        workspace: where everything is kept.
        candidate: the network that wants to be.
        champion: the one in use.
        scope: which recordings.
        dataset: a version whose test rows say who is right where they can; a look at them, by the
            user of this process where nobody else is named.
        threshold: boxes of a lower score are not looked at.
        limit: frames kept as a selection.
        who: looks at the test rows.

    Raises:
        InputError: the dataset version has no test rows.
    """
    seen = seen_of(workspace, scope.taken, **size_of(candidate))
    same = size_of(champion) == size_of(candidate)
    other = seen if same else seen_of(workspace, scope.taken, **size_of(champion))
    if dataset is not None:
        look(workspace, dataset, why="resimulate", who=who)
    return rerun(
        workspace,
        predict_all(workspace, champion, other),
        predict_all(workspace, candidate, seen),
        seen,
        labels_of(workspace, tested_rows(workspace, dataset)) if dataset else (),
        annotated=header_at(workspace.blobs, dataset).categories if dataset else (),
        threshold=threshold,
        limit=limit,
    )
