"""An exported folder: files for any trainer, equal bytes on repeat."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from ringroad.datasets.export import export, picture_files
from ringroad.datasets.version import build
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.label.formats.coco.format import rows_of_coco, write_coco
from ringroad.label.rows import Mark, marks_by_frame, rows
from ringroad.media.schemas import MANIFEST

FRAMES = [FrameId(f"car-1/drives/{name}/front/000001") for name in "abc"]
SIZES = dict.fromkeys(FRAMES, (32, 24))
MARKS = {
    FRAMES[0]: [Mark(category="car", x=1, y=2, w=10, h=8)],
    FRAMES[1]: [],
    FRAMES[2]: [Mark(category="light", x=3, y=3, w=4, h=9, light_state="green")],
}
ANNOTATIONS = rows(MARKS, author="consensus", source="consensus")


def a_version(name: str = "night") -> pa.Table:
    listed = [
        {
            "frame_id": frame,
            "recording_id": frame[: -len("/front/000001")],
            "unit": frame,
            "split": split,
            "condition": "night",
            "annotations": "x",
            "weight": 1.0,
        }
        for frame, split in zip(FRAMES, ("train", "train", "test"), strict=True)
    ]
    header = DatasetHeader(name=name, categories=("car", "light"))
    return build(header, pa.Table.from_pylist(listed, schema=MANIFEST))


def picture(frame: FrameId) -> bytes:
    shade = sum(frame.encode()) % 256
    sink = io.BytesIO()
    Image.fromarray(np.full((24, 32, 3), shade, dtype=np.uint8)).save(sink, "JPEG")
    return sink.getvalue()


def export_to(folder: Path, version: pa.Table) -> tuple[Path, ...]:
    return export(
        version, ANNOTATIONS, folder, sizes=SIZES, picture=picture, write_boxes=write_coco
    )


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_folder_and_its_repeat(tmp_path: Path) -> None:
    files = export_to(tmp_path / "one", a_version())
    assert [str(path) for path in files] == sorted(digests(tmp_path / "one"))
    assert "images/train/car-1+drives+a+front+000001.jpg" in digests(tmp_path / "one")
    export_to(tmp_path / "two", a_version())
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    export_to(tmp_path / "one", a_version())
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_what_was_exported_can_be_imported(tmp_path: Path) -> None:
    export_to(tmp_path, a_version())
    claims = json.loads((tmp_path / "dataset.json").read_bytes())
    assert claims["dataset"]["categories"] == ["car", "light"]
    assert [row["split"] for row in claims["frames"]] == ["train", "train", "test"]
    found: dict[FrameId, list[Mark]] = {}
    for split in ("train", "test"):
        data = (tmp_path / "annotations" / f"{split}.json").read_bytes()
        names = {i["file_name"]: FrameId(i["frame_id"]) for i in json.loads(data)["images"]}
        assert all((tmp_path / "images" / name).is_file() for name in names)
        table, problems = rows_of_coco(data, names, SIZES, {"car": "car", "light": "light"})
        assert problems == ()
        found |= marks_by_frame(table)
    assert found == MARKS


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="something else"):
        export_to(tmp_path, a_version())
    export_to(tmp_path / "new", a_version())
    with pytest.raises(InputError, match="something else"):
        export_to(tmp_path / "new", a_version("day"))


def test_file_names_cannot_leave_the_folder_or_collide() -> None:
    frames = [FrameId("../../etc/passwd/000001"), FrameId("v/" + "x" * 300 + "/front/000001")]
    files = picture_files(frames, dict.fromkeys(frames, (1, 1)), split="train", suffix=".png")
    assert all(Path(file.name).parent == Path("train") for file in files)
    assert all(len(Path(file.name).name) < 255 for file in files)
    twins = [FrameId("a/b"), FrameId("a+b")]
    with pytest.raises(InputError, match="share a file name"):
        picture_files(twins, dict.fromkeys(twins, (1, 1)), split="train", suffix=".png")
