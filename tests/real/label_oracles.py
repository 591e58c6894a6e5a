"""Reads label files with datumaro or globox, and prints their boxes. Run by another Python.

python label_oracles.py READER FORMAT PATH [PICTURES]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    reader, format_, path = sys.argv[1:4]
    pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    found = globox(format_, Path(path), pictures) if reader == "globox" else datumaro(format_, path)
    print(json.dumps(sorted(found)))


def datumaro(format_: str, path: str) -> list[list[object]]:
    from datumaro.components.dataset import Dataset

    dataset = Dataset.import_from(path, format_)
    names = [item.name for item in dataset.categories()[next(iter(dataset.categories()))].items]
    return [
        [Path(item.id).stem, names[one.label], *(round(value, 3) for value in one.get_bbox())]
        for item in dataset
        for one in item.annotations
        if type(one).__name__ == "Bbox" and not one.attributes.get("outside")
    ]


def globox(format_: str, path: Path, pictures: Path | None) -> list[list[object]]:
    from globox import AnnotationSet

    readers = {
        "coco": lambda: AnnotationSet.from_coco(path),
        "voc": lambda: AnnotationSet.from_pascal_voc(path),
        "cvat": lambda: AnnotationSet.from_cvat(path),
        "yolo": lambda: AnnotationSet.from_yolo_v5(path, image_folder=pictures),
    }
    return [
        [Path(item.image_id).stem, str(box.label), *(round(v, 3) for v in box.ltwh)]
        for item in readers[format_]()
        for box in item.boxes
    ]


if __name__ == "__main__":
    main()
