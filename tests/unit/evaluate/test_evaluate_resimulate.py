"""Candidate against champion: each kind of difference by hand, then laws that always hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InputError, UsageError
from ringroad.domain.ids import FrameId
from ringroad.evaluate.difference import Tolerances
from ringroad.evaluate.replay import replay
from ringroad.evaluate.resimulate import COMPARED, DIFFERENCES, Resimulation, compare
from ringroad.media.schemas import ANNOTATIONS, PREDICTIONS, SCORES

F0, F1, F2 = (FrameId(f"car/run/front/{i:06d}") for i in range(3))
CONDITIONS = {F0: "day", F1: "night", F2: "night"}
Row = tuple[str, str, float, float, float, float, float, str]


def _predictions(*rows: Row) -> pa.Table:
    """Rows of frame, category, score, x, y, w, h, light state."""
    named = [
        {
            "prediction_id": f"{row[0]}#{index}",
            "frame_id": row[0],
            "model": "m",
            "category": row[1],
            "score": row[2],
            **dict(zip("xywh", row[3:7], strict=True)),
            "light_state": row[7],
        }
        for index, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(named, schema=PREDICTIONS)


def _truth(*rows: Row) -> pa.Table:
    named = [
        {
            "annotation_id": f"{row[0]}#{index}",
            "frame_id": row[0],
            "category": row[1],
            **dict(zip("xywh", row[3:7], strict=True)),
            "light_state": row[7],
            "author": "a",
            "source": "human",
        }
        for index, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(named, schema=ANNOTATIONS)


def _box(
    category: str = "car", score: float = 0.8, x: float = 0, state: str = "", frame: str = F0
) -> Row:
    return (frame, category, score, x, 0, 10, 10, state)


def _compare(old: Sequence[Row], new: Sequence[Row], real: Sequence[Row] | None) -> Resimulation:
    return compare(
        _predictions(*old),
        _predictions(*new),
        conditions=CONDITIONS,
        truth=None if real is None else _truth(*real),
    )


def _only(
    old: Sequence[Row], new: Sequence[Row], real: Sequence[Row] | None = None
) -> tuple[str, float, str]:
    found = _compare(old, new, real)
    (row,) = found.differences.to_pylist()
    assert found.frames["disagreement"][0].as_py() == pytest.approx(row["weight"])
    return row["kind"], pytest.approx(row["weight"]), row["right"]


CAR, OTHER_CAR, PERSON = _box(), _box(x=2), _box("pedestrian", 0.6)
RED, GREEN = _box("light", state="red"), _box("light", 0.5, state="green")
NOBODY = _box("", 0.0)


@pytest.mark.parametrize(
    ("old", "new", "real", "expected"),
    [
        ([CAR], [], None, ("missing", 0.8, "")),
        ([CAR], [], [CAR], ("missing", 0.8, "champion")),
        ([CAR], [], [NOBODY], ("missing", 0.8, "candidate")),
        ([], [CAR], [CAR], ("extra", 0.8, "candidate")),
        ([], [CAR], [NOBODY], ("extra", 0.8, "champion")),
        ([CAR], [PERSON], None, ("category", 0.8, "")),
        ([CAR], [PERSON], [PERSON], ("category", 0.8, "candidate")),
        ([CAR], [PERSON], [NOBODY], ("category", 0.8, "neither")),
        ([CAR], [PERSON], [CAR, PERSON], ("category", 0.8, "both")),
        ([CAR], [OTHER_CAR], [OTHER_CAR], ("moved", 1 - 8 / 12, "candidate")),
        ([CAR], [OTHER_CAR], [CAR], ("moved", 1 - 8 / 12, "champion")),
        ([CAR], [OTHER_CAR], [_box(x=1)], ("moved", 1 - 8 / 12, "both")),
        ([CAR], [_box(score=0.4)], [CAR], ("score", 0.4, "champion")),
        ([CAR], [_box(score=0.4)], [NOBODY], ("score", 0.4, "candidate")),
        ([RED], [_box("light", 0.8, state="green")], [RED], ("light_state", 0.8, "champion")),
        ([RED], [_box("light", 0.6, state="green")], [GREEN], ("light_state", 0.8, "candidate")),
        # The second box on one car is not missed.
        ([CAR, _box(score=0.5, x=1)], [CAR], [CAR], ("missing", 0.5, "candidate")),
    ],
)
def test_each_kind_by_hand(
    old: list[Row],
    new: list[Row],
    real: list[Row] | None,
    expected: tuple[str, float, str],
) -> None:
    assert _only(old, new, real) == expected


def test_what_stays_within_tolerance_is_no_difference() -> None:
    found = _compare([CAR], [_box(score=0.6, x=1)], None)
    assert found.differences.num_rows == 0
    assert found.disagreeing_frames(9) == ()
    faint = _compare([CAR, _box(score=0.29, x=50)], [CAR], None)
    assert faint.differences.num_rows == 0


def test_truth_of_other_categories_judges_nothing() -> None:
    tables = _predictions(PERSON), _predictions()
    found = compare(
        *tables, conditions=CONDITIONS, truth=_truth(NOBODY), annotated=("car", "light")
    )
    assert found.differences["right"].to_pylist() == [""]


def test_frames_are_ranked_and_summed_by_condition() -> None:
    old = [_box(frame=F1), _box(frame=F1, x=50), _box(frame=F2)]
    new = [_box(frame=F0, score=0.5)]
    found = _compare(old, new, [_box(frame=F1)])
    assert found.disagreeing_frames(2) == (F1, F2)
    assert found.disagreeing_frames(9) == (F1, F2, F0)
    assert found.differences["frame_id"].to_pylist() == [F1, F1, F2, F0]
    assert (found.frames.schema, found.differences.schema) == (COMPARED, DIFFERENCES)
    everything, day, night = found.summary
    assert (everything.frames, everything.disagreeing, everything.champion_boxes) == (3, 3, 3)
    assert (day.condition, day.kinds["extra"], day.kinds["missing"]) == ("day", 1, 0)
    assert (night.kinds["missing"], night.champion_right, night.candidate_right) == (3, 1, 1)
    assert night.mean_disagreement == pytest.approx(1.2)


def test_frames_nobody_declared_are_an_error() -> None:
    with pytest.raises(InputError, match="on 1 frames that are not compared, elsewhere first"):
        _compare([CAR], [_box(frame="elsewhere")], None)


def test_contradictory_tolerances_are_an_error() -> None:
    with pytest.raises(UsageError, match="contradict"):
        Tolerances(match_iou=0.8, moved_iou=0.5)


ROWS = st.lists(
    st.tuples(
        st.sampled_from([F0, F1]),
        st.sampled_from(["car", "pedestrian"]),
        st.floats(0.125, 1, width=32),
        *[st.integers(0, 30).map(float)] * 2,
        *[st.integers(5, 20).map(float)] * 2,
        st.just(""),
    ),
    max_size=7,
)


@given(ROWS)
def test_a_network_agrees_with_itself(rows: list[Row]) -> None:
    assert _compare(rows, rows, rows).differences.num_rows == 0


def _crowd(rng: np.random.Generator) -> list[Row]:
    """Boxes at places so uneven that no two pairs overlap equally."""
    return [
        (
            str(rng.choice([F0, F1])),
            str(rng.choice(["car", "pedestrian"])),
            float(rng.uniform(0.3, 1)),
            *(float(v) for v in rng.uniform(0, 12, 2)),
            *(float(v) for v in rng.uniform(8, 14, 2)),
            "",
        )
        for _ in range(8)
    ]


@given(st.integers(0, 2**32))
def test_changing_sides_turns_every_answer_round(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    old, new, real = _crowd(rng), _crowd(rng), _crowd(rng)
    turn = {"champion": "candidate", "candidate": "champion"}
    turn |= {"missing": "extra", "extra": "missing"}

    def told(found: Resimulation) -> list[tuple[str, str, float]]:
        rows = found.differences.to_pylist()
        return sorted((r["kind"], r["right"], round(r["weight"], 4)) for r in rows)

    there = told(_compare(old, new, real))
    back = told(_compare(new, old, real))
    assert there == sorted((turn.get(k, k), turn.get(r, r), w) for k, r, w in back)


@given(ROWS, ROWS)
def test_every_box_is_accounted_for(old: list[Row], new: list[Row]) -> None:
    for row in _compare(old, new, None).frames.to_pylist():
        alone = row["champion_boxes"] - row["missing"], row["candidate_boxes"] - row["extra"]
        assert alone[0] == alone[1] >= row["category"]


def test_replay_is_silent_on_equal_rows_in_any_order() -> None:
    rows = _predictions(CAR, PERSON, RED)
    assert replay(rows, rows.take([2, 0, 1])).num_rows == 0


def test_replay_names_the_row_and_the_field() -> None:
    rows = _predictions(CAR, PERSON)
    drift = rows.set_column(
        rows.schema.get_field_index("x"), "x", pa.array([0.25, 0.0], pa.float32())
    )
    (found,) = replay(rows, drift).to_pylist()
    assert (found["key"], found["field"], found["second"]) == (f"{F0}#0", "x", "0.25")
    assert replay(rows, drift, tolerances={"x": 0.3}).num_rows == 0
    (lost,) = replay(rows, rows.slice(0, 1)).to_pylist()
    assert (lost["field"], lost["first"], lost["second"]) == ("prediction_id", "True", "False")


def test_replay_compares_vectors_and_nan() -> None:
    def scores(vector: list[float]) -> pa.Table:
        row = {"frame_id": F0, "uncertainty": np.nan, "boxes": 3, "vector": vector}
        return pa.Table.from_pylist([row], schema=SCORES)

    same, off, short = scores([1, 2]), scores([1, 2.5]), scores([1])
    assert replay(same, same, key="frame_id").num_rows == 0
    assert replay(same, off, key="frame_id", tolerances={"vector": 0.5}).num_rows == 0
    assert replay(same, off, key="frame_id")["field"].to_pylist() == ["vector"]
    assert replay(same, short, key="frame_id", tolerances={"vector": 9}).num_rows == 1
    with pytest.raises(InputError, match="one schema"):
        replay(same, _predictions())
