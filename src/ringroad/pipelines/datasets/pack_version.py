"""A dataset version as a packed folder for the loader: frames decoded, encoded anew, with marks.

Frames are decoded in the sandbox, slice by slice, and every picture of the pack is encoded here:
no byte of a recording gets into it, so that the loader may decode in its own process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.pack import H264, JPEG, PackHeader
from ringroad.datasets.loader.write_pack import PackWriter, Stored
from ringroad.datasets.reading import rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.annotation import LIGHT_STATES
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import LIGHT_STATE, TEST, TRAIN, VAL
from ringroad.domain.errors import InputError, MissingExtra
from ringroad.media.frames import iterate_decoded
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.pictures.jpeg_into import halved
from ringroad.media.pictures.profiles import Profile
from ringroad.media.video.encode import X264, Encoder, encoder_here
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.datasets.pack_marks import marks_by_frame
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import taken_with
from ringroad.pipelines.workspace import Workspace

VIDEO = "video"
FORMS = (JPEG, VIDEO)
GOP = 10
CRF = 18

_Row = dict[str, Any]
_Decoded = tuple[_Row, np.ndarray]
_Made = tuple[_Row, Stored]
"""A row of FRAMES with its pixels, or as it is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackOptions:
    """What a pack is made of.

    Attributes:
        size: width and height of the pictures; None for as recorded.
        half: store every picture at half size too.
        form: `jpeg`, or `video` for H.264 in groups of ten.
        quality: of JPEG.
        splits: which frames.
    """

    size: tuple[int, int] | None = None
    half: bool = False
    form: str = JPEG
    quality: int = 95
    splits: tuple[str, ...] = (TRAIN, VAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was written."""

    digest: str
    frames: int
    size: tuple[int, int]
    bytes: int


def pack_version(
    workspace: Workspace, dataset: Artifact, folder: Path, options: PackOptions
) -> Packed:
    """Write a version into a new folder, by recording, camera and time.

    Packing test rows is a look at them.

    Raises:
        InputError: no frames in these splits, frames of several sizes, or no place to write to.
        MissingExtra: the form is `video` and no encoder is installed.
        UnreadableSource, SourceMissing, SourceChanged, DigestMismatch, WorkerDied,
        WorkerTimedOut: a frame cannot be had; nothing is left behind.
    """
    version = rows_of(workspace.blobs, dataset)
    rows = version.filter(pc.is_in(version["split"], value_set=pa.array(options.splits)))
    if not rows.num_rows:
        raise InputError(
            f"has no frames in {', '.join(options.splits)}",
            subject=dataset.id,
            remedy="name others with --splits; see ringroad datasets show NAME",
        )
    if options.form == VIDEO and encoder_here() != X264:
        raise MissingExtra(
            "no encoder of H.264 is installed", remedy="use --form jpeg, or a PyAV with x264"
        )
    if TEST in options.splits:
        look(workspace, dataset, why=f"pack {folder}")
    return _Packing(workspace, dataset, rows, options).write(folder)


class _Packing:
    """One pack in the making."""

    def __init__(
        self, workspace: Workspace, dataset: Artifact, rows: pa.Table, options: PackOptions
    ) -> None:
        self.workspace = workspace
        self.options = options
        header = header_of(rows)
        frames = [table_of(workspace, item.frames) for item in taken_with(
            workspace, rows["frame_id"].to_pylist()
        )]  # fmt: skip
        self.channels = [part for table in frames for part in _channels(table, rows)]
        if not self.channels:
            raise _lost(dataset.id, rows.num_rows, rows.num_rows)
        self.size = options.size or _one_size(self.channels)
        if options.form == VIDEO and (self.size[0] % 2 or self.size[1] % 2):
            raise InputError(
                f"video of {self.size[0]}x{self.size[1]} pixels",
                subject=dataset.id,
                remedy="name even sides with --width and --height",
            )
        self.header = PackHeader(
            dataset=dataset.id,
            name=header.name,
            width=self.size[0],
            height=self.size[1],
            encoding=H264 if options.form == VIDEO else JPEG,
            half=options.half,
            categories=header.categories,
            light_states=LIGHT_STATES if LIGHT_STATE in header.tasks else (),
            tasks=header.tasks,
        )
        self.rows = {row["frame_id"]: row for row in rows.to_pylist()}
        self.marks = marks_by_frame(workspace, rows)

    def write(self, folder: Path) -> Packed:
        """Write everything, or nothing."""
        done = 0
        with PackWriter(folder, self.header) as writer:
            for camera in self.channels:
                for frame, stored in self._stored(*camera):
                    row = self.rows[frame["frame_id"]]
                    writer.add(
                        frame["frame_id"],
                        stored,
                        self._marks_of(frame),
                        split=row["split"],
                        unit=row["unit"],
                        weight=row["weight"],
                    )
                    done += 1
                    self.workspace.progress("pack frames", done, len(self.rows))
            if done != len(self.rows):
                raise _lost(self.header.dataset, len(self.rows) - done, len(self.rows))
            digest = writer.finish()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        return Packed(digest=digest, frames=done, size=self.size, bytes=size)

    def _stored(self, whole: pa.Table, wanted: pa.Table) -> Iterator[_Made]:
        decoded = self._decoded(whole, wanted)
        return self._as_video(decoded) if self.options.form == VIDEO else self._as_jpeg(decoded)

    def _decoded(self, whole: pa.Table, wanted: pa.Table) -> Iterator[_Decoded]:
        """Frames of one camera in the order of time, decoded in the sandbox."""
        listed = wanted.select(["frame_id", "sequence", "width", "height"]).to_pylist()
        of = {row["sequence"]: row for row in listed}
        for sequences, pixels in iterate_decoded(
            self.workspace.sources, self.workspace.sandbox, whole, [*of], size=self.size
        ):
            for sequence, picture in zip(sequences, pixels, strict=True):
                yield of[sequence], picture

    def _as_jpeg(self, decoded: Iterator[_Decoded]) -> Iterator[_Made]:
        quality = self.options.quality
        for frame, picture in decoded:
            half = encode_jpeg(halved(picture), quality=quality) if self.options.half else b""
            yield frame, Stored(data=encode_jpeg(picture, quality=quality), half=half)

    def _as_video(self, decoded: Iterator[_Decoded]) -> Iterator[_Made]:
        profile = Profile(
            name="pack", width=self.size[0], gop=GOP, every=1, quality=CRF,
            jpeg_quality=self.options.quality,
        )  # fmt: skip
        encoder = Encoder(X264, profile, self.size)
        waiting: deque[dict[str, Any]] = deque()
        back = 0
        for frame, picture in chain(decoded, [(None, None)]):
            if frame is not None:
                waiting.append(frame)
            for packet in encoder.finish() if picture is None else encoder.put(picture):
                back = 0 if packet.key else back + 1
                yield waiting.popleft(), Stored(data=packet.data, start=back)

    def _marks_of(self, frame: Mapping[str, Any]) -> Marks:
        """In pixels of the stored picture."""
        found = self.marks.get(frame["frame_id"], Marks())
        scale = np.array(
            [self.size[0] / frame["width"], self.size[1] / frame["height"]], np.float32
        )
        return Marks(
            boxes=found.boxes * np.tile(scale, 2),
            categories=found.categories,
            states=found.states,
            lines=[line * scale for line in found.lines],
            line_categories=found.line_categories,
        )


def _channels(frames: pa.Table, rows: pa.Table) -> Iterator[tuple[pa.Table, pa.Table]]:
    """All rows of each camera of a recording, and those that are wanted."""
    for channel in sorted(pc.unique(frames["channel"]).to_pylist()):
        whole = frames.filter(pc.equal(frames["channel"], channel))
        wanted = whole.filter(
            pc.is_in(whole["frame_id"], value_set=rows["frame_id"].combine_chunks())
        )
        if wanted.num_rows:
            yield whole, wanted.sort_by("sequence")


def _one_size(channels: Sequence[tuple[pa.Table, pa.Table]]) -> tuple[int, int]:
    sizes = {
        (row["width"], row["height"])
        for _, wanted in channels
        for row in wanted.select(["width", "height"]).to_pylist()
    }
    if len(sizes) != 1:
        told = ", ".join(f"{width}x{height}" for width, height in sorted(sizes))
        raise InputError(
            f"frames of several sizes: {told}", remedy="name one with --width and --height"
        )
    return sizes.pop()


def _lost(dataset: str, lost: int, of: int) -> InputError:
    return InputError(
        f"{lost} of {of} frames are not in the recordings that they name",
        subject=dataset,
        remedy="take the recordings in again: ringroad ingest PATH",
    )
