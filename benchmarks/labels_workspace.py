"""Annotations by the million through a workspace: imported, exported, and the export imported.

Unlike `labels.py`, which times the formats alone, these are the commands that people type: files
become blobs, rows join what there was, every frame's head moves in the catalog. Pictures are tiny,
boxes fifty to a picture. Memory is the process's own; pages of mapped files are told beside it,
because the system takes them back. In the same run: `json.load` of the file that was imported.

    python benchmarks/labels_workspace.py [BOXES]         default 1000000
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import simplejpeg

EACH, PER_RECORDING = 50, 1000
WIDTH, HEIGHT = 160, 90
OUT_S, OUT_MIB, IN_S, IN_MIB = 60.0, 512, 180.0, 2048
"""Budgets, for a million out and five millions in."""
LOAD = "import json, sys; print(len(json.load(open(sys.argv[1]))['annotations']))"


def main() -> int:
    """Print figures; 1 where a budget is missed."""
    boxes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="ringroad-labels-") as name:
        folder = Path(name)
        _pictures(folder / "pictures", boxes // EACH)
        _coco(folder, boxes // EACH)
        cli = [sys.executable, "-m", "ringroad.cli"]
        at = ["--quiet", "--workspace", folder / "w"]
        _timed([*cli, "init", *at])
        took, *_ = _timed([*cli, "ingest", folder / "pictures", "--in-place", *at])
        print(f"{boxes // EACH:,} pictures taken in: {took:.1f} s")
        steps = {
            f"{boxes:,} boxes imported": ["import", folder / "coco.json", "--author", "a"],
            f"{boxes:,} boxes exported": ["export", "all", folder / "out.json"],
            f"{boxes:,} boxes of the export imported": ["import", folder / "out.json"],
        }
        good = True
        for what, words in steps.items():
            took, own, mapped = _timed([*cli, "labels", *words, *at])
            size, most_s, most_mib = (
                (1e6, OUT_S, OUT_MIB) if words[0] == "export" else (5e6, IN_S, IN_MIB)
            )
            met = took <= most_s and own <= most_mib
            verdict = ("met" if met else "MISSED") if boxes <= size else "no budget at this size"
            good = good and (met or boxes > size)
            print(f"{what}: {took:.1f} s, {own:.0f} MiB of its own, {mapped:.0f} MiB mapped: "
                  f"{verdict}")  # fmt: skip
        took, own, _ = _timed([sys.executable, "-c", LOAD, folder / "coco.json"])
        print(f"peer, json.load of the file that was imported: {took:.1f} s, {own:.0f} MiB")
    return int(not good)


def _pictures(folder: Path, count: int) -> None:
    """Pictures that differ, a thousand to a recording."""
    plain = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    for number in range(count):
        path = folder / _name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        plain[:8, :8] = [number & 255, number >> 8 & 255, number >> 16]
        path.write_bytes(simplejpeg.encode_jpeg(plain, quality=60))


def _name(number: int) -> str:
    drive, place = divmod(number, PER_RECORDING)
    return f"drive{drive:04d}/d{drive:04d}_{place:04d}.jpg"


def _coco(folder: Path, pictures: int) -> None:
    """A COCO file of somebody else, written as a stream."""
    rng = np.random.default_rng(1)
    with (folder / "coco.json").open("w") as file:
        file.write('{"categories":[{"id":1,"name":"car"},{"id":2,"name":"pedestrian"}],"images":[')
        for number in range(pictures):
            image = {"id": number, "file_name": _name(number), "width": WIDTH, "height": HEIGHT}
            file.write(("," if number else "") + json.dumps(image))
        file.write('],"annotations":[')
        for number in range(pictures):
            drawn = rng.integers((0, 0, 4, 4), (120, 60, 38, 28), (EACH, 4)).tolist()
            rows = [
                {"id": number * EACH + place, "image_id": number, "category_id": 1 + place % 2,
                 "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
                for place, box in enumerate(drawn)
            ]  # fmt: skip
            file.write(("," if number else "") + json.dumps(rows)[1:-1])
        file.write("]}")


def _timed(words: list[str | Path]) -> tuple[float, float, float]:
    """Seconds, and the most MiB of its own and of mapped files that the process held."""
    begun, own, mapped = time.monotonic(), 0, 0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            told = Path(f"/proc/{child.pid}/status").read_text()
            if "RssAnon:" in told:
                own = max(own, int(told.split("RssAnon:")[1].split()[0]))
                mapped = max(mapped, int(told.split("RssFile:")[1].split()[0]))
            time.sleep(0.02)
    assert child.returncode == 0, words
    return time.monotonic() - begun, own / 1024, mapped / 1024


if __name__ == "__main__":
    sys.exit(main())
