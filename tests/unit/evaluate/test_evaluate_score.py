"""KPIs from Arrow rows: slices, what was not evaluated, frames nobody looked at, worst frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from ringroad.domain.errors import InputError, UsageError
from ringroad.domain.kpi import Kpi
from ringroad.evaluate.compare import differences, standing, worsened_frames
from ringroad.evaluate.score import score, worst_frames
from ringroad.media.schemas import ANNOTATIONS, MANIFEST, PREDICTIONS

Row = tuple[str, str, tuple[float, float, float, float]]
CAR = (10.0, 10.0, 40.0, 20.0)
FAR = (200.0, 200.0, 30.0, 30.0)
OPTIONS = {"unit": "recording", "confidence": 0.95, "replicates": 200, "seed": 1}


def truth(*rows: Row) -> pa.Table:
    columns = [
        {
            "annotation_id": f"a{index}",
            "frame_id": frame,
            "category": category,
            **dict(zip("xywh", box, strict=True)),
            "light_state": "",
            "author": "oracle",
            "source": "simulated",
        }
        for index, (frame, category, box) in enumerate(rows)
    ]
    return pa.Table.from_pylist(columns, schema=ANNOTATIONS)


def predictions(*rows: tuple[str, str, tuple[float, float, float, float], float]) -> pa.Table:
    columns = [
        {
            "prediction_id": f"p{index}",
            "frame_id": frame,
            "model": "m",
            "category": category,
            "score": value,
            **dict(zip("xywh", box, strict=True)),
            "light_state": "",
        }
        for index, (frame, category, box, value) in enumerate(rows)
    ]
    return pa.Table.from_pylist(columns, schema=PREDICTIONS)


def manifest(*rows: tuple[str, str, str]) -> pa.Table:
    columns = [
        {
            "frame_id": frame,
            "recording_id": unit,
            "unit": unit,
            "split": "test",
            "condition": condition,
            "annotations": "",
            "weight": 1.0,
        }
        for frame, unit, condition in rows
    ]
    return pa.Table.from_pylist(columns, schema=MANIFEST)


def one(kpis: tuple[Kpi, ...], metric: str, category: str, condition: str) -> Kpi:
    (found,) = [
        kpi
        for kpi in kpis
        if (kpi.metric, kpi.category, kpi.slice) == (metric, category, condition)
    ]
    return found


FRAMES = manifest(
    ("f0", "r0", "day"), ("f1", "r0", "night"), ("f2", "r1", "day"), ("f3", "r2", "day")
)
TRUTH = truth(
    ("f0", "car", CAR),
    ("f1", "car", CAR),
    ("f2", "car", CAR),
    ("f2", "sign", FAR),
    ("f3", "", (0, 0, 0, 0)),
)
SEEN = predictions(
    ("f0", "car", CAR, 0.9),
    ("f2", "car", CAR, 0.8),
    ("f2", "sign", FAR, 0.7),
    ("f3", "car", CAR, 0.2),
)


def scored(
    predicted: pa.Table = SEEN, rows: pa.Table = FRAMES, real: pa.Table = TRUTH
) -> tuple[Kpi, ...]:
    return score(
        real,
        predicted,
        rows,
        annotated=["car", "sign"],
        categories=["car", "sign", "light"],
        conditions=["day", "night", "dusk"],
        **OPTIONS,
    )


def test_categories_slices_and_the_mean() -> None:
    kpis = scored()
    assert len(kpis) == 4 * 4 * 2
    car = one(kpis, "AP50", "car", "all")
    assert car.value == pytest.approx(67 / 101)  # two of three, precision 1 so far
    assert one(kpis, "AP50", "sign", "all").value == pytest.approx(1.0)
    mean = one(kpis, "AP50", "all", "all")
    assert mean.value == pytest.approx((67 / 101 + 1) / 2)
    assert (mean.units, mean.frames, mean.truths, mean.unit) == (3, 4, 4, "recording")
    assert one(kpis, "AP50", "car", "day").value == pytest.approx(1.0)
    night = one(kpis, "AP50", "car", "night")
    assert (night.value, night.low, night.high, night.units) == (0.0, None, None, 1)


def test_ap_has_a_value_and_no_interval() -> None:
    ap = one(scored(), "AP", "car", "all")
    assert ap.value == pytest.approx(67 / 101)
    assert (ap.low, ap.high) == (None, None)


def test_what_was_not_annotated_or_never_occurs_is_not_evaluated() -> None:
    kpis = scored()
    for category, condition in (("light", "all"), ("sign", "night"), ("all", "dusk")):
        for metric in ("AP50", "AP"):
            kpi = one(kpis, metric, category, condition)
            assert (kpi.value, kpi.low, kpi.high, kpi.truths) == (None, None, None, 0)


def test_predictions_of_other_categories_do_not_count() -> None:
    more = pa.concat_tables(
        [SEEN, predictions(("f0", "light", CAR, 0.99), ("f3", "dog", CAR, 1.0))]
    )
    assert scored(more) == scored()


def test_a_frame_looked_at_and_empty_counts_and_one_not_looked_at_does_not() -> None:
    false = predictions(("f0", "car", CAR, 0.5), ("f3", "car", CAR, 0.9))
    assert one(scored(false), "AP50", "car", "all").value == pytest.approx(34 / 101 / 2)
    unseen = TRUTH.filter(pa.compute.not_equal(TRUTH["frame_id"], "f3"))
    kpi = one(scored(false, real=unseen), "AP50", "car", "all")
    assert kpi.value == pytest.approx(34 / 101)
    assert (kpi.frames, kpi.units) == (3, 2)


def test_order_and_chunks_of_rows_do_not_matter() -> None:
    shuffled = pa.concat_tables([FRAMES.slice(2), FRAMES.slice(0, 2)])
    turned = TRUTH.take(pa.array([4, 2, 0, 3, 1]))
    assert scored(SEEN.take(pa.array([3, 1, 0, 2])), shuffled, turned) == scored()


def test_nothing_at_all() -> None:
    kpis = scored(SEEN.slice(0, 0), FRAMES.slice(0, 0), TRUTH.slice(0, 0))
    assert {kpi.value for kpi in kpis} == {None}
    assert one(scored(SEEN.slice(0, 0)), "AP50", "car", "all").value == 0.0


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        scored(rows=pa.concat_tables([FRAMES, FRAMES]))
    with pytest.raises(UsageError, match=r"confidence 1\.5"):
        score(
            TRUTH,
            SEEN,
            FRAMES,
            annotated=["car"],
            categories=["car"],
            conditions=[],
            **OPTIONS | {"confidence": 1.5},
        )


def test_worst_frames_hold_most_errors() -> None:
    seen = predictions(
        ("f0", "car", FAR, 0.9),  # false, and the car is missed
        ("f2", "car", CAR, 0.8),  # right; the sign is missed
        ("f3", "car", CAR, 0.2),  # false, and not sure of it
    )
    both = ["car", "sign"]
    found = worst_frames(TRUTH, seen, FRAMES, categories=both, limit=9)
    assert found == ("f0", "f1", "f2")
    assert worst_frames(TRUTH, seen, FRAMES, categories=both, limit=1) == ("f0",)
    night = worst_frames(TRUTH, seen, FRAMES, categories=both, condition="night", limit=9)
    assert night == ("f1",)


def many(seed: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Eight recordings of five frames, cars found more often in some than in others."""
    rng = np.random.default_rng(seed)
    frames = [(f"r{r}/{k}", f"r{r}", "day") for r in range(8) for k in range(5)]
    hits = [rng.uniform() < 0.4 + 0.07 * int(unit[1]) for _, unit, _ in frames]
    rows = [
        (frame, "car", CAR if hit else FAR, float(rng.uniform(0.1, 1)))
        for (frame, _, _), hit in zip(frames, hits, strict=True)
    ]
    return (
        truth(*[(frame, "car", CAR) for frame, _, _ in frames]),
        predictions(*rows),
        manifest(*frames),
    )


def test_interval_holds_the_value_and_is_of_the_seed() -> None:
    real, seen, rows = many(0)
    kpi = one(scored(seen, rows, real), "AP50", "car", "all")
    assert kpi.value is not None
    assert kpi.low is not None
    assert kpi.high is not None
    assert 0 <= kpi.low < kpi.value < kpi.high <= 1
    assert kpi.units == 8
    assert scored(seen, rows, real) == scored(seen, rows, real)


def beside(
    real: pa.Table, old: pa.Table, new: pa.Table, rows: pa.Table, condition: str = "all"
) -> Kpi:
    found = differences(
        real, old, new, rows,
        annotated=["car"], categories=["car", "sign"], conditions=["day", "night"], **OPTIONS,
    )  # fmt: skip
    assert {kpi.metric for kpi in found} == {"AP50 difference"}
    assert len(found) == 3 * 3
    assert one(found, "AP50 difference", "sign", condition).value is None
    every = one(found, "AP50 difference", "all", condition)
    car = one(found, "AP50 difference", "car", condition)
    assert (every.value, every.low, every.high) == (car.value, car.low, car.high)
    return car


def width(kpi: Kpi) -> float:
    assert kpi.low is not None
    assert kpi.high is not None
    return kpi.high - kpi.low


def test_difference_of_a_version_and_itself_is_nothing() -> None:
    real, seen, rows = many(0)
    same = beside(real, seen, seen, rows)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    perfect = predictions(*[(frame, "car", CAR, 0.9) for frame in rows["frame_id"].to_pylist()])
    better = beside(real, seen, perfect, rows)
    worse = beside(real, perfect, seen, rows)
    assert better.low is not None
    assert better.low > 0
    assert worse.value == pytest.approx(-(better.value or 0))
    assert (worse.low, worse.high) == (
        pytest.approx(-(better.high or 0)),
        pytest.approx(-better.low),
    )
    by_night = beside(real, seen, perfect, rows, "night")
    assert by_night.value is None  # every frame is by day
    found = [standing(kpi) for kpi in (better, worse, same, by_night)]
    assert found == ["better", "worse", "not decided", ""]
    assert standing(replace(better, units=4)) == "too few units"


def test_a_paired_interval_is_narrower_than_two_apart() -> None:
    real, seen, rows = many(0)
    found = seen.to_pylist()
    one_more = next(row for row in found if row["x"] == FAR[0])
    few_better = [row | dict(zip("xywh", CAR, strict=True)) if row is one_more else row
                  for row in found]  # fmt: skip
    new = pa.Table.from_pylist(few_better, schema=PREDICTIONS)
    pair = beside(real, seen, new, rows)
    apart = one(scored(seen, rows, real), "AP50", "car", "all")
    assert width(pair) < width(apart) / 2


def test_worsened_frames_are_those_with_more_errors_than_before() -> None:
    real = truth(("f0", "car", CAR), ("f1", "car", CAR), ("f2", "car", CAR))
    old = predictions(("f0", "car", CAR, 0.9), ("f1", "car", CAR, 0.9))
    new = predictions(
        ("f0", "car", FAR, 0.9),  # missed, and one that is not there
        ("f1", "car", CAR, 0.2),  # missed: of too low a score
        ("f2", "car", CAR, 0.9),  # better than before
    )
    rows = FRAMES.slice(0, 3)
    found = worsened_frames(real, old, new, rows, categories=["car"], limit=8)
    assert found == ("f0", "f1")
    assert worsened_frames(real, old, new, rows, categories=["car"], limit=1) == ("f0",)
    by_night = worsened_frames(real, old, new, rows, categories=["car"], condition="night", limit=8)
    assert by_night == ("f1",)
