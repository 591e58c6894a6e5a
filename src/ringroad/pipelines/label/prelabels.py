"""Pre-labels of a selection by any network that runs here."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.prelabels import prelabels
from ringroad.media.annotation_rows import joined
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.evaluate.validate import predict_all
from ringroad.pipelines.label.records import ANNOTATIONS
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of, taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def keep_prelabels(
    bench: Bench,
    *,
    predictions: Sequence[Artifact],
    frames: list[str],
    model: str,
    min_score: float,
) -> Artifact:
    """What a network saw on some frames, as annotations to begin with; nobody's current ones."""
    tables = [bench.read_table(item) for item in predictions]
    known = [FrameId(frame) for frame in frames]
    rows = prelabels(pa.concat_tables(tables), known, author=model, min_score=min_score)
    return bench.write_table(ANNOTATIONS, joined([rows]))


def prelabelled(
    workspace: Workspace,
    model: Model,
    selection: Artifact,
    *,
    min_score: float = 0.3,
    honeypots: bool = False,
) -> Artifact:
    """Run a network over a selection; what it sees is a batch of annotations to begin with.

    With `honeypots` over frames with a gold answer too: a task that began with nothing among
    tasks that begin with something would be known as one.
    """
    scope = scope_of(workspace, selection.id)
    frames, taken = set(scope.frames or ()), {item.recording.id: item for item in scope.taken}
    for frame in workspace.catalog.gold() if honeypots else ():
        recording = workspace.catalog.recording(frame_parts(frame)[0])
        if recording.id not in taken:
            taken[recording.id] = taken_of(workspace, recording)
        frames.add(frame)
    seen = seen_of(workspace, list(taken.values()), **size_of(model))
    found = predict_all(workspace, model, seen)
    return workspace.runner.run(
        keep_prelabels,
        predictions=[item.predictions for item in found],
        frames=sorted(frames),
        model=model.name,
        min_score=min_score,
    )
