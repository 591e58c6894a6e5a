"""An export that was killed goes on where it stood, and ends with the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from format_marks import outgoing, pictures, read, table, track

from ringroad.domain.errors import InputError, UsageError
from ringroad.label.formats.known import format_of
from ringroad.label.formats.outgoing import outgoing as outgoing_module
from ringroad.label.formats.writing import write_labels
from ringroad.label.rows import rows

FRAMES = [f"v/r/front/{number:06d}" for number in range(60)]
NAMES = ["bdd100k", "coco", "cvat-images", "cvat-video", "kitti", "label-studio", "openlabel",
         "parquet", "voc", "webdataset", "yolo"]  # fmt: skip


def many() -> pa.Table:
    marks = {frame: [track(f"{frame}/{n}", f"t{n}") for n in range(3)] for frame in FRAMES}
    return rows(marks, author="", source="human")  # type: ignore[arg-type]


def contents(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


class Killed(BaseException):
    """Stands for a signal: nothing that runs after it may matter."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("after", [1, 4])
def test_taken_up_behind_any_part(
    name: str, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing_module, "PART_PICTURES", 8)
    monkeypatch.setattr(outgoing_module.Outgoing.parts, "__kwdefaults__", {"rows": 20, "after": -1})
    format_ = format_of(name)
    write_labels(format_, out_of(name), tmp_path / "whole", key="k")
    told: list[int] = []

    def stop(done: int, of: int) -> None:
        told.append(done)
        if len(told) == after:
            raise Killed

    with pytest.raises(Killed):
        write_labels(format_, out_of(name), tmp_path / "cut", key="k", told=stop)
    assert not (tmp_path / "cut").exists()
    for path in (tmp_path / ".cut.unfinished" / "files").rglob("*"):
        if path.is_file() and path.name in {"cut", "labels-000001.tar"}:
            path.write_bytes(path.read_bytes() + b"half a record")
    made = write_labels(format_, out_of(name), tmp_path / "cut", key="k")
    assert made.resumed
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def out_of(name: str) -> outgoing_module.Outgoing:
    return outgoing(format_of(name), many(), pictures(FRAMES))


def test_other_rows_are_not_mixed_in(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        write_labels(format_of("coco"), out_of("coco"), tmp_path / "a.json", key="k", told=stop)
    made = write_labels(format_of("coco"), out_of("coco"), tmp_path / "a.json", key="other")
    assert not made.resumed
    assert len(json.loads((tmp_path / "a.json").read_text())["annotations"]) == 180


PROGRAM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_label_formats_resume as own
from ringroad.label.formats.outgoing import outgoing
from ringroad.label.formats.known import format_of
from ringroad.label.formats.writing import write_labels
outgoing.PART_PICTURES = 8
outgoing.Outgoing.parts.__kwdefaults__ = {"rows": 20, "after": -1}
def told(done, of):
    if done > 60:
        os.kill(os.getpid(), signal.SIGKILL)
write_labels(format_of(sys.argv[2]), own.out_of(sys.argv[2]), Path(sys.argv[3]), key="k", told=told)
"""


@pytest.mark.parametrize("name", ["coco", "voc"])
def test_a_process_that_was_killed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, here, name, str(tmp_path / "cut")], env={**os.environ}
    )
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "cut").exists()
    monkeypatch.setattr(outgoing_module, "PART_PICTURES", 8)
    monkeypatch.setattr(outgoing_module.Outgoing.parts, "__kwdefaults__", {"rows": 20, "after": -1})
    made = write_labels(format_of(name), out_of(name), tmp_path / "cut", key="k")
    assert made.resumed
    write_labels(format_of(name), out_of(name), tmp_path / "whole", key="k")
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("precious")
    format_ = format_of("voc")
    with pytest.raises(UsageError, match="already, and not empty"):
        write_labels(format_, outgoing(format_, table()), tmp_path / "out", key="k")
    assert (tmp_path / "out" / "mine").read_text() == "precious"
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_labels(format_, outgoing(format_, table()), tmp_path / "file" / "out", key="k")


def test_parts_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How an export was cut into parts is nothing that its reader sees, but for shards."""
    for name in ("coco", "openlabel", "cvat-video", "label-studio", "bdd100k"):
        write_labels(format_of(name), out_of(name), tmp_path / name, key="k")
    monkeypatch.setattr(outgoing_module, "PART_PICTURES", 7)
    monkeypatch.setattr(outgoing_module.Outgoing.parts, "__kwdefaults__", {"rows": 10, "after": -1})
    for name in ("coco", "openlabel", "cvat-video", "label-studio", "bdd100k"):
        write_labels(format_of(name), out_of(name), tmp_path / f"{name}-2", key="k")
        assert contents(tmp_path / name) == contents(tmp_path / f"{name}-2"), name
    assert read("coco", tmp_path / "coco", pictures(FRAMES)).taken == 180
