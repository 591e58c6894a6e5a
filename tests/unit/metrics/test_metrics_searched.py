"""Error rates of people who search: what nobody found counts, and answers have a worth."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.metrics.searched import Searched, fit_searched, gains, unseen

CAR, NOTHING = 0, 1


def world(seed: int, *, frames: int, miss: tuple[float, ...], made: tuple[float, ...]) -> Searched:
    """One category; people who miss and invent at stated rates, two of them at each frame."""
    rng = np.random.default_rng(seed)
    people = len(miss)
    said, at = [], []
    looked = np.zeros((frames, people), bool)
    for frame in range(frames):
        here = rng.choice(people, 2, replace=False)
        looked[frame, here] = True
        for _ in range(int(rng.integers(0, 8))):
            row = np.full(people, -1)
            row[here] = [NOTHING if rng.random() < miss[p] else CAR for p in here]
            if (row == CAR).any():
                said.append(row)
                at.append(frame)
        for person in here:
            for _ in range(int(rng.poisson(made[person]))):
                row = np.where(looked[frame], NOTHING, -1)
                row[person] = CAR
                said.append(row)
                at.append(frame)
    return Searched(
        said=np.array(said),
        frames=np.array(at),
        strata=np.zeros(len(said), np.int64),
        looked=looked,
        counts=(2, 2, 1),
    )


PRIOR = 4.0 * np.array([[0.9, 0.1], [0.01, 0.99]])


def test_misses_are_found_although_nobody_saw_some_things() -> None:
    miss, made = (0.05, 0.15, 0.30), (0.1, 0.3, 0.2)
    searched = world(1, frames=3_000, miss=miss, made=made)
    rates, posterior = fit_searched(
        searched, prior=np.repeat(PRIOR[None], 3, axis=0), rounds=600, tolerance=1e-7
    )
    found = rates.confusion[0, :, CAR, NOTHING]
    assert found == pytest.approx(miss, abs=0.03)
    plain = [  # who counts only what is in the list is too kind
        (searched.said[searched.said[:, p] >= 0, p] == NOTHING)[
            posterior[searched.said[:, p] >= 0, CAR] > 0.5
        ].mean()
        for p in range(3)
    ]
    assert plain[2] < 0.30
    per_look = rates.confusion[0, :, NOTHING, CAR] * 100
    assert per_look == pytest.approx(made, abs=0.12)


def test_a_thing_stands_for_those_that_all_missed() -> None:
    searched = Searched(
        said=np.array([[CAR, -1], [CAR, NOTHING]]),
        frames=np.array([0, 1]),
        strata=np.zeros(2, np.int64),
        looked=np.array([[True, False], [True, True]]),
        counts=(2, 2, 1),
    )
    rates, _ = fit_searched(searched, prior=np.repeat(PRIOR[None], 2, axis=0), rounds=0)
    ghosts = unseen(searched, rates, np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert ghosts[:, CAR] == pytest.approx([0.1 / 0.9, 0.5 * 0.01 / 0.99])
    assert (ghosts[:, NOTHING] == 0).all()


def test_what_people_know_stands() -> None:
    searched = world(2, frames=50, miss=(0.1, 0.1), made=(0.1, 0.1))
    known = np.full(len(searched.said), -1)
    known[0] = NOTHING
    _, posterior = fit_searched(searched, prior=np.repeat(PRIOR[None], 2, axis=0), known=known)
    assert posterior[0].tolist() == [0.0, 1.0]


def test_the_worth_of_an_answer_by_hand() -> None:
    """At even odds an annotator who is right in 9 of 10 saves 0.4 of the 0.5 errors."""
    confusion = np.array([[[0.9, 0.1], [0.1, 0.9]]])
    assert gains(np.array([[0.5, 0.5]]), confusion) == pytest.approx([0.4])
    assert gains(np.array([[0.95, 0.05]]), confusion) == pytest.approx([0.0])  # nothing would turn
    drawn = gains(np.array([[0.8, 0.2]]), confusion)
    undrawn = gains(np.array([[0.8, 0.2]]), confusion, undrawn=np.array([True]))
    # not drawn it is an error of 0.8 now; drawn by the answer it stands, else it stays away
    assert undrawn == pytest.approx([0.8 - (0.8 * 0.1 + 0.2 * 0.1)])
    assert undrawn > drawn
