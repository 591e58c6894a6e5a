"""The order of frames: every frame once, the same for all who ask, from any position on."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.datasets.loader.order import ALL, NONE, Order, OrderConfig
from ringroad.domain.errors import InvalidConfig

CONFIGS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 5),
        "batch": st.integers(1, 7),
        "window": st.sampled_from([ALL, NONE, 1, 2, 3]),
        "world": st.integers(1, 4),
        "drop_last": st.booleans(),
    }
)


def an_order(count: int, rank: int = 0, **config) -> Order:
    rows = np.arange(count) * 2 + 1
    return Order(rows, np.arange(count) // 5, OrderConfig(rank=rank, **config))


@given(count=st.integers(1, 60), config=CONFIGS, epoch=st.integers(0, 3))
def test_every_frame_comes_once_an_epoch(count, config, epoch):
    order = an_order(count, **config)
    assert sorted(order.epoch(epoch).tolist()) == order.rows.tolist()


@given(count=st.integers(1, 60), config=CONFIGS)
def test_ranks_share_the_frames_out(count, config):
    orders = [an_order(count, rank, **config) for rank in range(config["world"])]
    steps = orders[0].steps()
    assert all(order.steps() == steps for order in orders)
    if not steps:
        with pytest.raises(InvalidConfig, match="do not fill one batch"):
            next(orders[0].from_position(0, 0))
        return
    shown = [list(islice(order.from_position(0, 0), steps)) for order in orders]
    sizes = {tuple(len(step.rows) for step in part) for part in shown}
    assert len(sizes) == 1  # ranks never wait for one another
    assert all(part[-1].last and not any(step.last for step in part[:-1]) for part in shown)
    rows = [row for part in shown for step in part for row in step.rows.tolist()]
    wanted = orders[0].frames()
    assert len(rows) == wanted
    if config["drop_last"]:
        assert len(set(rows)) == wanted
    else:
        assert set(rows) == set(orders[0].rows.tolist())
        assert wanted - count < config["world"]


@given(
    count=st.integers(1, 60), config=CONFIGS, done=st.integers(0, 20), batch=st.integers(1, 7),
    world=st.integers(1, 3),
)  # fmt: skip
def test_other_ranks_go_on_where_these_stopped(count, config, done, batch, world):
    config["drop_last"] = False
    first = [an_order(count, rank, **config) for rank in range(config["world"])]
    done = min(done, first[0].steps())
    seen = [list(islice(order.from_position(0, 0), done)) for order in first]
    position = seen[0][-1].after if done else 0
    if position >= count:
        return
    other = config | {"batch": batch, "world": world}
    rest = []
    for rank in range(world):
        for step in an_order(count, rank, **other).from_position(0, position):
            rest += step.rows.tolist()
            if step.last:
                break
    rows = [row for part in seen for step in part for row in step.rows.tolist()]
    assert set(rows) | set(rest) == set(first[0].rows.tolist())
    assert len(rows) + len(rest) - count < world  # only to fill the last step


def test_seeds_and_epochs_differ():
    orders = [an_order(50, seed=seed).epoch(epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4


@given(window=st.integers(1, 4), seed=st.integers(0, 9))
def test_a_window_keeps_the_groups_in_use_few(window, seed):
    shown = an_order(60, window=window, seed=seed).epoch(0) // 10
    last = {int(group): at for at, group in enumerate(shown)}
    first = {int(group): at for at, group in reversed(list(enumerate(shown)))}
    for at in range(60):
        assert sum(first[g] <= at <= last[g] for g in last) <= window


@pytest.mark.parametrize(
    "wrong", [{"batch": 0}, {"window": -2}, {"seed": -1}, {"rank": 2, "world": 2}, {"world": 0}]
)
def test_impossible_orders_are_refused(wrong):
    with pytest.raises(InvalidConfig):
        OrderConfig(**wrong)
