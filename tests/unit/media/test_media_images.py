from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ringroad.domain.errors import UnreadableSource
from ringroad.media.pictures.images import decode_image, encode_jpeg, encoding_of, resize, size_of


def noise(height: int, width: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(1)).integers(0, 255, (height, width, 3), np.uint8)


def png(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


@given(height=st.integers(1, 70), width=st.integers(1, 70))
def test_size_is_told_by_the_header_alone(height, width):
    pixels = noise(height, width)
    for data in (encode_jpeg(pixels), png(pixels)):
        assert size_of(data) == (width, height)
        assert size_of(memoryview(data)) == (width, height)
        assert decode_image(data).shape == (height, width, 3)


def test_jpeg_is_decoded_with_the_exact_transform():
    data = encode_jpeg(noise(64, 48))
    exact = simplejpeg.decode_jpeg(data, "RGB", fastdct=False, fastupsample=False)
    np.testing.assert_array_equal(decode_image(data), exact)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_png_of_any_mode_comes_out_as_rgb(mode):
    out = io.BytesIO()
    Image.fromarray(noise(8, 9)).convert(mode).save(out, "PNG")
    assert decode_image(out.getvalue()).shape == (8, 9, 3)


def test_a_progressive_jpeg_with_metadata_is_measured():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    Image.fromarray(noise(40, 50)).save(out, "JPEG", progressive=True, exif=exif)
    assert size_of(out.getvalue()) == (50, 40)


def test_real_frames_are_measured_as_they_decode(test_data):
    for path in sorted((test_data / "bdd_stills").glob("*.jpg")):
        data = path.read_bytes()
        width, height = size_of(data)
        assert decode_image(data).shape == (height, width, 3)


def test_a_decompression_bomb_is_refused_before_memory_is_taken():
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(
        ">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0
    )
    bomb = head + struct.pack(">I", zlib.crc32(head[12:]))
    with pytest.raises(UnreadableSource, match="claims 60000x60000 pixels"):
        decode_image(bomb)


@given(cut=st.floats(0.0, 0.95))
def test_a_picture_cut_short_is_refused(cut):
    for data in (encode_jpeg(noise(32, 32)), png(noise(32, 32))):
        with pytest.raises(UnreadableSource):
            decode_image(data[: int(len(data) * cut)])


@given(data=st.binary(max_size=200))
def test_bytes_that_are_no_picture_are_refused(data):
    for head in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(UnreadableSource):
            decode_image(head + data)


def test_sixteen_bits_are_refused_and_not_clipped():
    out = io.BytesIO()
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(out, "PNG")
    with pytest.raises(UnreadableSource, match="16 bits"):
        decode_image(out.getvalue())


def test_encoding_goes_by_the_first_bytes():
    assert encoding_of(encode_jpeg(noise(8, 8))) == "jpeg"
    assert encoding_of(png(noise(8, 8))) == "png"
    assert encoding_of(b"GIF89a") == ""


def test_shrinking_takes_means():
    pixels = noise(12, 16)
    means = pixels.reshape(6, 2, 8, 2, 3).astype(np.float64).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(pixels, (8, 6)), means, atol=1)
    assert resize(pixels, (16, 12)) is pixels
    assert resize(pixels, (20, 13)).shape == (13, 20, 3)
