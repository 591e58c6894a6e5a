"""Which layers of a version are written together anew, so that reading one stays cheap.

A layer is written again only when seven more of its size came on top of it, or when all layers
hold as many rows as the base. So a row is written again about once per factor of eight that a
history grows by, and a version never has more than `MOST` layers.
"""

from __future__ import annotations

from collections.abc import Sequence

FAN = 8
MOST = 48


def absorbed(rows: Sequence[int], new: int) -> int:
    """How many layers, from the top, a new layer takes in.

    Args:
        rows: of each layer of the version before, the base first.
        new: rows of the new layer.
    """
    if not rows or sum(rows[1:]) + new >= rows[0]:
        return len(rows)
    taken, size = 0, new
    while alike := _alike(rows[1 : len(rows) - taken], size):
        size += sum(rows[len(rows) - taken - alike : len(rows) - taken])
        taken += alike
    return len(rows) - 1 if len(rows) - taken >= MOST else taken


def _alike(rows: Sequence[int], size: int) -> int:
    """`FAN - 1` where so many at the top are of this size class, else 0."""
    top = rows[-(FAN - 1) :]
    full = len(top) == FAN - 1 and all(_class(count) == _class(size) for count in top)
    return len(top) if full else 0


def _class(rows: int) -> int:
    """The power of `FAN` below a count."""
    power = 0
    while rows >= FAN:
        rows //= FAN
        power += 1
    return power
