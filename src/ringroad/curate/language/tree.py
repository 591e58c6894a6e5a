"""What a query says, as a tree, and its text again. Knows no columns, no units and no data.

Lengths are metres, times nanoseconds, angles degrees; comparisons are in the column's own unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.curate.language.lexer import is_plain

Value = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """A column and a value: `=`, `!=`, `<`, `<=`, `>`, `>=`, or SQL's `like`."""

    column: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """From low to high, both of them in."""

    column: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """One of some values."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """Nothing is known."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """An expression that is handed on as it stands."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Within a distance of a place."""

    latitude: float
    longitude: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """In an H3 cell of any resolution."""

    cell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """While an atom held, an event lasted, or a track of a category was seen."""

    name: str
    kind: str
    """`atom`, `event` or `category`."""
    op: str = ""
    """Of stretches, keep those in which the value got as far: `<` or `<=`, `>` or `>=`."""
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What is inside holds of one and the same track."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """One, followed by another that starts at most so long after the first ended."""

    first: Node
    second: Node
    within_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """Held for so long without a break."""

    part: Node
    duration_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Within so long of it, before or after."""

    part: Node
    within_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """Ranked by likeness to an example: a frame, or a picture in a file."""

    example: str
    crop: tuple[int, ...] = ()
    """x, y, width, height in pixels of the example; none for all of it."""
    space: str = ""
    """Which embeddings; the workspace's default where none is named."""
    away: bool = False
    """Least alike first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Ranked by words in tags, events and captions."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """It does not hold."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one holds."""

    parts: tuple[Node, ...]


Column = Compare | Between | In | Null | Sql | Near
"""What a row of the index tells by itself."""
Ranking = Like | Text
"""What orders frames and leaves none out."""
Stretch = Held | Track | Then | For | Around
"""What holds over stretches of time."""
Node = Column | Cell | Ranking | Stretch | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A whole query; without `where`, all frames."""

    where: Node | None = None
    order: tuple[tuple[str, bool], ...] = ()
    """Columns, and whether the largest comes first."""
    limit: int | None = None


def parts_of(node: Node) -> tuple[Node, ...]:
    """What stands directly in a part."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Not(part=part) | For(part=part) | Around(part=part) | Track(part=part):
            return (part,)
        case Then(first=first, second=second):
            return (first, second)
        case _:
            return ()


def joined(node: Node | None) -> tuple[Node, ...]:
    """What `and` joins at the top, however it is bracketed; none for a query of all frames."""
    if isinstance(node, And):
        return tuple(inner for part in node.parts for inner in joined(part))
    return () if node is None else (node,)


def depth_of(node: Node) -> int:
    """How many levels of parts lie in each other. Does not recurse itself."""
    deepest, left = 0, [(node, 1)]
    while left:
        part, level = left.pop()
        deepest = max(deepest, level)
        left += [(inner, level + 1) for inner in parts_of(part)]
    return deepest


def format_query(query: Query) -> str:
    """The query in one line that parses to the same tree."""
    parts = [] if query.where is None else [format_node(query.where)]
    if query.order:
        keys = (f"{column} desc" if down else column for column, down in query.order)
        parts.append(f"order by {', '.join(keys)}")
    if query.limit is not None:
        parts.append(f"limit {query.limit}")
    return " ".join(parts)


def format_node(node: Node) -> str:
    """One part as text."""
    match node:
        case And(parts=parts):
            return " and ".join(_inner(part, (Or, And)) for part in parts)
        case Or(parts=parts):
            return " or ".join(_inner(part, (Or,)) for part in parts)
        case Not(part=part):
            return f"not {_inner(part, (And, Or, Then))}"
        case Then(first=first, second=second, within_ns=within):
            head = _inner(first, (And, Or))
            return f"{head} then {_inner(second, (And, Or, Then))} within {duration(within)}"
        case For(part=part, duration_ns=length):
            return f"{_inner(part, (And, Or, Not, Then, Around))} for {duration(length)}"
        case Around(part=part, within_ns=within):
            return f"within {duration(within)} of {_inner(part, (And, Or, Then))}"
        case _:
            return _leaf(node)


def duration(nanoseconds: int) -> str:
    """In the largest unit that is exact."""
    for unit, size in (("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9), ("ms", 10**6)):
        if nanoseconds % size == 0 and nanoseconds:
            return f"{nanoseconds // size} {unit}"
    return f"{nanoseconds} ns"


def quoted(text: str) -> str:
    """As a text of the language, and of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _leaf(node: Node) -> str:
    match node:
        case Held(name=name, kind=kind, op=op, value=value):
            limit = f"{op} {_value(value)}" if op else ""
            name = name if is_plain(name) else quoted(name)
            if kind == "event":
                return f"event({name}, {limit})" if op else f"event({name})"
            return f"{name}({limit})" if op else name
        case Track(part=part):
            return f"track({format_node(part)})"
        case Text(words=words):
            return f"text({quoted(words)})"
        case Cell(cell=cell):
            return f"cell({quoted(cell)})"
        case Like(away=away):
            return f"{'unlike' if away else 'like'}({', '.join(_example(node))})"
        case _:
            return _column(node)


def _column(node: Node) -> str:
    match node:
        case Compare(column=column, op=op, value=value):
            return f"{column} {op} {_value(value)}"
        case Between(column=column, low=low, high=high):
            return f"{column} between {_value(low)} and {_value(high)}"
        case In(column=column, values=values):
            return f"{column} in ({', '.join(_value(value) for value in values)})"
        case Null(column=column):
            return f"{column} is null"
        case Sql(text=text):
            return f"sql({quoted(text)})"
        case Near(latitude=north, longitude=east, radius_m=radius):
            return f"near({_value(north)}, {_value(east)}, {_value(radius)} m)"
    raise TypeError(f"no leaf: {node!r}")


def _example(like: Like) -> list[str]:
    parts = [quoted(like.example)]
    if like.crop:
        parts.append(f"crop {' '.join(str(side) for side in like.crop)}")
    if like.space:
        parts.append(f"in {quoted(like.space)}")
    return parts


def _inner(node: Node, wrapped: tuple[type, ...]) -> str:
    text = format_node(node)
    return f"({text})" if isinstance(node, wrapped) else text


def _value(value: Value) -> str:
    """Numbers that are equal are written alike, whatever unit they were asked in."""
    if isinstance(value, str):
        return quoted(value)
    return repr(int(value) if value == int(value) else value)
