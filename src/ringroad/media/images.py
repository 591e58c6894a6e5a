"""JPEG and PNG bytes to arrays and back. The bytes are untrusted: call it inside a sandbox."""

from __future__ import annotations

import io

import numpy as np
import simplejpeg
from PIL import Image, UnidentifiedImageError

from ringroad.domain.errors import UnreadableSource

JPEG = "jpeg"
PNG = "png"
MOST_PIXELS = 80_000_000
"""A picture that claims more is refused before memory is taken for it."""
REMEDY = "export the picture again as JPEG or PNG"


def encoding_of(head: bytes) -> str:
    """`jpeg`, `png`, or empty text, by the first bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if head.startswith(b"\x89PNG\r\n\x1a\n") else ""


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height, from the header alone. Raises UnreadableSource."""
    try:
        if encoding_of(data) == JPEG:
            height, width = simplejpeg.decode_jpeg_header(data)[:2]
        else:
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                width, height = picture.size
    except (ValueError, OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UnreadableSource(f"no picture: {error}", remedy=REMEDY) from error
    if width * height > MOST_PIXELS:
        raise UnreadableSource(f"claims {width}x{height} pixels", remedy=REMEDY)
    return int(width), int(height)


def decode_image(data: bytes) -> np.ndarray:
    """(h, w, 3) uint8 RGB, exact inverse DCT. Raises UnreadableSource."""
    size_of(data)
    try:
        if encoding_of(data) == JPEG:
            pixels: np.ndarray = simplejpeg.decode_jpeg(data, colorspace="RGB")
            return pixels
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if picture.mode.startswith(("I", "F")):
                raise UnreadableSource("has 16 bits per channel", remedy="store it with 8 bits")
            return np.asarray(picture.convert("RGB"))
    except (ValueError, OSError, SyntaxError) as error:
        raise UnreadableSource(f"damaged picture: {error}", remedy=REMEDY) from error


def encode_jpeg(pixels: np.ndarray, *, quality: int = 90) -> bytes:
    """(h, w, 3) uint8 RGB as JPEG with half-size colour."""
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorspace="RGB", colorsubsampling="420"
    )
    return data


def resize(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """To (width, height): each new pixel is the mean of those it covers; larger is bilinear."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    smaller = size[0] <= width and size[1] <= height
    how = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize(size, how))
