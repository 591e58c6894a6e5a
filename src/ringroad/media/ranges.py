"""Ranges that lie close together are read at once, and verified one by one.

A read of a bucket costs a request of some milliseconds whatever its length, and frames of one
group of pictures lie side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from ringroad.domain.errors import DigestMismatch
from ringroad.domain.ids import Digest
from ringroad.protocols.blobs import Sources

GAP_BYTES = 16 << 10
"""What lies between two ranges is read as well where it is no more than this: audio, say."""
READ_BYTES = 8 << 20
"""No read is longer than this, unless one range is."""

Range = tuple[int, int, int]
"""Offset, length, XXH3."""


def read_together(sources: Sources, source: Digest, ranges: Sequence[Range]) -> list[bytes]:
    """The bytes of each range, in the order of `ranges`.

    Raises:
        DigestMismatch: the bytes of a range do not hash to its XXH3; and as `Sources`.
    """
    found: list[bytes] = [b""] * len(ranges)
    for group in _groups(ranges):
        if len(group) == 1:
            offset, length, xxh3 = ranges[group[0]]
            found[group[0]] = sources.read_range(source, offset, length, xxh3=xxh3)
            continue
        begin = ranges[group[0]][0]
        end = max(ranges[at][0] + ranges[at][1] for at in group)
        whole = memoryview(sources.read_range(source, begin, end - begin))
        for at in group:
            offset, length, xxh3 = ranges[at]
            found[at] = bytes(whole[offset - begin : offset - begin + length])
            if xxhash.xxh3_64_intdigest(found[at]) != xxh3:
                raise DigestMismatch(
                    f"bytes {offset} to {offset + length} are not those that were indexed",
                    subject=source,
                    remedy="restore the source from a copy, or ingest it again as it is now",
                )
    return found


def _groups(ranges: Sequence[Range]) -> list[list[int]]:
    """Places of the ranges that are read at once."""
    groups: list[list[int]] = []
    begin, end = 0, -1
    for at in sorted(range(len(ranges)), key=lambda place: ranges[place][:2]):
        offset, length, _ = ranges[at]
        stop = max(end, offset + length)
        if groups and offset - end <= GAP_BYTES and stop - begin <= READ_BYTES:
            groups[-1].append(at)
        else:
            groups.append([at])
            begin, stop = offset, offset + length
        end = stop
    return groups
