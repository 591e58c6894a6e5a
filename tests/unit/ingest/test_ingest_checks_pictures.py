"""Picture checks: each finds its fault on pictures of a made street, none speaks without one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pytest

from ringroad.ingest.checks import CheckLimits, Finding, check_pictures
from ringroad.ingest.checks.measures import block_means, luma_of, measure
from ringroad.testing.clean_recordings import picture_rows
from ringroad.testing.faults_pictures import PICTURE_FAULTS

HEIGHT, WIDTH, COUNT = 120, 200, 24


@cache
def street(seed: int = 1, gain: float = 1.0) -> np.ndarray:
    """A wall of many-coloured things that passes by, with the noise of a sensor."""
    rng = np.random.Generator(np.random.PCG64(seed))
    wall = np.full((HEIGHT, WIDTH + 12 * COUNT, 3), 120.0)
    for _ in range(900):
        y, x = rng.integers(0, HEIGHT), rng.integers(0, wall.shape[1])
        tall, wide = rng.integers(2, 30, 2)
        wall[y : y + tall, x : x + wide] = rng.uniform(10, 225) + rng.uniform(-20, 20, 3)
    shown = [wall[:, 12 * at : 12 * at + WIDTH] for at in range(COUNT)]
    noisy = gain * np.stack(shown) + rng.normal(0, 2, (COUNT, HEIGHT, WIDTH, 1))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def findings(pixels: np.ndarray, rate_hz: float = 10.0) -> list[Finding]:
    return check_pictures(picture_rows(len(pixels), rate_hz), pixels, CheckLimits())


@pytest.mark.parametrize("gain", [1.0, 0.45])
def test_clean_pictures_raise_nothing(gain):
    assert findings(street(gain=gain)) == []


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", PICTURE_FAULTS)
def test_a_check_finds_its_fault(name, seed):
    rng = np.random.Generator(np.random.PCG64([seed, 5]))
    clean = street(seed)
    found = [item for item in findings(PICTURE_FAULTS[name](clean, rng)) if item.check == name]
    assert found
    assert all(item.channel == "/camera/0" for item in found)


def test_a_finding_tells_its_stretch():
    pixels = street().copy()
    pixels[5:9] = 0
    black = [item for item in findings(pixels) if item.check == "black"]
    times = picture_rows(COUNT, 10.0).column("time_ns").to_numpy()
    assert [(item.start_ns, item.end_ns) for item in black] == [(times[5], times[8])]
    (still,) = [item for item in findings(pixels) if item.check == "frozen"]
    assert still.value == 4


def test_a_picture_a_second_may_change_its_exposure():
    faulty = PICTURE_FAULTS["exposure-jump"](street(), np.random.Generator(np.random.PCG64(3)))
    assert "exposure-jump" in {item.check for item in findings(faulty, rate_hz=10.0)}
    assert "exposure-jump" not in {item.check for item in findings(faulty, rate_hz=1.0)}


def test_enlarged_pictures_are_not_called_blurred():
    faulty = PICTURE_FAULTS["blurred"](street(), np.random.Generator(np.random.PCG64(3)))
    rows = picture_rows(COUNT, 10.0)
    place, field = rows.schema.get_field_index("width"), rows.schema.field("width")
    small = rows.set_column(place, field, pa.array([WIDTH // 2] * COUNT, field.type))
    for frames, expected in ((rows, True), (small, False)):
        found = {item.check for item in check_pictures(frames, faulty, CheckLimits())}
        assert ("blurred" in found) == expected


def test_measures_do_not_depend_on_how_pictures_are_cut():
    whole = measure(street())
    for part in (3, 8, 11):
        cut = measure(street()[:part])
        assert np.array_equal(cut.change, whole.change[:part], equal_nan=True)
        assert np.array_equal(cut.blocks, whole.blocks[:part])
        assert np.array_equal(cut.detail, whole.detail[:part])
    assert len(measure(street()[:0]).mean) == 0
    assert findings(street()[:0]) == []
    assert findings(street()[:1]) == []


def test_luma_and_blocks_are_means():
    pixels = np.zeros((1, 9, 17, 3), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = 255, 255, 255
    assert luma_of(pixels).min() == 255
    ramp = np.arange(9 * 17, dtype=np.uint8).reshape(1, 9, 17)
    assert block_means(ramp, 8).shape == (1, 1, 2)
    assert block_means(ramp, 8)[0, 0, 0] == pytest.approx(ramp[0, :8, :8].mean())
    assert block_means(ramp[:, :3, :5], 8).shape == (1, 1, 1)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 5), (24, 40)])
def test_tiny_pictures_are_no_error(size):
    rng = np.random.Generator(np.random.PCG64(4))
    findings(rng.integers(0, 255, (12, *size, 3), np.uint8))


def test_real_clips_raise_nothing(test_data: Path):
    for path in sorted((test_data / "video").glob("*.mp4")):
        with av.open(str(path)) as container:
            frames = [f for at, f in enumerate(container.decode(video=0)) if at % 6 == 0]
        pixels = np.stack([f.to_ndarray(width=320, height=180, format="rgb24") for f in frames])
        assert findings(pixels, 25 / 6) == [], path.name
