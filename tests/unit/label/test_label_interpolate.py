"""What lies between key frames of a track."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.interpolate import AFTER, OUTSIDE, filled, slerp
from ringroad.label.rows import Mark

FRAMES = [FrameId(f"car/r/cam/{number:06d}") for number in range(9)]
TIMES = list(range(9))


def box(x: float, **values) -> Mark:
    return Mark(**{"category": "car", "x": x, "y": 0.0, "w": 10.0, "h": 5.0, "track": "7"} | values)


def test_boxes_go_straight_at_the_rate_of_time():
    found = filled({FRAMES[0]: box(0.0), FRAMES[4]: box(8.0, w=20.0)}, FRAMES, TIMES)
    assert [found[frame].x for frame in FRAMES[:5]] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert found[FRAMES[2]].w == 15.0
    assert [found[frame].key for frame in FRAMES[:5]] == [True, False, False, False, True]
    assert set(found) == set(FRAMES[:5])
    uneven = filled({FRAMES[0]: box(0.0), FRAMES[2]: box(8.0)}, FRAMES[:3], [0, 1, 8])
    assert uneven[FRAMES[1]].x == 1.0


def test_what_does_not_move_holds_until_the_next_key_frame():
    keys = {
        FRAMES[0]: box(0.0, attributes={"occluded": "no"}, id="a", guideline="g"),
        FRAMES[2]: box(1.0, attributes={"occluded": "yes"}),
        FRAMES[4]: box(2.0),
    }
    found = filled(keys, FRAMES, TIMES)
    assert found[FRAMES[1]].attributes == {"occluded": "no"}
    assert found[FRAMES[3]].attributes == {"occluded": "yes"}
    assert (found[FRAMES[1]].id, found[FRAMES[0]].id) == ("", "a")


def test_nothing_lies_in_a_gap():
    keys = {
        FRAMES[0]: box(0.0),
        FRAMES[2]: box(2.0, attributes={OUTSIDE: AFTER}),
        FRAMES[5]: box(5.0),
        FRAMES[7]: box(7.0),
    }
    found = filled(keys, FRAMES, TIMES)
    assert sorted(found) == [FRAMES[n] for n in (0, 1, 2, 5, 6, 7)]


def test_polygons_of_equal_count_and_lines_are_bounded_again():
    first = box(0.0, shape="polygon", points=(0, 0, 4, 0, 4, 4), w=4.0, h=4.0)
    last = box(8.0, shape="polygon", points=(8, 0, 16, 0, 16, 8), w=8.0, h=8.0)
    middle = filled({FRAMES[0]: first, FRAMES[2]: last}, FRAMES, TIMES)[FRAMES[1]]
    assert middle.points == (4, 0, 10, 0, 10, 6)
    assert (middle.x, middle.y, middle.w, middle.h) == (4, 0, 6, 6)
    other = box(8.0, shape="polygon", points=(8, 0, 16, 0, 16, 8, 8, 8))
    held = filled({FRAMES[0]: first, FRAMES[2]: other}, FRAMES, TIMES)[FRAMES[1]]
    assert held.points == first.points


def test_rotated_boxes_turn_the_shorter_way():
    first = box(0.0, shape="rotated-box", points=(0, 0, 4, 2, math.radians(170)))
    last = box(0.0, shape="rotated-box", points=(2, 0, 4, 2, math.radians(-170)))
    middle = filled({FRAMES[0]: first, FRAMES[2]: last}, FRAMES, TIMES)[FRAMES[1]]
    assert middle.points[4] == pytest.approx(math.pi)
    assert middle.points[0] == 1.0


def test_cuboids_turn_along_the_arc():
    quarter = (math.cos(math.pi / 4), 0.0, 0.0, math.sin(math.pi / 4))
    first = box(0.0, shape="cuboid", space="vehicle", points=(0, 0, 0, 4, 2, 1.5, 1, 0, 0, 0))
    last = box(0.0, shape="cuboid", space="vehicle", points=(9, 3, 0, 4, 2, 1.5, *quarter))
    found = filled({FRAMES[0]: first, FRAMES[3]: last}, FRAMES, TIMES)
    for number in (1, 2):
        points = found[FRAMES[number]].points
        assert points[:2] == pytest.approx((3 * number, number))
        yaw = 2 * math.atan2(points[9], points[6])
        assert yaw == pytest.approx(number / 3 * math.pi / 2)


unit = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01)


@given(unit, unit, st.floats(0, 1))
def test_slerp_stays_on_the_sphere_and_goes_at_even_speed(first, last, share):
    a, b = (np.array(q) / np.linalg.norm(q) for q in (first, last))
    at = np.array(slerp(first, last, share))
    assert np.linalg.norm(at) == pytest.approx(1.0)

    def angle(p, q):
        return 2 * math.acos(min(1.0, abs(float(p @ q))))

    assert angle(a, at) == pytest.approx(share * angle(a, b), abs=2e-3)
    back = np.array(slerp(last, first, 1 - share))
    assert abs(float(back @ at)) == pytest.approx(1.0, abs=1e-6) or angle(a, b) > math.pi - 1e-3


def test_a_track_keeps_its_shape_on_the_way():
    first, last = box(0.0), box(1.0, shape="polyline", points=(0, 0, 1, 1))
    with pytest.raises(InvalidAnnotations, match="goes from box to polyline"):
        filled({FRAMES[0]: first, FRAMES[2]: last}, FRAMES, TIMES)
    masks = [box(0.0, shape="mask", mask=text) for text in ("01", "02")]
    with pytest.raises(InvalidAnnotations, match="masks"):
        filled({FRAMES[0]: masks[0], FRAMES[2]: masks[1]}, FRAMES, TIMES)
    with pytest.raises(InvalidAnnotations, match="not among"):
        filled({FrameId("x/y/z/000001"): first}, FRAMES, TIMES)
