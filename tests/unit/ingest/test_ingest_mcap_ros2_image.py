"""Plain pictures of ROS 2, written by mcap-ros2-support."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.raw import decode_raw

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import START_NS, STEP_NS, Message, OneFile, header, pixels, read, write_ros2

COUNT = 3
KINDS = {
    "rgb8": lambda rgb: rgb,
    "bgr8": lambda rgb: rgb[..., ::-1],
    "8UC3": lambda rgb: rgb[..., ::-1],
    "rgba8": lambda rgb: np.dstack([rgb, rgb[..., :1]]),
    "bgra8": lambda rgb: np.dstack([rgb[..., ::-1], rgb[..., :1]]),
}


def image(number: int, encoding: str, values: np.ndarray, **more: object) -> Message:
    time_ns = START_NS + number * STEP_NS
    values = np.ascontiguousarray(values)
    said = {
        "header": header(time_ns, "cam"),
        "height": values.shape[0],
        "width": values.shape[1],
        "encoding": encoding,
        "is_bigendian": 0,
        "step": values.nbytes // values.shape[0],
        "data": values.tobytes(),
    } | more
    return ("/cam/image_raw", "sensor_msgs/msg/Image", time_ns + 5, said)


def decode(path: Path) -> np.ndarray:
    frames = read(path).frames
    return read_decoded(OneFile(path), InlineSandbox(), frames, frames["sequence"].to_pylist())


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.ZSTD])
@pytest.mark.parametrize("encoding", sorted(KINDS))
def test_colours_come_back_as_they_were(
    tmp_path: Path, encoding: str, compression: CompressionType
) -> None:
    rgb = [pixels(number, (6, 9, 3)) for number in range(COUNT)]
    said = [image(number, encoding, KINDS[encoding](rgb[number])) for number in range(COUNT)]
    path = write_ros2(tmp_path / "a.mcap", said, compression)
    np.testing.assert_array_equal(decode(path), np.stack(rgb))


def test_rows_say_what_they_are(tmp_path: Path) -> None:
    said = [image(number, "mono8", pixels(number, (6, 8))) for number in range(COUNT)]
    reading = read(write_ros2(tmp_path / "a.mcap", said))
    assert reading.frames["time_ns"].to_pylist() == [
        START_NS + number * STEP_NS for number in range(COUNT)
    ]
    (channel,) = reading.recording.channels
    assert (channel.sensor, channel.encoding, channel.width, channel.height) == (
        "camera", "mono8", 8, 6,
    )  # fmt: skip
    assert not reading.notes


def test_grey_is_grey(tmp_path: Path) -> None:
    grey, deep = pixels(1, (6, 8)), pixels(2, (6, 8), np.uint16)
    path = write_ros2(tmp_path / "a.mcap", [image(0, "mono8", grey)])
    np.testing.assert_array_equal(decode(path)[0], np.dstack([grey] * 3))
    path = write_ros2(tmp_path / "b.mcap", [image(0, "mono16", deep)])
    np.testing.assert_array_equal(decode(path)[0], np.dstack([(deep >> 8).astype(np.uint8)] * 3))


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "grbg", "gbrg"])
@pytest.mark.parametrize(("bits", "kind"), [("8", np.uint8), ("16", np.uint16)])
def test_bayer_values_are_rendered_as_those_of_raw_files(
    tmp_path: Path, pattern: str, bits: str, kind: type
) -> None:
    values = pixels(3, (6, 8), kind)
    path = write_ros2(tmp_path / "a.mcap", [image(0, f"bayer_{pattern}{bits}", values)])
    encoding = f"bayer-{pattern}-{bits}-" + ("u8" if bits == "8" else "u16le")
    assert read(path).frames["encoding"].to_pylist() == [encoding]
    expected = decode_raw(encoding, values.tobytes(), (8, 6))
    np.testing.assert_array_equal(decode(path)[0], expected)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (image(1, "rgb8", pixels(1, (6, 8, 3)), step=32), "rows of 32 bytes hold 8 pixels"),
        (image(1, "rgb8", pixels(1, (6, 8, 3)), height=7), "has 144 bytes, 8x7"),
        (image(1, "16UC1", pixels(1, (6, 8), np.uint16)), "'16UC1' are not read"),
        (image(1, "mono16", pixels(1, (6, 8), np.uint16), is_bigendian=1), "are not read"),
        (image(1, "bayer_rggb8", pixels(1, (5, 8))), "both must be even|claims 8x5"),
        (image(1, "rgb8", pixels(1, (6, 8, 3)), width=2**31, step=3 * 2**31 % 2**32), "claims"),
    ],
)
def test_what_cannot_be_shown_is_left_out_and_told(tmp_path: Path, bad: Message, why: str) -> None:
    good = [image(0, "rgb8", pixels(0, (6, 8, 3))), image(2, "rgb8", pixels(2, (6, 8, 3)))]
    reading = read(write_ros2(tmp_path / "a.mcap", [good[0], bad, good[1]]))
    assert reading.frames["sequence"].to_pylist() == [0, 2]
    notes = " / ".join(reading.notes)
    assert "1 messages hold no picture" in notes
    assert any(part in notes for part in why.split("|")), notes
    with pytest.raises(UnreadableSource):
        read(write_ros2(tmp_path / "b.mcap", [bad]))
