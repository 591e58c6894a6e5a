"""Pictures whose pixels lie plain, without a header: grey, RGB and BGR.

Bayer values are `media/pictures/raw.py`'s. The bytes are untrusted: call it inside a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import shortened
from ringroad.media.pictures.images import MOST_PIXELS
from ringroad.media.pictures.raw import PATTERNS, bayer_of, check_bayer, is_raw

PLAIN: Mapping[str, tuple[str, int, tuple[int, ...]]] = {
    "mono8": ("u1", 1, (0, 0, 0)),
    "mono16": ("<u2", 1, (0, 0, 0)),
    "rgb8": ("u1", 3, (0, 1, 2)),
    "bgr8": ("u1", 3, (2, 1, 0)),
    "rgba8": ("u1", 4, (0, 1, 2)),
    "bgra8": ("u1", 4, (2, 1, 0)),
}
"""Encoding -> type of a value, values of a pixel, and which of them are red, green and blue."""
ALIASES: Mapping[str, str] = {"8UC1": "mono8", "8UC3": "bgr8", "8UC4": "bgra8"}
"""What OpenCV calls them, whose colours begin with blue."""
REMEDY = f"record pictures as {', '.join(PLAIN)} or Bayer values, in rows without padding"
_BAYER = re.compile(r"bayer_([rgb]{4})(8|16)")


def is_plain(encoding: str) -> bool:
    """Whether pictures of an encoding are decoded here."""
    return encoding in PLAIN


def plain_encoding(told: str, *, big_endian: bool = False) -> str:
    """Our encoding for what `sensor_msgs/Image` calls its own; empty text for what is not read."""
    bayer = _BAYER.fullmatch(told)
    if bayer and bayer[1] in PATTERNS:
        known = f"bayer-{bayer[1]}-8-u8" if bayer[2] == "8" else f"bayer-{bayer[1]}-16-u16le"
    else:
        known = ALIASES.get(told, told)
    if known not in PLAIN and not is_raw(known):
        return ""
    return "" if big_endian and known.endswith(("16", "16le")) else known


def check_plain(encoding: str, data_bytes: int, shape: tuple[int, int], step: int) -> None:
    """Whether rows of `step` bytes are a picture of (width, height). Raises UnreadableSource."""
    width, height = shape
    if not 0 < width * height <= MOST_PIXELS:
        raise UnreadableSource(f"claims {width}x{height} pixels", remedy=REMEDY)
    row = width * pixel_bytes(encoding)
    if step != row:
        raise UnreadableSource(
            f"rows of {step} bytes hold {width} pixels of {encoding}", remedy=REMEDY
        )
    if is_raw(encoding):
        check_bayer(bayer_of(encoding), data_bytes, shape)
    elif data_bytes != row * height:
        raise UnreadableSource(
            f"has {data_bytes} bytes, {width}x{height} of {encoding} need {row * height}",
            remedy=REMEDY,
        )


def plain_encodings(
    told: Sequence[str],
    big_endian: np.ndarray,
    shapes: np.ndarray,
    steps: np.ndarray,
    lengths: np.ndarray,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our encoding of each plain picture, empty text where it is not read, and why.

    Args:
        told: what messages call their encodings.
        big_endian: (n,) bool.
        shapes: (n, 2) width and height.
        steps: (n,) bytes of a row.
        lengths: (n,) bytes of the picture.
    """
    rows = zip(
        told, big_endian.tolist(), map(tuple, shapes.tolist()), steps.tolist(), lengths.tolist(),
        strict=True,
    )  # fmt: skip
    known: dict[tuple[object, ...], tuple[str, str]] = {}
    found = []
    for row in rows:
        if row not in known:
            known[row] = _plain_encoding(*row)
        found.append(known[row])
    return tuple(encoding for encoding, _ in found), shortened(why for _, why in known.values())


def _plain_encoding(
    told: str, big_endian: bool, shape: tuple[int, int], step: int, length: int
) -> tuple[str, str]:
    encoding = plain_encoding(told, big_endian=big_endian)
    if not encoding:
        return "", f"pictures encoded as {told[:40]!r} are not read"
    try:
        check_plain(encoding, length, shape, step)
    except UnreadableSource as error:
        return "", error.what
    return encoding, ""


def pixel_bytes(encoding: str) -> int:
    """Bytes of one pixel."""
    if is_raw(encoding):
        return bayer_of(encoding).value_bytes
    kind, channels, _ = PLAIN[encoding]
    return np.dtype(kind).itemsize * channels


def decode_plain(encoding: str, data: bytes, shape: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) uint8 RGB of a picture of (width, height); of 16 bits the upper 8.

    Raises:
        UnreadableSource: the bytes are no such picture.
    """
    kind, channels, colours = PLAIN[encoding]
    width, height = shape
    check_plain(encoding, len(data), shape, width * pixel_bytes(encoding))
    values = np.frombuffer(data, kind).reshape(height, width, channels)
    if values.dtype.itemsize > 1:
        values = (values >> 8).astype(np.uint8)
    pixels: np.ndarray = np.ascontiguousarray(values[..., list(colours)])
    return pixels
