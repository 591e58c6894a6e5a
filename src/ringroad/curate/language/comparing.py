"""Reads what stands behind a column: operators, values, units."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ringroad.curate.language.lexer import Token
from ringroad.curate.language.reading import Reading
from ringroad.curate.language.tree import Between, Compare, In, Node, Not, Null, Value
from ringroad.curate.language.vocabulary import TEXT, TIME, UNITS, ColumnWord
from ringroad.domain.time import SECOND_NS

OPERATORS = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_COMPARISONS = "=, !=, <, <=, >, >=, between, in, like or is null"
_SIGNS = ("<", "<=", "=", "!=", ">=", ">")

LATEST_NS = 2**63 - 1
"""Moments are kept in 64 bits: to the year 2262."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[-+]\d\d:\d\d)?",
    re.ASCII,
)

_TO_THE_SECOND = len("2018-08-02T08:34:05")


def comparison(reading: Reading, name: Token, column: ColumnWord) -> Node:
    """`= 3`, `between 1 and 2`, `in (a, b)`, `like '%x'`, `is null`, each also with `not`."""
    if reading.skip("is"):
        negated = reading.skip("not")
        reading.expect_word("null")
        return _maybe_not(Null(column=column.name), negated)
    negated = reading.skip("not")
    if reading.skip("between"):
        low = _value(reading, name, column)
        reading.expect_word("and")
        high = _value(reading, name, column)
        return _maybe_not(Between(column=column.name, low=low, high=high), negated)
    if reading.skip("in"):
        return _maybe_not(_among(reading, name, column), negated)
    if column.kind == TEXT and reading.skip("like"):
        token = reading.take()
        if token.kind != "text":
            raise reading.wrong(
                token, "`like` compares a text with a pattern", "such as channel like 'cam%'"
            )
        return _maybe_not(Compare(column=column.name, op="like", value=token.text), negated)
    reading.may("operator", _SIGNS if column.kind != TEXT else ("=", "!="))
    token = reading.next
    if negated or not token.is_sign(*OPERATORS):
        raise reading.unexpected(f"a comparison of {column.name}: {_COMPARISONS}")
    reading.take()
    value = _value(reading, name, column)
    return Compare(column=column.name, op=OPERATORS[token.text], value=value)


def _maybe_not(node: Node, negated: bool) -> Node:
    return Not(part=node) if negated else node


def _among(reading: Reading, name: Token, column: ColumnWord) -> In:
    reading.expect_sign("(")
    if reading.next.is_word("select"):
        raise reading.wrong(
            reading.next, "a query inside a query is SQL", "write sql('...') around the condition"
        )
    values = [_value(reading, name, column)]
    while reading.skip_sign(","):
        values.append(_value(reading, name, column))
    reading.expect_sign(")")
    return In(column=column.name, values=tuple(values))


def _value(reading: Reading, name: Token, column: ColumnWord) -> Value:
    if column.kind == TEXT:
        return _text(reading, column)
    if column.kind == TIME:
        return _moment(reading)
    return _number(reading, name, column)


def _text(reading: Reading, column: ColumnWord) -> str:
    reading.may("value", column.values)
    token = reading.take()
    if token.kind not in ("text", "word"):
        raise reading.wrong(token, f"{column.name} is a text", f"such as {column.name} = 'x'")
    return token.text


def _moment(reading: Reading) -> int:
    """Nanoseconds UTC, or a date with or without a time of day."""
    reading.may("moment", ())
    token = reading.take()
    if token.whole is not None:
        time_ns: int | None = token.whole
    elif token.kind in ("moment", "text"):
        time_ns = _time_ns(token.text)
    else:
        raise reading.wrong(
            token, "expected a moment", "such as 2018-08-02T08:34, or nanoseconds since 1970"
        )
    if time_ns is None or abs(time_ns) > LATEST_NS:
        raise reading.wrong(token, "no such moment", "such as 2018-08-02T08:34:05.25")
    return time_ns


def _time_ns(text: str) -> int | None:
    """Of a date or a date and a time of day, UTC unless it says another zone; None for none."""
    found = _MOMENT.fullmatch(text)
    if found is None or (found["fraction"] and len(found["day"]) < _TO_THE_SECOND):
        return None
    try:
        moment = datetime.fromisoformat(found["day"] + (found["zone"] or ""))
        since = moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH
    except (ValueError, OverflowError):
        return None
    seconds = since.days * 86_400 + since.seconds
    return seconds * SECOND_NS + int((found["fraction"] or "").ljust(9, "0"))


def _number(reading: Reading, name: Token, column: ColumnWord) -> float | int:
    """In the column's own unit. A column that is called without its unit needs one."""
    token = reading.next
    measure, own = UNITS[column.unit]
    short = name.text.lower() != column.name and bool(column.unit)
    value = reading.amount(measure, needed=short, own=own)
    exact = token.whole
    return exact if exact is not None and float(exact) == value else value
