"""Lenses and transforms of an indexed file to the calibrations of its channels.

Axes are those of REP 103: x ahead, y left, z up; of cameras x right, y down, z ahead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.recording import CAMERA, LIDAR, RADAR, Channel
from ringroad.ingest.poses import matrix_of, quaternion_of
from ringroad.media.message import Lens, Transform

VEHICLE_FRAMES = ("base_link", VEHICLE, "base_footprint", "ego_vehicle")
"""What vehicles call their own coordinate system."""
MODELS = {"equidistant": "fisheye", "kannala_brandt": "fisheye"}
"""Names of distortion models to ours, where they differ."""
FARTHEST_M = 1e7
"""A transform that leads farther is damaged."""
MOVED = 1e-6
"""Metres, or parts of a unit quaternion: a transform that changes by more is no calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a coordinate system lies in another.

    Attributes:
        parent: the other's name.
        rotation: (3, 3).
        translation: (3,) metres.
    """

    parent: str
    rotation: np.ndarray
    translation: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Calibrations by channel, and doubts worth showing."""

    calibrations: tuple[Calibration, ...]
    notes: tuple[str, ...]


def calibrations(
    channels: Sequence[Channel],
    frame_ids: Mapping[str, str],
    lenses: Mapping[str, Sequence[Lens]],
    transforms: Mapping[str, Sequence[Transform]],
) -> Calibrated:
    """Calibrations of the channels that messages say something about.

    Args:
        channels: of the recording.
        frame_ids: name of each one's coordinate system.
        lenses: what each channel of lenses says.
        transforms: what each channel of transforms says.
    """
    poses, notes = _poses(transforms)
    origin = ", ".join(sorted(transforms))
    owners = {_bare(frame): name for name, frame in sorted(frame_ids.items(), reverse=True)}
    found = []
    for channel in channels:
        frame = _bare(frame_ids.get(channel.name, ""))
        item = _placed(channel, frame, poses, owners, origin)
        if not item.rotation and poses and frame and channel.sensor in {CAMERA, LIDAR, RADAR}:
            notes.append(f"{channel.name}: no transform leads from {frame} to the vehicle")
        if channel.sensor == CAMERA and (told := _lens_of(channel.name, frame, lenses)):
            item, doubts = _projected(item, channel, *told)
            notes += [f"{channel.name}: {doubt}" for doubt in doubts]
        if item.rotation or item.intrinsics:
            found.append(item)
    return Calibrated(calibrations=tuple(found), notes=tuple(notes))


def _poses(transforms: Mapping[str, Sequence[Transform]]) -> tuple[dict[str, Pose], list[str]]:
    """Transforms that stand still, by child; and what is wrong with others."""
    first: dict[str, tuple[str, np.ndarray]] = {}
    moving: set[str] = set()
    notes: set[str] = set()
    for told in (item for listed in transforms.values() for item in listed):
        parent, child = _bare(told.parent), _bare(told.child)
        turn = np.array(told.rotation)
        length = float(np.linalg.norm(turn)) if (np.abs(turn) < 2).all() else 0.0
        if not 0.5 < length < 2 or not (np.abs(told.translation) < FARTHEST_M).all():
            notes.add(f"the transform of {child} is none: left out")
            continue
        values = np.concatenate([told.translation, turn / length * (np.sign(turn[0]) or 1.0)])
        known = first.setdefault(child, (parent, values))
        if known[0] != parent or np.abs(known[1] - values).max() > MOVED:
            moving.add(child)
    return {
        child: Pose(parent=parent, rotation=matrix_of(tuple(values[3:])), translation=values[:3])
        for child, (parent, values) in first.items()
        if child not in moving
    }, sorted(notes)


def _placed(
    channel: Channel,
    frame: str,
    poses: Mapping[str, Pose],
    owners: Mapping[str, str],
    origin: str,
) -> Calibration:
    """Where a channel's sensor sits; without a pose where that is not told."""
    axes = CAMERA_AXES if channel.sensor == CAMERA else VEHICLE_AXES
    unknown = Calibration(channel=channel.name, parent=VEHICLE, axes=axes)
    found = _climbed(frame, poses, VEHICLE_FRAMES)
    if found is None:
        return unknown
    parent = VEHICLE if found.parent in VEHICLE_FRAMES else owners.get(found.parent, "")
    if not parent or parent == channel.name:
        return unknown
    x, y, z = found.translation.tolist()
    return replace(
        unknown,
        parent=parent,
        translation_m=(x, y, z),
        rotation=quaternion_of(found.rotation),
        origin=origin,
    )


def _climbed(frame: str, poses: Mapping[str, Pose], until: Collection[str]) -> Pose | None:
    """The pose of a coordinate system in the vehicle's, or in the last one that is told."""
    pose = poses.get(frame)
    if frame in until or pose is None:
        return None
    passed = {frame}
    while pose.parent not in until and pose.parent in poses and pose.parent not in passed:
        passed.add(pose.parent)
        above = poses[pose.parent]
        pose = Pose(
            parent=above.parent,
            rotation=above.rotation @ pose.rotation,
            translation=above.rotation @ pose.translation + above.translation,
        )
    return None if pose.parent in passed else pose


def _lens_of(
    camera: str, frame: str, lenses: Mapping[str, Sequence[Lens]]
) -> tuple[str, Sequence[Lens]] | None:
    """The channel of lenses in a camera's own namespace, the deepest; else of its frame id."""
    spaces = {name: name.rpartition("/")[0] for name in sorted(lenses)}
    inside = [
        name for name, space in spaces.items() if space and f"{camera}/".startswith(f"{space}/")
    ]
    if not inside:
        inside = [
            name
            for name in spaces
            if frame and lenses[name] and _bare(lenses[name][0].frame) == frame
        ]
        inside = inside if len(inside) == 1 else []
    if not inside:
        return None
    name = max(inside, key=lambda name: len(spaces[name]))
    return (name, lenses[name]) if lenses[name] else None


def _projected(
    item: Calibration, channel: Channel, topic: str, told: Sequence[Lens]
) -> tuple[Calibration, list[str]]:
    """The calibration with its lens, as far as that is known; and doubts."""
    lens = told[0]
    rectified = any("rect" in part for part in channel.name.lower().split("/"))
    matrix = lens.projection if rectified else lens.matrix
    at = (0, 5, 2, 6) if rectified else (0, 4, 2, 5)
    numbers = [matrix[place] for place in at] if len(matrix) > max(at) else [0.0]
    if not np.isfinite([*numbers, *lens.distortion]).all() or min(numbers[:2]) <= 0:
        return item, [f"{topic} tells no focal length, or what is no number"]
    fx, fy, cx, cy = numbers
    bent = () if rectified or not np.any(lens.distortion) else lens.distortion
    doubts = [*_doubts(channel, topic, told)]
    return replace(
        item,
        intrinsics=(fx, fy, cx, cy),
        distortion_model=MODELS.get(lens.model, lens.model) if bent else "",
        distortion=bent,
        origin=", ".join(part for part in (item.origin, topic) if part),
    ), doubts


def _doubts(channel: Channel, topic: str, told: Sequence[Lens]) -> Iterator[str]:
    if any(lens != told[0] for lens in told):
        yield f"{topic} changes what it tells: the first lens is taken"
    if told[0].partial:
        yield f"{topic} tells of pictures that are cropped or binned: they may be these"
    elif told[0].size not in {(0, 0), (channel.width, channel.height)}:
        wide, high = told[0].size
        yield f"{topic} is of {wide}x{high} pixels, pictures have {channel.width}x{channel.height}"


def _bare(frame: str) -> str:
    """ROS 1 began names with a slash."""
    return frame.strip("/")
