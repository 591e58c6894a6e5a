"""Point Cloud Data files (PCD 0.7, as of the Point Cloud Library) to columns of numbers.

The bytes are untrusted: call it inside a sandbox. Compressed ones are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource

MOST_HEADER = 8 << 10
MOST_FIELDS = 64
REMEDY = "export the sweep again as binary PCD 0.7"
KINDS: Mapping[tuple[str, str], str] = {
    **{("F", str(size)): f"<f{size}" for size in (4, 8)},
    **{("I", str(size)): f"<i{size}" for size in (1, 2, 4, 8)},
    **{("U", str(size)): f"<u{size}" for size in (1, 2, 4, 8)},
}
"""Type and size of a field, as they are written, to a numpy type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PcdHeader:
    """What the first lines say.

    Attributes:
        names: of the fields.
        kind: numpy type of one point.
        points: how many there are.
        start: offset of the first one.
        text: whether points are lines of text.
    """

    names: tuple[str, ...]
    kind: np.dtype[np.void]
    points: int
    start: int
    text: bool


def pcd_header(data: bytes) -> PcdHeader:
    """Read the header. Raises UnreadableSource."""
    head, found, rest = data[:MOST_HEADER].partition(b"\nDATA ")
    form, ended, _ = rest.partition(b"\n")
    if not found or not ended:
        raise UnreadableSource("is no PCD file: no line tells its DATA", remedy=REMEDY)
    lines = [line.split() for line in head.decode("ascii", "replace").splitlines()]
    told = {line[0]: line[1:] for line in lines if line and not line[0].startswith("#")}
    how = form.strip().decode("ascii", "replace")
    if how not in {"binary", "ascii"}:
        raise UnreadableSource(f"its points are stored as {how[:40]!r}", remedy=REMEDY)
    names, kinds = told.get("FIELDS", []), _kinds(told)
    points = told.get("POINTS", [""])[:1]
    if len(set(names)) != len(names) or not points or not points[0].isdecimal():
        raise UnreadableSource("its header names a field twice, or no points", remedy=REMEDY)
    return PcdHeader(
        names=tuple(names),
        kind=np.dtype([(name, kind) for name, kind in zip(names, kinds, strict=True)]),
        points=int(points[0][:18]),
        start=len(head) + len(found) + len(form) + 1,
        text=how == "ascii",
    )


def measure_pcd(data: bytes) -> tuple[int, int]:
    """Whole points of a file and the bytes up to the last one's end. Raises UnreadableSource.

    A file cut short is refused: its header would go on to promise the points that are lost.
    """
    header = pcd_header(data)
    if header.text:
        return header.points, len(data)
    size = header.points * header.kind.itemsize
    if len(data) - header.start < size:
        raise UnreadableSource(f"ends within its {header.points} points", remedy=REMEDY)
    return header.points, header.start + size


def decode_pcd(data: bytes) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the fields, and (n, k) float32 of their values. Raises UnreadableSource."""
    header = pcd_header(data)
    if header.text:
        return header.names, _lines(data[header.start :], header)
    measure_pcd(data)
    records = np.frombuffer(data, header.kind, header.points, header.start)
    with np.errstate(over="ignore"):
        columns = [records[name].astype(np.float32) for name in header.names]
    return header.names, np.stack(columns, axis=1)


def _kinds(told: Mapping[str, list[str]]) -> list[str]:
    fields, sizes, types = (told.get(name, []) for name in ("FIELDS", "SIZE", "TYPE"))
    counts = told.get("COUNT", ["1"] * len(fields))
    if not 0 < len(fields) <= MOST_FIELDS or not len(fields) == len(sizes) == len(types):
        raise UnreadableSource("its FIELDS, SIZE and TYPE do not match", remedy=REMEDY)
    if counts != ["1"] * len(fields):
        raise UnreadableSource("a field of several values is not read", remedy=REMEDY)
    unknown = [pair for pair in zip(types, sizes, strict=True) if pair not in KINDS]
    if unknown:
        raise UnreadableSource(f"a field of type {' '.join(unknown[0])[:40]}", remedy=REMEDY)
    return [KINDS[pair] for pair in zip(types, sizes, strict=True)]


def _lines(data: bytes, header: PcdHeader) -> np.ndarray:
    words = data.split()
    if len(words) != header.points * len(header.names):
        raise UnreadableSource(
            f"holds {len(words)} numbers for {header.points} points of {len(header.names)}",
            remedy=REMEDY,
        )
    try:
        values = np.array([float(word) for word in words], np.float64)
    except ValueError as error:
        raise UnreadableSource(f"a point is no number: {error}", remedy=REMEDY) from error
    with np.errstate(over="ignore"):
        return values.reshape(header.points, -1).astype(np.float32)
