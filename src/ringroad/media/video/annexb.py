"""H.264 and HEVC frames in Annex B: every unit behind a start code, parameter sets in key frames.

MP4 stores units behind their lengths and parameter sets apart (avcC, hvcC: ISO/IEC 14496-15).
Streams of messages store each frame so that a decoder can begin at any key frame. Nothing is
decoded here; lengths are checked before they are followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringroad.domain.errors import UnreadableSource

H264, HEVC = "h264", "hevc"
START = b"\0\0\0\1"
REMEDY = "copy it again from its origin"
SETS = (32, 33, 34)
"""Unit types of HEVC's parameter sets: VPS, SPS and PPS."""
SEQUENCE_SET = {H264: 7, HEVC: 33}
DELIMITER = {H264: 9, HEVC: 35}
"""Unit type that opens a frame, where there is one."""
KEYS = {H264: (5,), HEVC: tuple(range(16, 22))}
"""Unit types of pictures that decode by themselves: IDR; and those of HEVC's random access."""
PIXELS = {H264: range(1, 6), HEVC: range(32)}
"""Unit types that hold pixels."""
HEVC_OPENERS = (*range(10), *range(16, 22), 32, 33, 34, 35, 39)
H264_OPENERS = (1, 5, 6, 7, 8, 9)
"""Unit types that a frame begins with."""
HVCC_HEAD, AVCC_HEAD = 23, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How the frames of one video are stored."""

    codec: str
    length_bytes: int
    """Of the length before each unit; 0 where units stand behind start codes."""
    sets: bytes
    """Parameter sets in Annex B; empty where the frames bring them along."""


def stream_of(codec: str, extradata: bytes) -> Stream:
    """How frames are stored, by what a container tells of them. Raises UnreadableSource."""
    if not extradata or extradata.startswith((START, START[1:])):
        return Stream(codec=codec, length_bytes=0, sets=extradata)
    least = AVCC_HEAD if codec == H264 else HVCC_HEAD
    if len(extradata) < least:
        raise _damaged("parameter sets are cut short")
    length_bytes = (extradata[4 if codec == H264 else 21] & 3) + 1
    sets = _avcc_sets(extradata) if codec == H264 else _hvcc_sets(extradata)
    return Stream(
        codec=codec, length_bytes=length_bytes, sets=b"".join(START + unit for unit in sets)
    )


def annexb(stream: Stream, packet: bytes, *, key: bool) -> bytes:
    """One frame in Annex B; a key frame with parameter sets. Raises UnreadableSource."""
    data = packet if not stream.length_bytes else _with_start_codes(packet, stream.length_bytes)
    if not key or not stream.sets:
        return data
    first = next(units(stream.codec, data), None)
    if SEQUENCE_SET[stream.codec] in {kind for kind, _, _ in units(stream.codec, data)}:
        return data
    at = first[2] if first is not None and first[0] == DELIMITER[stream.codec] else 0
    return data[:at] + stream.sets + data[at:]


def units(codec: str, data: bytes) -> Iterator[tuple[int, int, int]]:
    """Type, beginning and end of each unit of a frame in Annex B; the end is the next's code."""
    at = data.find(START[1:])
    while at >= 0:
        begin = at + 3
        after = data.find(START[1:], begin)
        end = len(data) if after < 0 else after - (data[after - 1] == 0)
        if begin < len(data):
            yield _kind(codec, data[begin]), begin, max(begin, end)
        at = after


def codec_of(data: bytes) -> str:
    """`h264`, `hevc` or empty text, by the unit that a frame in Annex B begins with."""
    at = data.find(START[1:]) + 3
    if at < 3 or at + 1 >= len(data) or data[at] & 0x80:
        return ""
    if _kind(HEVC, data[at]) in HEVC_OPENERS and data[at + 1] & 7 == 1:
        return HEVC
    return H264 if _kind(H264, data[at]) in H264_OPENERS else ""


def picture_unit(codec: str, data: bytes) -> tuple[int, bool]:
    """Type of the first unit that holds pixels, -1 without one; whether parameter sets precede."""
    sets = False
    at = data.find(START[1:])
    while 0 <= at < len(data) - 3:
        kind = _kind(codec, data[at + 3])
        sets |= kind == SEQUENCE_SET[codec]
        if kind in PIXELS[codec]:
            return kind, sets
        at = data.find(START[1:], at + 3)
    return -1, sets


def is_key(codec: str, data: bytes) -> bool:
    """Whether a decoder can begin at a frame in Annex B; its first units are enough."""
    kind, sets = picture_unit(codec, data)
    return sets or kind in KEYS[codec]


def _kind(codec: str, byte: int) -> int:
    return byte & 0x1F if codec == H264 else (byte >> 1) & 0x3F


def _with_start_codes(packet: bytes, length_bytes: int) -> bytes:
    pieces, at = [], 0
    while at < len(packet):
        length = int.from_bytes(packet[at : at + length_bytes], "big")
        begin = at + length_bytes
        if begin + length > len(packet):
            raise _damaged("a frame is shorter than its units")
        pieces += [START, packet[begin : begin + length]]
        at = begin + length
    return b"".join(pieces)


def _avcc_sets(extradata: bytes) -> list[bytes]:
    found, at = [], 5
    for mask in (0x1F, 0xFF):
        if at >= len(extradata):
            raise _damaged("parameter sets are cut short")
        count, at = extradata[at] & mask, at + 1
        for _ in range(count):
            unit, at = _set(extradata, at)
            found.append(unit)
    return found


def _hvcc_sets(extradata: bytes) -> list[bytes]:
    found, at = [], HVCC_HEAD
    for _ in range(extradata[HVCC_HEAD - 1]):
        if at + 3 > len(extradata):
            raise _damaged("parameter sets are cut short")
        kind, count = extradata[at] & 0x3F, int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            unit, at = _set(extradata, at)
            if kind in SETS:
                found.append(unit)
    return found


def _set(extradata: bytes, at: int) -> tuple[bytes, int]:
    """A parameter set behind its length of two bytes, and where the next one begins."""
    begin = at + 2
    end = begin + int.from_bytes(extradata[at:begin], "big")
    if end > len(extradata):
        raise _damaged("parameter sets are cut short")
    return extradata[begin:end], end


def _damaged(what: str) -> UnreadableSource:
    return UnreadableSource(what, remedy=REMEDY)
