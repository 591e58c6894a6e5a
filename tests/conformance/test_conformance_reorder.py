"""H.264 that does not say how many frames are out of order, as some camera chips write it."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from clips import sequential, write_clip

from ringroad.media.video.container import decode_packets, decoder_of


def ue(bits: str, at: int) -> tuple[int, int]:
    """One Exp-Golomb number and the place behind it."""
    zeros = bits.index("1", at) - at
    return int(bits[at + zeros : at + 2 * zeros + 1], 2) - 1, at + 2 * zeros + 1


def ends_with_restriction(bits: str, at: int) -> bool:
    """Whether `bitstream_restriction_flag` with its seven fields makes up the rest."""
    if bits[at] != "1":
        return False
    values, place = [], at + 2
    try:
        for _ in range(6):
            value, place = ue(bits, place)
            values.append(value)
    except (ValueError, IndexError):
        return False
    return place == len(bits) and 1 <= values[4] <= values[5] <= 16 and values[2] > 4 < values[3]


def without_restriction(extradata: bytes) -> bytes:
    """An avcC whose first SPS has lost `bitstream_restriction` (ISO/IEC 14496-10, E.1.1)."""
    length = int.from_bytes(extradata[6:8], "big")
    sps = extradata[8 : 8 + length].replace(b"\0\0\3", b"\0\0")
    bits = "".join(f"{byte:08b}" for byte in sps).rstrip("0")[:-1]
    at = next(at for at in range(len(bits) - 8) if ends_with_restriction(bits, at))
    bits = bits[:at] + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    raw = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    for last in range(4):
        raw = raw.replace(b"\0\0" + bytes([last]), b"\0\0\3" + bytes([last]))
    return extradata[:6] + len(raw).to_bytes(2, "big") + raw + extradata[8 + length :]


def test_no_frame_is_dropped(tmp_path, read, source):
    path = write_clip(tmp_path / "clip.mp4", "h264_b_frames")
    expected = sequential(path)
    frames = read(path, "video").frames
    codec, extradata = decoder_of(frames)
    silent = without_restriction(extradata)
    assert silent != extradata
    for key in frames.filter(frames["key"])["sequence"].to_pylist():
        group = frames.filter(pc.equal(frames["start_sequence"], key)).sort_by("position")
        labels = group["sequence"].to_pylist()
        packets = [
            source(path).read_range("", row["offset"], row["length"], xxh3=row["xxh3"])
            for row in group.to_pylist()
        ]
        pixels = decode_packets(codec, silent, packets, labels, sorted(labels), None)
        for sequence, got in zip(sorted(labels), pixels, strict=True):
            np.testing.assert_array_equal(got, expected[sequence])
