"""Embeddings of frames by any model version, as a space of their own in the search index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UsageError
from ringroad.media.schemas import embeddings
from ringroad.pipelines.curate.examples import EMBEDDER
from ringroad.pipelines.curate.frame_index import EMBEDDINGS, fresh_index
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.evaluate.validate import predict_all
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "pyarrow"))
def keep_embeddings(bench: Bench, *, scores: Artifact, space: str) -> Artifact:
    """The embeddings that a network gave the frames of one recording."""
    rows = bench.read_table(scores)
    lists = rows["vector"].to_pylist()
    size = len(lists[0]) if lists else 0
    if not size or any(len(vector) != size for vector in lists):
        raise InputError(
            "answers with no embedding",
            subject=space,
            remedy="name a network that has one: ringroad plugins list predictors",
        )
    flat = pa.array(np.asarray(lists, np.float32).ravel())
    vectors = pa.FixedSizeListArray.from_arrays(flat, size)
    table = pa.table([rows["frame_id"], vectors], schema=embeddings(size))
    return bench.write_table("embeddings", table, table_name=f"{EMBEDDINGS}{space}")


@step()
def keep_embedder(bench: Bench, *, network: Artifact, predictor: str) -> Artifact:
    """Which network embeds, and how it is read: what vectors can be compared hangs on both."""
    return bench.write_json(EMBEDDER, {"network": network.id, "predictor": predictor})


def embed_frames(workspace: Workspace, taken: Sequence[Taken], model: Model, space: str) -> int:
    """Embed the frames of some recordings, decoded now where need be; how many.

    Raises:
        UsageError: the space holds embeddings of another model version.
        InputError: the network has no embedding.
    """
    known = workspace.catalog.resolve(f"{EMBEDDER}:{space}")
    embedder = workspace.runner.run(keep_embedder, network=model.network, predictor=model.predictor)
    if known not in (None, embedder.id):
        raise UsageError(
            f"{space!r} holds embeddings of another model version, or read in another way",
            subject=model.name,
            remedy="give these a name of their own: only vectors of one network can be compared",
        )
    seen = seen_of(workspace, taken, **size_of(model))
    found = predict_all(workspace, model, seen)
    kept: Sequence[Artifact] = workspace.runner.map(
        keep_embeddings, [{"scores": item.scores, "space": space} for item in found]
    )
    workspace.point(f"{EMBEDDER}:{space}", embedder, reason="embedded")
    fresh = fresh_index(workspace, wait=True)
    workspace.say(f"embedded   {len(kept)} recordings by {model.name} as {space!r}")
    return fresh.view.spaces[space].vectors
