"""Trees as text: what is written is read again, letter for letter and part for part."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from small_sources import ATOMS, small_vocabulary

from ringroad.curate.language.complete import complete
from ringroad.curate.language.parser import LEVELS, parse
from ringroad.curate.language.tree import (
    And,
    Around,
    Between,
    Cell,
    Compare,
    For,
    Held,
    In,
    Like,
    Near,
    Node,
    Not,
    Null,
    Or,
    Query,
    Sql,
    Text,
    Then,
    Track,
    depth_of,
    format_query,
)
from ringroad.domain.errors import UsageError

WORDS = small_vocabulary()
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SAID = TEXTS.filter(str.strip)
NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e15, 1e15))
MOMENTS = st.integers(-(2**63) + 1, 2**63 - 1)
LENGTHS = st.one_of(st.integers(0, 10**18 - 1), st.integers(0, 10**5).map(lambda n: n * 10**6))


def values(column: str) -> st.SearchStrategy[str | float]:
    """What a column may be compared with."""
    kinds = {"text": TEXTS, "number": NUMBERS, "time": MOMENTS}
    return kinds[WORDS.columns[column].kind]


def compared(column: str) -> st.SearchStrategy[Node]:
    """Comparisons of one column."""
    some = values(column)
    signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    several = st.lists(some, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Compare, column=st.just(column), op=signs, value=some),
        st.builds(Between, column=st.just(column), low=some, high=some),
        st.builds(In, column=st.just(column), values=several),
        st.just(Null(column=column)),
    )


def held(kind: str, names: list[str]) -> st.SearchStrategy[Held]:
    """Atoms or events, some with a limit on their value."""
    name, signs = st.sampled_from(names), st.sampled_from(["<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Held, name=name, kind=st.just(kind)),
        st.builds(Held, name=name, kind=st.just(kind), op=signs, value=NUMBERS),
    )


CATEGORIES = st.builds(
    Held, name=st.sampled_from(sorted(WORDS.categories)), kind=st.just("category")
)
TRACKED = st.one_of(held("atom", list(ATOMS)), CATEGORIES)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Parts put together."""
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, parts=several),
        st.builds(Or, parts=several),
        st.builds(Not, part=parts),
        st.builds(Then, first=parts, second=parts, within_ns=LENGTHS),
        st.builds(For, part=parts, duration_ns=LENGTHS),
        st.builds(Around, part=parts, within_ns=LENGTHS),
    )


LEAVES = st.one_of(
    st.sampled_from(sorted(WORDS.columns)).flatmap(compared),
    TRACKED,
    held("atom", ["stopped"]),
    held("event", sorted(WORDS.events)),
    st.builds(Sql, text=SAID),
    st.builds(
        Near,
        latitude=st.floats(-90, 90),
        longitude=st.floats(-180, 180),
        radius_m=st.floats(1e-3, 2e7),
    ),
    st.builds(Cell, cell=st.text("0123456789abcdef", min_size=15, max_size=15)),
    st.builds(Track, part=st.recursive(TRACKED, joined, max_leaves=4)),
)
SIDES = st.tuples(*(st.integers(low, 4_000) for low in (0, 0, 1, 1)))
RANKINGS = st.one_of(
    st.builds(Text, words=SAID),
    st.builds(
        Like,
        example=SAID,
        crop=st.one_of(st.just(()), SIDES),
        space=st.sampled_from(["", *WORDS.spaces]),
        away=st.booleans(),
    ),
)
NODES = st.recursive(LEAVES, joined, max_leaves=12)
WHERE = st.one_of(
    st.none(),
    NODES,
    RANKINGS,
    st.builds(lambda part, ranking: And(parts=(part, ranking)), NODES, RANKINGS),
)
QUERIES = st.builds(
    Query,
    where=WHERE,
    order=st.lists(
        st.tuples(st.sampled_from(sorted(WORDS.columns)), st.booleans()), max_size=2
    ).map(tuple),
    limit=st.one_of(st.none(), st.integers(1, 10**9)),
)


@given(QUERIES)
def test_what_is_written_is_read_again(query: Query) -> None:
    text = format_query(query)
    found = parse(text, WORDS)
    assert found == query
    assert format_query(found) == text


def test_the_deepest_tree_is_written_and_read_again() -> None:
    """Brackets that writing adds never make a query too deep that was not."""
    leaf: Node = Held(name="cut-in", kind="atom")
    wrap = [
        lambda part: Not(part=And(parts=(part, leaf))),
        lambda part: Or(parts=(leaf, And(parts=(leaf, part)))),
        lambda part: For(part=Not(part=part), duration_ns=1),
        lambda part: Then(
            first=leaf, second=Then(first=leaf, second=part, within_ns=1), within_ns=1
        ),
        lambda part: Around(part=Then(first=part, second=leaf, within_ns=1), within_ns=1),
    ]
    for around in wrap:
        node = leaf
        while depth_of(around(node)) <= LEVELS:
            node = around(node)
        assert depth_of(node) >= LEVELS - 2
        assert parse(format_query(Query(where=node)), WORDS) == Query(where=node)


@settings(deadline=None, max_examples=50)
@given(QUERIES, st.data())
def test_a_suggestion_is_read_where_it_was_made(query: Query, data: st.DataObject) -> None:
    """Behind the beginning of a query that can be read, nothing is offered that cannot.

    What a word begins may be unfinished, which is told behind it.
    """
    text = format_query(query)
    place = data.draw(st.integers(0, len(text)))
    for found in complete(text, place, WORDS):
        taken = text[: found.start] + found.text
        try:
            parse(taken, WORDS)
        except UsageError as error:
            told = error.what
        else:
            continue
        if found.kind == "unit" and told.startswith(("this number", "no length", "no radius")):
            continue  # the unit is right, the number before it is too large in it
        assert caret(told) >= min(len(taken), WINDOW), told


WINDOW = 72


def caret(told: str) -> int:
    """Where in the shown part of a query an error points."""
    _, shown, marks, _ = told.rsplit("\n", 3)
    return marks.index("^") - 2 - 3 * shown.startswith("  ...")
