from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import xxhash

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.discover import discover
from ringroad.ingest.read_raw_picture import (
    RawPicturesLayout,
    declared_beside,
    declared_by_name,
    is_dng,
)
from ringroad.media.frames import read_decoded, read_frames

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import Read, read_folder

VALUES = (np.arange(12 * 16) * 5).astype("<u2").tobytes()
NAMED = "front_16x12_rggb_10bit_in_u16le.raw"
SIDECAR = {"width": 16, "height": 12, "pattern": "GBRG", "bits": 10, "container": "u16le"}


class Files:
    """Sources over what a folder was read from."""

    def __init__(self, found: Read) -> None:
        place = found.source.path
        names = found.source.files
        whole = [place / name for name in names] if names else [place]
        self.data = b"".join(path.read_bytes() for path in whole)

    def read_range(self, source, offset, length, *, xxh3=None):
        data = self.data[offset : offset + length]
        assert xxh3 is None or xxhash.xxh3_64_intdigest(data) == xxh3
        return data

    def location(self, source):
        raise AssertionError(f"nobody needs to know where {source} lies")


def read_file(path: Path) -> Read:
    """A file that was named itself: no layout is asked."""
    from layouts import _read

    (source,) = discover([path]).sources
    return _read(source, {})


def test_a_named_file_tells_its_layout_by_its_name(tmp_path):
    (tmp_path / NAMED).write_bytes(VALUES)
    found = read_file(tmp_path / NAMED)
    assert found.source.reader == "raw-picture"
    reading = found.reading
    assert reading.frames["encoding"].to_pylist() == ["bayer-rggb-10-u16le"]
    assert (reading.frames["width"][0].as_py(), reading.frames["height"][0].as_py()) == (16, 12)
    assert reading.recording.container == "raw-picture"
    pixels = read_decoded(Files(found), InlineSandbox(), reading.frames, [0])
    assert pixels.shape == (1, 12, 16, 3)


def test_a_folder_of_raw_pictures_is_a_recording(tmp_path):
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive/b.raw").write_bytes(VALUES)
    (tmp_path / "drive/b.raw.json").write_text(json.dumps(SIDECAR | {"black": 64}))
    (tmp_path / "drive" / f"a_{NAMED}").write_bytes(VALUES)
    (tmp_path / "drive/c.raw").write_bytes(VALUES)
    (tmp_path / "drive/d.raw").write_bytes(VALUES)
    (tmp_path / "drive/d.raw.json").write_text("{")
    (found,) = read_folder(tmp_path, rate_hz=10.0)
    reading = found.reading
    assert (found.source.reader, found.source.source_key) == ("raw-pictures", "drive")
    assert reading.frames["sequence"].to_pylist() == [0, 1]
    assert reading.frames["time_ns"].to_pylist() == [0, 10**8]
    encodings = ["bayer-rggb-10-u16le", "bayer-gbrg-10-u16le-64-1023"]
    assert reading.frames["encoding"].to_pylist() == encodings
    assert found.bytes_of(reading.frames) == [VALUES, VALUES]
    told = "\n".join(reading.notes)
    assert "nothing tells its size" in told
    assert "d.raw.json: is no JSON" in told
    ids = reading.frames["frame_id"].to_pylist()
    pixels = read_frames(Files(found), InlineSandbox(), reading.frames, ids, size=(8, 6))
    assert pixels.shape == (2, 6, 8, 3)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.raw", VALUES, "nothing tells its size"),
        (NAMED, VALUES[:-1], "has 383 bytes"),
        ("x_16x12_rggb_17bit_in_u16le.raw", VALUES, "nothing tells its size"),
        ("x.dng", b"II*\0" + bytes(100), "DNG"),
    ],
)
def test_a_file_that_cannot_be_a_picture_is_refused(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnreadableSource, match=said) as raised:
        read_file(tmp_path / name)
    assert name in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(
    "told",
    [
        "[]",
        "[" * 200_000,
        json.dumps(SIDECAR | {"colour": "red"}),
        json.dumps(SIDECAR | {"width": "16"}),
        json.dumps(SIDECAR | {"width": -16}),
        json.dumps(SIDECAR | {"bits": True}),
        json.dumps(SIDECAR | {"pattern": 7}),
        json.dumps(SIDECAR | {"pattern": "rgbw"}),
        json.dumps(SIDECAR | {"white": 5000}),
    ],
)
def test_a_sidecar_that_tells_no_layout_is_refused(told):
    with pytest.raises(UnreadableSource):
        declared_beside(told)


def test_names_tell_layouts_or_nothing():
    bayer, shape = declared_by_name("nikon_rose_768x512_rggb_14bit_in_u16le.raw")
    assert (str(bayer), shape) == ("bayer-rggb-14-u16le", (768, 512))
    assert declared_by_name("sound.raw") is None
    assert not is_dng(b"II*\0\x08\0\0\0\xff\xff" + bytes(50))


def test_folders_with_anything_else_are_not_ours(tmp_path):
    (tmp_path / NAMED).write_bytes(VALUES)
    assert RawPicturesLayout().find(tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"")
    assert RawPicturesLayout().find(tmp_path)
    (tmp_path / "a.mcap").write_bytes(b"")
    assert RawPicturesLayout().find(tmp_path) == ()
    (tmp_path / "a.mcap").unlink()
    (tmp_path / "below").mkdir()
    assert RawPicturesLayout().find(tmp_path) == ()
    assert RawPicturesLayout().find(tmp_path / "none") == ()


def test_the_real_pictures_read_and_decode(test_data):
    (found,) = read_folder(test_data / "raw")
    reading = found.reading
    assert reading.frames["encoding"].to_pylist() == [
        "dng",
        "bayer-rggb-14-u16le",
        "bayer-rggb-10-u16le",
    ]
    assert reading.frames["width"].to_pylist() == [1734, 768, 1920]
    assert reading.frames["height"].to_pylist() == [1156, 512, 1080]
    ids = reading.frames["frame_id"].to_pylist()
    pixels = read_frames(Files(found), InlineSandbox(), reading.frames, ids, size=(320, 192))
    assert pixels.shape == (3, 192, 320, 3)
    assert pixels.std() > 20


def test_a_real_dng_is_known_by_its_bytes(test_data, tmp_path):
    shutil.copy(test_data / "raw/colorchart_1888x1182.dng", tmp_path / "picture.bin")
    found = read_file(tmp_path / "picture.bin")
    assert found.reading.frames["encoding"].to_pylist() == ["dng"]
