"""Changing pictures to train on: our one pass beside Pillow's and OpenCV's two.

Frames of real texture (loading_frames.py), moved and tinted by what `Augment` draws at its
defaults. Peers in the same run get the same maps: an affine transform, bilinear, then a matrix of
colours, one thread each. OpenCV is no dependency: without it, that row is left out. Medians of the
CPU time of all rounds, and by how many levels a peer's picture differs from ours on the mean.

    python benchmarks/augmenting.py [FRAMES [ROUNDS]]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import simplejpeg
from loading_frames import SIZE, path_of, write_frames
from PIL import Image

from ringroad.datasets.loader.augment import Augment, Change, draw
from ringroad.media.pictures.warp import warp

FILL = Augment().fill
Case = Callable[[np.ndarray, Change], np.ndarray]


def ours(picture: np.ndarray, change: Change) -> np.ndarray:
    """What the loader does."""
    out = np.empty_like(picture)
    warp(picture, out, change.inverse, change.colour, FILL)
    return out


def pillow(picture: np.ndarray, change: Change) -> np.ndarray:
    """Its coordinates are continuous, as ours."""
    moved = Image.fromarray(picture).transform(
        SIZE, Image.Transform.AFFINE, change.inverse.reshape(-1).tolist(),
        resample=Image.Resampling.BILINEAR, fillcolor=(FILL, FILL, FILL),
    )  # fmt: skip
    return np.asarray(moved.convert("RGB", change.colour.reshape(-1).tolist()))


def opencv(picture: np.ndarray, change: Change) -> np.ndarray:
    """Its coordinates count pixels by their centres."""
    import cv2

    cv2.setNumThreads(1)
    inverse = change.inverse.copy()
    inverse[:, 2] += inverse[:, :2].sum(axis=1) / 2 - 0.5
    moved = cv2.warpAffine(
        picture, inverse, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(FILL, FILL, FILL),
    )  # fmt: skip
    found: np.ndarray = cv2.transform(moved, change.colour)
    return found


def main() -> int:
    """Print a row for each."""
    if "RINGROAD_TEST_DATA" not in os.environ:
        print("not measured: RINGROAD_TEST_DATA names no folder of real pictures")
        return 0
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    cases: dict[str, Case] = {"ringroad": ours, "Pillow": pillow}
    if find_spec("cv2") is None:
        print("not installed, left out: opencv-python-headless")
    else:
        cases["OpenCV"] = opencv
    with tempfile.TemporaryDirectory() as folder:
        write_frames(Path(folder), frames)
        pictures = [
            simplejpeg.decode_jpeg(path_of(Path(folder), number).read_bytes())
            for number in range(frames)
        ]
    changes = [draw(Augment(), SIZE, seed=0, epoch=0, row=row) for row in range(frames)]
    took = _measured(cases, pictures, changes, rounds)
    for name, case in cases.items():
        levels = [
            np.abs(case(picture, change).astype(int) - ours(picture, change)).mean()
            for picture, change in zip(pictures[:20], changes[:20], strict=True)
        ]
        print(
            f"{name:10} {took[name] * 1e3:6.2f} ms of CPU a frame of {SIZE[0]}x{SIZE[1]},"
            f" {took[name] / took['ringroad']:4.2f} x ours, differs by {max(levels):.2f} levels"
        )
    return 0


def _measured(
    cases: dict[str, Case], pictures: list[np.ndarray], changes: list[Change], rounds: int
) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case(pictures[0], changes[0])
    for _ in range(rounds):
        for name, case in cases.items():
            begin = time.process_time()
            for picture, change in zip(pictures, changes, strict=True):
                case(picture, change)
            took[name].append((time.process_time() - begin) / len(pictures))
    return {name: statistics.median(values) for name, values in took.items()}


if __name__ == "__main__":
    sys.exit(main())
