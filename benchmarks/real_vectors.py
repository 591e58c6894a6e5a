"""Vectors with the distribution of real embeddings, as many as a benchmark asks for.

Every real frame of the test data goes through the ShuffleNetV2 embedder of the test data, whole
and its middle: 576 numbers a frame, turned onto their 512 main axes. A drawn vector is a real
one, moved by random shares of the way to four of its twenty nearest neighbours and by a little
noise in all directions: what is drawn lies near the real frames, in as many directions as
these differ, and as densely as frames of a fleet do.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

DIMENSIONS = 512
FOLDERS = (
    "camvid/images", "gtsdb/images", "kitti_object/training/image_2", "bdd_stills",
    "radiate_tiny_foggy/zed_left", "driveai",
)  # fmt: skip
NEIGHBOURS = 20
MOVES = 4
SHARE = 0.4
"""Standard deviation of the share of the way to a neighbour."""
NOISE = 0.3
"""Of the median distance to the nearest neighbour."""
_ROWS_AT_ONCE = 50_000


def draw(
    count: int, *, dimensions: int = DIMENSIONS, seed: int = 0, folder: Path | None = None
) -> np.ndarray:
    """(n, d) float32 of unit length.

    With a folder they are written into it and memory-mapped, and found again next time. Of
    fewer dimensions than 512 the main axes are kept. Needs RINGROAD_TEST_DATA.
    """
    if folder is None:
        drawn = np.empty((count, dimensions), dtype=np.float32)
        _fill(drawn, seed)
        return drawn
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"real-{count}-{dimensions}-{seed}.npy"
    if not path.exists():
        partial = path.with_suffix(".partial")
        mapped = np.lib.format.open_memmap(
            partial, mode="w+", dtype=np.float32, shape=(count, dimensions)
        )
        _fill(mapped, seed)
        mapped.flush()
        partial.rename(path)
    found: np.ndarray = np.load(path, mmap_mode="r")
    return found


@cache
def real() -> np.ndarray:
    """(frames, 512) float32 of unit length: the embeddings of all real frames."""
    data = Path(os.environ["RINGROAD_TEST_DATA"])
    kept = Path(tempfile.gettempdir()) / "ringroad-real-embeddings.npy"
    if kept.exists():
        raw = np.load(kept)
    else:
        raw = _embedded(data)
        np.save(kept, raw)
    middle = raw.mean(axis=0)
    _, _, axes = np.linalg.svd(raw - middle, full_matrices=False)
    turned = raw @ axes[:DIMENSIONS].T
    unit: np.ndarray = (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _fill(into: np.ndarray, seed: int) -> None:
    """Each block from a seed of its own: the first rows are equal whatever their number."""
    points, near, noise = _base(into.shape[1])
    for at, start in enumerate(range(0, len(into), _ROWS_AT_ONCE)):
        generator = np.random.Generator(np.random.PCG64([seed, at]))
        count = min(_ROWS_AT_ONCE, len(into) - start)
        chosen = generator.integers(0, len(points), count)
        drawn = points[chosen]
        for _ in range(MOVES):
            other = near[chosen, generator.integers(0, NEIGHBOURS, count)]
            share = SHARE * generator.standard_normal((count, 1), dtype=np.float32)
            drawn = drawn + share * (points[other] - points[chosen])
        drawn += noise * generator.standard_normal(drawn.shape, dtype=np.float32)
        into[start : start + count] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@cache
def _base(dimensions: int) -> tuple[np.ndarray, np.ndarray, np.float32]:
    """Real points, their nearest others, and how much noise each number gets."""
    points = real()[:, :dimensions]
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    apart = 2 - 2 * (points @ points.T)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :NEIGHBOURS]
    gap = np.median(np.sqrt(np.maximum(apart.min(axis=1), 0)))
    return points, near, np.float32(NOISE * gap / np.sqrt(dimensions))


def _embedded(data: Path) -> np.ndarray:
    """(frames, 576) float32: the whole frame and its middle, one after the other."""
    session = onnxruntime.InferenceSession(data / "models" / "shufflenetv2_x0.5_embed288.onnx")
    rows = []
    for path in (path for name in FOLDERS for path in sorted((data / name).iterdir())):
        with Image.open(path) as picture:
            whole = picture.convert("RGB")
        width, height = whole.size
        middle = whole.crop((width // 4, height // 4, 3 * width // 4, 3 * height // 4))
        rows.append(np.concatenate([_embed(session, part) for part in (whole, middle)]))
    return np.stack(rows)


def _embed(session: onnxruntime.InferenceSession, picture: Image.Image) -> np.ndarray:
    pixels = np.asarray(picture.resize((224, 224)), dtype=np.float32) / 255
    found: np.ndarray = session.run(None, {"image": pixels.transpose(2, 0, 1)[None]})[0][0]
    return found / np.linalg.norm(found)
