"""Text to a tree. Says where it goes wrong, what was expected, and the nearest known name.

    query      = [or] ["order by" column ["desc"] {"," ...}] ["limit" whole number]
    or         = and {"or" and}
    and        = sequence {"and" sequence}
    sequence   = held {"then" held ["within" time]}
    held       = ["not"] part ["for" time] | "within" time "of" held
    part       = "(" or ")" | column comparison | call | atom | category

Without `within`, what follows may start up to ten seconds after the first ended.
"""

from __future__ import annotations

from ringroad.curate.language.calls import CALLS, held
from ringroad.curate.language.comparing import comparison
from ringroad.curate.language.lexer import Token
from ringroad.curate.language.reading import Reading
from ringroad.curate.language.tree import And, Around, For, Node, Not, Or, Query, Then
from ringroad.curate.language.vocabulary import Vocabulary
from ringroad.domain.time import SECOND_NS

THEN_NS = 10 * SECOND_NS
"""How long after the first ended the second may start, where a query does not say."""


def parse(text: str, vocabulary: Vocabulary) -> Query:
    """Read a query.

    Raises:
        UsageError: it cannot be understood; the message shows the place.
    """
    reading = Reading(text, vocabulary)
    where = None
    if not (reading.next.kind == "end" or reading.next.is_word("order", "limit")):
        where = _or(reading)
    order = _order(reading)
    limit = _limit(reading)
    if reading.next.kind != "end":
        raise reading.unexpected("`and`, `or`, `then`, `order by`, `limit` or the end")
    return Query(where=where, order=order, limit=limit)


def _or(reading: Reading) -> Node:
    with reading.deeper():
        parts = [_and(reading)]
        while reading.skip("or"):
            parts.append(_and(reading))
    return parts[0] if len(parts) == 1 else Or(parts=tuple(parts))


def _and(reading: Reading) -> Node:
    parts = [_sequence(reading)]
    while reading.skip("and"):
        parts.append(_sequence(reading))
    return parts[0] if len(parts) == 1 else And(parts=tuple(parts))


def _sequence(reading: Reading) -> Node:
    first = _held(reading)
    while reading.skip("then"):
        second = _held(reading)
        within = THEN_NS
        if reading.next.is_word("within"):
            reading.take()
            within = reading.time_ns()
        first = Then(first=first, second=second, within_ns=within)
    return first


def _held(reading: Reading) -> Node:
    with reading.deeper():
        if reading.skip("not"):
            return Not(part=_held(reading))
        if reading.skip("within"):
            within = reading.time_ns()
            reading.expect_word("of")
            return Around(part=_held(reading), within_ns=within)
        part = _part(reading)
        while reading.skip("for"):
            part = For(part=part, duration_ns=reading.time_ns())
        return part


def _part(reading: Reading) -> Node:
    token = reading.next
    if token.is_sign("("):
        reading.take()
        inside = _or(reading)
        reading.expect_sign(")")
        return inside
    if token.kind != "word":
        raise reading.unexpected("a column, an atom or a call such as like(...)")
    call = CALLS.get(token.text.lower())
    if call is not None and reading.after.is_sign("("):
        reading.take()
        return call(reading, _or)
    column = reading.vocabulary.column(token.text)
    if column is not None and not _called(reading):
        reading.take()
        return comparison(reading, token, column)
    return held(reading)


def _called(reading: Reading) -> bool:
    return reading.after.is_sign("(")


def _order(reading: Reading) -> tuple[tuple[str, bool], ...]:
    if not reading.skip("order"):
        return ()
    reading.expect_word("by")
    keys = [_key(reading)]
    while reading.next.is_sign(","):
        reading.take()
        keys.append(_key(reading))
    return tuple(keys)


def _key(reading: Reading) -> tuple[str, bool]:
    token = reading.take()
    column = reading.vocabulary.column(token.text) if token.kind == "word" else None
    if column is None:
        raise reading.unknown(token, "column", reading.vocabulary.columns)
    if reading.skip("desc"):
        return column.name, True
    reading.skip("asc")
    return column.name, False


def _limit(reading: Reading) -> int | None:
    if not reading.skip("limit"):
        return None
    token: Token = reading.take()
    if token.kind != "number" or not token.text.isdigit() or int(token.text) < 1:
        raise reading.wrong(token, "a limit is a whole number above 0", "such as limit 100")
    return int(token.text)
