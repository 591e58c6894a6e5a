"""What may come next in a query that is being typed, by asking the parser what it looked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from ringroad.curate.language.lexer import fragment, is_plain
from ringroad.curate.language.parser import read
from ringroad.curate.language.reading import Reading, Wanted
from ringroad.curate.language.tree import quoted
from ringroad.curate.language.vocabulary import UNITS, Vocabulary, nearest
from ringroad.domain.errors import UsageError

MOST = 50
_NAMES = ("value", "atom", "event", "category", "embeddings")
"""Kinds that are quoted where they are no plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A word that may stand at the cursor."""

    text: str
    kind: str
    """`column`, `value`, `atom`, `event`, `category`, `call`, `unit`, `operator`, ..."""
    says: str = ""
    """What it means, where that is known."""
    start: int
    end: int
    """The characters of the query that it takes the place of."""


def complete(
    text: str, cursor: int, vocabulary: Vocabulary, *, limit: int = MOST
) -> list[Suggestion]:
    """Words that may stand at the cursor, those that begin with what is typed.

    Where none begins with it, the one that looks most alike. Each can be read there, though the
    query may go on after it. In what cannot be read before the cursor nothing is suggested.

    Args:
        text: the query so far.
        cursor: a place in it, 0 to its length.
        vocabulary: the words that there are.
        limit: at most so many.
    """
    cursor = min(max(cursor, 0), len(text))
    start, end = fragment(text, cursor)
    typed = text[start:cursor].strip("'\"").lower()
    words = list(_wanted(text[:start], vocabulary))
    fitting = [(kind, word) for kind, word in words if word.lower().startswith(typed)]
    if not fitting:
        close = nearest(typed, (word for _, word in words))
        fitting = [(kind, word) for kind, word in words if word == close]
    return [
        Suggestion(
            text=_written(kind, word), kind=kind, says=_says(kind, word, vocabulary),
            start=start, end=end,
        )
        for kind, word in fitting[:limit]
    ]  # fmt: skip


def _wanted(text: str, vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """Kinds and words that the parser would have read behind a text, each once."""
    try:
        reading = Reading(text, vocabulary)
    except UsageError:
        return ()
    with contextlib.suppress(UsageError):
        read(reading)
    return dict.fromkeys(
        (wanted.kind, word) for wanted in reading.wanted for word in _sorted(wanted)
    )


def _sorted(wanted: Wanted) -> Iterable[str]:
    """Names by letter; operators and units as the parser says them."""
    ordered = wanted.kind in ("operator", "unit", "keyword", "sign")
    return wanted.words if ordered else sorted(wanted.words)


def _written(kind: str, word: str) -> str:
    return quoted(word) if kind in _NAMES and not is_plain(word) else word


def _says(kind: str, word: str, vocabulary: Vocabulary) -> str:
    match kind:
        case "atom":
            return vocabulary.atoms[word].says
        case "event":
            unit = vocabulary.events[word]
            return f"in {unit}" if unit else ""
        case "column":
            column = vocabulary.columns[word]
            return f"{column.kind}, {column.unit}" if column.unit else column.kind
        case "unit":
            return UNITS[word][0]
        case _:
            return ""
