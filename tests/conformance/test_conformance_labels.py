"""What exports look like, byte for byte: a change of a format is seen here first.

Golden files stand in `labels/`; `python tests/conformance/test_conformance_labels.py` writes them
anew.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "label" / "formats"))

from format_marks import read, table, target_of, write

GOLDEN = Path(__file__).with_name("labels")
NAMES = ("bdd100k", "coco", "cvat-images", "cvat-video", "kitti", "label-studio", "nuscenes",
         "openlabel", "voc", "yolo", "yolo-obb", "yolo-seg")  # fmt: skip
"""Parquet and tar are left out: their bytes are those of a library's version, or mostly zeros."""


def golden(name: str) -> Path:
    return GOLDEN / f"every_shape.{name}"


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_as_it_was_written_before(name: str, tmp_path: Path) -> None:
    write(name, table(), target_of(name, tmp_path))
    assert files(tmp_path) == files(golden(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_before_is_still_read(name: str) -> None:
    found = read(name, target_of(name, golden(name)))
    assert found.problems == ()
    assert found.taken >= 1


if __name__ == "__main__":
    for each in NAMES:
        shutil.rmtree(golden(each), ignore_errors=True)
        write(each, table(), target_of(each, golden(each)))
