"""Reads the annotation tables of nuScenes: cuboids, brought into the vehicle's coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from ringroad.domain.annotation import CUBOID, VEHICLE
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.label.geometry import matrix_of, product, reverse

NEEDED = ("category", "instance", "sample_data", "ego_pose", "sample_annotation")
PREFERRED = ("LIDAR_TOP", "CAM_FRONT")
"""Whose frame carries the annotations of a sample, where it is at hand; else the first."""
COUNTS = ("num_lidar_pts", "num_radar_pts")
VISIBILITY = "visibility"
Pose = tuple[np.ndarray, list[float]]
"""Where the vehicle stood: metres, and the turn as a quaternion."""


def read_nuscenes(files: LabelFiles, intake: Intake) -> None:
    """Each sample whose key frames are at hand was looked at.

    An instance is a track; attributes split at their first dot. Raises InvalidAnnotations.
    """
    _Tables(files, intake).read()


class _Tables:
    """What is kept of the tables: names, and the samples whose pictures are here."""

    def __init__(self, files: LabelFiles, intake: Intake) -> None:
        self.files, self.intake = files, intake
        self.paths = {
            PurePosixPath(name).stem: name for name in files.names() if name.endswith(".json")
        }
        self.pictures: dict[str, tuple[int, int, str]] = {}
        """Sample -> rank, row, token of the pose of its best key frame."""
        self.poses: dict[str, Pose] = {}

    def read(self) -> None:
        if missing := [name for name in NEEDED if name not in self.paths]:
            raise InvalidAnnotations(
                f"not nuScenes: no table {', '.join(missing)}",
                subject=self.files.title,
                remedy="name the folder of the tables, such as v1.0-mini",
            )
        categories = {token: str(row.get("name")) for token, row in self._by_token("category")}
        instances = {
            token: categories.get(str(row.get("category_token")), "")
            for token, row in self._by_token("instance")
        }
        attributes = {token: str(row.get("name")) for token, row in self._by_token("attribute")}
        levels = {token: str(row.get("level")) for token, row in self._by_token("visibility")}
        self._key_frames()
        self._poses()
        for number, row in enumerate(self._rows("sample_annotation")):
            self._annotation(row, f"sample_annotation[{number}]", instances, attributes, levels)

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        if table not in self.paths:
            return
        name = self.paths[table]
        with self.files.open(name) as file:
            stream = JsonStream(file, subject=self.files.subject(name))
            for number, row in enumerate(stream.items()):
                if isinstance(row, dict):
                    yield row
                else:
                    self.intake.refuse(
                        "not-an-object", f"{table}[{number}]", "a row should stand here"
                    )
            stream.end()

    def _by_token(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((str(row.get("token")), row) for row in self._rows(table))

    def _key_frames(self) -> None:
        sensors = {token: str(row.get("channel")) for token, row in self._by_token("sensor")}
        channels = {
            token: sensors.get(str(row.get("sensor_token")), "")
            for token, row in self._by_token("calibrated_sensor")
        }
        for row in self._rows("sample_data"):
            if not row.get("is_key_frame"):
                continue
            at = self.intake.pictures.find(
                *[str(row[key]) for key in ("frame_id", "filename") if row.get(key)]
            )
            if at == UNKNOWN:
                continue
            channel = channels.get(str(row.get("calibrated_sensor_token")), "")
            rank = PREFERRED.index(channel) if channel in PREFERRED else len(PREFERRED)
            sample, pose = str(row.get("sample_token")), str(row.get("ego_pose_token"))
            known = self.pictures.get(sample)
            if known is None or (rank, at) < known[:2]:
                self.pictures[sample] = (rank, at, pose)

    def _poses(self) -> None:
        wanted = {pose for _, _, pose in self.pictures.values()}
        for token, row in self._by_token("ego_pose"):
            if token in wanted:
                self.poses[token] = (
                    np.array(row["translation"], np.float64),
                    [float(value) for value in row["rotation"]],
                )
        for sample, (_, at, _) in self.pictures.items():
            self.intake.look(at, place=f"sample {sample}")

    def _annotation(
        self,
        row: Mapping[str, Any],
        place: str,
        instances: Mapping[str, str],
        attributes: Mapping[str, str],
        levels: Mapping[str, str],
    ) -> None:
        sample = str(row.get("sample_token"))
        if sample not in self.pictures:
            self.intake.losses.add(
                "annotations of samples that are not here", "none of their key frames was ingested",
                examples=[place],
            )  # fmt: skip
            return
        _, at, pose = self.pictures[sample]
        place = f"{place}, token {row.get('token')!r}"
        category = instances.get(str(row.get("instance_token")), "")
        if not category or pose not in self.poses:
            what = "its instance has no category" if not category else "its sample has no pose"
            self.intake.refuse(
                "unknown-category" if not category else "no-pose", place, what, "", at
            )
            return
        try:
            points = _in_vehicle(row, self.poses[pose])
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
            self.intake.refuse("no-shape", place, f"it is no cuboid: {error}", "", at)
            return
        drawn = Drawn(category=category, shape=CUBOID, space=VEHICLE, points=points)
        drawn.attributes = _attributes(row, attributes, levels)
        token, track = str(row.get("token") or ""), str(row.get("instance_token"))
        drawn.id = token
        drawn.track = "" if track == token else track
        self.intake.add(at, drawn, token, place)


def _in_vehicle(row: Mapping[str, Any], pose: Pose) -> list[float]:
    """Middle, length, width, height and turn of a cuboid, as the vehicle sees it."""
    place, turn = pose
    width, length, height = (float(value) for value in row["size"])
    own = [float(value) for value in row["rotation"]]
    back = reverse(turn)
    middle = np.array([float(value) for value in row["translation"]]) - place
    at = matrix_of(back) @ middle if turn != [1.0, 0.0, 0.0, 0.0] else middle
    turned = product(back, own) if turn != [1.0, 0.0, 0.0, 0.0] else own
    return [*(float(value) for value in at), length, width, height, *turned]


def _attributes(
    row: Mapping[str, Any], names: Mapping[str, str], levels: Mapping[str, str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for token in row.get("attribute_tokens") or ():
        key, dot, value = names.get(str(token), str(token)).partition(".")
        found[key] = value if dot else "true"
    token = str(row.get("visibility_token") or "")
    if token:
        found[VISIBILITY] = levels.get(token, token)
    for key in COUNTS:
        if isinstance(row.get(key), int) and row[key] >= 0:
            found[key] = str(row[key])
    return found


def is_nuscenes(files: LabelFiles) -> bool:
    """A folder with the tables."""
    stems = {PurePosixPath(name).stem for name in files.names() if name.endswith(".json")}
    return set(NEEDED) <= stems
