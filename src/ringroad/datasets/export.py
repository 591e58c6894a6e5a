"""Writes a dataset version as a folder for any trainer: COCO files and pictures, per split.

    dataset.json                what the version claims; one row per frame: split, unit, weight
    annotations/train.json      COCO, file names relative to images/
    images/train/....jpg

The same version and pictures give the same bytes, each file as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.version import header_of
from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS, PictureFile
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId, digest_of

_LONGEST_NAME = 200
_LISTED = ("frame_id", "split", "unit", "condition", "weight")


class WriteBoxes(Protocol):
    """Writes the annotations of some pictures, such as `label.formats.coco.write_coco`."""

    def __call__(
        self,
        pictures: Sequence[PictureFile],
        annotations: pa.Table,
        sink: BinaryIO,
        *,
        categories: Sequence[str],
    ) -> None:
        """Write one file."""
        ...


def export(
    version: pa.Table,
    annotations: pa.Table,
    folder: Path,
    *,
    sizes: Mapping[FrameId, tuple[int, int]],
    picture: Callable[[FrameId], bytes],
    write_boxes: WriteBoxes,
    suffix: str = ".jpg",
) -> tuple[Path, ...]:
    """Write a dataset version.

    Args:
        version: the version.
        annotations: rows of `schemas.ANNOTATIONS` of its frames.
        folder: a new or empty folder, or one that this version was exported to before.
        sizes: frame -> width and height of the pictures in pixels; boxes must be in the same.
        picture: makes the encoded bytes of one frame, JPEG or PNG.
        write_boxes: writes a COCO file.
        suffix: of the pictures.

    Returns:
        Every file, relative to the folder, in ascending order.

    Raises:
        InputError: the folder holds something else, or two frames would share a file name.
    """
    claims = _claims(version)
    _check_folder(folder, claims)
    _write(folder / "dataset.json", claims)
    written = [Path("dataset.json")]
    for split in SPLITS:
        frames = version.filter(pc.equal(version["split"], split))["frame_id"].to_pylist()
        if not frames:
            continue
        pictures = picture_files(frames, sizes, split=split, suffix=suffix)
        for file in pictures:
            _write(folder / "images" / file.name, picture(file.frame))
        boxes = Path("annotations") / f"{split}.json"
        with _whole(folder / boxes) as sink:
            write_boxes(pictures, annotations, sink, categories=header_of(version).categories)
        written += [boxes, *(Path("images") / file.name for file in pictures)]
    return tuple(sorted(written))


def picture_files(
    frames: Sequence[FrameId],
    sizes: Mapping[FrameId, tuple[int, int]],
    *,
    split: str,
    suffix: str,
) -> tuple[PictureFile, ...]:
    """A safe file name per frame: slashes of the id become `+`, which no id holds."""
    found = tuple(
        PictureFile(
            frame=frame,
            name=f"{split}/{_file_stem(frame)}{suffix}",
            width=sizes[frame][0],
            height=sizes[frame][1],
        )
        for frame in frames
    )
    if len({file.name for file in found}) != len(found):
        raise InputError("two frames would share a file name", remedy="ids must not hold '+'")
    return found


def _file_stem(frame: FrameId) -> str:
    stem = frame.replace("/", "+").replace("\0", "+")
    return stem if len(stem.encode()) <= _LONGEST_NAME else digest_of(frame.encode())


def _claims(version: pa.Table) -> bytes:
    """The header and the rows that a trainer needs to mask and to resample."""
    rows = version.select(_LISTED).to_pylist()
    return canonical_json({"dataset": asdict(header_of(version)), "frames": rows}) + b"\n"


def _check_folder(folder: Path, claims: bytes) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    before = folder / "dataset.json"
    if not before.is_file() or before.read_bytes() != claims:
        raise InputError(
            "the folder holds something else",
            subject=str(folder),
            remedy="export into a new or empty folder",
        )


def _write(path: Path, data: bytes) -> None:
    with _whole(path) as sink:
        sink.write(data)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as sink:
        yield sink
    unfinished.replace(path)
