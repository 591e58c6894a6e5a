"""Reads labels of any format: batches to whoever keeps them, problems and losses in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ringroad.domain.errors import InvalidAnnotations, UsageError
from ringroad.domain.problem import Problem
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.label.formats.intake.intake import Given, Intake
from ringroad.label.formats.losses import Loss
from ringroad.label.formats.pictures import Pictures
from ringroad.media.schemas import ANNOTATIONS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """What became of a file.

    Attributes:
        taken: annotations that were taken in.
        problems: what was set aside, in file order.
        losses: what the file says that annotations here cannot.
    """

    taken: int
    problems: tuple[Problem, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadTable(Read):
    """The same with all rows, by frame and id."""

    rows: pa.Table


def read_labels(
    format_: Format,
    files: LabelFiles,
    pictures: Pictures,
    keep: Callable[[pa.RecordBatch], None],
    given: Given,
    *,
    told: Callable[[int], None] = lambda _: None,
) -> Read:
    """Read files of one format; arguments as `Intake`.

    Raises:
        InvalidAnnotations: the whole cannot be used, with the file and the place in it.
        UsageError: the format is only written.
    """
    if format_.read is None:
        raise UsageError(f"{format_.name} is only written, not read")
    intake = Intake(pictures, keep, given, told=told)
    try:
        format_.read(files, intake)
        problems = intake.finish()
    except InvalidAnnotations as error:
        if error.subject:
            raise
        raise InvalidAnnotations(
            error.what, subject=files.title, place=error.place, remedy=error.remedy
        ) from error
    return Read(taken=intake.taken, problems=problems, losses=intake.losses.listed())


def read_table(format_: Format, files: LabelFiles, pictures: Pictures, given: Given) -> ReadTable:
    """Read what fits into memory."""
    batches: list[pa.RecordBatch] = []
    read = read_labels(format_, files, pictures, batches.append, given)
    rows = pa.Table.from_batches(batches, ANNOTATIONS).combine_chunks()
    rows = rows.sort_by([("frame_id", "ascending"), ("annotation_id", "ascending")])
    return ReadTable(
        taken=read.taken, problems=read.problems, losses=read.losses, rows=rows.combine_chunks()
    )


def read_into(
    format_: Format,
    files: LabelFiles,
    pictures: Pictures,
    path: Path,
    given: Given,
    *,
    told: Callable[[int], None] = lambda _: None,
) -> Read:
    """Read labels of any size into an Arrow file of rows in the order of the source.

    Equal sources give equal bytes. Memory follows one batch and the pictures, not the rows.
    """
    with path.open("wb") as sink, pa.ipc.new_file(sink, ANNOTATIONS) as writer:
        return read_labels(format_, files, pictures, writer.write_batch, given, told=told)
