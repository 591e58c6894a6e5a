"""Walks over the tokens of a query and raises its errors. Builds no tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ringroad.curate.language.lexer import Token, fault, tokens_of
from ringroad.curate.language.vocabulary import UNITS, Vocabulary, nearest
from ringroad.domain.errors import UsageError
from ringroad.domain.time import SECOND_NS

DEEPEST = 60


class Reading:
    """A place in a query."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
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

    def skip(self, word: str) -> bool:
        """Step over a word, if it comes."""
        if self.next.is_word(word):
            self.take()
            return True
        return False

    def expect_word(self, word: str) -> None:
        """Step over a word that has to come."""
        if not self.skip(word):
            raise self.unexpected(f"`{word}`")

    def expect_sign(self, sign: str) -> None:
        """Step over a sign that has to come."""
        if not self.next.is_sign(sign):
            raise self.unexpected(f"`{sign}`")
        self.take()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level down; queries nest only so far."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.wrong(
                self.next, f"nested deeper than {DEEPEST} levels", "split it over two selections"
            )
        yield
        self._depth -= 1

    def number(self) -> float:
        """Step over a number."""
        token = self.take()
        if token.kind != "number":
            raise self.wrong(token, f"expected a number, found {_shown(token)}", "such as 12.5")
        return float(token.text)

    def unit(self, measure: str, *, needed: bool, own: float = 1.0) -> float:
        """Step over a unit of some measure; its size, or `own` where none is given."""
        known = [unit for unit, (of, _) in UNITS.items() if of == measure and unit]
        token = self.next
        if token.kind == "word" and token.text in UNITS:
            of, size = UNITS[token.text]
            if of != measure:
                what = f"{token.text!r} measures {of}, wanted is {measure}"
                raise self.wrong(token, what, f"units: {', '.join(known)}" if known else "no unit")
            self.take()
            return size
        if token.kind == "word" and not token.is_word(*_JOINING):
            raise self.unknown(token, "unit", known or ["none"])
        if needed:
            before = self._tokens[max(0, self._at - 1)]
            raise self.wrong(before, f"a {measure} needs a unit", f"units: {', '.join(known)}")
        return own

    def time_ns(self) -> int:
        """Step over a length of time."""
        token = self.next
        seconds = self.number() * self.unit("time", needed=True)
        if not 0 <= seconds < 1e9:
            raise self.wrong(token, "no length of time", "such as 5 s, 200 ms or 1 min")
        return round(seconds * SECOND_NS)

    def unexpected(self, wanted: str) -> UsageError:
        """The token that comes is none of what may come."""
        token = self.next
        return self.wrong(token, f"expected {wanted}, found {_shown(token)}", "see docs/search.md")

    def unknown(self, token: Token, what: str, known: Iterable[str]) -> UsageError:
        """A word that no table holds."""
        names = sorted(known)
        close = nearest(token.text, names)
        hint = f"did you mean {close}?" if close else f"known: {', '.join(names[:40]) or 'none'}"
        return self.wrong(token, f"no {what} is called {token.text!r}", hint)

    def wrong(self, token: Token, what: str, remedy: str) -> UsageError:
        """An error at a token."""
        return fault(self.text, token.start, max(token.end, token.start + 1), what, remedy)


_JOINING = ("and", "or", "then", "within", "for", "of", "order", "limit", "between", "crop", "in")


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else repr(token.text)
