"""Events and a campaign over 100 hours of signals: how much faster than real time.

Prints both rates as multiples of real time, on one core, with the recall and precision of the
events that were driven on purpose. The budget of research is 1,000 x.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from ringroad.domain.ids import RecordingId, VehicleId
from ringroad.ingest.campaigns.declared import Campaign, Circle, Quota, Trigger, Wanted
from ringroad.ingest.campaigns.moments import moments_of
from ringroad.ingest.campaigns.report import Past, replay
from ringroad.ingest.events.find import find_events
from ringroad.ingest.volume import Volume
from ringroad.testing.drives import ORIGIN_DEG, drive

SECOND = 1_000_000_000
START = 1_790_000_000_000_000_000
FRAME_BYTES = 10**12 // 36_000  # 1 TB an hour at 10 frames a second

CAMPAIGN = Campaign(
    name="hard",
    triggers=(
        Trigger(name="hard", events=("hard-brake", "sharp-steering", "near-miss")),
        Trigger(
            name="crossing",
            places=(Circle(latitude=ORIGIN_DEG[0], longitude=ORIGIN_DEG[1], radius_m=100.0),),
        ),
    ),
    wanted=(Wanted(events=("hard-brake",)),),
    quota=Quota(hours_per_day=2.0),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=100.0)
    hours = parser.parse_args().hours
    past, found_s, driven_s, seed = [], 0.0, 0.0, 0
    hits = misses = alarms = 0
    while driven_s < hours * 3600:
        name = RecordingId(f"car-{seed % 10}/{seed}")
        made = drive(
            seed, manoeuvres=60, recording=name, start_ns=START + int(driven_s * 10) * SECOND
        )
        begin = time.perf_counter()
        events = find_events(made.signals, recording=name)
        moments = moments_of(signals=made.signals, events=events)
        found_s += time.perf_counter() - begin
        times = made.signals["time_ns"].to_numpy()
        first, last = int(times.min()), int(times.max())
        driven_s += (last - first) / SECOND
        truth, seen = made.events["event"].to_pylist(), events["event"].to_pylist()
        for kind in set(truth) | set(seen):
            hits += min(truth.count(kind), seen.count(kind))
            misses += max(truth.count(kind) - seen.count(kind), 0)
            alarms += max(seen.count(kind) - truth.count(kind), 0)
        frames = np.arange(first, last, SECOND // 10)
        past.append(
            Past(
                recording=name,
                vehicle=VehicleId(f"car-{seed % 10}"),
                start_ns=first,
                end_ns=last,
                moments=moments,
                volume=Volume(
                    time_ns=frames, total=np.arange(len(frames) + 1, dtype=np.int64) * FRAME_BYTES
                ),
                truth=made.events,
            )
        )
        seed += 1
    begin = time.perf_counter()
    told = replay(CAMPAIGN, past)
    replay_s = time.perf_counter() - begin
    print(f"{driven_s / 3600:.1f} h of signals (50 Hz IMU and CAN, 5 Hz GNSS), {seed} recordings")
    print(f"events    {found_s:8.1f} s, {driven_s / found_s:10,.0f} x real time")
    print(f"          recall {hits / (hits + misses):.4f}, precision {hits / (hits + alarms):.4f}")
    print(f"replay    {replay_s:8.1f} s, {driven_s / replay_s:10,.0f} x real time")
    print(f"keeps     {told.share:.2%}: 1 TB/h becomes {1000 * told.share:.1f} GB/h")
    row = told.recall[0]
    print(f"recall    {row.kept} of {row.wanted} hard brakes kept whole; {told.refused} refused")


if __name__ == "__main__":
    main()
