"""JPEG bytes into memory of the caller. For bytes that we encoded ourselves: no sandbox around it.

Pictures from outside go through `media/pictures/images.py` inside the sandbox.
"""

from __future__ import annotations

import numpy as np
import simplejpeg
from PIL import Image

from ringroad.domain.errors import UnreadableSource

REMEDY = "pack the frames again"


def decode_into(data: memoryview | bytes, out: np.ndarray, *, reduced: bool = False) -> None:
    """Decode a JPEG whole; other threads run meanwhile.

    Args:
        data: the JPEG.
        out: (h, w, 3) uint8, contiguous, of the very size of the picture.
        reduced: decode at half the size, which `out` then has, rounded up. Only a sixth cheaper:
            most of the work is undoing the entropy code.

    Raises:
        UnreadableSource: damaged, cut short, or of another size.
    """
    height, width = out.shape[:2]
    options = {"min_height": height, "min_width": width, "min_factor": 2} if reduced else {}
    try:
        found = simplejpeg.decode_jpeg(data, "RGB", buffer=out, **options)
    except ValueError as error:
        raise UnreadableSource(f"damaged picture: {error}", remedy=REMEDY) from error
    if found.shape != out.shape:
        raise UnreadableSource(
            f"is {found.shape[1]}x{found.shape[0]} pixels, not {width}x{height}", remedy=REMEDY
        )


def halved(pixels: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 at half the size, rounded up: each pixel is the mean of four."""
    return np.asarray(Image.fromarray(pixels).reduce(2))
