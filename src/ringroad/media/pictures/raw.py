"""Raw Bayer pictures (DNG, and plain values without a header) to RGB for looking at.

The rendering is for people and for networks that were not trained on raw values: black and white
levels, white balance (the camera's own where a DNG states one, else grey world), interpolated
colours and the sRGB curve. It is no photograph: neither the camera's colours nor its tones, noise
or lens are corrected. The values themselves stay in the recording untouched.

The bytes are untrusted: call it inside a sandbox.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import rawpy

from ringroad.domain.errors import UnreadableSource
from ringroad.media.pictures.images import MOST_PIXELS, resize

DNG = "dng"
BAYER = "bayer"
PATTERNS = ("rggb", "bggr", "grbg", "gbrg")
"""Colours of the first two pixels of the first two rows."""
CONTAINERS = {"u16le": "<u2", "u8": "u1"}
"""How a value is stored -> its numpy type; it lies in the lower bits."""
STRIP_ROWS = 256
"""So many rows are worked on at a time; even, so that each strip begins like the first."""
LEVELS = 4096
"""Steps of the tone curve."""
GAIN = (0.25, 4.0)
"""White balance stays between these."""
REMEDY = "copy the file again from its origin, or export it as an uncompressed Bayer DNG"
_ENCODING = re.compile(
    rf"{BAYER}-([rgb]{{4}})-(\d{{1,2}})-(\w{{1,8}})(?:-(\d{{1,5}})-(\d{{1,5}}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bayer:
    """How plain values are laid out, as the encoding `bayer-rggb-10-u16le` tells.

    Levels follow where they are not 0 and the largest value: `bayer-rggb-14-u16le-600-16383`.
    """

    pattern: str
    bits: int
    container: str
    black: int = 0
    white: int = 0
    """0 stands for the largest value."""

    def __post_init__(self) -> None:
        most = 8 * self.value_bytes if self.container in CONTAINERS else 0
        levels_fit = 0 <= self.black < self.brightest < 2**self.bits
        if self.pattern not in PATTERNS or not 1 <= self.bits <= most or not levels_fit:
            raise UnreadableSource(
                f"no Bayer picture is {self}",
                remedy=f"patterns: {', '.join(PATTERNS)}; containers: {', '.join(CONTAINERS)}; "
                "levels within the bits",
            )

    @property
    def value_bytes(self) -> int:
        """Bytes of one value."""
        return np.dtype(CONTAINERS[self.container]).itemsize

    @property
    def brightest(self) -> int:
        """The value that is white."""
        return self.white or 2**self.bits - 1

    def __str__(self) -> str:
        plain = f"{BAYER}-{self.pattern}-{self.bits}-{self.container}"
        return f"{plain}-{self.black}-{self.brightest}" if self.black or self.white else plain


def bayer_of(encoding: str) -> Bayer:
    """The layout that an encoding tells. Raises UnreadableSource."""
    match = _ENCODING.fullmatch(encoding)
    if match is None:
        raise UnreadableSource(
            f"{encoding!r} tells no Bayer picture", remedy="such as bayer-rggb-10-u16le"
        )
    pattern, bits, container, black, white = match.groups(default="0")
    return Bayer(
        pattern=pattern, bits=int(bits), container=container, black=int(black), white=int(white)
    )


def is_raw(encoding: str) -> bool:
    """Whether pictures of an encoding are decoded here."""
    return encoding == DNG or encoding.startswith(f"{BAYER}-")


def dng_size(data: bytes) -> tuple[int, int]:
    """Width and height of a DNG's picture without its masked border. Raises UnreadableSource."""
    with _opened(data) as raw:
        return int(raw.sizes.width), int(raw.sizes.height)


def check_bayer(bayer: Bayer, data_bytes: int, shape: tuple[int, int]) -> None:
    """Whether so many bytes are a picture of (width, height). Raises UnreadableSource."""
    width, height = shape
    if width % 2 or height % 2 or not 0 < width * height <= MOST_PIXELS:
        raise UnreadableSource(f"claims {width}x{height} pixels", remedy="both must be even")
    if data_bytes != width * height * bayer.value_bytes:
        raise UnreadableSource(
            f"has {data_bytes} bytes, {width}x{height} of {bayer.container} need "
            f"{width * height * bayer.value_bytes}",
            remedy="is it whole, and are its size and container as declared?",
        )


def decode_raw(
    encoding: str, data: bytes, shape: tuple[int, int], size: tuple[int, int] | None = None
) -> np.ndarray:
    """Render one picture.

    Args:
        encoding: `dng`, or one of `Bayer`.
        data: its bytes.
        shape: width and height as recorded.
        size: width and height to return; None for as recorded. Where it is at most half as large,
            each four values make one pixel, and nothing is interpolated.

    Returns:
        (h, w, 3) uint8 RGB.

    Raises:
        UnreadableSource: the bytes are no such picture.
    """
    half = size is not None and 2 * size[0] <= shape[0] and 2 * size[1] <= shape[1]
    if encoding == DNG:
        with _opened(data) as raw:
            pixels = _render_dng(raw, half=half)
    else:
        bayer = bayer_of(encoding)
        check_bayer(bayer, len(data), shape)
        values = np.frombuffer(data, CONTAINERS[bayer.container]).reshape(shape[1], shape[0])
        colours = np.array([["rgb".index(c) for c in bayer.pattern[at : at + 2]] for at in (0, 2)])
        black = np.full(3, float(bayer.black))
        gains = _grey_world(values, colours, black)
        pixels = _render(values, colours, black, float(bayer.brightest), gains, half=half)
    return pixels if size is None else resize(pixels, size)


@contextmanager
def _opened(data: bytes) -> Iterator[rawpy.RawPy]:
    """A DNG that claims no more than may be taken; libraw's own errors become ours."""
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            sizes = raw.sizes
            most = max(sizes.raw_width * sizes.raw_height, sizes.width * sizes.height)
            if not 0 < most <= MOST_PIXELS or not sizes.width * sizes.height:
                raise UnreadableSource(
                    f"claims {sizes.raw_width}x{sizes.raw_height} pixels", remedy=REMEDY
                )
            yield raw
    except (
        rawpy.LibRawError, rawpy.NotSupportedError, NotImplementedError, ValueError, OSError,
    ) as error:  # fmt: skip
        said = error.args[0] if error.args else error
        told = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise UnreadableSource(f"damaged or unknown DNG: {told[:200]}", remedy=REMEDY) from error


def _render_dng(raw: rawpy.RawPy, *, half: bool) -> np.ndarray:
    if raw.raw_type != rawpy.RawType.Flat or raw.raw_pattern is None:
        raise UnreadableSource("holds colours, not a Bayer pattern", remedy=REMEDY)
    colours = np.array(raw.raw_colors_visible[:2, :2])
    names = raw.color_desc.decode("ascii", "replace")
    if raw.raw_pattern.shape != (2, 2) or sorted(names[at] for at in colours.flat) != [*"BGGR"]:
        raise UnreadableSource("its pattern is not of two by two of red, green, blue")
    ours = np.array([["RGB".index(names[at]) for at in row] for row in colours])
    levels = dict(zip(colours.flat, ours.flat, strict=True))
    black = np.zeros(3)
    gains = np.zeros(3)
    for theirs, colour in levels.items():
        black[colour] = raw.black_level_per_channel[theirs]
        gains[colour] = max(raw.camera_whitebalance[theirs], gains[colour])
    values = raw.raw_image_visible
    if gains.min() > 0:
        gains = np.clip(gains / gains[1], *GAIN)
    else:
        gains = _grey_world(values, ours, black)
    white = float(raw.white_level)
    if not white > black.max():
        raise UnreadableSource(f"its white level is {white:g}, its black {black.max():g}")
    return _render(values, ours, black, white, gains, half=half)


def _grey_world(values: np.ndarray, colours: np.ndarray, black: np.ndarray) -> np.ndarray:
    """Gains that make the mean of the picture grey: (3,), green 1."""
    sums, counts = np.zeros(3), np.zeros(3)
    for row in range(2):
        for column in range(2):
            colour = colours[row, column]
            sums[colour] += values[row::2, column::2].mean(dtype=np.float64) - black[colour]
            counts[colour] += 1
    means = np.maximum(sums / counts, 1e-6)
    gains: np.ndarray = np.clip(means[1] / means, *GAIN)
    return gains


def _render(
    values: np.ndarray,
    colours: np.ndarray,
    black: np.ndarray,
    white: float,
    gains: np.ndarray,
    *,
    half: bool,
) -> np.ndarray:
    """(h, w) values of whichever integer to (h, w, 3) uint8, or half as large, strip by strip."""
    height, width = (side - side % 2 for side in values.shape)
    curve = _curve()
    scale = (gains * (LEVELS - 1) / (white - black)).astype(np.float32)
    step = 2 if half else 1
    out = np.empty((height // step, width // step, 3), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, height)
        if half:
            planes = _binned(values[top:bottom, :width], colours)
        else:
            planes = _interpolated(values[:height, :width], top, bottom, colours)
        light = (planes - black.astype(np.float32)) * scale
        out[top // step : bottom // step] = curve[np.clip(light, 0, LEVELS - 1).astype(np.int32)]
    whole_h, whole_w = values.shape
    if half or (whole_h, whole_w) == (height, width):
        return out
    return np.pad(out, ((0, whole_h - height), (0, whole_w - width), (0, 0)), mode="edge")


def _binned(values: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """(h, w) to (h/2, w/2, 3) float32: both greens are averaged."""
    planes = np.zeros((values.shape[0] // 2, values.shape[1] // 2, 3), np.float32)
    for row in range(2):
        for column in range(2):
            colour = colours[row, column]
            share = 0.5 if colour == 1 else 1.0
            planes[..., colour] += values[row::2, column::2] * np.float32(share)
    return planes


def _interpolated(values: np.ndarray, top: int, bottom: int, colours: np.ndarray) -> np.ndarray:
    """Rows `top` to `bottom` as (rows, w, 3) float32, bilinear, edges mirrored.

    Of each colour, the known values around a pixel count 4 at the pixel, 2 beside and 1 aslant.
    """
    height, width = values.shape
    rows = np.pad(np.arange(height), 1, mode="reflect")[top : bottom + 2]
    strip = np.pad(values[rows].astype(np.float32), ((0, 0), (1, 1)), mode="reflect")
    parity = (np.arange(top - 1, bottom + 1)[:, None] % 2, np.arange(-1, width + 1)[None, :] % 2)
    where = colours[parity]
    planes = np.empty((bottom - top, width, 3), np.float32)
    for colour in range(3):
        known = (where == colour).astype(np.float32)
        total = _smoothed(strip * known)
        planes[..., colour] = total / _smoothed(known)
    return planes


def _smoothed(plane: np.ndarray) -> np.ndarray:
    """(h + 2, w + 2) to (h, w): 1 2 1 over 2 4 2 over 1 2 1."""
    down = plane[:-2] + 2 * plane[1:-1] + plane[2:]
    across: np.ndarray = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return across


def _curve() -> np.ndarray:
    """Linear light in LEVELS steps to sRGB, IEC 61966-2-1: (LEVELS,) uint8."""
    light = np.arange(LEVELS) / (LEVELS - 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(coded * 255).astype(np.uint8)
