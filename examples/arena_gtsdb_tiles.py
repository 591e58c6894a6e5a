"""Cut GTSDB frames into tiles: `python examples/arena_gtsdb_tiles.py GTSDB_FOLDER TILES_FOLDER`.

The German Traffic Sign Detection Benchmark (Houben et al., IJCNN 2013) has signs of 37 pixels in
frames of 1360 x 800. The band in which 97 % of them lie, without most of the sky and the bonnet,
becomes 4 tiles a frame. They overlap, so that a sign narrower than 80 pixels lies whole in one of
them. A sign counts in every tile that shows at least `KEPT` of it, clipped to the tile. Categories
are the four of the official detection task. Tiles of one frame follow each other by name, 4 at a
time. Writes `tiles/*.jpg` and `tiles.json` (COCO).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

TILE = (400, 432)
LEFT = (0, 320, 640, 960)
TOP = (200,)
KEPT = 0.6
QUALITY = 92
CATEGORIES = ("prohibitory", "danger", "mandatory", "other")
PROHIBITORY = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16}
Box = tuple[float, float, float, float]


def category(sign: int) -> str:
    """The official category of one of the 43 signs."""
    if sign in PROHIBITORY:
        return "prohibitory"
    if sign == 11 or 18 <= sign <= 31:
        return "danger"
    return "mandatory" if 33 <= sign <= 40 else "other"


def clipped(sign: dict[str, int], left: int, top: int) -> Box | None:
    """A sign as (x, y, w, h) in a tile's pixels; None where the tile shows too little of it."""
    width, height = sign["right"] - sign["left"], sign["bottom"] - sign["top"]
    low_x, low_y = max(sign["left"] - left, 0), max(sign["top"] - top, 0)
    high_x, high_y = min(sign["right"] - left, TILE[0]), min(sign["bottom"] - top, TILE[1])
    shown = max(0, high_x - low_x) * max(0, high_y - low_y)
    if shown < KEPT * width * height:
        return None
    return low_x, low_y, high_x - low_x, high_y - low_y


def tiles(folder: Path) -> Iterator[tuple[str, Image.Image, list[tuple[str, Box]]]]:
    """Name, picture and signs of every tile."""
    truth = {
        int(number): signs for number, signs in json.loads((folder / "gt.json").read_text()).items()
    }
    for path in sorted((folder / "images").glob("*.jpg")):
        signs = truth.get(int(path.stem), [])
        with Image.open(path) as frame:
            for number, (top, left) in enumerate((t, x) for t in TOP for x in LEFT):
                shown = [(category(s["objectId"]), clipped(s, left, top)) for s in signs]
                picture = frame.crop((left, top, left + TILE[0], top + TILE[1]))
                yield f"{path.stem}_{number}.jpg", picture, [(c, b) for c, b in shown if b]


def cut(folder: Path, out: Path) -> dict[str, Any]:
    """Write the tiles; what they show, as one COCO object."""
    (out / "tiles").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for name, picture, signs in tiles(folder):
        picture.convert("RGB").save(out / "tiles" / name, quality=QUALITY)
        images.append(
            {"id": len(images) + 1, "file_name": name, "width": TILE[0], "height": TILE[1]}
        )
        for what, box in signs:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": len(images),
                    "category_id": CATEGORIES.index(what) + 1,
                    "bbox": list(box),
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": at + 1, "name": name} for at, name in enumerate(CATEGORIES)]
    return {"images": images, "annotations": annotations, "categories": categories}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target = Path(sys.argv[2])
    (target / "tiles.json").write_text(json.dumps(cut(Path(sys.argv[1]), target)))
