"""NumPy's array files (NEP 1) to arrays of plain numbers or texts. The bytes are untrusted.

Nothing is unpickled or evaluated, and no memory is taken for what a header merely claims.
"""

from __future__ import annotations

import math
import re

import numpy as np

from ringroad.domain.errors import UnreadableSource

REMEDY = "copy the file again from its origin; only arrays of plain numbers or texts are read"
MAGIC = b"\x93NUMPY"
_LENGTH_BYTES = {1: 2, 2: 4, 3: 4}
"""Version of the format -> bytes that tell how long the header is."""
_MOST_HEADER = 4096
_DTYPE = re.compile(rb"'descr':\s*'([<>|=][biufcSU]\d{1,6})'")
_ORDER = re.compile(rb"'fortran_order':\s*(True|False)")
_SHAPE = re.compile(rb"'shape':\s*\(([\dL, ]{0,200})\)")


def read_npy(data: bytes) -> np.ndarray:
    """The array of a file's bytes, without a copy.

    Raises:
        UnreadableSource: no array file, one of other things, or its length is not what it claims.
    """
    width = _LENGTH_BYTES.get(data[6]) if data[:6] == MAGIC and len(data) > 12 else None
    if width is None:
        raise _refused("is no array file of NumPy")
    begin = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    header = data[8 + width : min(begin, _MOST_HEADER)]
    found = [pattern.search(header) for pattern in (_DTYPE, _ORDER, _SHAPE)]
    if not all(found):
        raise _refused("has a header of no plain array")
    kind, order, sides = (match[1].decode() for match in found if match is not None)
    try:
        shape = tuple(int(side.strip(" L")) for side in sides.split(",") if side.strip())
        dtype = np.dtype(kind)
        if math.prod(shape) * dtype.itemsize != len(data) - begin or not dtype.itemsize:
            raise _refused(f"claims {kind} {shape}, which are not its {len(data) - begin} bytes")
        flat = np.frombuffer(data, dtype, offset=begin, count=math.prod(shape))
        return flat.reshape(shape, order="F" if order == "True" else "C")
    except (TypeError, ValueError) as error:
        raise _refused(f"is no array: {error}") from error


def _refused(what: str) -> UnreadableSource:
    return UnreadableSource(what, remedy=REMEDY)
