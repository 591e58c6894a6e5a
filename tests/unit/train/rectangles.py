"""Tiny frames with bright rectangles: red ones are cars, blue ones pedestrians."""

import numpy as np
import pyarrow as pa

from ringroad.media.annotation_rows import full
from ringroad.models.config import NetworkConfig

SIZE = 64
CONFIG = NetworkConfig(width=SIZE, height=SIZE, channels=8, blocks=1, stride=4)
COLOURS = {"car": (220, 40, 40), "pedestrian": (40, 60, 220), "light": (40, 200, 60)}


def frames_of(count, seed):
    rng = np.random.default_rng(seed)
    frames = rng.integers(60, 110, (count, SIZE, SIZE, 3)).astype(np.uint8)
    rows = []
    for number in range(count):
        for category in COLOURS:
            w, h = rng.integers(8, 20, 2)
            x, y = rng.integers(0, SIZE - w), rng.integers(0, SIZE - h)
            frames[number, y : y + h, x : x + w] = COLOURS[category]
            rows.append((f"f{number:03d}", category, x, y, w, h))
    return frames, rows


def annotations_of(rows):
    columns = list(zip(*rows, strict=True))
    count = len(rows)
    boxes = pa.table(
        {
            "annotation_id": [f"a{n}" for n in range(count)],
            "frame_id": columns[0],
            "category": columns[1],
            **{
                name: pa.array([float(v) for v in column], pa.float32())
                for name, column in zip("xywh", columns[2:], strict=True)
            },
            "light_state": ["red" if c == "light" else "" for c in columns[1]],
            "author": ["truth"] * count,
            "source": ["import"] * count,
        }
    )
    return full(boxes)
