"""What is measured for strategies: only what is asked for, and what it means."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ringroad.mine.candidates import MEASURED
from ringroad.models.dense_head import DenseHead
from ringroad.pipelines.arena import measure as arena_measure
from ringroad.pipelines.arena.measure import measured

BASE = {"uncertainty", "boxes", "pedestrians"}
CAR, PERSON = 0, 1


def head() -> DenseHead:
    """Feature 0 lights up a car, feature 1 a pedestrian; without either, nothing is there."""
    made = DenseHead(2, 2, hidden=2, drop=0.5)
    with torch.no_grad():
        made.mix.weight.copy_(torch.eye(2)[:, :, None, None])
        made.mix.bias.zero_()
        made.heat.weight.copy_(10 * torch.eye(2)[:, :, None, None])
        made.heat.bias.fill_(-8.0)
    return made.eval()


def pool() -> list[np.ndarray]:
    """Two recordings of three frames; a pedestrian on frame 1, doubt on 3, two cars on 4."""
    maps = np.zeros((6, 8, 8, 2), np.float16)
    maps[1, 2, 2, PERSON] = 1.6
    maps[3, 5, 5, PERSON] = 0.8
    maps[4, 1, 1, CAR] = maps[4, 6, 6, CAR] = 1.6
    return [maps[:3], maps[3:]]


def measure(columns: tuple[str, ...], heads: int = 1) -> dict[str, np.ndarray]:
    return measured(
        [head()] * heads,
        pool(),
        np.arange(6),
        ["a"] * 3 + ["b"] * 3,
        columns=columns,
        rare=PERSON,
        passes=6,
        seed=0,
    )


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_only_what_is_asked_for_is_there(name: str) -> None:
    assert set(measure((), 1)) == BASE
    assert set(measure((name,), 2)) == BASE | {name}


def test_doubt_dropout_and_second_heads_are_left_alone_where_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("nobody asked for dropout")

    monkeypatch.setattr(arena_measure, "ask_with_dropout", never)
    measure(("margin", "rare_uncertainty"))
    with pytest.raises(AssertionError, match="nobody asked"):
        measure(("bald",))


def test_boxes_and_pre_labels_are_counted() -> None:
    found = measure(("rare_expected", "rare_uncertainty"))
    assert found["boxes"].tolist() == [0, 1, 0, 1, 2, 0]
    assert found["pedestrians"].tolist() == [0, 1, 0, 1, 0, 0]
    assert found["uncertainty"].argmax() == 3
    assert found["rare_uncertainty"].argmax() == 3
    assert found["rare_uncertainty"][4] == pytest.approx(found["rare_uncertainty"][0])
    np.testing.assert_allclose(found["rare_expected"], [0, 1, 0, 0.5, 0, 0], atol=0.01)


def test_change_begins_anew_with_each_recording() -> None:
    change = measure(("change",))["change"]
    assert change[[0, 3]].tolist() == [0.0, 0.0]
    assert (change[[1, 2, 4, 5]] > 0).all()


def test_two_equal_heads_do_not_disagree() -> None:
    assert measure(("disagreement",), 2)["disagreement"].max() < 1e-6
