"""Truth for the benchmarks of label quality: CamVid and KITTI as recorded, and drawn scenes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.observed import Predicted
from ringroad.label.rows import Mark

CATEGORIES = ("car", "pedestrian", "cyclist")
LEAST_AREA = 150.0
CAMVID = {"car": "car", "pedestrian": "pedestrian", "bicyclist": "cyclist"}
KITTI = {
    "Car": "car", "Van": "car", "Truck": "car", "Tram": "car",
    "Pedestrian": "pedestrian", "Person_sitting": "pedestrian", "Cyclist": "cyclist",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Frames, what is on them, and where their pictures lie."""

    name: str
    marks: dict[FrameId, list[Mark]]
    pictures: dict[FrameId, Path]
    size: tuple[int, int]

    @property
    def things(self) -> int:
        """How many there are."""
        return sum(map(len, self.marks.values()))


def camvid(data: Path) -> Truth:
    """530 frames of three drives; boxes of 150 px and more, made from masks."""
    folder = data / "camvid"
    document = json.loads((folder / "boxes_from_masks_coco.json").read_text())
    names = {row["id"]: row["name"] for row in document["categories"]}
    frames = {row["id"]: _frame("camvid", row["file_name"]) for row in document["images"]}
    marks: dict[FrameId, list[Mark]] = {frame: [] for frame in sorted(frames.values())}
    for row in document["annotations"]:
        category = CAMVID.get(names[row["category_id"]])
        if category and row["area"] >= LEAST_AREA:
            x, y, w, h = map(float, row["bbox"])
            marks[frames[row["image_id"]]].append(Mark(category=category, x=x, y=y, w=w, h=h))
    pictures = {
        frames[row["id"]]: folder / "images" / Path(row["file_name"]).with_suffix(".jpg").name
        for row in document["images"]
    }
    return Truth(name="CamVid", marks=marks, pictures=pictures, size=(480, 360))


def kitti(data: Path) -> Truth:
    """75 frames; regions that nobody annotated (DontCare) hold nothing here."""
    folder = data / "kitti_object" / "training"
    marks: dict[FrameId, list[Mark]] = {}
    pictures = {}
    for path in sorted((folder / "label_2").glob("*.txt")):
        frame = FrameId(f"kitti/object/image_2/{path.stem}")
        pictures[frame] = folder / "image_2" / f"{path.stem}.jpeg"
        marks[frame] = []
        for line in path.read_text().splitlines():
            words = line.split()
            if words[0] in KITTI:
                x, y, right, bottom = map(float, words[4:8])
                marks[frame].append(
                    Mark(category=KITTI[words[0]], x=x, y=y, w=right - x, h=bottom - y)
                )
    return Truth(name="KITTI", marks=marks, pictures=pictures, size=(1242, 375))


def drawn(seed: int, *, frames: int = 200) -> tuple[Truth, dict[FrameId, list[Predicted]]]:
    """Scenes of drawn boxes, and a drawn network: what is known of both is known exactly.

    The network sees 85 % of things, 70 % of those below 24 px, names 90 % of them right, and
    sees half a thing per frame where nothing is.
    """
    rng = np.random.default_rng(seed)
    marks: dict[FrameId, list[Mark]] = {}
    seen: dict[FrameId, list[Predicted]] = {}
    for number in range(frames):
        frame = FrameId(f"drawn/{number // 20:03d}/camera/{number:06d}")
        marks[frame] = [_box(rng) for _ in range(int(rng.integers(0, 10)))]
        seen[frame] = [
            _noticed(mark, rng)
            for mark in marks[frame]
            if rng.random() < (0.70 if mark.w * mark.h < 24**2 else 0.85)
        ]
        for _ in range(int(rng.poisson(0.5))):
            score = float(rng.beta(2, 5))
            seen[frame].append(Predicted(mark=_box(rng), score=score))
    return Truth(name="drawn", marks=marks, pictures={}, size=(1280, 720)), seen


def _box(rng: np.random.Generator) -> Mark:
    side, shape = float(np.exp(rng.normal(3.7, 0.7))), float(2.0 ** rng.uniform(-0.7, 0.7))
    w, h = min(side * shape, 400.0), min(side / shape, 400.0)
    category = CATEGORIES[int(rng.choice(3, p=[0.6, 0.25, 0.15]))]
    x, y = float(rng.uniform(0, 1280 - w)), float(rng.uniform(0, 720 - h))
    return Mark(category=category, x=x, y=y, w=w, h=h)


def _noticed(mark: Mark, rng: np.random.Generator) -> Predicted:
    edges = rng.normal(0, 0.05, 4)
    category = mark.category if rng.random() < 0.9 else str(rng.choice(CATEGORIES))
    made = Mark(
        category=category,
        x=mark.x + edges[0] * mark.w,
        y=mark.y + edges[1] * mark.h,
        w=mark.w * float(np.exp(edges[2])),
        h=mark.h * float(np.exp(edges[3])),
    )
    return Predicted(mark=made, score=float(rng.beta(6, 3)))


def _frame(name: str, file: str) -> FrameId:
    drive, _, number = Path(file).stem.partition("_")
    return FrameId(f"{name}/{drive}/camera/{number}")
