"""JPEG and PNG bytes to arrays and back. The bytes are untrusted: call it inside a sandbox."""

from __future__ import annotations

import io
import struct

import numpy as np
import simplejpeg
from PIL import Image

from ringroad.domain.errors import UnreadableSource

JPEG = "jpeg"
PNG = "png"
MOST_PIXELS = 80_000_000
"""A picture that claims more is refused before memory is taken for it."""
REMEDY = "export the picture again as JPEG or PNG"
NO_SIZE = {0xC4, 0xC8, 0xCC}
"""JPEG markers between 0xC0 and 0xCF that start no frame: tables and a reserved one."""
STANDALONE = {0x01, *range(0xD0, 0xD9)}
"""JPEG markers without a length behind them."""


def encoding_of(head: bytes | memoryview) -> str:
    """`jpeg`, `png`, or empty text, by the first bytes."""
    if head[:3] == b"\xff\xd8\xff":
        return JPEG
    return PNG if head[:8] == b"\x89PNG\r\n\x1a\n" else ""


def size_of(data: bytes | memoryview) -> tuple[int, int]:
    """Width and height, from the header alone. Raises UnreadableSource."""
    try:
        if encoding_of(data) == JPEG:
            width, height = _jpeg_size(data)
        elif encoding_of(data) == PNG and data[12:16] == b"IHDR":
            width, height = struct.unpack_from(">II", data, 16)
        else:
            raise UnreadableSource("is neither JPEG nor PNG", remedy=REMEDY)
    except (struct.error, IndexError) as error:
        raise UnreadableSource("its header is cut short", remedy=REMEDY) from error
    if not 0 < width * height <= MOST_PIXELS:
        raise UnreadableSource(f"claims {width}x{height} pixels", remedy=REMEDY)
    return width, height


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


def _jpeg_size(data: bytes | memoryview) -> tuple[int, int]:
    """Walk the markers up to the first frame header (ISO/IEC 10918-1, B.2.2)."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise UnreadableSource("damaged picture: no marker where one is due", remedy=REMEDY)
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in STANDALONE:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in NO_SIZE:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
