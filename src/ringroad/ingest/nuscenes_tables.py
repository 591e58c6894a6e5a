"""Tables of nuScenes, JSON lists of flat rows, read in constant memory whatever their length.

The table of all sensors' files has over a gigabyte in the whole data set, so rows are cut out by
their braces as the file goes by, and only those that matter are parsed. `layout_nuscenes.py` says
what they mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ringroad.domain.errors import UnreadableSource

BLOCK_BYTES = 4 << 20
MOST_ROW = 1 << 20
"""No row is longer than this; those of the data set have some hundred bytes."""
_ROW = re.compile(rb"\{[^{}]*\}")
MOST_VALUE = 1e12
"""No pose or projection has such numbers."""

Row = dict[str, Any]


def rows(path: Path, wanted: Callable[[bytes], bool] = lambda _: True) -> Iterator[Row]:
    """The rows of a table, in order; those that are no JSON are passed over.

    Args:
        path: of the table.
        wanted: whether the bytes of a row look as if it mattered.

    Raises:
        UnreadableSource: the file is no table of flat rows.
    """
    with path.open("rb") as file:
        kept = b""
        while block := file.read(BLOCK_BYTES):
            kept += block
            end = 0
            for match in _ROW.finditer(kept):
                end = match.end()
                if wanted(match[0]) and (row := _parsed(match[0])) is not None:
                    yield row
            kept = kept[end:]
            if len(kept) > MOST_ROW:
                raise UnreadableSource(
                    f"no row ends within {MOST_ROW} bytes",
                    subject=str(path),
                    remedy="is it a table of nuScenes? copy it again from its origin",
                )


def text_field(name: str) -> Callable[[bytes], str]:
    """Finds a field's text in the bytes of a row; empty where there is none."""
    pattern = re.compile(rb'"' + name.encode() + rb'"\s*:\s*"([^"]*)"')

    def find(row: bytes) -> str:
        match = pattern.search(row)
        return match[1].decode("utf-8", "replace").replace("\\/", "/") if match else ""

    return find


def numbers(row: Row, name: str, count: int) -> tuple[float, ...]:
    """A field of so many finite numbers. Raises ValueError."""
    found = row.get(name)
    if not isinstance(found, list) or len(found) != count:
        raise ValueError(f"{name} is not {count} numbers")
    return tuple(_number(part, name) for part in found)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} holds {str(value)[:40]}")  # noqa: TRY004 (as any wrong value)
    if not abs(value) <= MOST_VALUE:  # NaN is not
        raise ValueError(f"{name} holds {str(value)[:40]}")
    return float(value)


def _parsed(data: bytes) -> Row | None:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
