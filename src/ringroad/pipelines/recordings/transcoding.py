"""Frames in the form that somebody asks for: found where it was made before, made where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.recording import Recording
from ringroad.media.pictures.profiles import Profile
from ringroad.media.video.encode import encoder_here
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.checking import made_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.recordings.transcode_step import transcode_channel
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transcoded:
    """One camera of a recording in another form.

    Attributes:
        channel: the camera.
        video: the stored frames, one behind the other.
        rows: of `schemas.FRAMES`, as an artifact; frames keep their ids and times.
        frames: how many are kept.
        recorded_bytes: of these frames as they were recorded.
    """

    recording: Recording
    profile: Profile
    channel: str
    video: Artifact
    rows: Artifact
    frames: int
    recorded_bytes: int


def transcode(
    workspace: Workspace, recording: Recording, profile: Profile, *, channels: Sequence[str] = ()
) -> tuple[Transcoded, ...]:
    """Each camera of a recording, or those that are named, in a profile's form.

    What was made before is found again and nothing runs.

    Raises:
        InputError: the recording has no camera, or its index is gone.
        UnknownName: it has no camera of that name.
        StepFailed: a camera's frames do not decode.
    """
    frames = made_of(workspace, taken_of(workspace, recording))["frames"]
    table = table_of(workspace, frames)
    cameras = sorted(pc.unique(table.column("channel")).to_pylist())
    _check(recording, cameras, channels)
    wanted = [name for name in cameras if not channels or name in channels]
    common = {"frames": frames, "profile": asdict(profile), "encoder": encoder_here()}
    made = workspace.runner.map(transcode_channel, [common | {"channel": name} for name in wanted])
    return tuple(
        _transcoded(workspace, recording, profile, name, item, table)
        for name, item in zip(wanted, made, strict=True)
    )


def _transcoded(
    workspace: Workspace,
    recording: Recording,
    profile: Profile,
    channel: str,
    made: dict[str, Artifact],
    table: pa.Table,
) -> Transcoded:
    rows = table_of(workspace, made["frames"])
    kept = table.filter(pc.is_in(table["frame_id"], value_set=rows["frame_id"].combine_chunks()))
    return Transcoded(
        recording=recording,
        profile=profile,
        channel=channel,
        video=made["video"],
        rows=made["frames"],
        frames=rows.num_rows,
        recorded_bytes=int(pc.sum(kept["length"]).as_py() or 0),
    )


def _check(recording: Recording, cameras: Sequence[str], wanted: Sequence[str]) -> None:
    if not cameras:
        raise InputError(
            "has no camera whose frames could take another form",
            subject=recording.id,
            remedy="see what it has: ringroad recordings show ID",
        )
    for name in wanted:
        if name not in cameras:
            raise UnknownName(
                f"has no camera {name!r}",
                subject=recording.id,
                remedy=f"it has: {', '.join(cameras)}",
            )
