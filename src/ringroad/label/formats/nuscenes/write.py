"""Writes the tables of nuScenes: cuboids in the vehicle's coordinates, one sample per frame."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ringroad.domain.ids import FrameId, RecordingId, frame_parts
from ringroad.label.formats.craft.text import records
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.nuscenes.read import COUNTS, VISIBILITY
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

LEVELS = ("v0-40", "v40-60", "v60-80", "v80-100")
LISTS = ("sample", "sample_data", "ego_pose", "sample_annotation")
"""Tables that grow with each part."""
MICROSECONDS = 100_000
"""Between frames of a channel: their times do not travel, their order does."""


class NuScenesWriter:
    """Tokens of annotations and instances are our ids; others are hashes of ids.

    Where the vehicle stood is not known to annotations: it stands at the origin, unturned, and the
    global coordinates of the tables are those of the vehicle.
    """

    def __init__(self, out: Outgoing) -> None:
        self._out = out
        frames = [frame_parts(FrameId(name)) for name in out.pictures["frame_id"].to_pylist()]
        self._frames = frames
        self._beside = _neighbours(frames)
        self._before, self._after, self._instances = _chains(out)

    def begin(self, sink: Sink) -> None:
        """Tables that frames and annotations refer to."""
        out = self._out
        recordings = sorted({recording for recording, _, _ in self._frames})
        channels = sorted({(recording, channel) for recording, channel, _ in self._frames})
        tables: dict[str, list[dict[str, Any]]] = {
            "category": [{"token": token("category", name), "name": name, "description": "",
                          "index": n} for n, name in enumerate(out.categories)],
            "attribute": [{"token": token("attribute", name), "name": name, "description": ""}
                          for name in _attribute_names(out)],
            "visibility": [{"token": str(n), "level": level, "description": ""}
                           for n, level in enumerate(LEVELS, start=1)],
            "instance": self._instances,
            "log": [{"token": token("log", name), "logfile": name, "date_captured": "",
                     "location": "", "vehicle": name.partition("/")[0]} for name in recordings],
            "map": [{"token": token("map", ""), "category": "semantic_prior", "filename": "",
                     "log_tokens": [token("log", name) for name in recordings]}],
            "scene": [self._scene(name) for name in recordings],
            "sensor": [{"token": token("sensor", channel), "channel": channel,
                        "modality": _modality(channel)}
                       for channel in sorted({channel for _, channel in channels})],
            "calibrated_sensor": [
                {"token": token("calibrated", *pair), "sensor_token": token("sensor", pair[1]),
                 "translation": [0.0, 0.0, 0.0], "rotation": [1.0, 0.0, 0.0, 0.0],
                 "camera_intrinsic": []} for pair in channels
            ],
        }  # fmt: skip
        for name, rows in tables.items():
            sink.put(b"[\n" + records(rows, first=True) + b"\n]\n", f"{name}.json")
        for name in LISTS:
            sink.append(b"[\n", f"{name}.json")

    def part(self, part: Part, sink: Sink) -> None:
        """Samples, key frames, poses and annotations."""
        first = part.first_picture == 0
        tables: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
        for place, picture in enumerate(part.pictures.to_pylist(), part.first_picture):
            for name, row in self._key_frame(place, picture).items():
                tables[name].append(row)
        frames = self._out.pictures["frame_id"]
        for number, (at, item) in enumerate(part.drawn(), part.first_row):
            tables["sample_annotation"].append(self._annotation(number, frames[at].as_py(), item))
        for name, rows in tables.items():
            begun = not first if name != "sample_annotation" else part.first_row > 0
            if rows:
                sink.append(records(rows, first=not begun), f"{name}.json")

    def end(self, sink: Sink) -> None:
        """Close the lists."""
        for name in LISTS:
            sink.append(b"\n]\n", f"{name}.json")

    def _key_frame(self, place: int, picture: dict[str, Any]) -> dict[str, dict[str, Any]]:
        frame = picture["frame_id"]
        recording, channel, number = self._frames[place]
        before, after = self._beside[place]
        time = number * MICROSECONDS
        return {
            "sample": {
                "token": token("sample", frame), "timestamp": time,
                "scene_token": token("scene", recording),
                "prev": token("sample", before) if before else "",
                "next": token("sample", after) if after else "",
            },
            "sample_data": {
                "token": token("data", frame), "sample_token": token("sample", frame),
                "ego_pose_token": token("pose", frame),
                "calibrated_sensor_token": token("calibrated", recording, channel),
                "timestamp": time, "fileformat": picture["name"].rpartition(".")[2],
                "is_key_frame": True, "height": picture["height"], "width": picture["width"],
                "filename": picture["name"], "frame_id": frame,
                "prev": token("data", before) if before else "",
                "next": token("data", after) if after else "",
            },
            "ego_pose": {
                "token": token("pose", frame), "timestamp": time,
                "rotation": [1.0, 0.0, 0.0, 0.0], "translation": [0.0, 0.0, 0.0],
            },
        }  # fmt: skip

    def _annotation(self, number: int, frame: str, item: Drawn) -> dict[str, Any]:
        x, y, z, length, width, height, *turn = item.points
        own = dict(item.attributes)
        level = own.pop(VISIBILITY, "")
        counts = {key: int(own.pop(key, "-1")) for key in COUNTS}
        return {
            "token": item.id,
            "sample_token": token("sample", frame),
            "instance_token": item.track or item.id,
            "visibility_token": str(LEVELS.index(level) + 1) if level in LEVELS else level,
            "attribute_tokens": [
                token("attribute", f"{key}.{value}") for key, value in sorted(own.items())
            ],
            "translation": [x, y, z],
            "size": [width, length, height],
            "rotation": turn,
            "prev": self._before[number],
            "next": self._after[number],
            **counts,
        }

    def _scene(self, recording: RecordingId) -> dict[str, Any]:
        own = [place for place, frame in enumerate(self._frames) if frame[0] == recording]
        names = self._out.pictures["frame_id"]
        ends = [names[place].as_py() for place in (own[0], own[-1])]
        return {
            "token": token("scene", recording), "name": recording, "description": "",
            "log_token": token("log", recording), "nbr_samples": len(own),
            "first_sample_token": token("sample", ends[0]),
            "last_sample_token": token("sample", ends[1]),
        }  # fmt: skip


def token(*names: str) -> str:
    """32 hexadecimal digits, as nuScenes has them."""
    return hashlib.sha256("\x00".join(names).encode()).hexdigest()[:32]


def _modality(channel: str) -> str:
    kind = channel.partition("_")[0].lower()
    return kind if kind in {"lidar", "radar"} else "camera"


def _neighbours(frames: list[tuple[RecordingId, str, int]]) -> list[tuple[str, str]]:
    """The frame before and after each one in its channel; empty where there is none."""
    order = sorted(range(len(frames)), key=lambda place: frames[place])
    found = [("", "")] * len(frames)
    names = [f"{recording}/{channel}/{number:06d}" for recording, channel, number in frames]
    for step, place in enumerate(order):
        before = order[step - 1] if step else None
        after = order[step + 1] if step + 1 < len(order) else None
        found[place] = (
            names[before] if before is not None and frames[before][:2] == frames[place][:2] else "",
            names[after] if after is not None and frames[after][:2] == frames[place][:2] else "",
        )
    return found


def _chains(out: Outgoing) -> tuple[list[str], list[str], list[dict[str, Any]]]:
    """The annotation before and after each one in its track, and the table of instances."""
    known = out.taken(["track_id", "annotation_id", "category"])
    ids = known["annotation_id"].to_pylist()
    tracks = [track or own for track, own in zip(known["track_id"].to_pylist(), ids, strict=True)]
    categories = known["category"].to_pylist()
    before, after = [""] * len(ids), [""] * len(ids)
    last: dict[str, int] = {}
    instances: dict[str, dict[str, Any]] = {}
    for row in np.argsort(out.at, kind="stable").tolist():
        track = tracks[row]
        if track in last:
            before[row], after[last[track]] = ids[last[track]], ids[row]
        last[track] = row
        found = instances.setdefault(
            track,
            {"token": track, "category_token": token("category", categories[row]),
             "nbr_annotations": 0, "first_annotation_token": ids[row]},
        )  # fmt: skip
        found["nbr_annotations"] += 1
        found["last_annotation_token"] = ids[row]
    return before, after, list(instances.values())


def _attribute_names(out: Outgoing) -> list[str]:
    found: set[str] = set()
    texts = pc.unique(out.taken(["attributes"])["attributes"]).to_pylist()
    for text in texts:
        own = json_object(text)
        found |= {
            f"{key}.{value}" for key, value in own.items() if key not in {VISIBILITY, *COUNTS}
        }
    return sorted(found)


def json_object(text: str) -> dict[str, str]:
    """Attributes out of their column."""
    found: dict[str, str] = json.loads(text) if text else {}
    return found
