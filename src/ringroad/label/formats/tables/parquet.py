"""Rows and pictures as Parquet, for whoever reads tables: all that an annotation is."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from ringroad.domain.annotation import SHAPES
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.drawn import drawn_of
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.outgoing.outgoing import FIELDS, Holds, Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.media.annotation_rows import full

PICTURES_FILE = "pictures.parquet"
_NEEDED = frozenset({"frame_id", "category", "x", "y", "w", "h"})
_ROWS_AT_ONCE = 16_384


class ParquetWriter:
    """A file of rows per part, compressed with zstd, and one of pictures."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """The pictures, those that hold nothing too."""
        sink.put(_bytes(self._out.pictures), PICTURES_FILE)

    def part(self, part: Part, sink: Sink) -> None:
        """Some rows."""
        sink.put(_bytes(part.rows), f"annotations/part-{part.number:05d}.parquet")

    def end(self, sink: Sink) -> None:
        """Nothing."""


def _bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def read_parquet(files: LabelFiles, intake: Intake) -> None:
    """Tables with the columns of an annotation; `pictures.parquet` says what was looked at.

    Raises:
        InvalidAnnotations: no Parquet, or not these columns.
    """
    listed = files.of_kind(".parquet")
    for name in sorted(listed, key=lambda name: not name.endswith(PICTURES_FILE)):
        try:
            with files.open(name) as file:
                _table(pq.ParquetFile(file), name, intake)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
            raise InvalidAnnotations(
                f"not Parquet of annotations: {str(error).splitlines()[0][:200]}",
                subject=files.subject(name),
                remedy="write it again",
            ) from error


def _table(table: pq.ParquetFile, name: str, intake: Intake) -> None:
    columns = set(table.schema_arrow.names)
    if {"frame_id", "width", "height"} <= columns and not columns >= _NEEDED:
        for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE):
            for number, row in enumerate(batch.to_pylist()):
                names = [row[key] for key in ("frame_id", "name") if row.get(key)]
                intake.picture(*(names or [""]), place=f"{name}, row {number}",
                               size=(row["width"] or None, row["height"] or None))  # fmt: skip
        return
    if not columns >= _NEEDED:
        missing = ", ".join(sorted(_NEEDED - columns))
        raise InvalidAnnotations(f"has no columns {missing}")
    before = 0
    for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE):
        rows = full(pa.Table.from_batches([batch]))
        frames = rows["frame_id"].to_pylist()
        for number, (frame, drawn) in enumerate(zip(frames, drawn_of(rows), strict=True), before):
            place = f"{name}, row {number}"
            row = intake.picture(frame, place=place)
            if row != UNKNOWN and drawn.category:
                intake.add(row, drawn, number, place)
        before += batch.num_rows


def is_parquet(files: LabelFiles) -> bool:
    """Files that end so."""
    return any(name.endswith(".parquet") for name in files.names())


PARQUET = Format(
    name="parquet",
    title="Parquet",
    holds=Holds(shapes=dict.fromkeys(SHAPES, ""), fields=frozenset(FIELDS)),
    read=read_parquet,
    writer=ParquetWriter,
    recognises=is_parquet,
    folder=True,
    native=True,
    verified="duckdb",
)
