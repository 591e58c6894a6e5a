"""Readings of several files to one of all of them."""

from __future__ import annotations

from dataclasses import replace

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, Calibration
from ringroad.ingest.joined_readings import _joined

POSE = Calibration(
    channel="/camera", parent=VEHICLE, axes=CAMERA_AXES, translation_m=(1.0, 0.0, 1.5),
    rotation=(1.0, 0.0, 0.0, 0.0), origin="/tf_static",
)  # fmt: skip
LENS = replace(
    POSE, parent="", translation_m=(), rotation=(), intrinsics=(500.0, 500.0, 320.0, 192.0),
    distortion_model="plumb_bob", distortion=(0.1,), origin="/camera_info",
)  # fmt: skip


def test_what_a_later_file_leaves_open_an_earlier_one_said():
    (both,) = _joined([[POSE], [LENS], []])
    assert (both.parent, both.translation_m, both.intrinsics) == (
        VEHICLE, POSE.translation_m, LENS.intrinsics,
    )  # fmt: skip
    assert _joined([[LENS], [POSE]])[0].distortion == LENS.distortion
    moved = replace(POSE, translation_m=(2.0, 0.0, 1.5))
    assert _joined([[POSE], [moved]])[0] == moved
