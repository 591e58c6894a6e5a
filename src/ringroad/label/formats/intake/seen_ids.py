"""Which ids came before, among millions, in eight bytes each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash

_PARTS = 8
_WORD = (1 << 64) - 1


class SeenIds:
    """Whole numbers count as themselves, texts by their XXH3.

    Among five million texts the odds that two different ones look equal are below one in a
    million; one of them would then be refused as a duplicate.
    """

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []

    def again(self, ids: Sequence[int | str]) -> np.ndarray:
        """(n,) bool: which of these came before, here or earlier."""
        keys = np.array(list(map(_key, ids)), np.uint64)
        order = np.argsort(keys, kind="stable")
        known = np.zeros(len(keys), bool)
        known[order[1:]] = keys[order[1:]] == keys[order[:-1]]
        for part in self._parts:
            place = np.minimum(np.searchsorted(part, keys), len(part) - 1)
            known |= part[place] == keys
        if not known.all():
            self._parts.append(np.sort(keys[~known]))
        if len(self._parts) > _PARTS:
            self._parts = [np.sort(np.concatenate(self._parts))]
        return known


def _key(id_: int | str) -> int:
    if isinstance(id_, int) and 0 <= id_ <= _WORD:
        return id_
    return xxhash.xxh3_64_intdigest(str(id_).encode("utf-8", "surrogatepass"))
