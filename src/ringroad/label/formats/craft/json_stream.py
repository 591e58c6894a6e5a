"""Reads a JSON file piece by piece: memory follows the largest element, not the file."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ringroad.domain.errors import InvalidAnnotations

CHUNK_BYTES = 1 << 20
ELEMENT_LIMIT = 64 << 20
"""Characters of one array element, or of one value that is read whole."""

_BLANK = " \t\r\n"
_OF_A_NUMBER = ".eE+-"
_CUT = 2
"""Most characters of a number that stand behind what parses, where a chunk cuts it: `e+`."""
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")


class JsonStream:
    """A cursor over one JSON text. Values are handed out whole, arrays element by element.

    The scanner is that of the standard library: a value that ends beyond what was read is
    scanned again with more, once per chunk. Depth is limited by the interpreter's recursion.

    Raises (all methods):
        InvalidAnnotations: not UTF-8, not JSON, cut off, or one element above the limit.
    """

    def __init__(self, file: BinaryIO, *, subject: str) -> None:
        self.subject = subject
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False

    def peek(self) -> str:
        """The character that comes next after white space; empty at the end."""
        while True:
            if self._at < len(self._text):
                mark = self._text[self._at]
                if mark not in _BLANK:
                    return mark
                self._at = _end(_SPACE, self._text, self._at)
                continue
            if self._ended:
                return ""
            self._more()

    def fields(self) -> Iterator[str]:
        """Keys of the object that comes next. The caller takes each value before the next key."""
        self._take("{", "an object")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self.wrong("a key should stand here")
            key = self.value()
            self._take(":", "a colon")
            yield key
            if self._next_or("}"):
                return

    def items(self) -> Iterator[Any]:
        """Elements of the array that comes next, each as a whole."""
        self._take("[", "a list")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, StopIteration, RecursionError):
                yield self.value()
            else:
                if end + _CUT < len(self._text):
                    self._at = end
                    yield value
                else:
                    yield self.value()
            found = _COMMA.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
            elif self._next_or("]"):
                return

    def value(self) -> Any:
        """The value that comes next, as a whole."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except RecursionError:
                raise self.wrong("nested too deeply") from None
            except (ValueError, StopIteration) as error:
                if self._ended:
                    raise self.wrong(_said(error)) from None
                self._more()
                continue
            if self._ended or self._text[end : end + 3].strip(_OF_A_NUMBER):
                self._at = end
                return value
            self._more()  # a number may go on behind the chunk, cut at its point or exponent too

    def skip(self) -> None:
        """Pass over the value that comes next; a list is passed over element by element."""
        if self.peek() == "[":
            for _ in self.items():
                pass
        elif self.peek() == "{":
            for _ in self.fields():
                self.skip()
        else:
            self.value()

    def end(self) -> None:
        """Nothing follows. Raises InvalidAnnotations where something does."""
        if self.peek():
            raise self.wrong("something stands behind the end")

    def wrong(self, what: str) -> InvalidAnnotations:
        """An error at this place."""
        return InvalidAnnotations(
            f"not JSON as it should be: {what}",
            subject=self.subject,
            place=f"character {self._before + self._at:,}",
            remedy="export the file again; it is damaged, or of another format",
        )

    def _take(self, wanted: str, name: str) -> None:
        if self.peek() != wanted:
            raise self.wrong(f"{name} should stand here")
        self._at += 1

    def _next_or(self, end: str) -> bool:
        """Pass over a comma, or over the end."""
        mark = self.peek()
        if mark not in {",", end} or not mark:
            raise self.wrong("it ends too early" if not mark else f"unexpected {mark!r}")
        self._at += 1
        return mark == end

    def _more(self) -> None:
        held = len(self._text) - self._at
        if held > ELEMENT_LIMIT:
            raise self.wrong(f"one element has more than {ELEMENT_LIMIT >> 20} million characters")
        data = self._file.read(max(CHUNK_BYTES, held))
        try:
            text = self._decode(data, not data)
        except UnicodeDecodeError as error:
            raise self.wrong(f"not UTF-8: {error.reason}") from None
        self._text = self._text[self._at :] + text
        self._before += self._at
        self._at = 0
        self._ended = not data


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at


def _said(error: ValueError | StopIteration) -> str:
    if isinstance(error, StopIteration):
        return "a value should stand here"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)
