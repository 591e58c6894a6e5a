"""Tracks of different annotators, and consensus of shapes, attributes, weights and tracks."""

from __future__ import annotations

from ringroad.domain.ids import FrameId
from ringroad.label.consensus import ConsensusRules, settle
from ringroad.label.identity import common_tracks
from ringroad.label.rows import Mark
from ringroad.label.things import things

FRAMES = [FrameId(f"v/drive/camera/{number:06d}") for number in range(6)]


def thing(x: float, track: str = "", **more: str) -> Mark:
    return Mark(category="car", x=x, y=0, w=40, h=40, track=track, attributes=more)


def drive(names: dict[str, list[tuple[str, str]]]) -> dict[FrameId, dict[str, list[Mark]]]:
    """Two cars on six frames, under the names that each annotator gives them."""
    return {
        frame: {
            person: [thing(0, told[at][0]), thing(100, told[at][1])]
            for person, told in names.items()
        }
        for at, frame in enumerate(FRAMES)
    }


def test_names_of_tracks_do_not_matter() -> None:
    looks = drive({"ann": [("1", "2")] * 6, "ben": [("b", "a")] * 6})
    agreed, told = settle(looks)
    assert told == []
    assert {mark.track for mark in agreed[FRAMES[0]]} == {"1", "2"}
    assert all([m.track for m in agreed[f]] == [m.track for m in agreed[FRAMES[0]]] for f in FRAMES)


def test_a_switch_of_identity_is_a_disagreement() -> None:
    swapped = [("a", "b")] * 4 + [("b", "a")] * 2
    looks = drive({"ann": [("1", "2")] * 6, "ben": swapped, "cyd": [("x", "y")] * 6})
    agreed, told = settle(looks)
    assert [(item.kind, item.frame) for item in told] == [
        ("track", f) for f in FRAMES[4:] for _ in "ab"
    ]
    assert {item.decided for item in told} == {"1", "2"}
    assert all([m.track for m in agreed[f]] == ["1", "2"] for f in FRAMES)


def test_a_track_cut_in_two_keeps_its_name_for_the_longer_part() -> None:
    looks = drive({"ann": [("1", "2")] * 6, "ben": [("a", "c")] * 4 + [("b", "c")] * 2})
    found = {f: things(by_author, min_iou=0.5) for f, by_author in looks.items()}
    names = common_tracks(found)
    recording = "v/drive/camera"
    assert names[recording, "ben", "a"] == names[recording, "ann", "1"]
    assert names[recording, "ben", "b"] not in {"1", "2"}


def test_tracks_do_not_reach_beyond_a_recording() -> None:
    other = FrameId("v/other/camera/000000")
    looks = drive({"ann": [("1", "2")] * 6, "ben": [("1", "2")] * 6})
    looks[other] = {"ann": [thing(0, "1")], "ben": [thing(0, "9")]}
    agreed, told = settle(looks)
    assert told == []
    assert agreed[other][0].track == "1"


def test_attributes_go_by_votes_of_those_who_gave_them() -> None:
    looks = {
        FRAMES[0]: {
            "ann": [thing(0, occluded="no", colour="red")],
            "ben": [thing(0, occluded="yes")],
            "cyd": [thing(0, occluded="yes")],
        }
    }
    agreed, told = settle(looks)
    assert agreed[FRAMES[0]][0].attributes == {"occluded": "yes", "colour": "red"}
    assert [(item.kind, item.by) for item in told] == [("attribute occluded", "majority")]


def test_a_vote_may_weigh_more() -> None:
    looks = {FRAMES[0]: {"ann": [thing(0, kind="a")], "ben": [thing(0, kind="b")],
                         "cyd": [thing(0, kind="b")]}}  # fmt: skip
    agreed, _ = settle(looks, rules=ConsensusRules(weights={"ann": 5.0}))
    assert agreed[FRAMES[0]][0].attributes == {"kind": "a"}
    alone = {FRAMES[0]: {"ann": [thing(0)], "ben": [], "cyd": []}}
    kept, _ = settle(alone, rules=ConsensusRules(keep_side_px=1e9, weights={"ann": 5.0}))
    assert len(kept[FRAMES[0]]) == 1
    dropped, _ = settle(alone, rules=ConsensusRules(keep_side_px=1e9))
    assert dropped[FRAMES[0]] == []


def test_lanes_agree_by_distance() -> None:
    def lane(x: float) -> Mark:
        return Mark(category="lane", x=x, y=0, w=0, h=300, shape="polyline",
                    points=(x, 0.0, x, 300.0))  # fmt: skip

    looks = {FRAMES[0]: {"ann": [lane(100), lane(200)], "ben": [lane(106), lane(230)]}}
    agreed, told = settle(looks, rules=ConsensusRules(max_distance=12, keep_side_px=1.0))
    assert [round(mark.points[0]) for mark in agreed[FRAMES[0]]] == [103]
    assert [item.kind for item in told] == ["existence", "existence"]
