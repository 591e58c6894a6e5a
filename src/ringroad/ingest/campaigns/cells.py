"""H3 cells: hexagons that tile the earth, at sixteen resolutions."""

from __future__ import annotations

from collections.abc import Collection

import h3
import numpy as np


def is_cell(name: str) -> bool:
    """Whether a text names a cell, such as `8a1f8d2a1b7ffff`."""
    return bool(h3.is_valid_cell(name))


def in_cells(cells: Collection[str], latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """(n,) bool, which places in degrees lie in any of the cells, whatever their resolution."""
    wanted = set(cells)
    found = np.zeros(len(latitude), bool)
    for resolution in sorted({h3.get_resolution(cell) for cell in wanted}):
        named = (
            h3.latlng_to_cell(north, east, resolution)
            for north, east in zip(latitude.tolist(), longitude.tolist(), strict=True)
        )
        found |= np.fromiter((cell in wanted for cell in named), bool, len(latitude))
    return found
