"""Makes selections by hand, by query and from one another; turns them into bytes and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pyarrow as pa

from ringroad.curate.query import query_frames
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId, FrameId, artifact_id, digest_of
from ringroad.domain.selection import Selection

KIND = "selection"
MEDIA = "application/json"


def by_hand(
    frames: Iterable[FrameId], *, reason: str = "", parents: Sequence[ArtifactId] = ()
) -> Selection:
    """These frames, in this order; repeats are dropped."""
    return Selection(frames=tuple(dict.fromkeys(frames)), reason=reason, parents=tuple(parents))


def by_query(
    frames: pa.Table,
    where: str,
    *,
    limit: int | None = None,
    order: str = "",
    reason: str = "",
    parents: Sequence[ArtifactId] = (),
) -> Selection:
    """The frames for which an expression holds, see `query_frames`."""
    found = query_frames(frames, where, limit=limit, order=order)
    return Selection(
        frames=tuple(found["frame_id"].to_pylist()),
        query=_text(where, order, limit),
        parents=tuple(parents),
        reason=reason,
    )


def union(first: Selection, *others: Selection, reason: str = "") -> Selection:
    """Frames of any of them, in the order of their first appearance."""
    frames = [frame for selection in (first, *others) for frame in selection.frames]
    return by_hand(frames, reason=reason, parents=[identity(s) for s in (first, *others)])


def minus(first: Selection, other: Selection, *, reason: str = "") -> Selection:
    """Frames of the first that the other does not hold, in the order of the first."""
    gone = frozenset(other.frames)
    frames = [frame for frame in first.frames if frame not in gone]
    return by_hand(frames, reason=reason, parents=[identity(first), identity(other)])


def identity(selection: Selection) -> ArtifactId:
    """The artifact id that the selection has once it is stored."""
    return artifact_id(KIND, digest_of(to_bytes(selection)))


def to_bytes(selection: Selection) -> bytes:
    """Canonical JSON."""
    return canonical_json(selection)


def from_bytes(data: bytes) -> Selection:
    """Read what `to_bytes` wrote.

    Raises:
        InputError: the bytes are not a selection.
    """
    try:
        fields = json.loads(data)
        return Selection(
            frames=tuple(FrameId(_string(frame)) for frame in fields["frames"]),
            query=_string(fields["query"]),
            parents=tuple(ArtifactId(_string(parent)) for parent in fields["parents"]),
            reason=_string(fields["reason"]),
            versions=tuple((_string(name), int(at)) for name, at in fields.get("versions", [])),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"not a selection: {error}", remedy="write one with `ringroad search --save NAME`"
        ) from error


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type(value).__name__}")
    return value


def _text(where: str, order: str, limit: int | None) -> str:
    """The query in one line, as it stands in the selection."""
    parts = [where.strip() or "true"]
    if order.strip():
        parts.append(f"ORDER BY {order.strip()}")
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)
