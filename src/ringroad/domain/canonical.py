"""Canonical JSON: one value, one sequence of bytes, so that digests can be compared."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8; dataclasses become objects, tuples lists.

    Raises:
        ValueError: the value holds NaN or an infinity.
        TypeError: the value holds something JSON cannot say.
    """
    return json.dumps(
        value,
        default=_plain,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical JSON")
