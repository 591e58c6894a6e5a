"""Writes an export to its place, part by part, taken up again where it was killed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.label.formats.format import Format
from ringroad.label.formats.losses import Loss
from ringroad.label.formats.outgoing.outgoing import Outgoing
from ringroad.label.formats.outgoing.sink import PathSink

LOSSES = "losses.json"
LAYOUT = 1
"""Of what writers write; a new one takes up no older export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One export that is there."""

    path: Path
    size_bytes: int
    annotations: int
    pictures: int
    losses: tuple[Loss, ...]
    resumed: bool
    """Whether it went on from what a killed one had left."""


def write_labels(
    format_: Format,
    out: Outgoing,
    target: Path,
    *,
    key: str,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Written:
    """Write all rows; the target appears when it is whole, with a list of losses beside it.

    Args:
        format_: how.
        out: what, made with `format_.holds` and `format_.order`.
        target: a file, or a new folder where the format is one.
        key: says what is written: digests of rows and pictures. An unfinished export of another
            key is started afresh.
        told: hears how many rows are written, of how many.

    Raises:
        UsageError: the format is only read; the folder is there already.
        InputError, StorageFull: it cannot be written; what is there is taken up again.
    """
    if format_.writer is None:
        raise UsageError(f"{format_.name} is only read, not written")
    losses = out.losses(format_.title)
    whole = hashlib.sha256(f"{format_.name} {LAYOUT} {key}".encode()).hexdigest()
    sink = PathSink(target, folder=format_.folder, key=whole)
    writer = format_.writer(out)
    done = sink.begin()
    resumed = done >= 0
    try:
        if not resumed:
            writer.begin(sink)
        for part in out.parts(after=done):
            writer.part(part, sink)
            sink.note(part.number)
            told(part.first_row + part.rows.num_rows, out.count)
        writer.end(sink)
        told(out.count, out.count)
        beside = canonical_json(losses) + b"\n"
        if format_.folder:
            sink.put(beside, LOSSES)
        size = sink.finish()
        if not format_.folder:
            target.with_name(f"{target.name}.{LOSSES}").write_bytes(beside)
    finally:
        sink.close()
    return Written(
        path=target,
        size_bytes=size,
        annotations=out.count,
        pictures=out.pictures.num_rows,
        losses=losses,
        resumed=resumed,
    )
