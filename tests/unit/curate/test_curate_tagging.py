"""The small tagger: what it learns, what it says nothing of, and how it tells of itself."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.curate.tagging import BY_BLOCK, BY_RECORDING, fit, judge, shares_of
from ringroad.domain.errors import InputError

VALUES = ("clear", "fog")


def drives(seed: int, *, recordings: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames of two kinds, a recording of one kind each, frames of a recording alike."""
    draw = np.random.Generator(np.random.PCG64(seed))
    vectors, labels, owners = [], [], []
    for number in range(recordings):
        kind = number % 2
        middle = draw.normal(0, 0.3, 16)
        middle[0] += 4 * kind
        vectors.append(middle + draw.normal(0, 0.3, (30, 16)))
        labels += [kind] * 30
        owners += [number] * 30
    return np.concatenate(vectors), np.array(labels), np.array(owners)


def test_it_tells_recordings_that_it_never_saw() -> None:
    vectors, labels, owners = drives(1, recordings=12)
    judged = judge(vectors, labels, owners, VALUES)
    assert judged.unit == BY_RECORDING
    assert judged.recordings == {"clear": 6, "fog": 6}
    assert judged.balanced is not None
    assert judged.balanced > 0.9
    other, truth, _ = drives(2, recordings=4)
    shares = shares_of(fit(vectors, labels, VALUES), other)
    told = shares.max(axis=1) > 0
    assert (shares.argmax(axis=1) == truth)[told].mean() > 0.95


def test_labels_by_chance_are_told_no_better_than_by_a_coin() -> None:
    vectors, labels, owners = drives(3, recordings=20)
    by_chance = np.random.Generator(np.random.PCG64(4)).permutation(20)[owners] % 2
    judged = judge(vectors, by_chance, owners, VALUES)
    assert judged.balanced is not None
    assert judged.balanced < 0.75
    del labels


def test_one_recording_of_a_value_is_said_so() -> None:
    vectors, labels, owners = drives(5, recordings=2)
    assert judge(vectors, labels, owners, VALUES).unit == BY_BLOCK


def test_it_says_nothing_of_frames_unlike_all_it_knows() -> None:
    vectors, labels, _ = drives(6, recordings=8)
    made = fit(vectors, labels, VALUES)
    assert not shares_of(made, vectors[:3] + 50).any()
    assert shares_of(made, vectors).any(axis=1).mean() >= 0.98


def test_what_cannot_be_fitted_is_told() -> None:
    vectors, labels, _ = drives(7, recordings=2)
    with pytest.raises(InputError, match="nothing to tell apart"):
        fit(vectors, np.zeros(len(vectors), np.int64), VALUES)
    with pytest.raises(InputError, match="not numbers"):
        fit(np.where(vectors > 4, np.nan, vectors), labels, VALUES)
    with pytest.raises(InputError, match="fitted on 16"):
        shares_of(fit(vectors, labels, VALUES), vectors[:, :5])
