"""Masks over columns: one engine for all, nothing seen of one another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from ringroad.curate.columns import Columns
from ringroad.domain.errors import UsageError


def columns(count: int) -> Columns:
    """Rows with a number each, all of them alive."""
    return Columns(pa.table({"number": np.arange(count)}), alive=np.ones(count, dtype=bool))


def test_tables_of_one_engine_do_not_meet() -> None:
    small, large = columns(3), columns(5)
    assert large.mask("number >= 2").tolist() == [False, False, True, True, True]
    assert small.mask("number >= 2").tolist() == [False, False, True]
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda n: columns(n).mask("number >= 0").sum(), range(1, 40)))
    assert counts == list(range(1, 40))


@pytest.mark.parametrize(
    "between", ["create macro abs(x) as 1", "create table kept as select 1", "select 1"]
)
def test_an_expression_leaves_nothing_behind_for_others(between: str) -> None:
    with pytest.raises(UsageError, match="more than one expression"):
        columns(3).mask(f"true); {between}; select row_number from frames where (true")  # noqa: S608 (refused)
    assert columns(3).mask("abs(number - 2) = 2").tolist() == [True, False, False]
    with pytest.raises(UsageError, match="kept"):
        columns(3).mask("number in (select * from kept)")
