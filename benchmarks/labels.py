"""Annotations by the million: out to COCO and in again, killed and taken up, against others.

Boxes are drawn by a seed, ten to a frame, with ids, attributes and four categories. Exports and
imports run in a process of their own each, whose peak memory is its own. Beside them, in this
run: `json.dump` of the same document (what a script would do), and pycocotools reading it.
Other formats write and read a tenth of a million, per row in Python.

    python benchmarks/labels.py [OUT [IN]]         default 1000000 5000000
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Given
from ringroad.label.formats.known import format_of
from ringroad.label.formats.outgoing.outgoing import Outgoing
from ringroad.label.formats.pictures import PICTURES, Pictures
from ringroad.label.formats.reading import read_into
from ringroad.label.formats.writing import write_labels
from ringroad.media.annotation_rows import full
from ringroad.plugins import LABEL_FORMATS

PER_FRAME = 10
OUT_S, OUT_MIB, IN_S, IN_MIB = 60.0, 512, 180.0, 2048
FEW = 100_000
CATEGORIES = ("car", "pedestrian", "cyclist", "sign")


def main() -> int:
    """Print figures; 1 where a budget is missed."""
    if len(sys.argv) > 2 and sys.argv[1].isalpha():
        return _worker(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    numbers = [int(text) for text in sys.argv[1:]]
    out, in_ = [*numbers, *(1_000_000, 5_000_000)[len(numbers) :]][:2]
    load = os.getloadavg()[0]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {load:.1f}")
    with tempfile.TemporaryDirectory(prefix="ringroad-labels-") as name:
        folder = Path(name)
        good = _out(folder, out)
        good = _in(folder, in_) and good
        _others(folder)
    return 0 if good else 1


def _out(folder: Path, count: int) -> bool:
    _run("make", folder, str(count))
    wall, cpu, peak, _ = _run("write", folder, "coco", "out.json")
    size = (folder / "out.json").stat().st_size
    killed = _killed(folder, "write", "coco", "again.json")
    _, _, _, said = _run("write", folder, "coco", "again.json")
    same = _digest(folder / "out.json") == _digest(folder / "again.json")
    print(
        f"{count:,} boxes out as COCO: {wall:.1f} s, {cpu:.1f} CPU-s, {peak} MiB, "
        f"{size / 1e6:.0f} MB (budget {OUT_S:.0f} s, {OUT_MIB} MiB)\n"
        f"  killed after {killed:.1f} s and taken up ({said}): "
        f"{'the same bytes' if same else 'OTHER BYTES'}"
    )
    wall_peer, cpu_peer, peak_peer, _ = _run("dump", folder)
    print(f"  peer, json.dump of a list: {wall_peer:.1f} s, {cpu_peer:.1f} CPU-s, {peak_peer} MiB")
    wall_peer, cpu_peer, peak_peer, _ = _run("pycocotools", folder)
    print(f"  peer, pycocotools reads it: {wall_peer:.1f} s, {cpu_peer:.1f} CPU-s, {peak_peer} MiB")
    wall_in, cpu_in, peak_in, _ = _run("read", folder, "coco", "out.json", "rows.arrow")
    print(f"  and in again: {wall_in:.1f} s, {cpu_in:.1f} CPU-s, {peak_in} MiB")
    return same and wall <= OUT_S and peak <= OUT_MIB


def _in(folder: Path, count: int) -> bool:
    _run("make", folder, str(count))
    _run("write", folder, "coco", "large.json")
    wall, cpu, peak, said = _run("read", folder, "coco", "large.json", "first.arrow")
    _killed(folder, "read", "coco", "large.json", "second.arrow")
    _run("read", folder, "coco", "large.json", "second.arrow")
    same = _digest(folder / "first.arrow") == _digest(folder / "second.arrow")
    print(
        f"{count:,} boxes in from COCO: {wall:.1f} s, {cpu:.1f} CPU-s, {peak} MiB, {said}"
        f" (budget {IN_S:.0f} s, {IN_MIB} MiB)\n"
        f"  killed and begun again: {'the same bytes' if same else 'OTHER BYTES'}"
    )
    for name in ("large.json", "first.arrow", "second.arrow"):
        (folder / name).unlink()
    return same and wall <= IN_S and peak <= IN_MIB


def _others(folder: Path) -> None:
    _run("make", folder, str(FEW))
    print(f"{FEW:,} boxes, CPU-s out and in, MiB:")
    for name in LABEL_FORMATS.names():
        if format_of(name).writer is None or name == "nuscenes":  # which holds no boxes
            continue
        target = f"few-{name}"
        _, out, peak_out, _ = _run("write", folder, name, target)
        _, in_, peak_in, _ = _run("read", folder, name, target, "few.arrow")
        print(f"  {name:13} {out:6.1f} {in_:6.1f}   {peak_out:4} {peak_in:4}")
        shutil.rmtree(folder / target) if (folder / target).is_dir() else (folder / target).unlink()


def _run(*words: str | Path) -> tuple[float, float, int, str]:
    """Wall seconds, CPU seconds, peak MiB, and what it said."""
    made = subprocess.run(
        [sys.executable, __file__, *map(str, words)], capture_output=True, text=True, check=True
    )
    wall, cpu, peak, said = made.stdout.strip().split(maxsplit=3)
    return float(wall), float(cpu), int(peak), said


def _killed(folder: Path, *words: str) -> float:
    """Start it, and kill it once it has done some of its work."""
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, __file__, words[0], str(folder), *words[1:]])
    mark = folder / f".{words[-1]}.unfinished" / "progress.json"
    while child.poll() is None and not mark.exists() and not _begun(folder / words[-1]):
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    return time.monotonic() - began


def _begun(path: Path) -> bool:
    return path.suffix == ".arrow" and path.exists() and path.stat().st_size > 1 << 20


def _worker(what: str, folder: Path, *words: str) -> int:
    began, cpu = time.monotonic(), time.process_time()
    said = WORK[what](folder, *words)
    peak = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    )
    wall, used = time.monotonic() - began, time.process_time() - cpu
    print(wall, used, int(peak.split()[1]) >> 10, said)
    return 0


def _make(folder: Path, text: str) -> str:
    count = int(text)
    rng = np.random.Generator(np.random.PCG64(0))
    number = np.arange(count) // PER_FRAME
    frames = pa.array([_frame(n) for n in range(count // PER_FRAME)])
    ids = [f"{_frame(n)}/ann/{row % PER_FRAME:04d}" for row, n in enumerate(number.tolist())]
    columns = {
        "annotation_id": ids,
        "frame_id": frames.take(pa.array(number)),
        "category": np.array(CATEGORIES)[rng.integers(0, 4, count)],
        **{name: rng.uniform(4, most, count).astype(np.float32)
           for name, most in (("x", 1800), ("y", 1100), ("w", 100), ("h", 90))},
        "author": ["ann"] * count,
        "source": ["human"] * count,
        "attributes": np.array(["", '{"occluded":"true"}'])[rng.integers(0, 2, count)],
    }  # fmt: skip
    rows = full(pa.table(columns))
    with (
        pa.OSFile(str(folder / "made.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, rows.schema) as w,
    ):
        w.write_table(rows, max_chunksize=65_536)
    return str(count)


def _frame(number: int) -> str:
    return f"car/drive-{number // 5000:03d}/front/{number % 5000:06d}"


def _rows(folder: Path) -> tuple[pa.Table, pa.Table]:
    with pa.ipc.open_file(pa.memory_map(str(folder / "made.arrow"))) as reader:
        rows = reader.read_all()
    count = rows.num_rows // PER_FRAME
    names = [f"images/{number:07d}.jpg" for number in range(count)]
    columns = [[_frame(n) for n in range(count)], names, [1920] * count, [1200] * count]
    return rows, pa.table(columns, schema=PICTURES)


def _write(folder: Path, name: str, target: str) -> str:
    format_ = format_of(name)
    rows, pictures = _rows(folder)
    out = Outgoing(pictures, rows, categories=CATEGORIES, holds=format_.holds, order=format_.order)
    made = write_labels(format_, out, folder / target, key="benchmark")
    return "resumed" if made.resumed else "whole"


def _read(folder: Path, name: str, source: str, to: str) -> str:
    pictures = Pictures(_rows(folder)[1])
    files = LabelFiles.of(folder / source)
    read = read_into(
        format_of(name), files, pictures, folder / to, Given(categories={}, author="b")
    )
    assert not read.problems, read.problems[:3]
    return f"{read.taken:,} taken"


def _dump(folder: Path) -> str:
    rows, pictures = _rows(folder)
    images = {frame: n for n, frame in enumerate(pictures["frame_id"].to_pylist(), start=1)}
    listed = [
        {"id": n, "image_id": images[row["frame_id"]], "category_id": 1,
         "bbox": [row["x"], row["y"], row["w"], row["h"]], "area": row["w"] * row["h"],
         "iscrowd": 0, "attributes": {"annotation_id": row["annotation_id"]}}
        for n, row in enumerate(rows.to_pylist(), start=1)
    ]  # fmt: skip
    with (folder / "dump.json").open("w") as sink:
        json.dump({"images": list(images), "annotations": listed}, sink)
    return "done"


def _pycocotools(folder: Path) -> str:
    from pycocotools.coco import COCO

    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (it prints)
    index = COCO(str(folder / "out.json"))
    sys.stdout = sys.__stdout__
    return f"{len(index.anns)} read"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


WORK = {"make": _make, "write": _write, "read": _read, "dump": _dump, "pycocotools": _pycocotools}

if __name__ == "__main__":
    sys.exit(main())
