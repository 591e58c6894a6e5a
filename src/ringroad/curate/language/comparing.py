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
    if reading.skip("like"):
        token = reading.take()
        if column.kind != TEXT or token.kind != "text":
            raise reading.wrong(
                token, "`like` compares a text with a pattern", "such as channel like 'cam%'"
            )
        return _maybe_not(Compare(column=column.name, op="like", value=token.text), negated)
    token = reading.next
    if negated or not token.is_sign(*OPERATORS):
        raise reading.unexpected("=, !=, <, <=, >, >=, between, in, like or is null")
    reading.take()
    value = _value(reading, name, column)
    return Compare(column=column.name, op=OPERATORS[token.text], value=value)


def _maybe_not(node: Node, negated: bool) -> Node:
    return Not(part=node) if negated else node


def _among(reading: Reading, name: Token, column: ColumnWord) -> In:
    reading.expect_sign("(")
    values = [_value(reading, name, column)]
    while reading.next.is_sign(","):
        reading.take()
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
    token = reading.take()
    if token.kind not in ("text", "word"):
        raise reading.wrong(token, f"{column.name} is a text", f"such as {column.name} = 'x'")
    return token.text


def _moment(reading: Reading) -> int:
    """Nanoseconds UTC, or a date with or without a time of day."""
    token = reading.take()
    whole_number = whole(token)
    if whole_number is not None and abs(whole_number) <= LATEST_NS:
        return whole_number
    if token.kind not in ("moment", "text"):
        raise reading.wrong(
            token, "expected a moment", "such as 2018-08-02T08:34, or nanoseconds since 1970"
        )
    found = _MOMENT.fullmatch(token.text)
    try:
        if found is None or (found["fraction"] and len(found["day"]) < _TO_THE_SECOND):
            raise ValueError(token.text)
        moment = datetime.fromisoformat(found["day"] + (found["zone"] or ""))
    except ValueError:
        raise reading.wrong(token, "no such moment", "such as 2018-08-02T08:34:05.25") from None
    since = moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    time_ns = seconds * SECOND_NS + int((found["fraction"] or "").ljust(9, "0"))
    if abs(time_ns) > LATEST_NS:
        raise reading.wrong(token, "no such moment", "from the year 1678 to 2261")
    return time_ns


def _number(reading: Reading, name: Token, column: ColumnWord) -> float | int:
    """In the column's own unit."""
    token = reading.next
    value = reading.number()
    measure, own = UNITS[column.unit]
    short = name.text.lower() != column.name and bool(column.unit)
    size = reading.unit(measure, needed=short and value != 0, own=own)
    if size == own:
        exact = whole(token)
        return value if exact is None else exact
    return value * size / own


def whole(token: Token) -> int | None:
    """A whole number of at most 19 digits; None for anything else."""
    digits = token.text.lstrip("+-")
    if token.kind != "number" or not digits.isdecimal() or len(digits) > 19:
        return None
    return int(token.text)
