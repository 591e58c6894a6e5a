"""What a CAMPAIGN.toml may say. Frozen, checked at the door, unknown keys are errors."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ringroad.domain.config import build, parse_toml
from ringroad.ingest.campaigns.cells import is_cell
from ringroad.ingest.events.found import KINDS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
CONDITIONS = ("day", "dusk", "night")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A place with a radius."""

    latitude: float
    longitude: float
    radius_m: float

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise ValueError(f"no place on earth: {self.latitude}, {self.longitude} degrees")
        if not 0 < self.radius_m < math.inf:
            raise ValueError(f"radius_m is more than 0, not {self.radius_m!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Fires where everything holds that it asks for; what it does not name it does not ask for.

    Events and uncertainty are moments. A trigger without either fires as long as place, hours
    and condition hold.
    """

    name: str
    events: tuple[str, ...] = ()
    """Any of these; see `ringroad recordings events`."""
    at_least: float = 0.0
    """Of the event's strongest value, in the unit of its kind ..."""
    at_most: float = math.inf
    """... and at most, for what gets worse as it shrinks: the seconds of a near miss."""
    uncertainty_over: float = math.inf
    """Of the network's uncertainty about a frame, in nats; infinity asks for none."""
    places: tuple[Circle, ...] = ()
    """In any of these circles, or ..."""
    cells: tuple[str, ...] = ()
    """... in any of these H3 cells, of any resolution."""
    hours: tuple[str, ...] = ()
    """Times of day, `22:00-05:00`, at the campaign's offset from UTC."""
    conditions: tuple[str, ...] = ()
    """Day, dusk or night as the last frame showed it."""

    def __post_init__(self) -> None:
        _named(self.name)
        _known(self.events, KINDS, "event")
        _known(self.conditions, CONDITIONS, "condition")
        for cell in self.cells:
            if not is_cell(cell):
                raise ValueError(f"trigger {self.name!r}: {cell!r} is no H3 cell")
        for span in self.hours:
            if not HOURS.fullmatch(span):
                raise ValueError(f"trigger {self.name!r}: hours are like 22:00-05:00, not {span!r}")
        if not (self.momentary or self.placed or self.hours or self.conditions):
            raise ValueError(f"trigger {self.name!r} asks for nothing, so it would always fire")
        if not self.events and (self.at_least > 0 or self.at_most < math.inf):
            raise ValueError(f"trigger {self.name!r} limits a value but names no events")

    @property
    def momentary(self) -> bool:
        """Whether it fires at moments, and not all the time that something holds."""
        return bool(self.events) or self.uncertainty_over < math.inf

    @property
    def placed(self) -> bool:
        """Whether it asks where the vehicle is."""
        return bool(self.places or self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Events the campaign is after; a replay says how many of them it would have kept whole."""

    events: tuple[str, ...]
    at_least: float = 0.0
    at_most: float = math.inf

    def __post_init__(self) -> None:
        _known(self.events, KINDS, "event")
        if not self.events:
            raise ValueError("[[wanted]] names no events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What each vehicle may keep; infinity is no limit. Days are those of the campaign's offset.

    Gigabytes are 10^9 bytes, counted at the recording's mean rate.
    """

    hours_per_day: float = math.inf
    gigabytes_per_day: float = math.inf
    hours: float = math.inf
    gigabytes: float = math.inf

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) >= 0:
                raise ValueError(f"[quota] {name} is 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A declared set of triggers, and what is kept around each."""

    name: str
    triggers: tuple[Trigger, ...]
    wanted: tuple[Wanted, ...] = ()
    quota: Quota = field(default_factory=Quota)
    priority: int = 0
    """Where campaigns run together, bytes that several want count for the highest."""
    pre_roll_s: float = 5.0
    post_roll_s: float = 5.0
    buffer_s: float = 60.0
    """What the vehicle holds before it is decided: no capture reaches farther back."""
    utc_offset_h: float = 0.0
    """Of `hours` and of the quota's days; no daylight saving."""

    def __post_init__(self) -> None:
        _named(self.name)
        if not self.triggers:
            raise ValueError("a campaign has at least one [[triggers]]")
        names = [trigger.name for trigger in self.triggers]
        if len(set(names)) != len(names):
            raise ValueError("two triggers have one name")
        for name in ("pre_roll_s", "post_roll_s", "buffer_s"):
            if not 0 <= getattr(self, name) <= 86_400:
                raise ValueError(f"{name} lies between 0 and 86400 seconds")
        if self.pre_roll_s > self.buffer_s:
            raise ValueError("pre_roll_s is at most buffer_s: the vehicle holds no more")
        if not -14 <= self.utc_offset_h <= 14:
            raise ValueError("utc_offset_h lies between -14 and 14")


def parse_campaign(text: str, *, subject: str) -> Campaign:
    """Read the text of a CAMPAIGN.toml.

    Raises:
        InvalidConfig: it is not TOML, or breaks a rule; names the place.
    """
    remedy = "see docs/campaigns.md for one that works"
    return build(Campaign, parse_toml(text, subject=subject, remedy=remedy), subject=subject)


def _named(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"a name is letters, digits, dots and dashes, not {name!r}")


def _known(names: Sequence[str], known: Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"no {what} is called {name!r}; known: {', '.join(known)}")
