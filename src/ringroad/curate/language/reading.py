"""Walks over the tokens of a query and raises its errors. Builds no tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ringroad.curate.language.lexer import KEYWORDS, Token, fault, tokens_of
from ringroad.curate.language.tree import Node
from ringroad.curate.language.vocabulary import UNITS, Vocabulary, nearest
from ringroad.domain.errors import UsageError
from ringroad.domain.time import SECOND_NS

DEEPEST = 120
LARGEST = 1e15
"""The largest number that a query may hold, apart from moments and cells."""
LONGEST_NS = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Words that may stand at the end of a query that was not finished."""

    kind: str
    """Such as `column`, `operator`, `unit`, `value`, `keyword`."""
    words: tuple[str, ...]


class Reading:
    """A place in a query. Notes what was looked for at its end, which is what may come there."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.wanted: list[Wanted] = []
        self.in_track = False
        self.rankings: list[tuple[Token, Node]] = []
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that comes."""
        return self._tokens[self._at]

    @property
    def after(self) -> Token:
        """The one behind it."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Step over the token that comes."""
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def may(self, kind: str, words: Iterable[str]) -> None:
        """Note what may come, where the query ends."""
        if self.next.kind == "end":
            self.wanted.append(Wanted(kind=kind, words=tuple(words)))

    def skip(self, *words: str) -> bool:
        """Step over a word, if one of these comes."""
        self.may("keyword", words)
        if self.next.is_word(*words):
            self.take()
            return True
        return False

    def skip_sign(self, sign: str) -> bool:
        """Step over a sign, if it comes."""
        self.may("sign", (sign,))
        if self.next.is_sign(sign):
            self.take()
            return True
        return False

    def expect_word(self, word: str) -> None:
        """Step over a word that has to come."""
        if not self.skip(word):
            raise self.unexpected(f"`{word}`")

    def expect_sign(self, sign: str) -> None:
        """Step over a sign that has to come."""
        if not self.skip_sign(sign):
            raise self.unexpected(f"`{sign}`")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level down; queries nest only so far."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.too_deep(self.next)
        yield
        self._depth -= 1

    def too_deep(self, token: Token) -> UsageError:
        """The query nests too deep."""
        return self.wrong(token, "nested too deep", "split it over two selections")

    def number(self) -> float:
        """Step over a number."""
        self.may("number", ())
        token = self.take()
        if token.kind != "number":
            raise self.wrong(token, f"expected a number, found {_shown(token)}", "such as 12.5")
        return float(token.text)

    def amount(self, measure: str, *, needed: bool, own: float = 1.0) -> float:
        """Step over a number and its unit; the number in a unit of size `own`.

        Where no unit is given, it is in that unit, or refused if one is needed and it is not 0.
        """
        token = self.next
        value = self.number()
        size = self.unit(measure, needed=needed and value != 0, own=own)
        found = value if size == own else value * size / own
        # Cells are whole numbers beyond it, and exact. Infinity is no number.
        if not abs(found) <= LARGEST and (token.whole is None or size != own):
            raise self.wrong(token, "this number is too large", "such as 12.5")
        return found

    def unit(self, measure: str, *, needed: bool, own: float = 1.0) -> float:
        """Step over a unit of some measure; its size, or `own` where none is given."""
        known = [unit for unit, (of, _) in UNITS.items() if of == measure and unit]
        self.may("unit", known)
        token = self.next
        if token.kind == "word" and token.text in UNITS:
            of, size = UNITS[token.text]
            if of != measure:
                what = f"{token.text!r} measures {of}, wanted is {measure}"
                raise self.wrong(token, what, f"units: {', '.join(known)}" if known else "no unit")
            self.take()
            return size
        if token.kind == "word" and not token.is_word(*KEYWORDS):
            raise self.unknown(token, "unit", known or ["none"])
        if needed:
            before = self._tokens[max(0, self._at - 1)]
            raise self.wrong(before, f"a {measure} needs a unit", f"units: {', '.join(known)}")
        return own

    def time_ns(self) -> int:
        """Step over a length of time."""
        token = self.next
        value = self.number()
        size_ns = round(self.unit("time", needed=True) * SECOND_NS)
        if not 0 <= value * size_ns <= LONGEST_NS:
            raise self.wrong(token, "no length of time", "such as 5 s, 200 ms or 1 min")
        return round(value * size_ns) if token.whole is None else token.whole * size_ns

    def unexpected(self, wanted: str) -> UsageError:
        """The token that comes is none of what may come."""
        token = self.next
        return self.wrong(token, f"expected {wanted}, found {_shown(token)}", "see docs/search.md")

    def unknown(self, token: Token, what: str, known: Iterable[str]) -> UsageError:
        """A word that no table holds."""
        if token.kind not in ("word", "text"):
            return self.wrong(token, f"expected {what}, found {_shown(token)}", _some(known))
        close = nearest(token.text, known)
        hint = f"did you mean {close}?" if close else _some(known)
        return self.wrong(token, f"no {what} is called {token.text!r}", hint)

    def wrong(self, token: Token, what: str, remedy: str) -> UsageError:
        """An error at a token."""
        return fault(self.text, token.start, max(token.end, token.start + 1), what, remedy)


def _some(known: Iterable[str]) -> str:
    return f"known: {', '.join(sorted(known)[:40]) or 'none'}"


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else repr(token.text)
