"""COCO results from anywhere: good rows go on, bad ones are named, rubbish is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.evaluate.files import read_predictions
from ringroad.media.schemas import PREDICTIONS

FRAMES = {1: FrameId("v/r/c/000001"), "two": FrameId("v/r/c/000002")}
OPTIONS = {"frames": FRAMES, "categories": {3: "car", 10: "light"}, "model": "other"}
GOOD = {"image_id": 1, "category_id": 3, "bbox": [1.5, 2, 30, 40], "score": 0.75}


def test_good_rows() -> None:
    light = {"image_id": "two", "category_id": 10, "bbox": [-2, 0, 5, 9], "score": 1}
    rows = [GOOD, {**light, "light_state": "red"}, {**GOOD, "light_state": "red", "score": 0}]
    table, problems = read_predictions(json.dumps(rows).encode(), **OPTIONS)
    assert problems == ()
    assert table.schema == PREDICTIONS
    first, second, third = table.to_pylist()
    assert first == {
        "prediction_id": "v/r/c/000001/other/0000",
        "frame_id": "v/r/c/000001",
        "model": "other",
        "category": "car",
        "score": 0.75,
        "x": 1.5,
        "y": 2.0,
        "w": 30.0,
        "h": 40.0,
        "light_state": "",
    }
    assert (second["frame_id"], second["light_state"]) == ("v/r/c/000002", "red")
    assert (third["prediction_id"], third["light_state"]) == ("v/r/c/000001/other/0001", "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"image_id": 9}, "unknown-image"),
        ({"image_id": True}, "unknown-image"),
        ({"image_id": [1]}, "unknown-image"),
        ({"category_id": 4}, "unknown-category"),
        ({"category_id": "car"}, "unknown-category"),
        ({"bbox": [1, 2, 3]}, "bad-box"),
        ({"bbox": [1, 2, 3, "4"]}, "bad-box"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bad-box"),
        ({"bbox": [1, 2, 10**400, 5]}, "bad-box"),
        ({"bbox": None}, "bad-box"),
        ({"bbox": [100, 100, 0, 20]}, "empty-box"),
        ({"bbox": [100, 100, 20, -1]}, "empty-box"),
        ({"score": 1.01}, "bad-score"),
        ({"score": float("nan")}, "bad-score"),
        ({"score": True}, "bad-score"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_on(change: dict[str, object], code: str) -> None:
    data = json.dumps([GOOD, GOOD | change, GOOD]).encode()
    table, (problem,) = read_predictions(data, **OPTIONS)
    assert len(table) == 2
    assert (problem.code, problem.place) == (code, "[1]")


def test_missing_keys_and_rows_that_are_no_objects() -> None:
    rows = [{key: value for key, value in GOOD.items() if key != missing} for missing in GOOD]
    table, problems = read_predictions(json.dumps([*rows, 7]).encode(), **OPTIONS)
    assert len(table) == 0
    assert table.schema == PREDICTIONS
    assert [problem.code for problem in problems] == [
        "unknown-image",
        "unknown-category",
        "bad-box",
        "bad-score",
        "not-an-object",
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"{}", b"null"])
def test_what_is_no_results_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidAnnotations, match="export the file again"):
        read_predictions(data, **OPTIONS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(
    st.lists(
        JSON | st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "light_state"], JSON)),
        max_size=4,
    )
)
def test_every_row_is_kept_or_named(rows: list[object]) -> None:
    table, problems = read_predictions(json.dumps(rows).encode(), **OPTIONS)
    assert len(table) + len(problems) == len(rows)


@given(JSON)
def test_any_light_state(state: object) -> None:
    row = {**GOOD, "category_id": 10, "light_state": state}
    table, problems = read_predictions(json.dumps([row]).encode(), **OPTIONS)
    assert (len(table), problems) == (1, ())
