"""One synthetic recording from its specification: an MCAP file, and its truth beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import simplejpeg

from ringroad.domain.ids import FrameId, frame_id, recording_id, vehicle_id
from ringroad.domain.time import from_seconds
from ringroad.media.export.ros2_types import CAN, GNSS, IMU, MOTION
from ringroad.media.messages.ros2 import IMAGE
from ringroad.simulate import sensors
from ringroad.simulate.camera import GRAIN, front_camera, take
from ringroad.simulate.figures import add_traffic
from ringroad.simulate.light import light_of
from ringroad.simulate.mcap_file import RecordingFile, image_message
from ringroad.simulate.scene import Scene
from ringroad.simulate.town import Town, add_lights, add_signs, build_town
from ringroad.simulate.traffic import Traffic, advance, build_traffic
from ringroad.simulate.truth import Thing, box_rows, lane_rows, lanes_table, truth_table

CAMERA_TOPIC = "/camera/front"
JPEG_QUALITY = 90
PATH_S = 4.0
"""How far ahead in time the path reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSpec:
    """Everything a synthetic recording follows from."""

    name: str
    """Stem of its file."""
    vehicle: str
    condition: str
    """`day`, `dusk` or `night`."""
    seed: int
    duration_s: float
    rate_hz: float
    start_ns: int
    width: int = 640
    height: int = 384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedRecording:
    """What comes out.

    Attributes:
        mcap: the file a vehicle would bring home.
        truth: rows of `schemas.ANNOTATIONS`, for the labelling oracle and scoring only.
        lanes: rows of `truth.LANES_SCHEMA`.
    """

    mcap: bytes
    truth: pa.Table
    lanes: pa.Table


def simulate_recording(spec: RecordingSpec) -> SimulatedRecording:
    """Drive and record. Equal specifications give equal bytes. Raises UnknownName."""
    light = light_of(spec.condition)
    town = build_town(spec.seed, length_m=90.0 + 14.0 * spec.duration_s)
    traffic = build_traffic(town, spec.seed)
    rng = np.random.Generator(np.random.PCG64([spec.seed, 4]))
    grain = rng.standard_normal(GRAIN).astype(np.float32)
    crossings = np.array([crossing.x for crossing in town.crossings])
    motion = _drive(traffic, spec.duration_s + PATH_S)
    # The same drive again, stopping at every frame.
    traffic = build_traffic(town, spec.seed)
    messages = sensors.sensor_messages(
        [now for now in motion if now.time_s < spec.duration_s - 1e-9],
        start_ns=spec.start_ns,
        seed=spec.seed,
    )
    boxes: list[tuple[object, ...]] = []
    lines: list[tuple[str, str, int, list[float]]] = []
    for number in range(round(spec.duration_s * spec.rate_hz)):
        time_s = number / spec.rate_hz
        advance(traffic, time_s)
        frame = _frame_id(spec, number)
        scene, things = _scene(town, traffic)
        camera = front_camera(
            traffic.ego.x, traffic.ego.y, 0.0, width=spec.width, height=spec.height
        )
        shot = take(
            camera, scene, crossings, light, grain, number=number, instances=max(things) + 1
        )
        jpeg = simplejpeg.encode_jpeg(shot.picture, quality=JPEG_QUALITY, colorsubsampling="420")
        time_ns = spec.start_ns + from_seconds(time_s)
        messages.append((time_ns, CAMERA_TOPIC, image_message(time_ns, jpeg)))
        boxes += box_rows(frame, shot, things)
        lines += lane_rows(frame, camera, _path(motion, time_s))
    return SimulatedRecording(
        mcap=_file(messages), truth=truth_table(boxes), lanes=lanes_table(lines)
    )


def _drive(traffic: Traffic, duration_s: float) -> list[sensors.Motion]:
    """Where the vehicle is at each tick of its slower sensors."""
    found = []
    for number in range(round(duration_s * sensors.MOTION_HZ)):
        time_s = number / sensors.MOTION_HZ
        advance(traffic, time_s)
        ego = traffic.ego
        found.append(
            sensors.Motion(
                time_s=time_s,
                x=ego.x,
                y=ego.y,
                speed=ego.speed,
                acceleration=ego.accelerates,
                braking=ego.braking,
            )
        )
    return found


def _scene(town: Town, traffic: Traffic) -> tuple[np.ndarray, dict[int, Thing]]:
    """All boxes of one moment, and what the instances among them are."""
    scene = Scene()
    states = add_lights(scene, town, traffic.time_s, 1)
    things = {instance: Thing(category="light", light_state=s) for instance, s in states.items()}
    first = len(states) + 1
    after = add_signs(scene, town, first)
    things |= {instance: Thing(category="sign") for instance in range(first, after)}
    movers = add_traffic(scene, traffic, after)
    things |= {instance: Thing(category=name) for instance, name in movers.items()}
    return np.concatenate([town.still, scene.array()]), things


def _path(motion: list[sensors.Motion], time_s: float) -> np.ndarray:
    """(n, 2) x, y of the vehicle over the next seconds."""
    ahead = [(now.x, now.y) for now in motion if time_s <= now.time_s <= time_s + PATH_S]
    return np.array(ahead, np.float64).reshape(-1, 2)


def _frame_id(spec: RecordingSpec, number: int) -> FrameId:
    recording = recording_id(vehicle_id(spec.vehicle), f"{spec.name}.mcap")
    return frame_id(recording, CAMERA_TOPIC, number)


def _file(messages: list[tuple[int, str, bytes]]) -> bytes:
    file = RecordingFile()
    for topic, kind in (
        (CAMERA_TOPIC, IMAGE),
        (sensors.IMU_TOPIC, IMU),
        (sensors.GNSS_TOPIC, GNSS),
        (sensors.MOTION_TOPIC, MOTION),
        (sensors.CAN_TOPIC, CAN),
    ):
        file.channel(topic, kind)
    for time_ns, topic, body in sorted(messages, key=lambda item: (item[0], item[1])):
        file.message(topic, time_ns, body)
    return file.finish()
