"""The embedding: repeatable, of unit length, alike for alike pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from ringroad.curate.embed import SIZE, embed
from ringroad.curate.query import more_like
from ringroad.media.schemas import embeddings


def noise(count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.integers(0, 256, size=(count, 48, 80, 3), dtype=np.uint8)


def test_shape_length_and_repeat() -> None:
    vectors = embed(noise(5))
    assert vectors.shape == (5, SIZE)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert embed(noise(5)).tobytes() == vectors.tobytes()


def test_a_frame_does_not_depend_on_its_batch() -> None:
    pictures = noise(7)
    alone = np.concatenate([embed(picture[None]) for picture in pictures])
    assert alone.tobytes() == embed(pictures).tobytes()


def test_no_frames_and_plain_frames() -> None:
    assert embed(noise(0)).shape == (0, SIZE)
    assert np.isfinite(embed(np.zeros((1, 48, 80, 3), dtype=np.uint8))).all()
    with pytest.raises(ValueError, match="at least 8 by 8"):
        embed(np.zeros((1, 4, 80, 3), dtype=np.uint8))


def test_size_matters_little() -> None:
    street = np.full((96, 160, 3), 60, dtype=np.uint8)
    street[:40] = (150, 180, 220)
    street[50:80, 30:60] = (200, 30, 30)
    street[20:60, 100:130] = 110
    half = np.asarray(Image.fromarray(street).resize((80, 48), Image.Resampling.BOX))
    mirrored = embed(street[None, :, ::-1])[0]
    assert float(embed(half[None])[0] @ embed(street[None])[0]) > 0.95
    assert float(mirrored @ embed(street[None])[0]) < 0.9


def test_recorded_neighbours_are_alike(test_data: Path) -> None:
    """The nearest other frame is of the same drive far more often than by chance (41 %)."""
    paths = sorted((test_data / "camvid" / "images").glob("*.jpg"))[::6]
    pictures = []
    for path in paths:
        with Image.open(path) as picture:
            pictures.append(np.asarray(picture.convert("RGB").resize((160, 96))))
    vectors = embed(np.stack(pictures))
    names = [path.stem for path in paths]
    table = pa.table(
        {"frame_id": names, "vector": list(vectors)},
        schema=embeddings(SIZE),
    )
    nearest = [more_like(table, name, limit=1)["frame_id"][0].as_py() for name in names]
    same = [name[:6] == other[:6] for name, other in zip(names, nearest, strict=True)]
    assert np.mean(same) > 0.9
