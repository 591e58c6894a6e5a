"""One recording as MCAP: its moments as ROS 2 messages, and what others have to know of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from ringroad.domain.calibration import Calibration
from ringroad.media.export import parcel as nouns
from ringroad.media.export import ros2_types as types
from ringroad.media.export import ros2_write as write
from ringroad.media.export.mcap_write import McapFile
from ringroad.media.export.parcel import Loss, Moment, Parcel, Part
from ringroad.media.messages.ros2 import CHANNEL, IMAGE, SIGNAL, UNIT, VIDEO

STATIC = "/tf_static"
CAMERA_INFO = "camera_info"
"""Last part of the topic that holds a camera's lens."""
ABOUT, LOSSES = "ringroad.recording", "ringroad.losses"
"""Names of the two records of metadata."""

TYPES = {
    nouns.PICTURE: IMAGE,
    nouns.VIDEO: VIDEO,
    nouns.CLOUD: types.CLOUD,
    nouns.IMU: types.IMU,
    nouns.GNSS: types.GNSS,
    nouns.NUMBER: types.NUMBER,
}
"""Kind of a part -> message type."""


def write_mcap(
    sink: BinaryIO, parcel: Parcel, moments: Iterable[Moment], losses: Callable[[], list[Loss]]
) -> dict[str, int]:
    """Write a whole file, and return how many messages each topic has.

    Args:
        sink: where the bytes go.
        parcel: what leaves.
        moments: on its topics, each exhausted as it is written.
        losses: asked once all moments are written.
    """
    file = McapFile(sink)
    parts = {part.topic: part for part in parcel.parts}
    for part in parcel.parts:
        file.channel(part.topic, TYPES[part.kind], _about_topic(part))
    for topic, kind, body in _standing(parcel):
        file.channel(topic, kind)
        file.message(topic, parcel.begin_ns, body)
    for moment in moments:
        part = parts[moment.topic]
        body = BODIES[part.kind](part, moment)
        file.message(moment.topic, moment.log_ns, body)
    file.metadata(ABOUT, about(parcel))
    told = [asdict(loss) for loss in losses()]
    file.metadata(LOSSES, {"losses": json.dumps(told, sort_keys=True, ensure_ascii=False)})
    file.finish()
    return file.counts


def about(parcel: Parcel) -> dict[str, str]:
    """Which recording a file comes from, as texts."""
    recording = parcel.recording
    return {
        "recording": recording.id,
        "vehicle": recording.vehicle,
        "source": recording.source,
        "container": recording.container,
        "clock": recording.clock,
        "synthetic": "yes" if recording.synthetic else "no",
        "salvaged": recording.salvaged,
        "profile": parcel.profile,
        "notes": "\n".join(parcel.notes),
    }


def frame_of(channel: str) -> str:
    """The name of a channel's coordinate system; ROS wants none that begins with a slash."""
    return channel.strip("/") or channel


def _about_topic(part: Part) -> Mapping[str, str]:
    told = {CHANNEL: part.channel}
    return told | ({SIGNAL: part.name, UNIT: part.unit} if part.kind == nouns.NUMBER else {})


def _standing(parcel: Parcel) -> Iterator[tuple[str, str, bytes]]:
    """Topic, type and body of what is said once: where sensors sit, and their lenses."""
    poses = [
        (frame_of(pose.parent), frame_of(pose.channel), pose)
        for pose in parcel.calibrations
        if pose.translation_m and pose.rotation
    ]
    if poses:
        yield STATIC, types.TRANSFORMS, write.transforms_message(parcel.begin_ns, poses)
    lenses = {pose.channel: pose for pose in parcel.calibrations if pose.intrinsics}
    for part in parcel.parts:
        if part.kind in {nouns.PICTURE, nouns.VIDEO} and part.channel in lenses:
            yield f"{part.topic}/{CAMERA_INFO}", types.CAMERA_INFO, _lens(parcel, part, lenses)


def _lens(parcel: Parcel, part: Part, lenses: Mapping[str, Calibration]) -> bytes:
    frame = frame_of(part.channel)
    return write.camera_message(parcel.begin_ns, frame, lenses[part.channel], part.size)


def _picture(part: Part, moment: Moment) -> bytes:
    body: Any = moment.body
    return write.image_message(moment.time_ns, frame_of(part.channel), body.encoding, body.data)


def _video(part: Part, moment: Moment) -> bytes:
    body: Any = moment.body
    return write.video_message(moment.time_ns, frame_of(part.channel), part.codec, body.data)


def _cloud(part: Part, moment: Moment) -> bytes:
    body: Any = moment.body
    frame = frame_of(part.channel)
    return write.cloud_message(moment.time_ns, frame, body.columns, body.values)


def _imu(part: Part, moment: Moment) -> bytes:
    del part
    body: Any = moment.body
    return write.imu_message(moment.time_ns, body[:3], body[3:])


def _gnss(part: Part, moment: Moment) -> bytes:
    del part
    body: Any = moment.body
    latitude, longitude, altitude, status = body
    return write.gnss_message(moment.time_ns, latitude, longitude, altitude, status=int(status))


def _number(part: Part, moment: Moment) -> bytes:
    del part
    body: Any = moment.body
    return write.number_message(body[0])


BODIES: Mapping[str, Callable[[Part, Moment], bytes]] = {
    nouns.PICTURE: _picture,
    nouns.VIDEO: _video,
    nouns.CLOUD: _cloud,
    nouns.IMU: _imu,
    nouns.GNSS: _gnss,
    nouns.NUMBER: _number,
}
"""Kind of a part -> what makes its messages."""
