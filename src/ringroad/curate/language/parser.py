"""Text to a tree. Says where it goes wrong, what was expected, and the nearest known name.

    query      = [or] ["order by" column ["desc"] {"," ...}] ["limit" whole number]
    or         = and {"or" and}
    and        = sequence {"and" sequence}
    sequence   = held {"then" held ["within" time]}
    held       = "not" held | "within" time "of" held | part {"for" time}
    part       = "(" or ")" | column comparison | call | atom | event | category

Without `within`, what follows may start up to ten seconds after the first ended.
"""

from __future__ import annotations

from ringroad.curate.language.calls import CALLS, held, unknown_name
from ringroad.curate.language.comparing import OPERATORS, comparison
from ringroad.curate.language.lexer import KEYWORDS
from ringroad.curate.language.reading import Reading
from ringroad.curate.language.tree import (
    And,
    Around,
    For,
    Node,
    Not,
    Or,
    Query,
    Then,
    depth_of,
    format_node,
    joined,
)
from ringroad.curate.language.vocabulary import Vocabulary
from ringroad.domain.time import SECOND_NS

THEN_NS = 10 * SECOND_NS
"""How long after the first ended the second may start, where a query does not say."""
LEVELS = 30
"""So many parts lie in each other at most; trees beyond it are no questions of people."""
MOST_FRAMES = 10**9


def parse(text: str, vocabulary: Vocabulary) -> Query:
    """Read a query.

    Raises:
        UsageError: it cannot be understood; the message shows the place.
    """
    return read(Reading(text, vocabulary))


def read(reading: Reading) -> Query:
    """Read a query from its first token to its last."""
    where = None
    first = reading.next
    _wanted(reading)
    if first.kind != "end" and not first.is_word("order", "limit"):
        where = _or(reading)
    order = _order(reading)
    limit = _limit(reading)
    if reading.next.kind != "end":
        raise reading.unexpected("`and`, `or`, `then`, `order by`, `limit` or the end")
    if where is not None and depth_of(where) > LEVELS:
        raise reading.too_deep(first)
    _check_rankings(reading, where)
    return Query(where=where, order=order, limit=limit)


def _check_rankings(reading: Reading, where: Node | None) -> None:
    top = joined(where)
    for token, ranking in reading.rankings:
        if not any(part is ranking for part in top):
            raise reading.wrong(
                token,
                f"{format_node(ranking)} orders all frames and leaves none out, so there is "
                "nothing that `or`, `not`, `then`, `for` or track(...) could join",
                "join it by `and` to the whole of the rest",
            )


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
        within = reading.time_ns() if reading.skip("within") else THEN_NS
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
    _wanted(reading)
    token = reading.next
    if token.is_sign("("):
        reading.take()
        inside = _or(reading)
        reading.expect_sign(")")
        return inside
    call = CALLS.get(token.text.lower()) if token.kind == "word" else None
    if call is not None and reading.after.is_sign("("):
        return call(reading, _or)
    if token.kind not in ("word", "text") or token.is_word(*KEYWORDS):
        raise reading.unexpected("a column, an atom or a call such as like(...)")
    column = reading.vocabulary.column(token.text) if token.kind == "word" else None
    if column is not None and (_compared(reading) or not reading.vocabulary.held(token.text)):
        if reading.in_track:
            raise reading.wrong(
                token,
                f"{column.name} is a column: it is about frames, not about a track",
                "put it outside of track(...) and join the two by `and`",
            )
        if reading.after.is_sign("("):
            raise unknown_name(reading, reading.take())
        reading.take()
        return comparison(reading, token, column)
    return held(reading)


def _wanted(reading: Reading) -> None:
    """Note all that a part may begin with."""
    words = reading.vocabulary
    tracked = [name for name, atom in words.atoms.items() if atom.tracked or not reading.in_track]
    reading.may("atom", tracked)
    reading.may("category", words.categories)
    reading.may("keyword", ("not", "within"))
    if not reading.in_track:
        reading.may("column", words.columns)
        reading.may("call", (f"{name}(" for name in CALLS))
        reading.may("event", words.events)


def _compared(reading: Reading) -> bool:
    """Whether the word that comes is compared with something."""
    return reading.after.is_sign(*OPERATORS) or reading.after.is_word(
        "between", "in", "is", "like", "not"
    )


def _order(reading: Reading) -> tuple[tuple[str, bool], ...]:
    if not reading.skip("order"):
        return ()
    reading.expect_word("by")
    keys = [_key(reading)]
    while reading.skip_sign(","):
        keys.append(_key(reading))
    return tuple(keys)


def _key(reading: Reading) -> tuple[str, bool]:
    reading.may("column", reading.vocabulary.columns)
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
    reading.may("number", ())
    token = reading.take()
    limit = token.whole
    if limit is None or not 1 <= limit <= MOST_FRAMES:
        raise reading.wrong(
            token, f"a limit is a whole number from 1 to {MOST_FRAMES:,}", "such as limit 100"
        )
    return limit
