"""Writes XML by hand: elements as text, numbers with all their digits and no more."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = dict.fromkeys((*range(9), 11, 12, *range(14, 32)), "�")
"""Characters that XML 1.0 cannot hold in any form."""


def number(value: float) -> str:
    """A number that reads back as itself, without a point where it is whole."""
    return (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )


def text(value: str) -> str:
    """Text between tags."""
    return escape(value.translate(_ILLEGAL))


def tag(name: str, /, **attributes: str | int) -> str:
    """An open tag without its end: `<name a="b"`."""
    said = "".join(
        f" {key}={quoteattr(str(value).translate(_ILLEGAL))}" for key, value in attributes.items()
    )
    return f"<{name}{said}"
