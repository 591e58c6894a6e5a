"""Cuts the text of a query into tokens, each with its place; points at a place in an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringroad.domain.errors import UsageError

MOST_CHARACTERS = 20_000
_WINDOW = 72
_DIGITS = 19

KEYWORDS = frozenset(
    [
        "and", "or", "not", "then", "within", "for", "of", "order", "by", "limit", "between",
        "in", "is", "like", "null", "crop", "asc", "desc", "at",
    ]
)  # fmt: skip
"""Words that are no names, unless they stand in quotes."""

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<moment>\d{4}-\d{2}-\d{2}
        (?:[T\ ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[-+]\d{2}:\d{2})?)?)
    | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<word>[^\W\d][\w./:%^+-]*)
    | (?P<sign><=|>=|<>|!=|==|[=<>(),])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of a query."""

    kind: str
    """`moment`, `number`, `text`, `word`, `sign` or `end`."""
    text: str
    """Of a text, what is between the quotes."""
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of some words, in any case."""
        return self.kind == "word" and self.text.lower() in words

    @property
    def whole(self) -> int | None:
        """As a whole number of at most 19 digits; None for anything else."""
        digits = self.text.lstrip("+-")
        if self.kind != "number" or not digits.isdecimal() or len(digits) > _DIGITS:
            return None
        return int(self.text)

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of some signs."""
        return self.kind == "sign" and self.text in signs


def tokens_of(text: str) -> list[Token]:
    """All tokens, and one of kind `end`.

    Raises:
        UsageError: a character or an open quote that no token begins with, or too many of them.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            f"a query of {len(text):,} characters; at most {MOST_CHARACTERS:,} are read",
            remedy="name the frames in a selection instead: ringroad selections add",
        )
    for at, letter in enumerate(text):
        if letter == "\0" or "\ud800" <= letter <= "\udfff":
            raise fault(
                text.encode(errors="replace").decode(), at, at + 1,
                "a character that no text holds", "write the query in UTF-8",
            )  # fmt: skip
    return [*_tokens(text), Token(kind="end", text="", start=len(text), end=len(text))]


def is_plain(name: str) -> bool:
    """Whether a name needs no quotes."""
    found = _TOKEN.fullmatch(name)
    return found is not None and found.lastgroup == "word" and name.lower() not in KEYWORDS


def fragment(text: str, cursor: int) -> tuple[int, int]:
    """Start and end of the word, or the text in quotes, that a cursor is at the end of or in.

    A quote that is not closed reaches to the end of the query.
    """
    at = 0
    while at < cursor:
        found = _TOKEN.match(text, at)
        if found is None and text[at] in "'\"":
            return at, len(text)
        end = at + 1 if found is None else found.end()
        if found is not None and end >= cursor and found.lastgroup in ("word", "text"):
            return at, end
        at = end
    return cursor, cursor


def fault(query: str, start: int, end: int, what: str, remedy: str) -> UsageError:
    """An error that shows the place: the query, and a line of carets under it."""
    low = max(0, min(start - _WINDOW // 2, len(query) - _WINDOW))
    shown = query[low : low + _WINDOW].replace("\n", " ").replace("\t", " ")
    head, tail = "..." if low else "", "..." if low + _WINDOW < len(query) else ""
    width = max(1, min(end, low + _WINDOW) - start)
    marks = " " * (len(head) + start - low) + "^" * width
    return UsageError(f"{what}\n  {head}{shown}{tail}\n  {marks}\n", remedy=remedy)


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unknown(text, at)
        kind = str(found.lastgroup)
        if kind != "space":
            piece = found.group()
            if kind == "text":
                piece = piece[1:-1].replace(piece[0] * 2, piece[0])
            yield Token(kind=kind, text=piece, start=at, end=found.end())
        at = found.end()


def _unknown(text: str, at: int) -> UsageError:
    if text[at] in "'\"":
        return fault(text, at, at + 1, "this quote is never closed", "close it with the same sign")
    return fault(
        text, at, at + 1, f"{text[at]!r} is not part of the language",
        "put texts in quotes; SQL goes into sql('...')",
    )  # fmt: skip
