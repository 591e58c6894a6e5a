"""Which rows fire which trigger: masks over batches of moments. Decides nothing about captures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import InputError
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.campaigns.cells import in_cells
from ringroad.ingest.campaigns.declared import HOURS, Campaign, Trigger
from ringroad.media.motion import EARTH_M

PLACE_AGE_NS = 10 * SECOND_NS
"""A place that was told longer ago is not where the vehicle is."""
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Rows of moments with what was last told carried on, as columns of equal length n."""

    time_ns: np.ndarray
    since_ns: np.ndarray
    event: np.ndarray
    value: np.ndarray
    uncertainty: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    condition: np.ndarray
    local_s: np.ndarray
    """Second of the day at the campaign's offset."""


@dataclass(slots=True)
class Memory:
    """What was told last, over the edges of batches."""

    time_ns: int = -(2**63)
    place: tuple[int, float, float] = (-(2**62), math.nan, math.nan)
    condition: str = ""


def batch_of(campaign: Campaign, moments: pa.Table, memory: Memory) -> Batch:
    """Carry on the last place and condition into rows that tell none; the memory moves along.

    Raises:
        InputError: a row is earlier than one before it.
    """
    time_ns = moments["time_ns"].to_numpy()
    if len(time_ns) and (time_ns[0] < memory.time_ns or (np.diff(time_ns) < 0).any()):
        raise InputError("moments come in order of time", remedy="sort them by time_ns")
    latitude = moments["latitude"].to_numpy()
    longitude = moments["longitude"].to_numpy()
    condition = np.array(moments["condition"].to_pylist(), object)
    placed = _last(np.isfinite(latitude) & np.isfinite(longitude))
    told = _last(condition != "")
    when = np.where(placed >= 0, time_ns[placed], memory.place[0])
    fresh = time_ns - when <= PLACE_AGE_NS
    batch = Batch(
        time_ns=time_ns,
        since_ns=moments["since_ns"].to_numpy(),
        event=np.array(moments["event"].to_pylist(), object),
        value=moments["value"].to_numpy(),
        uncertainty=moments["uncertainty"].to_numpy(),
        latitude=np.where(
            fresh, np.where(placed >= 0, latitude[placed], memory.place[1]), math.nan
        ),
        longitude=np.where(
            fresh, np.where(placed >= 0, longitude[placed], memory.place[2]), math.nan
        ),
        condition=np.where(told >= 0, condition[told], memory.condition),
        local_s=(time_ns // SECOND_NS + round(campaign.utc_offset_h * 3600)) % DAY_S,
    )
    if len(time_ns):
        memory.time_ns = int(time_ns[-1])
        memory.condition = str(batch.condition[-1])
        if placed[-1] >= 0:
            at = int(placed[-1])
            memory.place = (int(time_ns[at]), float(latitude[at]), float(longitude[at]))
    return batch


def fires(trigger: Trigger, batch: Batch) -> np.ndarray:
    """(n,) bool, the rows at which everything holds that the trigger asks for."""
    holds = np.ones(len(batch.time_ns), bool)
    if trigger.momentary:
        holds &= _moments(trigger, batch)
    if trigger.conditions:
        holds &= np.logical_or.reduce([batch.condition == name for name in trigger.conditions])
    if trigger.hours:
        holds &= np.logical_or.reduce([_within(span, batch.local_s) for span in trigger.hours])
    if trigger.placed:
        rows = np.flatnonzero(holds & np.isfinite(batch.latitude))
        holds[:] = False
        holds[rows] = _inside(trigger, batch.latitude[rows], batch.longitude[rows])
    return holds


def _moments(trigger: Trigger, batch: Batch) -> np.ndarray:
    """Rows of an event it names, or of an uncertainty over its limit."""
    kinds = pa.array(trigger.events, pa.string())
    named = pc.is_in(pa.array(batch.event, pa.string()), value_set=kinds)
    strong = (batch.value >= trigger.at_least) & (batch.value <= trigger.at_most)
    happened: np.ndarray = named.to_numpy(zero_copy_only=False) & strong
    return happened | (batch.uncertainty > trigger.uncertainty_over)


def _within(span: str, local_s: np.ndarray) -> np.ndarray:
    """Whether a second of the day lies in `22:00-05:00`; the end itself does not."""
    told = HOURS.fullmatch(span)
    assert told is not None, "checked when the campaign was read"  # noqa: S101 (narrows a type)
    numbers = [int(part) for part in told.groups()]
    begin, end = ((numbers[at] * 60 + numbers[at + 1]) * 60 for at in (0, 2))
    after, before = local_s >= begin, local_s < end
    return after & before if begin <= end else after | before


def _inside(trigger: Trigger, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    found = np.zeros(len(latitude), bool)
    north, east = np.radians(latitude), np.radians(longitude)
    for place in trigger.places:
        y, x = math.radians(place.latitude), math.radians(place.longitude)
        half = np.sin((north - y) / 2) ** 2
        half += np.cos(north) * math.cos(y) * np.sin((east - x) / 2) ** 2  # haversine
        found |= 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))) <= place.radius_m
    found |= in_cells(trigger.cells, latitude, longitude)
    return found


def _last(told: np.ndarray) -> np.ndarray:
    """(n,) index of the last true value at or before each row; -1 before the first."""
    found: np.ndarray = np.maximum.accumulate(np.where(told, np.arange(len(told)), -1))
    return found
