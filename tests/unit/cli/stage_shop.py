"""A workspace with everything in it: tiny pictures, labels, a dataset version, a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from terminal import Terminal

from ringroad.media.pictures.images import encode_jpeg

RECORDINGS = ("a", "b", "c")
FRAMES = 6
WIDTH, HEIGHT = 128, 96
BOX = [32.0, 24.0, 48.0, 32.0]
SHAPE = ("--width", "64", "--height", "48", "--channels", "8")
EFFORT = ("--epochs", "60", "--batch", "2", "--learning-rate", "0.01")


@dataclass(frozen=True)
class Shop(Terminal):
    """A workspace with labels, a dataset version and a trained network."""

    coco: Path


def coco(names: list[str], *, scale: float = 1.0) -> dict[str, Any]:
    """One car per picture; the boxes as drawn on pictures of another size."""
    size = {"width": int(WIDTH * scale), "height": int(HEIGHT * scale)}
    return {
        "images": [{"id": n, "file_name": name, **size} for n, name in enumerate(names)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [side * scale for side in BOX]}
            for n in range(len(names))
        ],
        "categories": [{"id": 1, "name": "car"}],
    }


def picture_names() -> list[str]:
    return [f"{name}/{number:03d}.jpg" for name in RECORDINGS for number in range(FRAMES)]


def write_pictures(folder: Path) -> None:
    x, y, w, h = (int(side) for side in BOX)
    for seed, name in enumerate(picture_names()):
        rng = np.random.Generator(np.random.PCG64(seed))
        pixels = rng.integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
        pixels[y : y + h, x : x + w] = (230, 40, 40)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_jpeg(pixels))


def make_shop(root: Path) -> Shop:
    """Take pictures and labels in, make a version, train; some seconds of work."""
    shop = Shop(root / "workspace", root / "truth.json")
    write_pictures(root / "pictures")
    shop.coco.write_text(json.dumps(coco(picture_names())))
    shop.run("ingest", str(root / "pictures"), "--describe", "1")
    shop.run("labels", "import", str(shop.coco))
    shop.run("datasets", "create", "tiny", "--from", "all", "--test-fraction", "0.34")
    shop.run("train", "tiny", *SHAPE, *EFFORT)
    return shop
