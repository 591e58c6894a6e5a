"""Light states held against truth, red taken for green apart."""

from __future__ import annotations

import pyarrow as pa

from ringroad.evaluate.lights import ANSWERS, STATES, LightConfusion, light_confusion
from ringroad.media.schemas import ANNOTATIONS, MANIFEST, PREDICTIONS

LEFT, RIGHT = (10.0, 10.0, 8.0, 20.0), (80.0, 10.0, 8.0, 20.0)
NONE = {"annotation_id": "", "author": "", "source": "human"}


def box(sides: tuple[float, float, float, float]) -> dict[str, float]:
    return dict(zip("xywh", sides, strict=True))


def confusion(
    truth: list[tuple[str, str, tuple[float, float, float, float]]],
    seen: list[tuple[str, str, tuple[float, float, float, float], float]],
    *,
    condition: str = "all",
) -> LightConfusion:
    real = [
        NONE | {"frame_id": frame, "category": "light", "light_state": state} | box(sides)
        for frame, state, sides in truth
    ]
    said = [
        {"prediction_id": "", "model": "m", "frame_id": frame, "category": "light"}
        | {"light_state": state, "score": score}
        | box(sides)
        for frame, state, sides, score in seen
    ]
    rows = [
        {"frame_id": f"f{n}", "recording_id": "r", "unit": "r", "split": "test"}
        | {"condition": "night" if n else "day", "annotations": "", "weight": 1.0}
        for n in range(3)
    ]
    return light_confusion(
        pa.Table.from_pylist(real, schema=ANNOTATIONS),
        pa.Table.from_pylist(said, schema=PREDICTIONS),
        pa.Table.from_pylist(rows, schema=MANIFEST),
        condition=condition,
    )


def cell(found: LightConfusion, state: str, answer: str) -> int:
    return found.counts[STATES.index(state)][ANSWERS.index(answer)]


TRUTH = [
    ("f0", "red", LEFT),
    ("f0", "green", RIGHT),
    ("f1", "red", LEFT),
    ("f2", "red", LEFT),
    ("f2", "unknown", RIGHT),
]
SEEN = [
    ("f0", "red", LEFT, 0.9),
    ("f0", "amber", RIGHT, 0.9),
    ("f1", "red", LEFT, 0.4),
    ("f1", "green", LEFT, 0.8),  # the more certain one is its answer
    ("f2", "red", LEFT, 0.2),  # too weak
    ("f2", "green", RIGHT, 0.9),
    ("f9", "green", LEFT, 0.9),  # not in the dataset
]


def test_every_known_light_has_one_answer() -> None:
    found = confusion(TRUTH, SEEN)
    assert sum(sum(row) for row in found.counts) == 4
    assert cell(found, "red", "red") == 1
    assert cell(found, "red", "green") == 1
    assert cell(found, "red", "missed") == 1
    assert cell(found, "green", "amber") == 1
    assert (found.red, found.red_as_green, found.frames) == (3, 1, ("f1",))
    assert found.red_as_green_rate == 1 / 3
    assert found.accuracy == 1 / 3


def test_condition() -> None:
    found = confusion(TRUTH, SEEN, condition="day")
    assert (found.red, found.red_as_green, found.red_as_green_rate) == (1, 0, 0.0)


def test_no_lights_give_no_rate() -> None:
    found = confusion([], SEEN)
    assert (found.red_as_green_rate, found.accuracy) == (None, None)
    assert sum(sum(row) for row in found.counts) == 0
