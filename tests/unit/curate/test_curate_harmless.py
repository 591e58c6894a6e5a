from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ringroad.curate import harmless
from ringroad.curate.columns import Columns
from ringroad.domain.errors import UsageError

ROWS = 2000


@pytest.fixture
def columns():
    table = pa.table({"n": np.arange(ROWS), "name": [f"r{n}" for n in range(ROWS)]})
    held = Columns(table, alive=np.ones(ROWS, bool), beside={"checks": table})
    yield held
    held.close()


@pytest.mark.parametrize(
    "where",
    ["(select count(*) from range(100000000000)) > 0", "len(repeat('x', 2000000000)) > 1",
     "list_sum(range(1000000000)) > 1", "len(lpad('x', 2000000000, 'y')) > 1",
     "(with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t) > 0",
     "len(format('{:>2000000000}', n)) > 1", "len(printf('%2000000000d', n)) > 1",
     "len(list_transform([1], x -> x)) > 0", "len([x for x in [1]]) > 0",
     "(select count(*) from generate_series(1, 100000000000)) > 0", "len(bitstring('1', 99)) > 0",
     "getenv('HOME') = ''", "(select count(*) from read_text('/etc/passwd')) > 0",
     "current_setting('threads') = ''", "len(list_resize([1], 1000000000)) > 1",
     "len(string_agg(name, repeat('x', 100000000))) > 1"],
)  # fmt: skip
def test_what_takes_all_memory_or_time_is_not_begun(columns: Columns, where: str):
    with pytest.raises(UsageError, match="not for queries"):
        columns.mask(where)


@pytest.mark.parametrize(
    ("where", "found"),
    [("n % 2 = 0 and abs(n) < 10", 5), ("name like 'r1_' or name ilike 'R2_'", 20),
     ("n in (select n from checks where n < 7)", 7), ("regexp_matches(name, '^r[0-4]$')", 5),
     ("case when n > 5 then false else n::varchar <> '3' end", 5),
     ("n - 1 > (select avg(n) from checks) and name || 'x' between 'r19' and 'r1999y'", 100)],
)  # fmt: skip
def test_comparisons_are_answered(columns: Columns, where: str, found: int):
    assert columns.mask(where).sum() == found


def test_what_does_not_end_is_ended(columns: Columns, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(harmless, "PATIENCE_S", 0.5)
    endless = "(select count(*) from checks a, checks b, checks c, checks d, checks e) > 0"
    with pytest.raises(UsageError, match=r"longer than 0\.5 s"):
        columns.mask(endless.replace("checks e", "checks e where a.n + e.n > c.n"))
    assert columns.mask("n < 3").sum() == 3
