"""Reads calls such as like(...), event(...) and track(...), and atoms by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringroad.curate.language.comparing import OPERATORS
from ringroad.curate.language.lexer import Token
from ringroad.curate.language.reading import Reading
from ringroad.curate.language.tree import Around, Cell, Held, Like, Near, Node, Sql, Text, Track
from ringroad.curate.language.vocabulary import UNITS

Inner = Callable[[Reading], Node]
"""Reads a whole expression."""


def held(reading: Reading) -> Node:
    """An atom, with a limit on its value where one follows in brackets, or a category."""
    token = reading.take()
    name = token.text.lower()
    atom = reading.vocabulary.atoms.get(name)
    if atom is None:
        if name in reading.vocabulary.categories:
            return Held(name=name, kind="category")
        if name in reading.vocabulary.events:
            return Held(name=name, kind="event")
        raise _no_name(reading, token)
    if not reading.next.is_sign("("):
        return Held(name=name, kind="atom")
    reading.take()
    op, value = _limit(reading, atom.unit)
    reading.expect_sign(")")
    return Held(name=name, kind="atom", op=op, value=value)


def _event(reading: Reading, inner: Inner) -> Node:
    """`event(hard-brake)`, `event(hard-brake, within 3 s)`, `event(near-miss, < 1 s)`."""
    del inner
    reading.expect_sign("(")
    token = reading.take()
    name, events = token.text.lower(), reading.vocabulary.events
    if token.kind not in ("word", "text") or name not in events:
        raise reading.unknown(token, "event", events)
    op, value, within = "", 0.0, None
    while reading.next.is_sign(","):
        reading.take()
        if reading.skip("within"):
            within = reading.time_ns()
        else:
            op, value = _limit(reading, events[name])
    reading.expect_sign(")")
    found = Held(name=name, kind="event", op=op, value=value)
    return found if within is None else Around(part=found, within_ns=within)


def _limit(reading: Reading, unit: str) -> tuple[str, float]:
    token = reading.take()
    if not token.is_sign(*OPERATORS) or token.text in ("=", "==", "!=", "<>"):
        raise reading.wrong(token, "expected <, <=, > or >= and a value", "such as (< 1.5 s)")
    value = reading.number()
    measure, own = UNITS.get(unit, ("number", 1.0))
    return OPERATORS[token.text], value * reading.unit(measure, needed=False, own=own) / own


def _like(reading: Reading, inner: Inner) -> Like:
    del inner
    return _example(reading, away=False)


def _unlike(reading: Reading, inner: Inner) -> Like:
    del inner
    return _example(reading, away=True)


def _example(reading: Reading, *, away: bool) -> Like:
    """`like(FRAME)`, `like('a.jpg', crop 10 20 100 80, in shufflenet)`."""
    reading.expect_sign("(")
    example = _name(reading, "a frame id or a file")
    crop: tuple[int, ...] = ()
    space = ""
    while reading.next.is_sign(","):
        reading.take()
        if reading.skip("crop"):
            crop = _crop(reading)
        elif reading.skip("in"):
            space = _space(reading)
        else:
            raise reading.unexpected("`crop x y width height` or `in EMBEDDINGS`")
    reading.expect_sign(")")
    return Like(example=example, crop=crop, space=space, away=away)


def _crop(reading: Reading) -> tuple[int, ...]:
    token = reading.next
    sides = tuple(reading.number() for _ in range(4))
    if not all(side == int(side) for side in sides) or min(sides) < 0 or min(sides[2:]) < 1:
        raise reading.wrong(
            token, "a crop is x, y, width and height in whole pixels", "such as crop 10 20 100 80"
        )
    return tuple(int(side) for side in sides)


def _space(reading: Reading) -> str:
    token = reading.next
    space = _name(reading, "the name of embeddings")
    if space not in reading.vocabulary.spaces:
        raise reading.unknown(token, "kind of embeddings", reading.vocabulary.spaces)
    return space


def _text(reading: Reading, inner: Inner) -> Text:
    del inner
    reading.expect_sign("(")
    token = reading.next
    words = _name(reading, "words in quotes")
    if not words.strip():
        raise reading.wrong(token, "there are no words in it", "such as text('wet roundabout')")
    reading.expect_sign(")")
    return Text(words=words)


def _sql(reading: Reading, inner: Inner) -> Sql:
    del inner
    reading.expect_sign("(")
    token = reading.take()
    if token.kind != "text" or not token.text.strip():
        raise reading.wrong(token, "expected SQL in quotes", "such as sql('speed_mps * 3.6 > 50')")
    reading.expect_sign(")")
    return Sql(text=token.text)


def _near(reading: Reading, inner: Inner) -> Near:
    """`near(48.137, 11.575, 200 m)`: degrees north, degrees east, a radius."""
    del inner
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
    radius = reading.number() * reading.unit("length", needed=True)
    if radius <= 0:
        raise reading.wrong(token, "a radius is above 0", "such as 200 m")
    reading.expect_sign(")")
    return Near(latitude=north, longitude=east, radius_m=radius)


def _cell(reading: Reading, inner: Inner) -> Cell:
    del inner
    reading.expect_sign("(")
    token = reading.next
    cell = _name(reading, "an H3 cell").lower()
    if len(cell) != 15 or not set(cell) <= set("0123456789abcdef"):
        raise reading.wrong(token, "no H3 cell", "15 hexadecimal digits such as '871f8d7a5ffffff'")
    reading.expect_sign(")")
    return Cell(cell=cell)


def _track(reading: Reading, inner: Inner) -> Track:
    reading.expect_sign("(")
    part = inner(reading)
    reading.expect_sign(")")
    return Track(part=part)


def _name(reading: Reading, what: str) -> str:
    token = reading.take()
    if token.kind not in ("word", "text"):
        raise reading.wrong(token, f"expected {what}", "put it in quotes")
    return token.text


def _no_name(reading: Reading, token: Token) -> Exception:
    words = reading.vocabulary
    known = (*words.columns, *words.atoms, *words.events, *words.categories, *CALLS)
    if reading.next.is_sign("("):
        return reading.unknown(token, "atom or call", (*words.atoms, *CALLS))
    if reading.next.is_sign(*OPERATORS) or reading.next.is_word("in", "between", "is", "like"):
        return reading.unknown(token, "column", words.columns)
    return reading.unknown(token, "column, atom, event or category", known)


CALLS: Mapping[str, Callable[[Reading, Inner], Node]] = {
    "cell": _cell,
    "event": _event,
    "like": _like,
    "near": _near,
    "sql": _sql,
    "text": _text,
    "track": _track,
    "unlike": _unlike,
}
