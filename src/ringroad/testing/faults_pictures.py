"""Injects one fault a time into decoded pictures, as strongly as `MAGNITUDES` fixes.

    faulty = PICTURE_FAULTS["blurred"](pixels, rng)

Pictures are (n, height, width, 3) uint8 RGB of one camera, in order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ringroad.testing.faults_magnitudes import MAGNITUDES

Rng = np.random.Generator
PictureFault = Callable[[np.ndarray, Rng], np.ndarray]
GAMMA = 2.2
COVER = (46.0, 38.0, 30.0)
"""Colour of dirt on a lens."""
COVER_NOISE = 2.0


def frozen(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """One picture stands in the place of those after it."""
    return _in_stretch(pixels, rng, "frozen", lambda part: np.repeat(part[:1], len(part), axis=0))


def black(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """Hardly anything above the black level, some noise."""
    return _in_stretch(pixels, rng, "black", lambda part: _dimmed(part, rng, "black"))


def under_exposed(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """All light far too weak."""
    name = "under-exposed"
    return _in_stretch(pixels, rng, name, lambda part: _dimmed(part, rng, name))


def over_exposed(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """Gain until a share of the pixels is burnt out."""
    share = MAGNITUDES["over-exposed"]["clipped_share"]

    def burn(part: np.ndarray) -> np.ndarray:
        levels = np.quantile(part.max(axis=-1), 1 - share, axis=(1, 2))
        return _levels(part * (256.0 / np.maximum(levels, 1.0))[:, None, None, None])

    return _in_stretch(pixels, rng, "over-exposed", lambda part: _all_colours(part, burn))


def blurred(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """A Gaussian over every picture."""
    sigma = MAGNITUDES["blurred"]["sigma_of_width"] * pixels.shape[2]
    return _in_stretch(pixels, rng, "blurred", lambda part: _levels(_gaussian(part, sigma)))


def low_contrast(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """Everything drawn towards a light grey, as behind a fogged lens."""
    left = MAGNITUDES["low-contrast"]["left_share"]

    def fog(part: np.ndarray) -> np.ndarray:
        return _levels(150.0 + left * (part - part.mean(axis=(1, 2, 3), keepdims=True)))

    return _in_stretch(pixels, rng, "low-contrast", fog)


def occluded(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """Dirt with a soft edge over part of the lens, in all pictures, in the lower half and side."""
    share = MAGNITUDES["occluded"]["area_share"]
    height, width = pixels.shape[1:3]
    tall, wide = 0.7, share / 0.7
    top, left = 1 - tall, rng.uniform(0, 1 - wide)
    y = (np.arange(height) / height - top) / tall
    x = (np.arange(width) / width - left) / wide
    inside = _soft(y)[:, None] * _soft(x)[None, :]
    found = np.empty_like(pixels)
    for place, picture in enumerate(pixels):
        dirt = COVER + rng.normal(0, COVER_NOISE, (height, width, 1))
        found[place] = _levels(picture + inside[..., None] * (dirt - picture))
    return found


def exposure_jump(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """From one picture to the next two stops darker, and back."""
    gain = 2.0 ** (-MAGNITUDES["exposure-jump"]["stops"] / GAMMA)
    return _in_stretch(pixels, rng, "exposure-jump", lambda part: _levels(part * gain))


def colour_cast(pixels: np.ndarray, rng: Rng) -> np.ndarray:
    """Blue is weak."""
    gains = np.array([1.0, 1.0, MAGNITUDES["colour-cast"]["blue_left"]])
    return _in_stretch(pixels, rng, "colour-cast", lambda part: _levels(part * gains))


PICTURE_FAULTS: dict[str, PictureFault] = {
    function.__name__.replace("_", "-"): function
    for function in (
        frozen,
        black,
        over_exposed,
        under_exposed,
        blurred,
        low_contrast,
        occluded,
        exposure_jump,
        colour_cast,
    )
}
"""Check of the picture lane -> its fault."""


def _in_stretch(
    pixels: np.ndarray, rng: Rng, check: str, change: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Some pictures in a row, never the first, changed."""
    count = min(int(MAGNITUDES[check]["pictures"]), len(pixels) - 1)
    first = int(rng.integers(1, len(pixels) - count + 1))
    found = pixels.copy()
    found[first : first + count] = change(pixels[first : first + count])
    return found


def _dimmed(part: np.ndarray, rng: Rng, check: str) -> np.ndarray:
    """Levels scaled so that 99 % of the luma lies below the magnitude, with a little noise."""
    luma = part @ np.array([0.299, 0.587, 0.114])
    top = np.quantile(luma, 0.99, axis=(1, 2))
    scaled = part * (MAGNITUDES[check]["p99_level"] / np.maximum(top, 1.0))[:, None, None, None]
    return _levels(scaled + rng.normal(0, 0.5, part.shape))


def _all_colours(part: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Burnt out pixels are so in all colours: the brightest one drags the others along."""
    burnt = change(part)
    white = (burnt.max(axis=-1, keepdims=True) == 255) & np.ones(3, bool)
    return np.where(white, np.uint8(255), burnt)


def _gaussian(part: np.ndarray, sigma: float) -> np.ndarray:
    """Every picture filtered along both axes; edges repeat."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    found = part.astype(np.float32)
    for axis in (1, 2):
        pads = [(0, 0)] * 4
        pads[axis] = (reach, reach)
        padded = np.pad(found, pads, mode="edge")
        size = found.shape[axis]
        whole = np.zeros_like(found)
        for at, weight in enumerate(kernel.astype(np.float32)):
            whole += weight * np.take(padded, range(at, at + size), axis=axis)
        found = whole
    return found


def _soft(place: np.ndarray) -> np.ndarray:
    """1 inside 0 to 1, falling to 0 over a tenth on either side."""
    found: np.ndarray = np.clip(np.minimum(place, 1 - place) / 0.1 + 1, 0, 1)
    return found


def _levels(values: np.ndarray) -> np.ndarray:
    """Rounded and clipped to uint8."""
    found: np.ndarray = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return found
