"""Bytes that lie as base64 in a text, such as a message in JSON. Runs in the sandbox."""

from __future__ import annotations

import binascii

from ringroad.domain.errors import UnreadableSource

BASE64 = "base64+"
"""In front of the encoding of what the text stands for."""


def from_base64(text: bytes | memoryview) -> bytes:
    """The bytes that a text stands for.

    Raises:
        UnreadableSource: it is no base64.
    """
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableSource(
            f"is no base64: {error}", remedy="copy the file again from its origin"
        ) from error


def bytes_of(text: bytes | memoryview) -> int:
    """How many bytes a text of base64 stands for."""
    return 3 * len(text) // 4 - bytes(text[-2:]).count(b"=")
