"""JPEG into the caller's memory."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.media.pictures.jpeg_into import decode_into, halved

PIXELS = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (33, 47, 3), dtype=np.uint8)


def test_equal_to_the_decoder_of_the_sandbox():
    out = np.zeros((2, 33, 47, 3), np.uint8)
    decode_into(encode_jpeg(PIXELS), out[1])
    np.testing.assert_array_equal(out[1], decode_image(encode_jpeg(PIXELS)))
    assert not out[0].any()


def test_reduced_decoding_halves_odd_sides_upwards():
    smooth = np.repeat(np.repeat(PIXELS[:5, :6], 8, axis=0), 8, axis=1)[:33, :47]
    out = np.zeros((17, 24, 3), np.uint8)
    decode_into(encode_jpeg(np.ascontiguousarray(smooth), quality=100), out, reduced=True)
    assert np.abs(out.astype(int) - halved(smooth).astype(int)).mean() < 12


@pytest.mark.parametrize("shape", [(32, 47, 3), (33, 46, 3), (34, 47, 3), (47, 33, 3)])
def test_another_size_is_told(shape):
    with pytest.raises(UnreadableSource, match=r"pixels|too small"):
        decode_into(encode_jpeg(PIXELS), np.zeros(shape, np.uint8))


def test_halving_takes_the_mean_of_four():
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    mean = pixels.reshape(2, 2, 3, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(halved(pixels) - mean).max() <= 0.5
