"""The pictures of a recording's page: frames of its cameras, sweeps from above."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import RingroadError
from ringroad.domain.recording import Recording
from ringroad.domain.time import to_seconds
from ringroad.media.encoded import read_encoded
from ringroad.media.export.moments import unpack_points
from ringroad.media.frames import read_frames
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.pictures.picture import decode_picture, is_picture
from ringroad.media.points.sweep import Points
from ringroad.pipelines.workspace import Workspace
from ringroad.report.from_above import BIRD_SIDE, from_above
from ringroad.report.recording_view import Bird, Thumb

THUMBS, THUMB_WIDTH, MOST_CAMERAS = 8, 240, 8
MOST_BIRDS = 3


def thumbs_of(
    workspace: Workspace, recording: Recording, frames: pa.Table
) -> tuple[list[Thumb], list[str]]:
    """Some frames of each camera, evenly over its time; and what could not be had."""
    thumbs: list[Thumb] = []
    told: list[str] = []
    cameras = sorted(pc.unique(frames["channel"]).to_pylist())
    if len(cameras) > MOST_CAMERAS:
        told.append(f"Pictures of {MOST_CAMERAS} of {len(cameras)} cameras are shown.")
    for camera in cameras[:MOST_CAMERAS]:
        rows = frames.filter(pc.equal(frames["channel"], camera)).sort_by("time_ns")
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), THUMBS)).astype(int))
        picked = rows.take(chosen)
        width, height = rows["width"][0].as_py() or 4, rows["height"][0].as_py() or 3
        size = (THUMB_WIDTH, max(2, round(THUMB_WIDTH * height / width)))
        ids = picked["frame_id"].to_pylist()
        try:
            pixels = read_frames(workspace.sources, workspace.sandbox, rows, ids, size=size)
        except RingroadError as error:
            told.append(f"Pictures of {camera} cannot be shown: {error}")
            continue
        seconds = (picked["time_ns"].to_numpy() - recording.start_ns) / 1e9
        thumbs += [
            Thumb(camera=camera, seconds=float(at), jpeg=encode_jpeg(one, quality=80), size=size)
            for at, one in zip(seconds, pixels, strict=True)
        ]
    return thumbs, told


def birds_of(
    workspace: Workspace, recording: Recording, sweeps: pa.Table | None
) -> tuple[list[Bird], list[str]]:
    """Some sweeps of each lidar and radar from above; and what could not be had."""
    birds: list[Bird] = []
    told: list[str] = []
    if sweeps is None:
        return birds, told
    for channel in sorted(pc.unique(sweeps["channel"]).to_pylist()):
        rows = sweeps.filter(pc.equal(sweeps["channel"], channel)).sort_by("time_ns")
        wanted = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_BIRDS)).astype(int))
        for at in wanted.tolist():
            seconds = to_seconds(rows["time_ns"][at].as_py() - recording.start_ns)
            try:
                birds.append(_bird(workspace, rows.slice(at, 1), f"{channel} at {seconds:.2f} s"))
            except RingroadError as error:
                told.append(f"Sweeps of {channel} cannot be shown: {error}")
                break
    return birds, told


def _bird(workspace: Workspace, row: pa.Table, title: str) -> Bird:
    """A sweep from above; a scanning radar's picture as it is."""
    encoding = row["encoding"][0].as_py()
    data = read_encoded(workspace.sources, workspace.sandbox, row)[0]
    if is_picture(encoding):
        size = (BIRD_SIDE, BIRD_SIDE)
        pixels = workspace.sandbox.call(decode_picture, data, (encoding, 0, 0), size)
        picture, media = encode_jpeg(pixels, quality=80), "image/jpeg"
        return Bird(title=f"{title}, as recorded", picture=picture, media=media, size=size)
    columns, values = workspace.sandbox.call(unpack_points, encoding, data)
    return from_above(Points(columns=tuple(columns), values=values).xyz, title=title)
