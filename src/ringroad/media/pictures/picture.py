"""One picture of any encoding that decodes by itself: JPEG, PNG, DNG, plain pixels.

The bytes are untrusted: call it inside a sandbox. Frames of videos are `media/video`'s.
"""

from __future__ import annotations

import numpy as np

from ringroad.media.base64_text import BASE64, from_base64
from ringroad.media.pictures.images import JPEG, PNG, decode_image, resize
from ringroad.media.pictures.plain import decode_plain, is_plain
from ringroad.media.pictures.raw import decode_raw, is_raw

Kind = tuple[str, int, int]
"""Encoding, and width and height as recorded."""


def is_picture(encoding: str) -> bool:
    """Whether frames of an encoding are decoded here."""
    known = encoding.removeprefix(BASE64)
    return known in {JPEG, PNG} or is_plain(known) or is_raw(known)


def decode_picture(data: bytes, kind: Kind, size: tuple[int, int] | None = None) -> np.ndarray:
    """(h, w, 3) uint8 RGB at a size, None for as recorded. Raises UnreadableSource."""
    encoding, width, height = kind
    if encoding.startswith(BASE64):
        encoding, data = encoding.removeprefix(BASE64), from_base64(data)
    if is_raw(encoding):
        return decode_raw(encoding, data, (width, height), size)
    plain = is_plain(encoding)
    pixels = decode_plain(encoding, data, (width, height)) if plain else decode_image(data)
    return pixels if size is None else resize(pixels, size)
