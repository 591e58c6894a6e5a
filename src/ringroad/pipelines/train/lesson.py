"""What a training run by hand may learn from: checked labels, weights to go on from, a size."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig
from ringroad.pipelines.finding import labels_of
from ringroad.pipelines.model import Model
from ringroad.pipelines.workspace import Workspace


def fitted_size(width: int, height: int, *, wanted: int = 320) -> tuple[int, int]:
    """A size a network takes: `wanted` wide, the shape kept to the nearest multiple of 16."""
    return wanted, max(32, round(wanted * height / width / 16) * 16)


def checked_labels(
    workspace: Workspace, rows: pa.Table, given: Sequence[Artifact]
) -> tuple[Artifact, ...]:
    """The batches to learn from; a row whose batch is not there would count as empty.

    Raises:
        InputError: batches were given, but not all of those that the rows name.
    """
    found = tuple(given) or labels_of(workspace, rows)
    missing = set(rows.column("annotations").to_pylist()) - {item.digest for item in found}
    if missing:
        raise InputError(
            f"{len(missing)} batches that its rows name are not among the labels given",
            subject=f"annotations:{min(missing)[:12]}",
            remedy="give all of them or leave --labels out; other labels make another version: "
            "ringroad datasets create NAME --labels BATCH",
        )
    return found


def weights_of(model: Model | None, config: NetworkConfig) -> Artifact | None:
    """The weights to go on from. Raises InputError where the network is another."""
    if model is None:
        return None
    wanted = config.to_json()
    other = sorted(key for key, value in wanted.items() if model.config.get(key) != value)
    if model.weights is None or other:
        raise InputError(
            f"differs in {', '.join(other)}" if other else "is a network without weights to train",
            subject=model.name,
            remedy="start from a model version of ours, of equal size, shape and categories",
        )
    return model.weights
