"""One picture of any encoding that decodes by itself: JPEG, PNG, DNG, plain Bayer values.

The bytes are untrusted: call it inside a sandbox. Frames of videos are `media/video.py`'s.
"""

from __future__ import annotations

import numpy as np

from ringroad.media.images import JPEG, PNG, decode_image, resize
from ringroad.media.raw import decode_raw, is_raw

Kind = tuple[str, int, int]
"""Encoding, and width and height as recorded."""


def is_picture(encoding: str) -> bool:
    """Whether frames of an encoding are decoded here."""
    return encoding in {JPEG, PNG} or is_raw(encoding)


def decode_picture(data: bytes, kind: Kind, size: tuple[int, int] | None = None) -> np.ndarray:
    """(h, w, 3) uint8 RGB at a size, None for as recorded. Raises UnreadableSource."""
    encoding, width, height = kind
    if is_raw(encoding):
        return decode_raw(encoding, data, (width, height), size)
    pixels = decode_image(data)
    return pixels if size is None else resize(pixels, size)
