from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.domain.ids import RecordingId, VehicleId
from ringroad.ingest.campaigns.declared import Campaign, Circle, Quota, Trigger, parse_campaign
from ringroad.ingest.campaigns.evaluator import Capture, Evaluator
from ringroad.ingest.campaigns.moments import MOMENTS, moments_of
from ringroad.ingest.campaigns.report import Past, replay
from ringroad.ingest.events.find import find_events
from ringroad.ingest.volume import Volume
from ringroad.media.schemas import EVENTS, FRAMES, SCORES
from ringroad.testing.drives import METRES_PER_DEGREE, ORIGIN_DEG, drive

HERE = RecordingId("car/a")
CAR = VehicleId("car")
START = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
MB_PER_S = 10.0

TEXT = """
name = "hard-things"
pre_roll_s = 4.0
post_roll_s = 6

[[triggers]]
name = "braking"
events = ["hard-brake", "sharp-steering"]
at_least = 5.0

[[triggers]]
name = "crossing"
places = [{ latitude = 48.1, longitude = 11.5, radius_m = 80.0 }]

[[wanted]]
events = ["hard-brake"]

[quota]
hours_per_day = 0.5
"""


def moment(second: float, **told: object) -> dict[str, object]:
    at = START + int(second * SECOND)
    silent = {"event": "", "value": 0.0, "condition": ""}
    nothing = dict.fromkeys(("uncertainty", "latitude", "longitude"), math.nan)
    return {"time_ns": at, "since_ns": at} | silent | nothing | told


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=MOMENTS)


def campaign(*triggers: Trigger, **options: object) -> Campaign:
    return Campaign(name="c", triggers=triggers, pre_roll_s=2.0, post_roll_s=3.0, **options)


def captured(
    plan: Campaign, rows: pa.Table, *, end_s: float = 1000.0, evaluator: Evaluator | None = None
) -> list[tuple[float, float, str]]:
    evaluator = evaluator or Evaluator(plan)
    evaluator.begin(HERE, start_ns=START, bytes_per_s=MB_PER_S * 1e6)
    found = evaluator.feed(rows) + evaluator.end(START + int(end_s * SECOND))
    return [seen(capture) for capture in found]


def seen(item: Capture) -> tuple[float, float, str]:
    begin, end = ((at - START) / SECOND for at in (item.start_ns, item.end_ns))
    return begin, end, "+".join(item.triggers) + (" cut" if item.cut else "")


def past(seed: int, recording: str = "car/a", vehicle: str = "car") -> Past:
    made = drive(seed, manoeuvres=25, recording=RecordingId(recording), start_ns=START)
    events = find_events(made.signals, recording=RecordingId(recording))
    times = made.signals["time_ns"].to_numpy()
    frames = np.arange(START, times.max(), SECOND // 10)
    size = int(MB_PER_S * 1e5)
    return Past(
        recording=RecordingId(recording),
        vehicle=VehicleId(vehicle),
        start_ns=START,
        end_ns=int(times.max()),
        moments=moments_of(signals=made.signals, events=events),
        volume=Volume(time_ns=frames, total=np.arange(len(frames) + 1) * size),
        truth=made.events,
    )


def test_an_event_is_kept_with_its_rolls():
    plan = campaign(Trigger(name="b", events=("hard-brake",), at_least=4.0))
    brake = {"event": "hard-brake", "since_ns": START + 20 * SECOND}
    rows = table(
        moment(10, event="stop", value=9.0),
        moment(22, value=5.0, **brake),
        moment(100, event="hard-brake", value=3.9),
    )
    assert captured(plan, rows) == [(18.0, 25.0, "b")]
    assert captured(plan, rows.slice(0, 2), end_s=24) == [(18.0, 24.0, "b")]


def test_captures_that_touch_are_one_and_the_buffer_bounds_the_past():
    plan = campaign(
        Trigger(name="b", events=("hard-brake",)),
        Trigger(name="s", events=("standstill",)),
        buffer_s=30.0,
    )
    long = moment(160, event="standstill", value=100.0, since_ns=START + 60 * SECOND)
    rows = table(moment(10, event="hard-brake"), moment(14, event="hard-brake"), long)
    assert captured(plan, rows) == [(8.0, 17.0, "b"), (130.0, 163.0, "s")]


def test_place_hours_condition_and_uncertainty_hold_together():
    here = {"latitude": ORIGIN_DEG[0], "longitude": ORIGIN_DEG[1]}
    away = {"latitude": ORIGIN_DEG[0] + 200 / METRES_PER_DEGREE, "longitude": ORIGIN_DEG[1]}
    circle = Circle(**here, radius_m=100.0)
    cell = h3.latlng_to_cell(*ORIGIN_DEG, 11)
    rows = table(
        moment(10, uncertainty=2.0),  # nowhere yet
        moment(20, **here, condition="night"),
        moment(21, uncertainty=2.0),
        moment(22, uncertainty=1.0),
        moment(40, uncertainty=2.0),  # the place is 20 s old
        moment(50, **away),
        moment(51, uncertainty=2.0),
        moment(60, **here, condition="day"),
        moment(61, uncertainty=2.0),
    )
    asked = Trigger(name="u", uncertainty_over=1.5)
    only_place = replace(asked, places=(circle,))
    night = replace(only_place, conditions=("night", "dusk"))
    assert [item[0] for item in captured(campaign(asked), rows)] == [8, 19, 38, 49, 59]
    for trigger in (only_place, replace(asked, cells=(cell,))):
        assert [item[0] for item in captured(campaign(trigger), rows)] == [19, 59]
    assert [item[0] for item in captured(campaign(night), rows)] == [19]
    # START is 14:13:20 UTC.
    for hours, count in (("14:13-14:14", 2), ("22:00-14:13", 0), ("14:14-22:00", 3)):
        found = captured(campaign(replace(asked, hours=(hours,))), rows)
        assert len(found) == count, hours
    shifted = campaign(replace(asked, hours=("23:59-00:15",)), utc_offset_h=10.0)
    assert len(captured(shifted, rows)) == 5


def test_quotas_of_time_and_bytes_by_day_and_in_all():
    trigger = Trigger(name="b", events=("bump",))
    rows = table(*(moment(100 * number, event="bump") for number in range(1, 6)))
    four = [(100 * n - 2.0, 100 * n + 3.0, "b") for n in range(1, 6)]
    assert captured(campaign(trigger), rows) == four
    hours = Quota(hours=12 / 3600)
    assert captured(campaign(trigger, quota=hours), rows) == [
        *four[:2],
        (298.0, 300.0, "b cut"),
    ]
    size = Quota(gigabytes_per_day=0.1)  # 10 s at 10 MB/s
    evaluator = Evaluator(campaign(trigger, quota=size))
    assert captured(evaluator.campaign, rows, evaluator=evaluator) == four[:2]
    assert evaluator.refused == 3
    tomorrow = table(moment(86_400 + 100, event="bump"))
    found = captured(evaluator.campaign, tomorrow, end_s=90_000, evaluator=evaluator)
    assert found == [(86_498.0, 86_503.0, "b")]


def test_what_lies_beyond_the_end_goes_back_to_the_quota():
    plan = campaign(Trigger(name="b", events=("bump",)), quota=Quota(hours=10 / 3600))
    evaluator = Evaluator(plan)
    row = table(moment(10, event="bump"))
    assert captured(plan, row, end_s=11, evaluator=evaluator) == [(8.0, 11.0, "b")]
    assert evaluator.use.total.time_ns == 3 * SECOND
    assert captured(plan, row, end_s=90, evaluator=evaluator) == [(8.0, 13.0, "b")]
    assert captured(plan, row, end_s=90, evaluator=evaluator) == [(8.0, 10.0, "b cut")]


def test_rows_out_of_order_are_refused():
    evaluator = Evaluator(campaign(Trigger(name="b", events=("bump",))))
    evaluator.begin(HERE, start_ns=START, bytes_per_s=0.0)
    evaluator.feed(table(moment(5)))
    with pytest.raises(InputError, match="in order of time"):
        evaluator.feed(table(moment(4)))


KINDS = st.sampled_from(["", "", "", "bump", "stop", "hard-brake"])
PLACES = st.sampled_from([(math.nan, math.nan), ORIGIN_DEG, (10.0, 10.0)])
ROWS = st.lists(
    st.tuples(st.floats(0, 12), KINDS, st.floats(0, 20), PLACES, st.floats(0, 3)), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.lists(st.integers(0, 60), max_size=8), st.floats(0, 60), st.floats(0, 60))
def test_a_stream_in_any_batches_decides_as_a_replay_does(steps, cuts, hours, buffer_s):
    second, rows = 0.0, []
    for step, kind, before, (latitude, longitude), doubt in steps:
        second += step
        since = START + int(max(second - before, 0) * SECOND)
        place = {"latitude": latitude, "longitude": longitude}
        rows.append(moment(second, event=kind, since_ns=since, uncertainty=doubt, **place))
    plan = Campaign(
        name="c",
        triggers=(
            Trigger(name="e", events=("bump", "hard-brake")),
            Trigger(name="u", uncertainty_over=2.5),
            Trigger(name="p", places=(Circle(latitude=10, longitude=10, radius_m=5),)),
        ),
        quota=Quota(hours=hours / 3600),
        buffer_s=buffer_s,
        pre_roll_s=min(2.0, buffer_s),
    )
    whole = table(*rows)
    at_once, streamed = Evaluator(plan), Evaluator(plan)
    expected = captured(plan, whole, evaluator=at_once)
    streamed.begin(HERE, start_ns=START, bytes_per_s=MB_PER_S * 1e6)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    found = []
    for begin, end in pairwise(edges):
        found += streamed.feed(whole.slice(begin, end - begin))
    found += streamed.end(START + 1000 * SECOND)
    assert [seen(item) for item in found] == expected
    assert (streamed.firings, streamed.refused, streamed.use) == (
        at_once.firings,
        at_once.refused,
        at_once.use,
    )
    assert sum(end - begin for begin, end, _ in expected) <= hours + 1e-6
    assert all(a[1] <= b[0] for a, b in pairwise(expected))


def test_a_real_stream_in_random_batches_equals_the_replay():
    plan = parse_campaign(TEXT, subject="hard.toml")
    item = past(41)
    expected = replay(plan, [item])
    rng = np.random.Generator(np.random.PCG64(7))
    for _ in range(5):
        evaluator = Evaluator(plan)
        rate = item.volume.size_bytes / ((item.end_ns - item.start_ns) / SECOND)
        evaluator.begin(HERE, start_ns=item.start_ns, bytes_per_s=rate)
        edges = np.unique([0, *rng.integers(0, item.moments.num_rows, 40), item.moments.num_rows])
        found: list[Capture] = []
        for begin, end in pairwise(edges.tolist()):
            found += evaluator.feed(item.moments.slice(begin, end - begin))
        found += evaluator.end(item.end_ns)
        assert tuple(found) == expected.captures


def test_a_replay_tells_gigabytes_recall_and_what_a_terabyte_becomes():
    plan = parse_campaign(TEXT, subject="hard.toml")
    fleet = [past(seed, f"car-{seed}/a", f"car-{seed}") for seed in (42, 43)]
    found = replay(plan, fleet)
    told = found.told
    assert found.vehicles == 2
    assert told["recorded_gb_per_hour"] == pytest.approx(36.0, rel=1e-3)
    assert 0 < found.share < 1
    assert told["of_a_car_of_1000_gb_per_hour"] == pytest.approx(1000 * found.share)
    assert told["kept_gb_per_hour"] == pytest.approx(36.0 * found.share, rel=1e-3)
    assert found.kept_bytes == pytest.approx(found.kept_s * MB_PER_S * 1e6, rel=0.02)
    (recall,) = found.recall
    driven = sum(row["event"] == "hard-brake" for item in fleet for row in item.truth.to_pylist())
    assert recall.wanted == driven > 0
    assert found.firings["crossing"] > 0
    # All that are asked for are kept; without the limit of 5 m/s2 none is missed.
    loose = parse_campaign(TEXT.replace("at_least = 5.0\n", ""), subject="loose.toml")
    assert replay(loose, fleet).recall[0].kept == driven
    none = parse_campaign(TEXT.replace("hours_per_day = 0.5", "hours = 0.0"), subject="n.toml")
    nothing = replay(none, fleet)
    assert (nothing.kept_s, nothing.captures, nothing.recall[0].kept) == (0.0, (), 0)
    assert nothing.quota_use == {"hours": 1.0}


def test_moments_come_from_signals_events_frames_and_scores():
    made = drive(1, manoeuvres=2, recording=HERE, start_ns=START)
    times = [START + SECOND, START + 2 * SECOND]
    values = {field.name: [None, None] if field.nullable else [0, 0] for field in FRAMES}
    texts = {f.name: ["x", "x"] for f in FRAMES if f.type == pa.string() and not f.nullable}
    values |= texts | {"key": [True, True], "frame_id": ["f0", "f1"], "time_ns": times}
    frames = pa.table(values | {"condition": ["night", None]}, schema=FRAMES)
    scores = pa.table(
        {"frame_id": ["f1"], "uncertainty": [2.0], "boxes": [0], "vector": [[1.0]]}, schema=SCORES
    )
    found = moments_of(signals=made.signals, events=made.events, frames=frames, scores=scores)
    assert found.schema == MOMENTS
    assert (np.diff(found["time_ns"].to_numpy()) >= 0).all()
    rows = found.to_pylist()
    assert [row["condition"] for row in rows if row["condition"]] == ["night"]
    assert [row["uncertainty"] for row in rows if row["uncertainty"] >= 0] == [2.0]
    assert sum(bool(row["event"]) for row in rows) == made.events.num_rows
    assert sum(not math.isnan(row["latitude"]) for row in rows) > 10
    assert moments_of(signals=made.signals.slice(0, 0), events=EVENTS.empty_table()).num_rows == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("events", "event"), "unknown key 'event'"),
        (('"hard-brake", "sharp', '"hard-break", "sharp'), "no event is called 'hard-break'"),
        (("radius_m = 80.0", "radius_m = 0"), "radius_m is more than 0"),
        (("latitude = 48.1", "latitude = 480.1"), "no place on earth"),
        (('"braking"', '"crossing"'), "two triggers have one name"),
        (("pre_roll_s = 4.0", "pre_roll_s = 90.0"), "pre_roll_s is at most buffer_s"),
        (("hours_per_day = 0.5", "hours_per_day = nan"), "hours_per_day is 0 or more"),
        (("[quota]", "[quotas]"), "unknown key 'quotas'"),
        (('name = "hard-things"', 'name = "../x"'), "a name is letters"),
        (('name = "hard-things"', "name = "), "is not TOML"),
        (("places = [", "cells = ["), "expected str"),
    ],
)
def test_what_a_campaign_may_not_say(change, why):
    with pytest.raises(InvalidConfig, match=why):
        parse_campaign(TEXT.replace(*change), subject="bad.toml")


def test_triggers_that_make_no_sense_are_refused():
    for options, why in (
        ({}, "asks for nothing"),
        ({"hours": ("25:00-26:00",)}, "hours are like"),
        ({"cells": ("zz",)}, "no H3 cell"),
        ({"conditions": ("fog",)}, "no condition is called"),
        ({"hours": ("01:00-02:00",), "at_least": 2.0}, "limits a value"),
    ):
        with pytest.raises(ValueError, match=why):
            Trigger(name="t", **options)  # type: ignore[arg-type]  # wrong on purpose
