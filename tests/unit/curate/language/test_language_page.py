"""The page about the language says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringroad.curate.language.parser import LEVELS, parse
from ringroad.curate.language.tree import Query, format_query
from ringroad.curate.language.vocabulary import (
    SHORT,
    UNITS,
    VALUES,
    AtomWord,
    Vocabulary,
    columns_of,
)
from ringroad.curate.scenario.atoms import ATOMS
from ringroad.domain.errors import UsageError
from ringroad.ingest.events.found import KINDS

PAGE = (Path(__file__).parents[4] / "docs" / "search.md").read_text()
BLOCKS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WORDS = Vocabulary(
    columns=columns_of(),
    atoms={
        name: AtomWord(name=name, tracked=atom.tracked, unit=atom.unit)
        for name, atom in ATOMS.items()
    },
    events=dict.fromkeys(KINDS, "s"),
    categories=frozenset({"car", "pedestrian", "traffic light"}),
    spaces=("layout-64",),
)
PARTS = [
    part.replace("FRAME", "'f'")
    for row in re.findall(r"^\| (`.*?) \| ", PAGE, re.MULTILINE)
    for part in re.findall(r"`([^`]+)`", row)
    if part != "unit"
]
LETTERS = re.compile(r"\b[ab]\b")


@pytest.mark.parametrize("text", BLOCKS[0].splitlines())
def test_examples_are_read(text: str) -> None:
    query = parse(text, WORDS)
    assert query != Query()
    assert parse(format_query(query), WORDS) == query


@pytest.mark.parametrize("text", PARTS)
def test_parts_are_read(text: str) -> None:
    known = text if "'" in text else LETTERS.sub("cut-in", text)
    assert parse(known.replace("sql('...')", "sql('1 = 1')"), WORDS).where is not None


def test_the_error_is_the_one_that_is_raised() -> None:
    query = BLOCKS[1].splitlines()[1].strip()
    with pytest.raises(UsageError) as caught:
        parse(query, WORDS)
    assert str(caught.value) == BLOCKS[1].rstrip("\n")


def test_all_columns_units_and_values_are_named() -> None:
    said = set(re.findall(r"`([^`\n]+)`", PAGE.replace("```", "")))
    assert said >= {*columns_of(), *SHORT, *(unit for unit in UNITS if unit)}
    for measure, names in VALUES.items():
        if measure != "number":
            assert re.search(rf"^\| {measure} \|.*\| {', '.join(names)} \|$", PAGE, re.MULTILINE)
    assert f"at most {LEVELS} levels" in PAGE
