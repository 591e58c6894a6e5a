"""Decides what a vehicle keeps. One class, fed on the road and by a replay alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.domain.time import SECOND_NS, from_seconds
from ringroad.ingest.campaigns.asking import DAY_S, Memory, batch_of, fires
from ringroad.ingest.campaigns.declared import Campaign

GIGABYTE = 10**9
HOUR_NS = 3600 * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A stretch of a recording that is kept, and which triggers asked for it."""

    recording: RecordingId
    start_ns: int
    end_ns: int
    triggers: tuple[str, ...]
    cut: bool = False
    """Whether the quota ended it early."""


@dataclass(slots=True)
class Amount:
    """Nanoseconds and bytes that were kept."""

    time_ns: int = 0
    size_bytes: float = 0.0

    def add(self, time_ns: int, size_bytes: float) -> None:
        """So much more; less where it is negative."""
        self.time_ns += time_ns
        self.size_bytes += size_bytes


@dataclass(slots=True)
class Use:
    """What a vehicle kept so far, in all and by day."""

    total: Amount = field(default_factory=Amount)
    days: dict[int, Amount] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """The capture that still grows."""

    start_ns: int
    end_ns: int
    triggers: set[str] = field(default_factory=set)
    cut: bool = False


class Evaluator:
    """One campaign on one vehicle. Quotas go on from recording to recording.

    However the rows of a recording are cut into batches, the captures are the same.
    """

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.use = Use()
        self.firings: Counter[str] = Counter()
        self.refused = 0
        """Firings for which the quota left nothing."""
        self._recording = RecordingId("")
        self._start_ns = 0
        self._bytes_per_ns = 0.0
        self._memory = Memory()
        self._today = Amount()
        self._open: _Open | None = None
        self._closed_ns = 0

    def begin(self, recording: RecordingId, *, start_ns: int, bytes_per_s: float) -> None:
        """A recording starts; what it writes a second decides how fast gigabytes are used up."""
        self._recording = recording
        self._start_ns = start_ns
        self._bytes_per_ns = bytes_per_s / SECOND_NS
        self._memory = Memory()
        self._open = None
        self._closed_ns = start_ns

    def feed(self, moments: pa.Table) -> list[Capture]:
        """Take rows of `MOMENTS` in order of time; returns the captures that are complete.

        Raises:
            InputError: a row is earlier than one that was fed before.
        """
        batch = batch_of(self.campaign, moments, self._memory)
        masks = np.array([fires(trigger, batch) for trigger in self.campaign.triggers])
        complete: list[Capture] = []
        for row in np.flatnonzero(masks.any(axis=0)):
            names = [
                trigger.name
                for trigger, mask in zip(self.campaign.triggers, masks[:, row], strict=True)
                if mask
            ]
            complete += self._fire(int(batch.time_ns[row]), int(batch.since_ns[row]), names)
        # Nothing that comes later reaches back farther than the vehicle's buffer.
        reach = self._memory.time_ns - from_seconds(self.campaign.buffer_s)
        if self._open is not None and self._open.end_ns < reach:
            complete += self._close()
        return complete

    def end(self, end_ns: int) -> list[Capture]:
        """The recording is over; what was granted beyond it goes back to the quota."""
        if self._open is not None and self._open.end_ns > end_ns:
            self._spend(-(self._open.end_ns - max(end_ns, self._open.start_ns)))
            self._open.end_ns = max(end_ns, self._open.start_ns)
        return list(self._close())

    def _fire(self, time_ns: int, since_ns: int, names: list[str]) -> Iterator[Capture]:
        self.firings.update(names)
        self._today = self._day_of(time_ns)
        begin, end = self._wished(time_ns, since_ns)
        if self._open is not None and begin > self._open.end_ns:
            yield from self._close()
        held = self._open
        if held is not None and held.cut:
            self.refused += 1
            return
        if held is None:
            begin = max(begin, self._closed_ns)
            granted = self._grant(end - begin)
            if granted <= 0:
                self.refused += 1
                return
            held = self._open = _Open(start_ns=begin, end_ns=begin + granted)
            held.cut = begin + granted < end
        else:
            before = self._grant(held.start_ns - max(min(begin, held.start_ns), self._closed_ns))
            held.start_ns -= before
            after = self._grant(end - held.end_ns)
            held.cut = held.end_ns + after < end
            held.end_ns += after
        held.triggers.update(names)

    def _wished(self, time_ns: int, since_ns: int) -> tuple[int, int]:
        """What a firing asks for: from before the event began to after it ended."""
        rolled = min(since_ns, time_ns) - from_seconds(self.campaign.pre_roll_s)
        held = time_ns - from_seconds(self.campaign.buffer_s)
        end = time_ns + from_seconds(self.campaign.post_roll_s)
        return max(rolled, held, self._start_ns), max(end, self._start_ns + 1)

    def _close(self) -> Iterator[Capture]:
        held, self._open = self._open, None
        if held is not None and held.end_ns > held.start_ns:
            self._closed_ns = held.end_ns
            yield Capture(
                recording=self._recording,
                start_ns=held.start_ns,
                end_ns=held.end_ns,
                triggers=tuple(sorted(held.triggers)),
                cut=held.cut,
            )

    def _grant(self, wish_ns: int) -> int:
        """As much of a wish as the quota leaves; it is spent."""
        quota, total, day = self.campaign.quota, self.use.total, self._today
        left = [
            quota.hours_per_day * HOUR_NS - day.time_ns,
            quota.hours * HOUR_NS - total.time_ns,
        ]
        if self._bytes_per_ns:
            left += [
                (quota.gigabytes_per_day * GIGABYTE - day.size_bytes) / self._bytes_per_ns,
                (quota.gigabytes * GIGABYTE - total.size_bytes) / self._bytes_per_ns,
            ]
        least = min(left)
        granted = max(wish_ns if math.isinf(least) else min(wish_ns, int(least)), 0)
        self._spend(granted)
        return granted

    def _spend(self, time_ns: int) -> None:
        for amount in (self.use.total, self._today):
            amount.add(time_ns, time_ns * self._bytes_per_ns)

    def _day_of(self, time_ns: int) -> Amount:
        offset = round(self.campaign.utc_offset_h * 3600)
        return self.use.days.setdefault((time_ns // SECOND_NS + offset) // DAY_S, Amount())
