"""What a long-lived process remembers of earlier executions: enough, and no more."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

from workflow_shop import Shop

from ringroad.domain.artifact import ExecutionKey
from ringroad.workflow.why import LOOK_BACK, History


def key(number: int) -> ExecutionKey:
    return ExecutionKey(
        step="grow",
        code={"module": "a"},
        environment={},
        inputs={},
        parameters={"rows": [number] * 200},
        seed=0,
    )


def test_the_closest_of_the_last_is_found_and_what_is_older_forgotten(shop: Shop) -> None:
    history = History(shop.catalog)
    for number in range(3 * LOOK_BACK):
        history.add(key(number))
    changed = {"module": "b"}
    recent = replace(key(3 * LOOK_BACK - 10), code=changed)
    assert history.why(recent) == ("code: module changed",)
    first = replace(key(0), code=changed)
    code, parameter = history.why(first)  # the closest is one of other rows
    assert code == "code: module changed"
    assert parameter.startswith("parameter rows:")


def test_a_server_that_runs_for_long_holds_no_more_for_it(shop: Shop) -> None:
    history = History(shop.catalog)
    for number in range(2 * LOOK_BACK):
        history.add(key(number))
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(2 * LOOK_BACK, 8 * LOOK_BACK):
            history.add(key(number))
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    one = 200 * 8
    assert grown < 2 * LOOK_BACK * one * 2, f"{grown} bytes for keys that replaced others"
