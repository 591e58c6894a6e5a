"""Make boxes from CamVid's masks: `python examples/camvid_boxes.py CAMVID_FOLDER boxes.json`.

CamVid (Brostow et al., 2008) labels pixels, not objects. Each 8-connected part of the classes car,
pedestrian and bicyclist with at least 40 pixels becomes one box: objects that touch merge, objects
that are split count twice. The folder holds `images/*.jpg` and `masks/*.png` of equal names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

CATEGORIES = {8: "car", 9: "pedestrian", 10: "bicyclist"}
MINIMUM_PIXELS = 40


def boxes(mask: np.ndarray, value: int) -> list[tuple[list[int], int]]:
    """Boxes (x, y, w, h) and pixel counts of the parts of one class in a (h, w) mask."""
    parts, _ = ndimage.label(mask == value, structure=np.ones((3, 3)))
    found = []
    for number, place in enumerate(ndimage.find_objects(parts), start=1):
        rows, columns = place
        area = int((parts[place] == number).sum())
        if area >= MINIMUM_PIXELS:
            width, height = columns.stop - columns.start, rows.stop - rows.start
            found.append(([columns.start, rows.start, width, height], area))
    return found


def coco(folder: Path) -> dict[str, Any]:
    """All frames of the folder as one COCO object."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for mask_path in sorted((folder / "masks").glob("*.png")):
        mask = np.asarray(Image.open(mask_path))
        image = len(images) + 1
        name = f"images/{mask_path.stem}.jpg"
        images.append(
            {"id": image, "file_name": name, "width": mask.shape[1], "height": mask.shape[0]}
        )
        for category in CATEGORIES:
            annotations += [
                {
                    "id": len(annotations) + number,
                    "image_id": image,
                    "category_id": category,
                    "bbox": box,
                    "area": area,
                    "iscrowd": 0,
                }
                for number, (box, area) in enumerate(boxes(mask, category), start=1)
            ]
    categories = [{"id": number, "name": name} for number, name in CATEGORIES.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Path(sys.argv[2]).write_text(json.dumps(coco(Path(sys.argv[1]))))
