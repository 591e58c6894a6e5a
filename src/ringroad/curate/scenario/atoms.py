"""All atoms by name: what each says, whom it is about, and in which unit its value is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ringroad.curate.scenario import of_meeting, of_motion, of_place, of_vehicle
from ringroad.curate.scenario.intervals import Intervals
from ringroad.curate.scenario.scene import Ego, Tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """Something that holds at some times and not at others.

    The names follow RefAV's atomic functions where these say the same (C. Davidson et al.,
    arXiv 2505.20981).
    """

    name: str
    unit: str
    """Of the value that stands for a stretch: the strongest in it."""
    of_vehicle: Callable[[Ego], Intervals] | None = None
    of_tracks: Callable[[Tracks], Intervals] | None = None

    @property
    def tracked(self) -> bool:
        """Whether it is about tracks."""
        return self.of_tracks is not None

    @property
    def says(self) -> str:
        """In one sentence."""
        return ((self.of_vehicle or self.of_tracks).__doc__ or "").partition("\n")[0]


SEEN = "seen"

_VEHICLE: Mapping[str, tuple[Callable[[Ego], Intervals], str]] = {
    "stopped": (of_vehicle.stopped, ""),
    "moving": (of_vehicle.moving, "m/s"),
    "slow": (of_vehicle.slow, "m/s"),
    "fast": (of_vehicle.fast, "m/s"),
    "reversing": (of_vehicle.reversing, "m/s"),
    "accelerating": (of_vehicle.accelerating, "m/s2"),
    "hard-accelerating": (of_vehicle.hard_accelerating, "m/s2"),
    "braking": (of_vehicle.braking, "m/s2"),
    "hard-braking": (of_vehicle.hard_braking, "m/s2"),
    "cruising": (of_vehicle.cruising, "m/s"),
    "turning-left": (of_vehicle.turning_left, "rad"),
    "turning-right": (of_vehicle.turning_right, "rad"),
    "turning-round": (of_vehicle.u_turn, "rad"),
    "cornering-hard": (of_vehicle.cornering_hard, "m/s2"),
}
_TRACKS: Mapping[str, tuple[Callable[[Tracks], Intervals], str]] = {
    SEEN: (of_place.seen, ""),
    "ahead": (of_place.ahead, "m"),
    "behind": (of_place.behind, "m"),
    "on-left": (of_place.on_left, "m"),
    "on-right": (of_place.on_right, "m"),
    "close": (of_place.close, "m"),
    "in-ego-lane": (of_place.in_ego_lane, "m"),
    "in-left-lane": (of_place.in_left_lane, "m"),
    "in-right-lane": (of_place.in_right_lane, "m"),
    "alongside": (of_place.alongside, "m"),
    "occluded": (of_place.occluded, ""),
    "visible": (of_place.visible, ""),
    "appearing": (of_place.appearing, "m"),
    "disappearing": (of_place.disappearing, "m"),
    "stationary": (of_motion.stationary, ""),
    "driving": (of_motion.driving, "m/s"),
    "oncoming": (of_motion.oncoming, "m/s"),
    "same-direction": (of_motion.same_direction, "m/s"),
    "crossing-direction": (of_motion.crossing_direction, "m/s"),
    "approaching": (of_motion.approaching, "m/s"),
    "receding": (of_motion.receding, "m/s"),
    "leading": (of_motion.leading, "m"),
    "following": (of_motion.following, "s"),
    "tailgating-us": (of_motion.tailgating_us, "s"),
    "closing-in": (of_motion.closing_in, "s"),
    "leader-brakes": (of_motion.leader_brakes, "m/s2"),
    "track-brakes": (of_motion.braking_track, "m/s2"),
    "parked": (of_motion.parked, ""),
    "blocking": (of_motion.blocking, "m"),
    "close-pass": (of_motion.close_pass, "m"),
    "crowd": (of_motion.crowd, ""),
    "dense-traffic": (of_motion.dense_traffic, ""),
    "cut-in": (of_meeting.cut_in, "m"),
    "cut-out": (of_meeting.cut_out, "m"),
    "crossing-ego-path": (of_meeting.crossing_path, "m"),
    "crossing-left-to-right": (of_meeting.crossing_left_to_right, "m"),
    "crossing-right-to-left": (of_meeting.crossing_right_to_left, "m"),
    "overtaken": (of_meeting.overtaken, "m"),
    "overtaking-us": (of_meeting.overtaking_us, "m"),
}
ATOMS: Mapping[str, Atom] = {
    **{
        name: Atom(name=name, unit=unit, of_vehicle=find) for name, (find, unit) in _VEHICLE.items()
    },
    **{name: Atom(name=name, unit=unit, of_tracks=find) for name, (find, unit) in _TRACKS.items()},
}
"""By name."""
