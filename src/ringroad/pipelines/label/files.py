"""Files of labels as steps: read in any format, joined with what there was, made current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import IMPORT
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import Revision
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Given
from ringroad.label.formats.known import format_of
from ringroad.label.formats.pictures import Pictures
from ringroad.label.formats.reading import read_into
from ringroad.label.formats.returning.rejoin import rejoin
from ringroad.media import arrow
from ringroad.media.annotation_rows import full
from ringroad.media.schemas import ANNOTATIONS
from ringroad.pipelines.label.sources import pictures_of
from ringroad.plugins import LABEL_FORMATS
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

BUNDLE = "label-bundle"
"""Kind of an artifact that is many label files in one."""
FILE = "labels"
FORMAT_ROOTS = tuple(sorted({at.partition(":")[0] for at in LABEL_FORMATS.entries.values()}))
_SANDBOX_S = 120.0
_SLOWEST = 500_000.0
"""Bytes per second that the sandbox is given for."""
_ROWS_AT_ONCE = 50_000


@step(uses=("numpy", "pyarrow", "xxhash"), also=FORMAT_ROOTS)
def read_labels(
    bench: Bench,
    *,
    labels: Artifact,
    sources: Sequence[Artifact],
    frames: Sequence[Artifact],
    sweeps: Sequence[Artifact],
    name: str,
    format: str,
    categories: dict[str, str],
    author: str,
    guideline: str,
    channel: str,
) -> dict[str, Artifact]:
    """Read annotations for frames by frame id, path, exported or base name, at any size.

    Formats that native code parses are read in the sandbox. The standard library's JSON runs
    here: it is bounded by the limits of `json_stream`, and tells how far it is. The rows are
    nobody's current annotations until `move_heads` says so.
    """
    path = bench.path(labels)
    if path is None:
        path = bench.scratch / "labels"
        path.write_bytes(bench.read(labels))
    pictures = bench.scratch / "pictures.arrow"
    pictures.write_bytes(arrow.to_bytes(pictures_of(bench.blobs, sources, frames, sweeps)))
    to = bench.scratch / "rows.arrow"
    how = {"categories": categories, "author": author, "guideline": guideline, "channel": channel}
    bundled = labels.kind == BUNDLE
    if format_of(format).native:
        limit_s = _SANDBOX_S + labels.size_bytes / _SLOWEST
        said = bench.sandbox.call(
            read_file, str(path), name, bundled, format, str(pictures), str(to), how,
            timeout_s=limit_s,
        )  # fmt: skip
    else:
        said = read_file(
            str(path), name, bundled, format, str(pictures), str(to), how,
            told=lambda done: bench.tracker.progress("annotations read", done, 0),
        )  # fmt: skip
    return {
        "annotations": bench.write("annotations", to, arrow.ARROW_FILE),
        "problems": bench.write_json("problems", said["problems"]),
        "losses": bench.write_json("losses", said["losses"]),
    }


def read_file(
    path: str,
    name: str,
    bundled: bool,
    format_: str,
    pictures: str,
    to: str,
    how: dict[str, Any],
    told: Any = lambda _: None,
) -> dict[str, Any]:
    """Read one file or bundle into an Arrow file; problems and losses as plain values."""
    at = Path(path)
    files = (
        LabelFiles.bundled(at, name)
        if bundled
        else LabelFiles(name, {name: (at, 0, at.stat().st_size)})
    )
    known = Pictures(arrow.from_bytes(Path(pictures).read_bytes()))
    read = read_into(format_of(format_), files, known, Path(to), Given(**how), told=told)
    return {
        "problems": [asdict(item) for item in read.problems],
        "losses": [{**asdict(item), "examples": list(item.examples)} for item in read.losses],
    }


@step(uses=("numpy", "pyarrow"), also=FORMAT_ROOTS)
def rejoin_labels(
    bench: Bench, *, came: Artifact, heads: Artifact, before: Sequence[Artifact], format: str
) -> dict[str, Artifact]:
    """Join rows that came in with the current ones: what did not change stays as it was."""
    rows = full(_mapped(bench, came))
    frames = pc.unique(rows["frame_id"]).sort()
    new, old = _InOrder(rows, frames), _current(bench, bench.read_json(heads), before, frames)
    to = bench.scratch / "rejoined.arrow"
    changed: list[str] = []
    kept, begin = 0, 0
    with to.open("wb") as sink, pa.ipc.new_file(sink, ANNOTATIONS) as writer:
        while begin < len(frames):
            end = new.enough(begin, _ROWS_AT_ONCE)
            found = rejoin(new.of(begin, end), old.of(begin, end), format_of(format).holds)
            writer.write_table(found.rows)
            changed += found.changed
            kept += found.kept
            begin = end
            bench.tracker.progress("frames compared", begin, len(frames))
    return {
        "annotations": bench.write("annotations", to, arrow.ARROW_FILE),
        "changed": bench.write_json("changed", {"frames": changed, "kept": kept}),
    }


@step(uses=("pyarrow",))
def move_heads(
    bench: Bench,
    *,
    annotations: Artifact,
    revisions: dict[str, int],
    author: str = "",
    guideline: str = "",
) -> Artifact:
    """Make a batch the current annotations of frames, each after the revision that it had."""
    for frame, before in sorted(revisions.items()):
        bench.record(
            Revision(
                frame=FrameId(frame),
                number=before + 1,
                batch=annotations.id,
                author=author,
                source=IMPORT,
                guideline=guideline,
            )
        )
    return bench.write_json("heads", {"batch": annotations.id, "revisions": revisions})


def _mapped(bench: Bench, artifact: Artifact) -> pa.Table:
    """Rows where they lie, where the store has a file of them."""
    path = bench.path(artifact)
    if path is None:
        return bench.read_table(artifact)
    return arrow.mapped(path)


def _current(
    bench: Bench, batch_of: dict[str, str], before: Sequence[Artifact], frames: pa.Array
) -> _InOrder:
    """The current rows of frames, out of the batches that hold them."""
    parts, wanted = [ANNOTATIONS.empty_table()], [np.zeros(0, bool)]
    for batch in before:
        mine = pa.array([f for f, at in batch_of.items() if at == batch.digest], pa.string())
        rows = full(_mapped(bench, batch))
        parts.append(rows)
        wanted.append(np.asarray(pc.is_in(rows["frame_id"], value_set=mine), bool))
    return _InOrder(pa.concat_tables(parts), frames, np.concatenate(wanted))


class _InOrder:
    """Rows by frame, wherever they lie: nothing is copied but what is asked for.

    Rows of one frame stay in their order.
    """

    def __init__(
        self, rows: pa.Table, frames: pa.Array, wanted: np.ndarray[Any, Any] | None = None
    ) -> None:
        codes = pc.fill_null(pc.index_in(rows["frame_id"], value_set=frames), -1).to_numpy()
        if wanted is not None:
            codes = np.where(wanted, codes, -1)
        order = np.argsort(codes, kind="stable")
        self._rows = rows
        self._order = order[np.count_nonzero(codes < 0) :]
        held = np.bincount(codes[self._order], minlength=len(frames))
        self._ends = np.concatenate([[0], np.cumsum(held)])

    def enough(self, begin: int, count: int) -> int:
        """The frame behind those that hold as many rows; at least one is passed."""
        found = int(np.searchsorted(self._ends, self._ends[begin] + count))
        return min(max(found, begin + 1), len(self._ends) - 1)

    def of(self, begin: int, end: int) -> pa.Table:
        """Rows of some frames that follow one another.

        Arrow joins all pieces of a table that it takes rows from, so each stretch of neighbours is
        taken by itself: a frame that was edited lies in a batch far behind the others.
        """
        places = self._order[self._ends[begin] : self._ends[end]]
        rank = np.argsort(places)
        lying = places[rank]
        far = np.flatnonzero(np.diff(lying) > _ROWS_AT_ONCE) + 1
        parts = [self._rows.slice(0, 0)]
        for near in np.split(lying, far) if len(lying) else ():
            stretch = self._rows.slice(near[0], near[-1] + 1 - near[0])
            parts.append(stretch.take(pa.array(near - near[0])))
        return pa.concat_tables(parts).take(pa.array(np.argsort(rank)))
