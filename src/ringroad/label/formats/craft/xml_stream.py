"""Reads an XML file element by element, without trust: no DTD, no entities, bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from ringroad.domain.errors import InvalidAnnotations

CHUNK_BYTES = 1 << 18
TOKEN_LIMIT = 16 << 20
"""Bytes of one tag or text."""
NODE_LIMIT = 1_000_000
"""Elements inside one that is handed out."""
DEPTH_LIMIT = 64


@dataclass(slots=True)
class Element:
    """One element with all that is in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((item for item in self.children if item.name == name), None)

    def all(self, name: str) -> Iterator[Element]:
        """All children of that name."""
        return (item for item in self.children if item.name == name)

    def said(self, name: str) -> str:
        """The text of the first child of that name; empty where there is none."""
        found = self.child(name)
        return found.text.strip() if found is not None else ""


def elements(file: BinaryIO, wanted: frozenset[str], *, subject: str) -> Iterator[Element]:
    """The outermost elements of the wanted names, in order, each when it is complete.

    Raises:
        InvalidAnnotations: not well-formed or cut off, with line and column; a DTD or an entity;
            a tag, element or depth above the limits.
    """
    reader = _Reader(wanted, subject)
    while data := file.read(CHUNK_BYTES):
        reader.feed(data)
        while reader.ready:
            yield reader.ready.popleft()
    reader.feed(b"", final=True)
    yield from reader.ready


class _Reader:
    """Handlers of one parse."""

    def __init__(self, wanted: frozenset[str], subject: str) -> None:
        self.ready: deque[Element] = deque()
        self._wanted = wanted
        self._subject = subject
        self._open: list[Element] = []
        self._depth = 0
        self._nodes = 0
        self._fed = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        parser.EntityDeclHandler = self._refuse_dtd
        parser.ExternalEntityRefHandler = self._refuse_dtd

    def feed(self, data: bytes, *, final: bool = False) -> None:
        self._fed += len(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            cut = final or "no element" in str(error) or "unclosed" in str(error)
            what = (
                "it ends too early" if cut else f"not well-formed: {expat.ErrorString(error.code)}"
            )
            raise self._wrong(what, line=error.lineno, column=error.offset) from None
        if self._fed - self._parser.CurrentByteIndex > TOKEN_LIMIT:
            raise self._wrong(f"one tag or text has more than {TOKEN_LIMIT >> 20} MiB")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise self._wrong(f"elements are nested more than {DEPTH_LIMIT} deep")
        if not self._open and name not in self._wanted:
            return
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            raise self._wrong(f"one element holds more than {NODE_LIMIT:,} others")
        made = Element(name, attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(made)
        self._open.append(made)

    def _end(self, name: str) -> None:
        del name
        self._depth -= 1
        if self._open:
            done = self._open.pop()
            if not self._open:
                self._nodes = 0
                self.ready.append(done)

    def _said(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _refuse_dtd(self, *_: Any) -> NoReturn:
        raise self._wrong(
            "it declares a document type or entities, which label files do not need",
            remedy="export it again without a DOCTYPE; do not trust where it came from",
        )

    def _wrong(
        self, what: str, *, line: int = 0, column: int = 0, remedy: str = ""
    ) -> InvalidAnnotations:
        line = line or self._parser.CurrentLineNumber
        column = column or self._parser.CurrentColumnNumber
        return InvalidAnnotations(
            f"not XML as it should be: {what}",
            subject=self._subject,
            place=f"line {line:,}, column {column:,}",
            remedy=remedy or "export the file again; nothing of it was taken in",
        )
