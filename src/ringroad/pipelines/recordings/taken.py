"""What ingest made of a recording, and its proxies; decodes what is not decoded yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId, artifact_id, frame_parts, recording_id, vehicle_id
from ringroad.domain.recording import Recording
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.see import Seen, see
from ringroad.pipelines.workspace import Workspace


def taken_of(workspace: Workspace, recording: Recording) -> Taken:
    """What ingest made of a recording. Raises InputError where it was never read here."""
    source = artifact_id("source", recording.source)
    for execution in executions_at(workspace, source, "read_recording", direction="in"):
        asked = execution.key.parameters
        vehicle, key = vehicle_id(str(asked["vehicle"])), str(asked["source_key"])
        if recording_id(vehicle, key) == recording.id:
            made = {role: workspace.catalog.artifact(at) for role, at in execution.outputs.items()}
            return Taken(
                recording=recording,
                source=workspace.catalog.artifact(source),
                frames=made["frames"],
                signals=made["signals"],
                frames_count=sum(item.messages for item in recording.channels if item.width),
                notes=(),
            )
    raise InputError(
        "its index is gone", subject=recording.id, remedy="take it in again: ringroad ingest PATH"
    )


def taken_with(workspace: Workspace, frames: Iterable[FrameId]) -> tuple[Taken, ...]:
    """The recordings that some frames belong to, by id."""
    wanted = sorted({frame_parts(frame)[0] for frame in frames})
    return tuple(taken_of(workspace, workspace.catalog.recording(at)) for at in wanted)


def seen_of(
    workspace: Workspace, taken: Sequence[Taken], *, width: int = 0, height: int = 0
) -> tuple[Seen, ...]:
    """Recordings decoded at a size, or at any where none is given; decoded now where need be."""
    found = {item.recording.id: _seen(workspace, item, width, height) for item in taken}
    missing = [item for item in taken if found[item.recording.id] is None]
    for made in see(workspace, missing, width=width, height=height):
        found[made.taken.recording.id] = made
    return tuple(item for item in found.values() if item is not None)


def _seen(workspace: Workspace, taken: Taken, width: int, height: int) -> Seen | None:
    """The densest decoding there is of that size, the newest among equals."""
    decoded = [
        item
        for item in executions_at(workspace, taken.frames.id, "decode_recording", direction="in")
        if not width or (item.key.parameters["width"], item.key.parameters["height"])
        == (width, height)
    ]  # fmt: skip
    for decoding in sorted(decoded, key=lambda item: int(str(item.key.parameters["every"]))):
        proxies = decoding.outputs["result"]
        for described in executions_at(workspace, proxies, "describe_recording", direction="in"):
            return Seen(
                taken=taken,
                proxies=workspace.catalog.artifact(proxies),
                frames=workspace.catalog.artifact(described.outputs["frames"]),
                embeddings=workspace.catalog.artifact(described.outputs["embeddings"]),
            )
    return None
