"""Frames of real texture for `loading.py`: crops, flips and re-encodes of real road pictures.

Frame k is drawn from seed k alone, so that the same pictures give the same files. Nothing of it is
kept in the repository: name a folder elsewhere.

    python benchmarks/loading_frames.py [FOLDER [COUNT]]     RINGROAD_TEST_DATA names the pictures
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image

FOLDER = Path(tempfile.gettempdir()) / "ringroad-loading"
COUNT = 20_000
SIZE = (640, 384)
QUALITY = 80
SOURCES = (
    "gtsdb/**/*.jpg",
    "kitti_object/training/image_2/*.jpeg",
    "bdd_stills/*.jpg",
    "driveai/*",
)
LEAST_HEIGHT = 360
MOST_BOXES = 20


def main() -> int:
    """Write the frames that are not there yet."""
    if "RINGROAD_TEST_DATA" not in os.environ:
        print("no frames: RINGROAD_TEST_DATA names no folder of real pictures")
        return 0
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    print(f"{write_frames(folder, count):.1f} KB a frame in {folder}")
    return 0


def write_frames(folder: Path, count: int) -> float:
    """Write `000000.jpg` and on, and `boxes.json`; return the mean size in KB."""
    (folder / "frames").mkdir(parents=True, exist_ok=True)
    missing = [k for k in range(count) if not path_of(folder, k).exists()]
    chunks = [(folder, missing[at : at + 200]) for at in range(0, len(missing), 200)]
    if chunks:
        with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
            for _ in pool.imap_unordered(_write, chunks):
                pass
    boxes = [boxes_of(k) for k in range(count)]
    (folder / "boxes.json").write_text(json.dumps(boxes))
    return sum(path_of(folder, k).stat().st_size for k in range(count)) / count / 1000


def path_of(folder: Path, number: int) -> Path:
    """The file of one frame."""
    return folder / "frames" / f"{number:06d}.jpg"


def boxes_of(number: int) -> list[list[float]]:
    """0 to 19 boxes: x, y, w, h in pixels, category."""
    rng = np.random.Generator(np.random.PCG64([number, 1]))
    found = []
    for _ in range(int(rng.integers(MOST_BOXES))):
        w, h = rng.uniform(8, 120), rng.uniform(8, 90)
        x, y = rng.uniform(0, SIZE[0] - w), rng.uniform(0, SIZE[1] - h)
        found.append([*(round(float(value), 2) for value in (x, y, w, h)), int(rng.integers(5))])
    return found


def _write(work: tuple[Path, list[int]]) -> None:
    folder, numbers = work
    files = _pictures()
    for number in numbers:
        rng = np.random.Generator(np.random.PCG64([number, 0]))
        picture = _opened(files[int(rng.integers(len(files)))])
        data = simplejpeg.encode_jpeg(_cut(picture, rng), quality=QUALITY, colorsubsampling="420")
        path_of(folder, number).write_bytes(data)


def _cut(picture: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """A crop of the frame's shape, at least 7/10 of the largest, maybe mirrored and lit anew."""
    width, height = picture.size
    most = min(width / SIZE[0], height / SIZE[1])
    scale = most * rng.uniform(0.7, 1.0)
    w, h = scale * SIZE[0], scale * SIZE[1]
    left, top = rng.uniform(0, width - w), rng.uniform(0, height - h)
    cut = picture.resize(SIZE, Image.Resampling.BICUBIC, box=(left, top, left + w, top + h))
    pixels = np.asarray(cut).astype(np.float32) * rng.uniform(0.8, 1.15)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(np.clip(pixels, 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def _pictures() -> list[Path]:
    root = Path(os.environ["RINGROAD_TEST_DATA"])
    found = sorted(path for pattern in SOURCES for path in root.glob(pattern) if path.is_file())
    return [path for path in found if path.suffix in {".jpg", ".jpeg"} and _tall(path)]


def _tall(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.size[1] >= LEAST_HEIGHT


@lru_cache(maxsize=512)
def _opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
