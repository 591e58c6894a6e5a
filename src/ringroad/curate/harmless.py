"""What an SQL expression from outside may use: functions that make little of little, and in time.

A sealed engine reads no file, but `range(1e12)` takes all memory and `repeat` all time. Functions
that grow what they are given are not in the list; everything else ends at a deadline.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from ringroad.domain.errors import UsageError

PATIENCE_S = 20.0
FUNCTIONS = frozenset(
    """
    + - * / // % ** ^ | & << >> ~ || ! @ ~~ !~~ ~~* !~~* ~~~ not_like_escape like_escape
    ilike_escape not_ilike_escape regexp_matches regexp_full_match regexp_extract
    abs ceil ceiling floor round round_even trunc sign sqrt cbrt exp ln log log2 log10 pow power
    mod fmod sin cos tan asin acos atan atan2 degrees radians pi greatest least isnan isinf
    isfinite even gcd lcm nextafter hash
    lower upper lcase ucase length len strlen char_length contains starts_with ends_with prefix
    suffix substr substring left right trim ltrim rtrim replace instr position strpos split_part
    reverse concat concat_ws nullif ifnull coalesce if error typeof constant_or_null
    count count_star sum avg mean min max median mode stddev stddev_pop stddev_samp var_pop
    var_samp variance bool_and bool_or any_value arg_min arg_max first last quantile_cont
    quantile_disc approx_count_distinct row_number rank dense_rank percent_rank cume_dist ntile
    lag lead first_value last_value nth_value
    list_value list_contains array_contains list_has list_extract array_extract list_position
    struct_extract map_extract element_at cardinality list_count list_sum list_min list_max
    list_avg list_any_value list_unique
    date_part datepart date_trunc date_diff datediff date_sub date_add year month day hour minute
    second millisecond microsecond nanosecond dayofweek isodow dayofyear week quarter epoch
    epoch_ms epoch_us epoch_ns make_date make_time make_timestamp make_timestamp_ns to_timestamp
    to_days to_hours to_minutes to_seconds to_milliseconds to_microseconds strftime
    unnest date timestamp
    """.split()  # noqa: SIM905 (a list of lines would fill pages)
)
"""`unnest` is for lists of a row, which somebody stored."""


@contextmanager
def in_time(engine: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """End what the engine does after a while. Raises UsageError then."""
    bell = threading.Timer(PATIENCE_S, engine.interrupt)
    bell.daemon = True
    bell.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise UsageError(
            f"takes longer than {PATIENCE_S:g} s", remedy="ask for less, or of fewer tables"
        ) from error
    finally:
        bell.cancel()


def check_words(engine: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Raises UsageError where a statement uses a function or a form that is not in the list."""
    told = engine.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    parsed = json.loads(told[0]) if told else {"error": True}
    if parsed.get("error"):
        return  # the engine says better what is wrong
    for name in _names(parsed):
        if name not in FUNCTIONS:
            raise UsageError(
                f"{name} is not for queries that others may send",
                remedy="compare columns; functions that make long lists or texts are left out",
            )


def _names(part: Any) -> Iterator[str]:
    """Functions, and forms that have no end, anywhere in a parsed statement."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            if "function_name" in one:
                yield str(one["function_name"]).lower()
            if one.get("type") in {"RECURSIVE_CTE_NODE", "TABLE_FUNCTION", "LAMBDA"}:
                yield str(one["type"]).lower().replace("_", " ")
