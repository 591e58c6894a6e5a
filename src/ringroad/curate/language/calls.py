"""Reads atoms, events and categories by name, and calls such as like(...) and track(...)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringroad.curate.language.comparing import OPERATORS
from ringroad.curate.language.lexer import Token
from ringroad.curate.language.reading import Reading
from ringroad.curate.language.tree import Around, Cell, Held, Like, Near, Node, Sql, Text, Track
from ringroad.curate.language.vocabulary import UNITS, VALUE, VALUES
from ringroad.domain.errors import UsageError

Inner = Callable[[Reading], Node]
"""Reads a whole expression."""

FARTHEST_M = 20_100_000.0
"""Half the way round the earth."""
LIMITS = ("<", "<=", ">", ">=")
IN_SQL = frozenset(
    ["abs", "case", "cast", "coalesce", "exists", "lower", "round", "select", "upper"]
)
"""Words that tell that somebody writes SQL."""


def held(reading: Reading) -> Node:
    """An atom, with a limit on its value where one follows in brackets, an event or a category."""
    token = reading.take()
    found = reading.vocabulary.held(token.text)
    if found is None:
        raise unknown_name(reading, token)
    kind, name = found
    if kind == "category":
        return Held(name=name, kind=kind)
    if kind == "event":
        return _of_vehicle(reading, token, Held(name=name, kind=kind))
    atom = reading.vocabulary.atoms[name]
    op, value = "", 0.0
    if reading.skip_sign("("):
        op, value = _limit(reading, atom.unit)
        reading.expect_sign(")")
    node = Held(name=name, kind=kind, op=op, value=value)
    return node if atom.tracked else _of_vehicle(reading, token, node)


def unknown_name(reading: Reading, token: Token) -> UsageError:
    """A word that is neither a column nor anything else."""
    words = reading.vocabulary
    if token.text.lower() in IN_SQL:
        return _is_sql(reading, token)
    if reading.next.is_sign("("):
        return reading.unknown(token, "atom or call", (*words.atoms, *CALLS))
    if reading.next.is_sign(*OPERATORS) or reading.next.is_word("in", "between", "is", "like"):
        return reading.unknown(token, "column", words.columns)
    for column in words.columns.values():
        if token.text in column.values:
            what = f"{token.text!r} is a value of a column"
            return reading.wrong(token, what, f"did you mean {column.name} = {token.text}?")
    known = (*words.columns, *words.atoms, *words.events, *words.categories, *CALLS)
    return reading.unknown(token, "column, atom, event or category", known)


def _is_sql(reading: Reading, token: Token) -> UsageError:
    return reading.wrong(
        token,
        f"{token.text!r} is SQL, which stands in quotes",
        "write sql('...') around the whole condition, with '' for each ' in it",
    )


def _of_vehicle(reading: Reading, token: Token, node: Held) -> Held:
    """Refuse inside track(...) what is about the vehicle."""
    if reading.in_track:
        raise reading.wrong(
            token,
            f"{node.name} is about the vehicle, not about a track",
            f"put it outside: track(...) and {node.name}",
        )
    return node


def _event(reading: Reading, inner: Inner) -> Node:
    """`event(hard-brake)`, `event(hard-brake, within 3 s)`, `event(near-miss, at most 1 s)`."""
    del inner
    start = reading.take()
    reading.expect_sign("(")
    events = reading.vocabulary.events
    reading.may("event", events)
    token = reading.take()
    name = next((known for known in events if known.lower() == token.text.lower()), None)
    if token.kind not in ("word", "text") or name is None:
        raise reading.unknown(token, "event", events)
    op, value, within = "", 0.0, None
    while reading.skip_sign(","):
        if reading.skip("within"):
            within = reading.time_ns()
        else:
            op, value = _limit(reading, events[name])
    reading.expect_sign(")")
    found = _of_vehicle(reading, start, Held(name=name, kind="event", op=op, value=value))
    return found if within is None else Around(part=found, within_ns=within)


def _limit(reading: Reading, unit: str) -> tuple[str, float]:
    """`< 1 s`, `gap < 1 s`, `at most 1 s`, `at least 3 m/s2`; the value in its own unit."""
    measure, own = UNITS.get(unit, ("number", 1.0))
    names = (VALUE, *VALUES[measure])
    reading.may("value", names)
    token = reading.next
    if token.kind == "word" and not token.is_word("at"):
        reading.take()
        if token.text.lower() not in names:
            raise reading.unknown(token, f"value that measures {measure}", names)
    op = _bound(reading)
    return op, reading.amount(measure, needed=False, own=own)


def _bound(reading: Reading) -> str:
    if reading.skip("at"):
        if reading.skip("most"):
            return "<="
        if reading.skip("least"):
            return ">="
        raise reading.unexpected("`most` or `least`")
    reading.may("operator", LIMITS)
    token = reading.take()
    if not token.is_sign(*LIMITS):
        raise reading.wrong(
            token, "expected <, <=, > or >= and a value", "such as < 1.5 s, or at most 1.5 s"
        )
    return token.text


def _like(reading: Reading, inner: Inner) -> Like:
    """`like(FRAME)`, `unlike('a.jpg', crop 10 20 100 80, in shufflenet)`."""
    del inner
    start = reading.take()
    reading.expect_sign("(")
    example = _name(reading, "a frame id or a file")
    crop: tuple[int, ...] = ()
    space = ""
    while not reading.next.is_sign(")"):
        comma = reading.skip_sign(",")
        if reading.skip("crop"):
            crop = _crop(reading)
        elif reading.skip("in"):
            space = _space(reading)
        elif comma:
            raise reading.unexpected("`crop x y width height` or `in EMBEDDINGS`")
        else:
            break
    reading.expect_sign(")")
    away = start.is_word("unlike")
    found = Like(example=example, crop=crop, space=space, away=away)
    reading.rankings.append((start, found))
    return found


def _crop(reading: Reading) -> tuple[int, ...]:
    token = reading.next
    sides = tuple(reading.number() for _ in range(4))
    if not all(side == int(side) for side in sides) or min(sides) < 0 or min(sides[2:]) < 1:
        raise reading.wrong(
            token, "a crop is x, y, width and height in whole pixels", "such as crop 10 20 100 80"
        )
    return tuple(int(side) for side in sides)


def _space(reading: Reading) -> str:
    reading.may("embeddings", reading.vocabulary.spaces)
    token = reading.next
    space = _name(reading, "the name of embeddings")
    if space not in reading.vocabulary.spaces:
        raise reading.unknown(token, "kind of embeddings", reading.vocabulary.spaces)
    return space


def _text(reading: Reading, inner: Inner) -> Text:
    del inner
    start = reading.take()
    reading.expect_sign("(")
    words = _name(reading, "words, such as text('wet roundabout')")
    reading.expect_sign(")")
    found = Text(words=words)
    reading.rankings.append((start, found))
    return found


def _sql(reading: Reading, inner: Inner) -> Sql:
    del inner
    _about_frames(reading)
    reading.expect_sign("(")
    token = reading.take()
    if token.kind != "text" or not token.text.strip():
        raise reading.wrong(token, "expected SQL in quotes", "such as sql('speed_mps * 3.6 > 50')")
    reading.expect_sign(")")
    return Sql(text=token.text)


def _near(reading: Reading, inner: Inner) -> Near:
    """`near(48.137, 11.575, 200 m)`: degrees north, degrees east, a radius."""
    del inner
    _about_frames(reading)
    reading.expect_sign("(")
    token = reading.next
    north = reading.number()
    reading.expect_sign(",")
    east = reading.number()
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise reading.wrong(
            token, "no place on earth", "latitude from -90 to 90, then longitude from -180 to 180"
        )
    reading.expect_sign(",")
    token = reading.next
    radius = reading.amount("length", needed=True)
    if not 0 < radius <= FARTHEST_M:
        raise reading.wrong(token, "no radius on earth", "such as 200 m")
    reading.expect_sign(")")
    return Near(latitude=north, longitude=east, radius_m=radius)


def _cell(reading: Reading, inner: Inner) -> Cell:
    del inner
    _about_frames(reading)
    reading.expect_sign("(")
    token = reading.next
    cell = _name(reading, "an H3 cell").lower()
    if len(cell) != 15 or not set(cell) <= set("0123456789abcdef"):
        raise reading.wrong(token, "no H3 cell", "15 hexadecimal digits such as '871f8d7a5ffffff'")
    reading.expect_sign(")")
    return Cell(cell=cell)


def _track(reading: Reading, inner: Inner) -> Track:
    start = reading.take()
    if reading.in_track:
        raise reading.wrong(start, "track(...) stands inside track(...)", "leave one of them out")
    reading.expect_sign("(")
    reading.in_track = True
    part = inner(reading)
    reading.in_track = False
    reading.expect_sign(")")
    return Track(part=part)


def _about_frames(reading: Reading) -> None:
    """Step over the name of a call that has no place inside track(...)."""
    token = reading.take()
    if reading.in_track:
        raise reading.wrong(
            token,
            f"{token.text}(...) is about frames, not about a track",
            "put it outside of track(...) and join the two by `and`",
        )


def _name(reading: Reading, what: str) -> str:
    token = reading.take()
    if token.kind not in ("word", "text") or not token.text.strip():
        raise reading.wrong(token, f"expected {what}", "put it in quotes")
    return token.text


CALLS: Mapping[str, Callable[[Reading, Inner], Node]] = {
    "cell": _cell,
    "event": _event,
    "like": _like,
    "near": _near,
    "sql": _sql,
    "text": _text,
    "track": _track,
    "unlike": _like,
}
