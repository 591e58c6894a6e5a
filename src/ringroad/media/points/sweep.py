"""Bytes of one lidar or radar sweep to points, by the encoding that `schemas.SWEEPS` names.

The bytes are untrusted: call it inside a sandbox. Sweeps that are pictures of a scanning radar
(encoding `png`) are decoded by `media/pictures/images.py`, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ringroad.domain.errors import UnreadableSource
from ringroad.media.base64_text import BASE64, from_base64
from ringroad.media.points.pcd import decode_pcd
from ringroad.media.points.pointcloud2 import PREFIX as POINTCLOUD2
from ringroad.media.points.pointcloud2 import unpacked
from ringroad.media.tables.feather import read_feather

XYZI = ("x", "y", "z", "intensity")
XYZIR = ("x", "y", "z", "intensity", "ring")
MOST_BYTES = 256 << 20
"""A sweep that is longer is refused; the densest lidars make 10 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """The points of one sweep in its sensor's own coordinate system.

    Attributes:
        columns: what each column of `values` is: x, y, z in metres, `intensity`, `ring` ...
        values: (n, k) float32.
    """

    columns: tuple[str, ...]
    values: np.ndarray

    @property
    def xyz(self) -> np.ndarray:
        """(n, 3) float32 in metres."""
        places = [self.columns.index(axis) for axis in "xyz"]
        xyz: np.ndarray = self.values[:, places]
        return xyz


def decode_points(encoding: str, data: bytes) -> Points:
    """Decode one sweep.

    Raises:
        UnreadableSource: an encoding that is neither in `DECODERS` nor one of
            `media/points/pointcloud2.py`, or bytes that do not follow it.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableSource(
            f"a sweep of {len(data)} bytes", remedy=f"at most {MOST_BYTES >> 20} MiB are read"
        )
    if encoding.startswith(BASE64):
        encoding, data = encoding.removeprefix(BASE64), from_base64(data)
    if encoding.startswith(POINTCLOUD2):
        columns, values = unpacked(encoding, data)
        return Points(columns=columns, values=values)
    decode = DECODERS.get(encoding)
    if decode is None:
        raise UnreadableSource(
            f"sweeps encoded as {encoding!r} are not read", remedy=f"known: {', '.join(DECODERS)}"
        )
    return decode(data)


def point_bytes(encoding: str) -> int:
    """Bytes of one point where all are equally long; 0 where only decoding would tell."""
    return 4 * len(PACKED.get(encoding, ()))


def _packed(columns: tuple[str, ...]) -> Callable[[bytes], Points]:
    """Little-endian float32, one point after the other."""

    def decode(data: bytes) -> Points:
        if len(data) % (4 * len(columns)):
            raise UnreadableSource(
                f"{len(data)} bytes are not whole points of {4 * len(columns)}",
                remedy="copy the file again from its origin",
            )
        values = np.frombuffer(data, "<f4").reshape(-1, len(columns))
        return Points(columns=columns, values=values.astype(np.float32, copy=False))

    return decode


def _lines(columns: tuple[str, ...]) -> Callable[[bytes], Points]:
    """Text: a point a line, no heading, values between commas."""
    kinds = dict.fromkeys(columns, pa.float32())

    def decode(data: bytes) -> Points:
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(data),
                read_options=pyarrow.csv.ReadOptions(column_names=columns, use_threads=False),
                convert_options=pyarrow.csv.ConvertOptions(column_types=kinds),
            )
        except pa.ArrowInvalid as error:
            if not data.strip():
                return Points(columns=columns, values=np.zeros((0, len(columns)), np.float32))
            raise UnreadableSource(
                f"a sweep is no table of {len(columns)} numbers: {error}",
                remedy="copy the file again from its origin",
            ) from error
        found = [table[name].to_numpy() for name in columns]
        return Points(columns=columns, values=np.stack(found, axis=1))

    return decode


def _pcd(data: bytes) -> Points:
    """A file of the Point Cloud Library, whatever its fields; those of place are its points'."""
    columns, values = decode_pcd(data)
    if not {"x", "y", "z"} <= {*columns}:
        raise UnreadableSource(
            f"has no place among {', '.join(columns)[:200]}", remedy="name its columns x, y and z"
        )
    return Points(columns=columns, values=values)


def _feather(data: bytes) -> Points:
    """A table of numbers in a Feather file; whole numbers over 2^24 lose their last digits."""
    table = read_feather(data)
    columns = tuple(RENAMED.get(name, name) for name in table.column_names)
    numbers = all(pa.types.is_floating(f.type) or pa.types.is_integer(f.type) for f in table.schema)
    if not {"x", "y", "z"} <= {*columns} or not numbers or len({*columns}) < len(columns):
        raise UnreadableSource(
            f"is no table of points: {', '.join(columns)[:200]}",
            remedy="its columns must be numbers, x, y and z among them",
        )
    with np.errstate(over="ignore"):
        found = [column.to_numpy().astype(np.float32) for column in table.columns]
    return Points(columns=columns, values=np.stack(found, axis=1))


RENAMED: Mapping[str, str] = {"laser_number": "ring"}
"""Columns of Argoverse 2 to our words."""

PACKED: Mapping[str, tuple[str, ...]] = {"f32-xyzi": XYZI, "f32-xyzir": XYZIR}
"""Encodings of equally long points: KITTI, and nuScenes."""

DECODERS: Mapping[str, Callable[[bytes], Points]] = {
    **{encoding: _packed(columns) for encoding, columns in PACKED.items()},
    "csv-xyzir": _lines(XYZIR),
    "feather-points": _feather,
    "pcd": _pcd,
}
"""Encoding -> what decodes it. `csv-xyzir` is RADIATE's, `feather-points` Argoverse 2's, `pcd` of
the radars of nuScenes."""
