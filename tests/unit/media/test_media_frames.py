from __future__ import annotations

import os
import signal

import numpy as np
import pyarrow as pa
import pytest
import xxhash

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import DigestMismatch, UnreadableSource, UsageError, WorkerDied
from ringroad.domain.ids import RecordingId, digest_of, vehicle_id
from ringroad.ingest.rows import frame_rows
from ringroad.media import frames as door
from ringroad.media.frames import iterate_decoded, plan_slices, read_decoded, read_frames
from ringroad.media.pictures.images import decode_image, encode_jpeg, resize
from ringroad.protocols.reader import ReadRequest


class Bytes:
    """Sources over bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads = 0

    def read_range(self, source, offset, length, *, xxh3=None):
        self.reads += 1
        data = self.data[offset : offset + length]
        if xxh3 is not None and xxhash.xxh3_64_intdigest(data) != xxh3:
            raise DigestMismatch("other bytes", subject=source)
        return data

    def location(self, source):
        raise AssertionError(f"nobody needs to know where {source} lies")


class Deadly(SpawnSandbox):
    """Kills its worker in the middle of a call, as a crashing decoder would."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def call(self, function, *args, timeout_s=None):
        self.left -= 1
        if not self.left:
            return super().call(os.kill, super().call(os.getpid), signal.SIGSEGV)
        return super().call(function, *args, timeout_s=timeout_s)


def picture(number: int, side: int = 16) -> bytes:
    return encode_jpeg(np.full((side, side, 3), 20 * number % 255, np.uint8))


def recording(count: int, channel: str = "camera", **more) -> tuple[pa.Table, bytes]:
    pictures = [picture(number) for number in range(count)]
    lengths = np.array([len(data) for data in pictures], np.int64)
    data = b"".join(pictures)
    request = ReadRequest(
        path=None,
        source=digest_of(data),
        recording=RecordingId("car/a"),
        vehicle=vehicle_id("car"),
        source_key="a",
    )
    columns = {
        "sequence": np.arange(count),
        "time_ns": np.arange(count) * 10**8,
        "offset": np.cumsum(lengths) - lengths,
        "length": lengths,
        "xxh3": np.array([xxhash.xxh3_64_intdigest(part) for part in pictures], np.uint64),
        **more,
    }
    return frame_rows(request, channel, columns, encoding="jpeg", size=(16, 16)), data


def test_pictures_come_in_the_order_asked_for():
    frames, data = recording(9)
    pixels = read_decoded(Bytes(data), InlineSandbox(), frames, [7, 0, 3])
    for got, number in zip(pixels, [7, 0, 3], strict=True):
        np.testing.assert_array_equal(got, decode_image(picture(number)))
    small = read_decoded(Bytes(data), InlineSandbox(), frames, [7], size=(4, 4))
    np.testing.assert_array_equal(small[0], resize(pixels[0], (4, 4)))


def test_nothing_asked_is_nothing_read():
    frames, data = recording(2)
    source = Bytes(data)
    assert read_decoded(source, InlineSandbox(), frames, [], size=(8, 6)).shape == (0, 6, 8, 3)
    assert source.reads == 0


def test_slices_bound_what_is_in_memory(monkeypatch):
    frames, data = recording(20)
    monkeypatch.setattr(door, "SLICE_PIXEL_BYTES", 16 * 16 * 3 * 3)
    parts = [part.wanted for part in plan_slices(frames, list(range(20)))]
    assert [len(part) for part in parts] == [3] * 6 + [2]
    monkeypatch.setattr(door, "SLICE_PICTURE_BYTES", 1)
    assert len(plan_slices(frames, [4, 2, 9])) == 3
    pixels = read_decoded(Bytes(data), InlineSandbox(), frames, list(range(20)))
    assert len(pixels) == 20


def test_a_long_group_of_pictures_is_cut_and_each_slice_starts_at_its_key_frame(monkeypatch):
    frames, _ = recording(
        10,
        start_sequence=[0] * 6 + [6] * 4,
        position=[0, 2, 1, 3, 5, 4, 6, 7, 8, 9],
        encoding=["h264"] * 10,
    )
    monkeypatch.setattr(door, "SLICE_PIXEL_BYTES", 16 * 16 * 3 * 2)
    slices = plan_slices(frames, [8, 1, 2, 5])
    assert [part.wanted for part in slices] == [(1, 2), (5,), (8,)]
    assert [part.rows for part in slices] == [(0, 2, 1), (0, 2, 1, 3, 5), (6, 7, 8)]


def test_a_frame_that_is_not_there_is_named():
    frames, data = recording(3)
    with pytest.raises(UnreadableSource, match="has no frame 7") as raised:
        read_decoded(Bytes(data), InlineSandbox(), frames, [0, 7])
    assert raised.value.subject == "car/a"
    with pytest.raises(UsageError, match="twice"):
        read_decoded(Bytes(data), InlineSandbox(), frames, [1, 1])
    with pytest.raises(UsageError, match="not of this recording"):
        read_frames(Bytes(data), InlineSandbox(), frames, ["car/b/camera/000000"], size=(8, 8))


def test_bytes_that_changed_are_not_decoded():
    frames, data = recording(3)
    changed = bytearray(data)
    changed[frames["offset"][1].as_py() + 30] ^= 1
    with pytest.raises(DigestMismatch) as raised:
        read_decoded(Bytes(bytes(changed)), InlineSandbox(), frames, [0, 1, 2])
    assert raised.value.subject == "car/a"


def test_video_without_its_parameter_sets_is_refused():
    frames, data = recording(2, encoding=["h264"] * 2)
    with pytest.raises(UnreadableSource, match="do not say how they are decoded"):
        read_decoded(Bytes(data), InlineSandbox(), frames, [1])


def test_unknown_encodings_are_refused():
    frames, data = recording(2, encoding=["av1"] * 2)
    with pytest.raises(UnreadableSource, match="known: h264"):
        read_decoded(Bytes(data), InlineSandbox(), frames, [1])


def test_a_decoder_killed_in_mid_frame_names_the_recording_and_the_next_one_decodes(monkeypatch):
    frames, data = recording(6)
    monkeypatch.setattr(door, "SLICE_PIXEL_BYTES", 16 * 16 * 3 * 2)
    sandbox = Deadly(at=2)
    try:
        slices = iterate_decoded(Bytes(data), sandbox, frames, list(range(6)))
        assert next(slices)[0] == (0, 1)
        with pytest.raises(WorkerDied, match="SIGSEGV") as raised:
            next(slices)
        assert raised.value.subject == "car/a"
        assert "frames 2 to 3" in raised.value.place
        again = read_decoded(Bytes(data), sandbox, frames, list(range(6)))
        expected = read_decoded(Bytes(data), InlineSandbox(), frames, list(range(6)))
        np.testing.assert_array_equal(again, expected)
    finally:
        sandbox.close()
