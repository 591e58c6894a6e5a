"""From which value on something counts as an event, and where that value comes from."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ringroad.media.motion import G


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLimits:
    """Limits of all ego events, in SI units.

    Every event has two limits: it lasts while its value is over the lower one, and it counts
    where the upper one is reached. Values without a source are our own choice.
    """

    gap_s: float = 2.5
    """Signals with a longer gap are two pieces; nothing is found across it."""

    brake_mps2: float = 0.4 * G
    """Teenage naturalistic driving counts hard stops from 0.45 g (Simons-Morton et al., American
    Journal of Epidemiology 175, 2012), the 100-Car study from 0.6 g (Dingus et al., DOT HS
    810 593, 2006), both on peaks of an accelerometer. Here the mean over half a second is
    compared, which flattens a peak, hence a little less."""
    accelerate_mps2: float = 0.35 * G
    """Rapid starts of Simons-Morton et al. 2012."""
    longitudinal_end: float = 0.5
    """Hard braking and acceleration last while half of the limit is exceeded ..."""
    longitudinal_s: float = 0.3
    """... and at least this long."""

    standing_mps: float = 0.2
    """Under every noise of a wheel sensor at rest; many report nothing below 0.3 m/s."""
    rolling_mps: float = 0.5
    standstill_s: float = 2.0
    driving_mps: float = 2.0
    """A stop begins, and a start ends, at this speed."""

    speeding_mps: float = 130 / 3.6
    """Advisory speed of German motorways; set the limit of your own roads."""
    speeding_end_mps: float = 1.0
    """So far below the limit speeding ends."""
    speeding_s: float = 2.0

    turn_rate: float = 0.10
    """Rad/s that a turn reaches; a car at 6 m/s turns 15 m of radius at 0.4."""
    turn_rate_end: float = 0.04
    turn_rad: float = 0.87
    """50 degrees: crossings are seldom sharper to the road than that."""
    turn_radius_m: float = 45.0
    """Wider than this is a bend of the road."""
    turn_pause_m: float = 10.0
    """A turn goes on after a pause, to let people cross, that covers no more than this."""
    u_turn_rad: float = 2.6
    """150 degrees."""
    u_turn_radius_m: float = 20.0

    lane_lobe_rate: float = 0.008
    """Rad/s of each half of a lane change, over what the road itself turns."""
    lane_lobe_end: float = 0.003
    lane_road_s: float = 14.0
    """What the road turns is the mean over this time."""
    lane_from_m: float = 2.2
    lane_to_m: float = 5.5
    """Lanes are 2.75 to 3.75 m wide; drivers do not keep to the middle."""
    lane_from_s: float = 2.0
    lane_to_s: float = 11.0
    """Naturalistic lane changes take 1 to 13 s, 6 on average (Toledo and Zohar, Transportation
    Research Record 1999, 2007)."""
    lane_speed_mps: float = 7.0
    """Slower, a manoeuvre around something looks the same."""
    lane_balance: float = 2.5
    """The halves' heading changes differ by no more than this factor."""

    lateral_mps2: float = 0.5 * G
    """Hard turns of Simons-Morton et al. 2012."""
    lateral_end: float = 0.6
    lateral_s: float = 0.2
    steering_rate: float = 4.0
    """Rad/s of the steering wheel, 230 degrees a second ..."""
    steering_speed_mps: float = 8.0
    """... above this speed; slower, a crossing needs it."""

    bump_mps2: float = 0.4 * G
    """A plain threshold on vertical acceleration, as Mednis et al. use it to find potholes
    (MobiSensor, 2011)."""
    bump_join_s: float = 0.5
    bump_speed_mps: float = 2.0

    ttc_s: float = 1.5
    """Time to collision that tells serious encounters from others (van der Horst and Hogema,
    6th ICTCT workshop, 1993)."""
    ttc_end_s: float = 2.5
    closing_mps: float = 0.5
    """Slower approaches have no meaningful time to collision."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not 0 < value < float("inf"):
                raise ValueError(f"{item.name} is a positive number, not {value!r}")
        lower_first = (
            ("standing_mps", "rolling_mps"),
            ("rolling_mps", "driving_mps"),
            ("turn_rate_end", "turn_rate"),
            ("lane_lobe_end", "lane_lobe_rate"),
            ("lane_from_m", "lane_to_m"),
            ("lane_from_s", "lane_to_s"),
            ("ttc_s", "ttc_end_s"),
        )
        for low, high in lower_first:
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} is at most {high}")
