"""Typed ids. Identity is content or a declared key, never a position in a list."""

from __future__ import annotations

import hashlib
from typing import NewType
from urllib.parse import quote, unquote

Digest = NewType("Digest", str)
"""SHA-256 of content, 64 lower-case hex characters."""

VehicleId = NewType("VehicleId", str)
RecordingId = NewType("RecordingId", str)
"""`vehicle/source-key`; the digest of the bytes is kept apart."""

FrameId = NewType("FrameId", str)
"""`recording/channel/sequence`, the sequence in six digits or more."""

ArtifactId = NewType("ArtifactId", str)
"""`kind:digest`."""

ExecutionId = NewType("ExecutionId", str)
"""Digest of the key that a step ran under."""


def digest_of(data: bytes | memoryview) -> Digest:
    """SHA-256 of bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def vehicle_id(name: str) -> VehicleId:
    """The vehicle's name, made safe to stand before a slash."""
    return VehicleId(quote(name, safe="._-"))


def recording_id(vehicle: VehicleId, source_key: str) -> RecordingId:
    """Join a vehicle and the declared key of a source; slashes in the key stay."""
    return RecordingId(f"{vehicle}/{quote(source_key, safe='/._-')}")


def frame_id(recording: RecordingId, channel: str, sequence: int) -> FrameId:
    """Name one frame; `channel` may hold slashes, they are quoted."""
    return FrameId(f"{recording}/{quote(channel, safe='._-')}/{sequence:06d}")


def frame_parts(frame: FrameId) -> tuple[RecordingId, str, int]:
    """Split a frame id into recording, channel and sequence number.

    Raises:
        ValueError: the text is not a frame id.
    """
    recording, channel, sequence = frame.rsplit("/", 2)
    return RecordingId(recording), unquote(channel), int(sequence)


def artifact_id(kind: str, digest: Digest) -> ArtifactId:
    """Name an artifact by what it is and what it holds."""
    return ArtifactId(f"{kind}:{digest}")


def artifact_parts(artifact: ArtifactId) -> tuple[str, Digest]:
    """Split an artifact id into kind and digest."""
    kind, _, digest = artifact.partition(":")
    return kind, Digest(digest)
