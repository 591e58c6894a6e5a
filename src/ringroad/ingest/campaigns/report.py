"""What a campaign would have kept of past recordings: gigabytes per hour, recall, use of quotas."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.ids import RecordingId, VehicleId
from ringroad.domain.time import to_seconds
from ringroad.ingest.campaigns.declared import Campaign, Wanted
from ringroad.ingest.campaigns.evaluator import GIGABYTE, Capture, Evaluator, Use
from ringroad.ingest.volume import Volume

CAR_GB_PER_HOUR = 1000.0
"""The car of the plan: 1 TB an hour."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """One past recording, as a replay sees it.

    Attributes:
        recording, vehicle: whose it is.
        start_ns, end_ns: its first and last time.
        moments: rows of `MOMENTS`.
        volume: its bytes over time.
        truth: rows of `schemas.EVENTS`, the wanted ones among them.
    """

    recording: RecordingId
    vehicle: VehicleId
    start_ns: int
    end_ns: int
    moments: pa.Table
    volume: Volume
    truth: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Of one [[wanted]]: how many there were, and how many of them were kept whole."""

    events: tuple[str, ...]
    wanted: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of it. Sizes count frames and sweeps."""

    campaign: str
    priority: int
    vehicles: int
    recorded_s: float
    recorded_bytes: int
    captures: tuple[Capture, ...]
    kept_s: float
    kept_bytes: int
    firings: Mapping[str, int]
    refused: int
    recall: tuple[Recall, ...]
    quota_use: Mapping[str, float]
    """Limit of the quota -> the share of it that the vehicle that used most has used."""

    @property
    def share(self) -> float:
        """Of the bytes, or of the time where there are only signals."""
        if self.recorded_bytes:
            return self.kept_bytes / self.recorded_bytes
        return self.kept_s / self.recorded_s if self.recorded_s else 0.0

    @property
    def told(self) -> dict[str, object]:
        """All of it and what follows from it, as plain values."""
        hours = self.recorded_s / 3600
        gigabytes = self.kept_bytes / GIGABYTE
        return asdict(self) | {
            "share": self.share,
            "recorded_gb_per_hour": self.recorded_bytes / GIGABYTE / hours if hours else 0.0,
            "kept_gb_per_hour": gigabytes / hours if hours else 0.0,
            "of_a_car_of_1000_gb_per_hour": CAR_GB_PER_HOUR * self.share,
        }


def replay(campaign: Campaign, past: Sequence[Past]) -> Replay:
    """Drive past recordings again, each vehicle's in order of time, with its own quota."""
    evaluators: dict[VehicleId, Evaluator] = {}
    captures: list[Capture] = []
    for item in sorted(past, key=lambda item: (item.start_ns, item.recording)):
        evaluator = evaluators.setdefault(item.vehicle, Evaluator(campaign))
        seconds = to_seconds(item.end_ns - item.start_ns)
        rate = item.volume.size_bytes / seconds if seconds > 0 else 0.0
        evaluator.begin(item.recording, start_ns=item.start_ns, bytes_per_s=rate)
        captures += evaluator.feed(item.moments)
        captures += evaluator.end(item.end_ns)
    firings: Counter[str] = Counter()
    for evaluator in evaluators.values():
        firings.update(evaluator.firings)
    kept = kept_of(captures, past)
    return Replay(
        campaign=campaign.name,
        priority=campaign.priority,
        vehicles=len(evaluators),
        recorded_s=sum(to_seconds(item.end_ns - item.start_ns) for item in past),
        recorded_bytes=sum(item.volume.size_bytes for item in past),
        captures=tuple(captures),
        kept_s=kept[0],
        kept_bytes=kept[1],
        firings={trigger.name: firings[trigger.name] for trigger in campaign.triggers},
        refused=sum(evaluator.refused for evaluator in evaluators.values()),
        recall=tuple(_recall(wanted, captures, past) for wanted in campaign.wanted),
        quota_use=_quota_use(campaign, [item.use for item in evaluators.values()]),
    )


def kept_of(captures: Iterable[Capture], past: Sequence[Past]) -> tuple[float, int]:
    """Seconds and bytes in captures, each moment once however many captures hold it."""
    spans: dict[RecordingId, list[tuple[int, int]]] = {}
    for capture in captures:
        spans.setdefault(capture.recording, []).append((capture.start_ns, capture.end_ns))
    seconds, size = 0.0, 0
    for item in past:
        until = item.start_ns
        for begin, end in sorted(spans.get(item.recording, [])):
            if end > until:
                since = max(begin, until)
                seconds += to_seconds(end - since)
                # The last frame lies on the end of the recording.
                size += item.volume.within(since, end + (end == item.end_ns))
                until = end
    return seconds, size


def _recall(wanted: Wanted, captures: Sequence[Capture], past: Sequence[Past]) -> Recall:
    spans: dict[RecordingId, list[tuple[int, int]]] = {}
    for capture in captures:
        spans.setdefault(capture.recording, []).append((capture.start_ns, capture.end_ns))
    total, kept = 0, 0
    for item in past:
        rows = _of_kind(item.truth, wanted)
        total += rows.num_rows
        starts, ends = rows["start_ns"].to_numpy(), rows["end_ns"].to_numpy()
        whole = np.zeros(rows.num_rows, bool)
        for begin, end in spans.get(item.recording, []):
            whole |= (starts >= begin) & (ends <= end)
        kept += int(whole.sum())
    return Recall(events=wanted.events, wanted=total, kept=kept)


def _of_kind(events: pa.Table, wanted: Wanted) -> pa.Table:
    named = pc.is_in(events["event"], value_set=pa.array(wanted.events, pa.string()))
    strong = pc.and_(
        pc.greater_equal(events["value"], wanted.at_least),
        pc.less_equal(events["value"], wanted.at_most),
    )
    return events.filter(pc.and_(named, strong))


def _quota_use(campaign: Campaign, uses: Sequence[Use]) -> dict[str, float]:
    quota = campaign.quota
    days = [day for use in uses for day in use.days.values()]
    totals = [use.total for use in uses]
    spent = {
        "hours_per_day": max((day.time_ns / 3.6e12 for day in days), default=0.0),
        "gigabytes_per_day": max((day.size_bytes / GIGABYTE for day in days), default=0.0),
        "hours": max((total.time_ns / 3.6e12 for total in totals), default=0.0),
        "gigabytes": max((total.size_bytes / GIGABYTE for total in totals), default=0.0),
    }
    limits = {name: getattr(quota, name) for name in spent}
    return {
        name: spent[name] / limit if limit else 1.0
        for name, limit in limits.items()
        if not math.isinf(limit)
    }
