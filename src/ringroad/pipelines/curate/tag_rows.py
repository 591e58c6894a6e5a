"""What searches see of tags: which of several sources counts, and what signals tell alone."""

from __future__ import annotations

import pyarrow as pa

from ringroad.curate.index_rows import TAGS as COLUMNS
from ringroad.curate.signal_tags import rain, roads
from ringroad.domain.errors import UnknownName
from ringroad.media.schemas import TAGS as SCHEMA
from ringroad.pipelines.workspace import Workspace

TAGS = "tags"
HAND = "hand"


def scope_of_tags(source: str, recording: str) -> str:
    """The scope of a batch of tags: what one source says of one recording."""
    return f"{source} {recording}"


def recording_of(scope: str) -> str:
    """The recording of such a scope."""
    return scope.partition(" ")[2]


def tags_in(workspace: Workspace, where: str) -> pa.Table:
    """Rows of `schemas.TAGS`; none where nobody said anything."""
    try:
        return workspace.rows(TAGS, where=where)
    except UnknownName:
        return SCHEMA.empty_table()


def tags_of(rows: pa.Table) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Rows of `schemas.TAGS` -> kind -> frame -> value, and frame -> caption.

    Of several sources that speak of one frame, the hand counts; then whoever is surer, and the
    first by name. Kinds other than columns of the index are words, as captions are.
    """
    order = sorted(
        rows.to_pylist(),
        key=lambda row: (row["source"] != HAND, -row["score"], row["source"]),
    )
    tags: dict[str, dict[str, str]] = {}
    captions: dict[str, list[str]] = {}
    for row in order:
        if row["kind"] in COLUMNS:
            tags.setdefault(row["kind"], {}).setdefault(row["frame_id"], row["value"])
        else:
            captions.setdefault(row["frame_id"], []).append(row["value"])
    return tags, {frame: " ".join(dict.fromkeys(words)) for frame, words in captions.items()}


def of_signals(frames: pa.Table, signals: pa.Table, ego: pa.Table) -> dict[str, dict[str, str]]:
    """Kind -> frame -> value, as far as the signals of one recording tell it."""
    ids, times = frames["frame_id"].to_pylist(), frames["time_ns"].to_numpy()
    told = {"road": roads(ego, times), "weather": rain(signals, times)}
    return {
        kind: {frame: value for frame, value in zip(ids, values, strict=True) if value}
        for kind, values in told.items()
    }
