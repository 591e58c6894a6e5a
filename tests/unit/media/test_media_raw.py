from __future__ import annotations

import io

import numpy as np
import pytest
import rawpy
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.pictures import raw
from ringroad.media.pictures.picture import decode_picture, is_picture
from ringroad.media.pictures.raw import Bayer, bayer_of, decode_raw, dng_size
from ringroad.testing.mutations import mutated

COLOURS = {"r": 0, "g": 1, "b": 2}


def mosaic(light: np.ndarray, pattern: str, *, black: int = 0, white: int = 1023) -> bytes:
    """(h, w, 3) linear light from 0 to 1 as a sensor of one colour per place would see it."""
    values = np.zeros(light.shape[:2], np.uint16)
    for place, colour in enumerate(pattern):
        row, column = divmod(place, 2)
        seen = light[row::2, column::2, COLOURS[colour]]
        values[row::2, column::2] = np.round(black + seen * (white - black))
    return values.astype("<u2").tobytes()


def srgb(light: float) -> int:
    return round(255 * (1.055 * light ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("pattern", raw.PATTERNS)
@pytest.mark.parametrize("size", [None, (8, 6), (3, 2)])
def test_an_even_grey_is_that_grey_everywhere(pattern, size):
    data = mosaic(np.full((12, 16, 3), 0.5), pattern)
    pixels = decode_raw(f"bayer-{pattern}-10-u16le", data, (16, 12), size)
    assert pixels.shape == ((size or (16, 12))[1], (size or (16, 12))[0], 3)
    assert np.abs(pixels.astype(int) - srgb(0.5)).max() <= 1


@pytest.mark.parametrize("pattern", raw.PATTERNS)
def test_colours_stay_where_they_are(pattern):
    light = np.full((12, 16, 3), 0.2)
    light[:, :8, 0] = 0.8
    light[:, 8:, 2] = 0.8
    data = mosaic(light, pattern, black=64)
    pixels = decode_raw(f"bayer-{pattern}-10-u16le-64-1023", data, (16, 12)).astype(int)
    assert (pixels[:, :6, 0] > pixels[:, :6, 2] + 60).all()
    assert (pixels[:, 10:, 2] > pixels[:, 10:, 0] + 60).all()


def test_a_slope_is_interpolated_without_steps():
    slope = np.repeat(np.linspace(0, 1, 64)[None, :, None], 8, axis=0).repeat(3, axis=2)
    pixels = decode_raw("bayer-rggb-14-u16le", mosaic(slope, "rggb", white=16383), (64, 8))
    expected = np.array([srgb(light) if light > 0.01 else 0 for light in np.linspace(0, 1, 64)])
    assert np.abs(pixels[3, 2:-2, 1].astype(int) - expected[2:-2]).max() <= 3


def test_strips_do_not_show(monkeypatch):
    light = np.random.default_rng(0).random((40, 24, 3))
    data = mosaic(light, "grbg")
    whole = decode_raw("bayer-grbg-10-u16le", data, (24, 40))
    monkeypatch.setattr(raw, "STRIP_ROWS", 6)
    np.testing.assert_array_equal(decode_raw("bayer-grbg-10-u16le", data, (24, 40)), whole)


def test_bytes_are_values_too():
    data = np.full((4, 4), 128, np.uint8).tobytes()
    assert decode_raw("bayer-rggb-8-u8", data, (4, 4)).shape == (4, 4, 3)


@pytest.mark.parametrize(
    "bayer",
    [
        Bayer(pattern="rggb", bits=10, container="u16le"),
        Bayer(pattern="gbrg", bits=14, container="u16le", black=600),
        Bayer(pattern="bggr", bits=8, container="u8", black=3, white=200),
    ],
)
def test_an_encoding_tells_the_layout(bayer):
    again = bayer_of(str(bayer))
    assert (again.pattern, again.bits, again.container) == (
        bayer.pattern,
        bayer.bits,
        bayer.container,
    )
    assert (again.black, again.brightest) == (bayer.black, bayer.brightest)
    assert is_picture(str(bayer))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("bayer-rgbg-10-u16le", "no Bayer picture"),
        ("bayer-rggb-17-u16le", "no Bayer picture"),
        ("bayer-rggb-0-u16le", "no Bayer picture"),
        ("bayer-rggb-10-tape", "no Bayer picture"),
        ("bayer-rggb-10-u16le-900-800", "no Bayer picture"),
        ("bayer-rggb-10-u16le-0-1024", "no Bayer picture"),
        ("bayer-rggb", "tells no Bayer picture"),
    ],
)
def test_other_layouts_are_refused(encoding, said):
    with pytest.raises(UnreadableSource, match=said):
        decode_raw(encoding, bytes(32), (4, 4))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((4, 6), "32 bytes, 4x6"),
        ((5, 4), "5x4 pixels"),
        ((0, 4), "0x4"),
        ((99_998, 99_998), "9998"),
    ],
)
def test_a_picture_that_does_not_fit_its_bytes_is_refused(shape, said):
    with pytest.raises(UnreadableSource, match=said):
        decode_raw("bayer-rggb-10-u16le", bytes(32), shape)


def test_what_is_no_dng_is_refused():
    for data in (b"", b"II*\0", b"II*\0" + bytes(200), bytes(5000)):
        with pytest.raises(UnreadableSource, match="DNG"):
            dng_size(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_damaged_dngs_are_pictures_or_one_error(test_data, seed):
    whole = (test_data / "raw/colorchart_1888x1182.dng").read_bytes()
    damaged = mutated(whole[:8192], seed) + whole[8192:]
    try:
        shape = dng_size(damaged)
        pixels = decode_picture(damaged, ("dng", *shape), (16, 12))
    except UnreadableSource:
        return
    assert pixels.shape == (12, 16, 3)


def test_a_real_dng_is_rendered_as_libraw_does(test_data):
    data = (test_data / "raw/colorchart_1888x1182.dng").read_bytes()
    assert dng_size(data) == (1734, 1156)
    ours = decode_raw("dng", data, dng_size(data)).astype(int)
    with rawpy.imread(io.BytesIO(data)) as opened:
        theirs = opened.postprocess(
            demosaic_algorithm=rawpy.DemosaicAlgorithm.LINEAR,
            use_camera_wb=True,
            output_color=rawpy.ColorSpace.raw,
            no_auto_bright=True,
            adjust_maximum_thr=0,
            gamma=(2.4, 12.92),
            user_flip=0,
        )
    apart = np.abs(ours - theirs)[2:-2, 2:-2]
    assert apart.mean() < 0.5
    assert np.percentile(apart, 99) <= 4
    assert ours.std() > 20


def test_real_plain_pictures_show_what_they_should(test_data):
    rose = (test_data / "raw/nikon_rose_768x512_rggb_14bit_in_u16le.raw").read_bytes()
    pixels = decode_raw("bayer-rggb-14-u16le-600-16383", rose, (768, 512)).astype(int)
    petal = pixels[330:400, 200:260].reshape(-1, 3).mean(axis=0)
    assert petal[0] > 1.4 * petal[1]
    name = "raw/openisp_chart_1920x1080_rggb_10bit_in_u16le.raw"
    chart = (test_data / name).read_bytes()
    small = decode_picture(chart, ("bayer-rggb-10-u16le", 1920, 1080), (320, 192)).astype(int)
    assert small.shape == (192, 320, 3)
    assert small[100, 160].max() < small[60, 120].max()
