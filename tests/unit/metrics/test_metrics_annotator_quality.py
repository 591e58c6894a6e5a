"""Dawid and Skene's own data, recovery of planted error rates, and what few answers may say."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.metrics.annotator_quality import Answers, DawidSkene, fit, pseudo_counts

ANAESTHETISTS = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3
222 2 2 2 3|232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1
111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2
111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3
111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1
111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""
"""Dawid and Skene 1979, table 1: 45 patients, fitness for anaesthesia on a scale of 1 to 4, the
first of five anaesthetists three times over."""


def patients() -> Answers:
    rows = [
        (patient, annotator, int(value) - 1)
        for patient, cell in enumerate(ANAESTHETISTS.replace("\n", "|").strip("|").split("|"))
        for annotator, word in enumerate(cell.split())
        for value in word
    ]
    items, people, values = np.array(rows).T
    return Answers(items=items, annotators=people, values=values, counts=(45, 5, 4, 4))


def by_loops(answers: Answers, rounds: int) -> tuple[list[float], list[list[list[float]]]]:
    """Equations 2.3 to 2.5 written out, item by item; shares and error rates."""
    items, people, kinds, _ = answers.counts
    said = list(zip(answers.items.tolist(), answers.annotators.tolist(), answers.values.tolist(),
                    strict=True))  # fmt: skip
    truth = [[0.0] * kinds for _ in range(items)]
    for item, _, value in said:
        truth[item][value] += 1.0
    truth = [[t / sum(line) for t in line] for line in truth]
    shares: list[float] = []
    rates: list[list[list[float]]] = []
    for turn in range(rounds + 1):
        shares = [sum(line[j] for line in truth) / items for j in range(kinds)]
        rates = [[[0.0] * kinds for _ in range(kinds)] for _ in range(people)]
        for item, person, value in said:
            for j in range(kinds):
                rates[person][j][value] += truth[item][j]
        rates = [
            [[n / sum(line) if sum(line) else 0.25 for n in line] for line in table]
            for table in rates
        ]
        if turn == rounds:
            break
        joint = [list(shares) for _ in range(items)]
        for item, person, value in said:
            for j in range(kinds):
                joint[item][j] *= rates[person][j][value]
        truth = [[t / sum(line) for t in line] for line in joint]
    return shares, rates


def test_the_anaesthetists_of_1979() -> None:
    """Shares are printed as .40, .42, .11, .07."""
    found = fit(patients())
    assert found.settled
    assert found.shares[0].round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    shares, rates = by_loops(patients(), len(found.likelihood))
    assert found.shares[0].tolist() == pytest.approx(shares, abs=1e-9)
    assert np.abs(found.confusion[0] - np.array(rates)).max() < 1e-9
    assert (np.diff(found.likelihood) >= -1e-9).all()  # EM never gets worse


def test_a_fit_is_a_fixed_point() -> None:
    """One more pass of the equations changes nothing: the estimate is where they meet."""
    found = fit(patients())
    again = fit(patients(), rounds=len(found.likelihood) + 5)
    assert np.abs(found.truths - again.truths).max() < 1e-9


def planted(seed: int, *, items: int, share: float = 1.0) -> tuple[Answers, np.ndarray, np.ndarray]:
    """Three annotators with stated error rates, of whom each answers a share of the items."""
    rng = np.random.default_rng(seed)
    rates = np.array(
        [
            [[0.95, 0.03, 0.02], [0.02, 0.96, 0.02], [0.05, 0.05, 0.90]],
            [[0.80, 0.10, 0.10], [0.15, 0.80, 0.05], [0.10, 0.20, 0.70]],
            [[0.60, 0.30, 0.10], [0.02, 0.95, 0.03], [0.10, 0.10, 0.80]],
        ]
    )
    truth = rng.choice(3, items, p=[0.5, 0.3, 0.2])
    rows = [
        (item, person, rng.choice(3, p=rates[person, truth[item]]))
        for item in range(items)
        for person in range(3)
        if rng.random() < share
    ]
    columns = np.array(rows).T
    answers = Answers(
        items=columns[0], annotators=columns[1], values=columns[2], counts=(items, 3, 3, 3)
    )
    return answers, truth, rates


def accuracy(found: DawidSkene, truth: np.ndarray) -> float:
    return float((found.truths.argmax(axis=1) == truth).mean())


def test_planted_error_rates_are_found_again() -> None:
    answers, truth, rates = planted(1, items=6_000)
    found = fit(answers, prior=pseudo_counts(3, 3, accuracy=0.8, strength=5.0))
    assert np.abs(found.confusion[0] - rates).max() < 0.05
    votes = np.stack([np.bincount(answers.items[answers.values == v], minlength=6_000)
                      for v in range(3)])  # fmt: skip
    majority = float((votes.argmax(axis=0) == truth).mean())
    assert accuracy(found, truth) > majority


def test_who_said_little_is_taken_for_ordinary() -> None:
    """One wrong answer makes nobody a fool: with a prior the estimate hardly moves."""
    answers, _, _ = planted(2, items=400)
    few = Answers(
        items=np.append(answers.items, 0),
        annotators=np.append(answers.annotators, 3),
        values=np.append(answers.values, (answers.values[0] + 1) % 3),
        counts=(400, 4, 3, 3),
    )
    prior = pseudo_counts(3, 3, accuracy=0.8, strength=20.0)
    held = fit(few, prior=prior).confusion[0, 3].diagonal()
    assert (held > 0.7).all()
    bare = fit(few).confusion[0, 3].diagonal()
    assert bare.min() < 0.1


def test_what_people_know_stands() -> None:
    answers, truth, _ = planted(3, items=50)
    known = np.where(np.arange(50) < 10, (truth + 1) % 3, -1)
    found = fit(answers, known=known)
    assert (found.truths[:10].argmax(axis=1) == known[:10]).all()
    assert (found.truths[:10].max(axis=1) == 1.0).all()


def test_strata_hold_error_rates_apart() -> None:
    easy, _, _ = planted(4, items=2_000)
    rng = np.random.default_rng(5)
    noise = rng.random(len(easy.values)) < 0.4
    hard_values = np.where(noise, rng.integers(0, 3, len(noise)), easy.values)
    both = Answers(
        items=np.concatenate([easy.items, easy.items + 2_000]),
        annotators=np.tile(easy.annotators, 2),
        values=np.concatenate([easy.values, hard_values]),
        counts=(4_000, 3, 3, 3),
        strata=np.repeat([0, 1], 2_000),
    )
    found = fit(both, prior=pseudo_counts(3, 3, accuracy=0.8, strength=5.0))
    right = found.confusion.diagonal(axis1=2, axis2=3).mean(axis=2)
    assert (right[0] > right[1] + 0.1).all()


def test_an_alphabet_may_be_wider_than_the_truths() -> None:
    """A network that says `car, sure` and `car, unsure` is two answers of one truth."""
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 3_000)
    person = np.where(rng.random(3_000) < 0.9, truth, 1 - truth)
    sure = rng.random(3_000) < 0.5
    right = rng.random(3_000) < np.where(sure, 0.98, 0.6)
    network = np.where(right, truth, 1 - truth) + 2 * ~sure
    answers = Answers(
        items=np.tile(np.arange(3_000), 3),
        annotators=np.repeat([0, 1, 2], 3_000),
        values=np.concatenate(
            [person, np.where(rng.random(3_000) < 0.85, truth, 1 - truth), network]
        ),
        counts=(3_000, 3, 2, 4),
    )
    rates = fit(answers, prior=pseudo_counts(2, 4, accuracy=0.8, strength=2.0)).confusion[0, 2]
    given = rates[:, :2] / rates[:, :2].sum(axis=1, keepdims=True)
    unsure = rates[:, 2:] / rates[:, 2:].sum(axis=1, keepdims=True)
    assert given.diagonal().min() > 0.95
    assert 0.5 < unsure.diagonal().mean() < 0.7


def test_nothing_said_is_no_knowledge() -> None:
    none = np.zeros(0, np.int64)
    found = fit(Answers(items=none, annotators=none, values=none, counts=(2, 1, 3, 3)))
    assert found.truths == pytest.approx(np.full((2, 3), 1 / 3))
