"""What frames measure, on made pictures and on recorded drives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from ringroad.curate.describe import condition_of, describe
from ringroad.media.schemas import FRAMES, SIGNALS

SECOND = 1_000_000_000


def frames_of(times: list[int], recording: str = "v/a") -> pa.Table:
    n = len(times)
    values: dict[str, object] = {
        "frame_id": [f"{recording}/front/{i:06d}" for i in range(n)],
        "recording_id": [recording] * n,
        "channel": ["front"] * n,
        "sequence": list(range(n)),
        "time_ns": times,
        "key": [True] * n,
        "source": ["0" * 64] * n,
        "encoding": ["jpeg"] * n,
        "compression": [""] * n,
    }
    return pa.table(
        {
            field.name: pa.array(
                values.get(field.name, [None if field.nullable else 0] * n), field.type
            )
            for field in FRAMES
        },
        schema=FRAMES,
    )


def signals_of(rows: list[tuple[str, int, str, float, str]]) -> pa.Table:
    keys = ("recording_id", "time_ns", "name", "value", "unit")
    return pa.Table.from_pylist(
        [{**dict(zip(keys, row, strict=True)), "channel": "can"} for row in rows], schema=SIGNALS
    )


def flat(value: int) -> np.ndarray:
    return np.full((24, 32, 3), value, dtype=np.uint8)


def test_figures_of_plain_pictures() -> None:
    chess = np.zeros((24, 32, 3), dtype=np.uint8)
    chess[::2, ::2] = chess[1::2, 1::2] = 255
    red = flat(0)
    red[..., 0] = 255
    told = describe(frames_of([0, 1, 2]), np.stack([flat(51), chess, red]), signals_of([]))
    assert told.schema == FRAMES
    assert told["brightness"].to_pylist() == pytest.approx([0.2, 0.5, 0.299], abs=1e-6)
    assert told["contrast"].to_pylist() == pytest.approx([0.0, 0.5, 0.0], abs=1e-6)
    assert told["saturation"].to_pylist() == pytest.approx([0.0, 0.0, 1.0], abs=1e-6)
    # Each inner pixel of the chess board differs from all four neighbours: +-1020.
    assert told["sharpness"].to_pylist() == pytest.approx([0, np.log10(1 + 1020**2), 0], abs=1e-4)
    assert told["speed_mps"].to_pylist() == [None, None, None]


def test_conditions_follow_sky_and_street() -> None:
    dusk = flat(20)
    dusk[:12] = 120
    headlights = flat(10)
    headlights[14:] = 140
    underpass = flat(60)
    underpass[:8, :8] = 200
    glow = flat(45)
    glow[:12] = 110
    told = [condition_of(p) for p in (flat(120), dusk, glow, flat(15), headlights, underpass)]
    assert told == ["day", "dusk", "dusk", "night", "night", "day"]


def test_speed_is_nearest_in_time_and_in_metres_per_second() -> None:
    signals = signals_of(
        [
            ("v/a", 0, "speed", 36.0, "km/h"),
            ("v/a", SECOND, "speed", 72.0, "km/h"),
            ("v/a", SECOND, "engine_speed", 3000.0, "1/min"),
            ("v/b", 0, "speed", 99.0, "m/s"),
        ]
    )
    times = [0, SECOND * 4 // 10, SECOND * 6 // 10, 2 * SECOND, 2 * SECOND + 1]
    told = describe(frames_of(times), np.stack([flat(9)] * 5), signals)
    assert told["speed_mps"].to_pylist() == pytest.approx([10.0, 10.0, 20.0, 20.0, None])


def test_rows_and_pictures_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 rows of frames for 1 pictures"):
        describe(frames_of([0, 1]), flat(0)[None], signals_of([]))


@pytest.mark.parametrize(
    ("drive", "condition"), [("0001TP", "dusk"), ("0006R0", "day"), ("0016E5", "day")]
)
def test_recorded_drives(test_data: Path, drive: str, condition: str) -> None:
    paths = sorted((test_data / "camvid" / "images").glob(f"{drive}_*.jpg"))[::4]
    told = Counter()
    for path in paths:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((320, 192), Image.Resampling.BILINEAR)
        told[condition_of(np.asarray(small))] += 1
    assert told == {condition: len(paths)}


def test_recorded_night(test_data: Path) -> None:
    with Image.open(test_data / "bdd_stills" / "caec69a1-75429ccd.jpg") as picture:
        assert condition_of(np.asarray(picture.convert("RGB"))) == "night"
