"""Faults of recordings: equal seeds give equal rows, and each changes what it says, no more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ringroad.domain.errors import UsageError
from ringroad.testing.clean_recordings import CleanSpec, RecordingTables, clean_recording
from ringroad.testing.faults_magnitudes import MAGNITUDES
from ringroad.testing.faults_pictures import PICTURE_FAULTS
from ringroad.testing.faults_recordings import FAULTS

SPEC = CleanSpec(duration_s=60.0, cameras=2, camera_hz=10.0, imu_hz=20.0, can_hz=10.0, can_ids=4)


@cache
def clean() -> RecordingTables:
    return clean_recording(5, SPEC)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(8))


def parts(tables: RecordingTables) -> tuple[object, ...]:
    return tables.recording, tables.frames, tables.signals, tables.sweeps


def same(one: RecordingTables, other: RecordingTables) -> bool:
    return all(a == b for a, b in zip(parts(one), parts(other), strict=True))


def test_clean_rows_follow_from_their_seed():
    assert same(clean_recording(5, SPEC), clean())
    assert not same(clean_recording(6, SPEC), clean())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_follows_from_its_seed_and_changes_something(name):
    faulty = FAULTS[name](clean(), rng())
    assert same(faulty, FAULTS[name](clean(), rng()))
    assert not same(faulty, clean())
    assert same(clean_recording(5, SPEC), clean())
    for before, after in zip(parts(clean())[1:], parts(faulty)[1:], strict=True):
        assert after.schema == before.schema


@pytest.mark.parametrize("name", PICTURE_FAULTS)
def test_a_fault_of_pictures_follows_from_its_seed(name):
    pixels = rng().integers(0, 255, (12, 60, 100, 3), np.uint8)
    kept = pixels.copy()
    faulty = PICTURE_FAULTS[name](pixels, rng())
    assert np.array_equal(faulty, PICTURE_FAULTS[name](pixels, rng()))
    assert np.array_equal(pixels, kept)
    changed = int((faulty != pixels).any(axis=(1, 2, 3)).sum())
    expected = MAGNITUDES[name]["pictures"] or len(pixels)
    assert expected - 1 <= changed <= expected


def test_losses_are_as_many_as_the_table_says():
    lost = clean().frames.num_rows + clean().sweeps.num_rows + clean().signals.num_rows
    faulty = FAULTS["size-change"](clean(), rng())
    assert lost == faulty.frames.num_rows + faulty.sweeps.num_rows + faulty.signals.num_rows
    widths = faulty.frames.column("width").to_numpy()
    share = float((widths != widths.max()).sum()) / (clean().frames.num_rows / SPEC.cameras)
    assert share == pytest.approx(MAGNITUDES["size-change"]["share"], abs=0.01)


def test_a_fault_that_needs_a_channel_says_so():
    left = tuple(item for item in clean().recording.channels if item.sensor != "camera")
    blind = replace(clean(), recording=replace(clean().recording, channels=left))
    with pytest.raises(UsageError, match="camera"):
        FAULTS["size-change"](blind, rng())
