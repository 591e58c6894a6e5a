"""From pictures and labels to a pack, to batches, to a fitted network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from terminal import Terminal

from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.pack import open_pack
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.video.encode import X264, encoder_here
from ringroad.models.config import NetworkConfig
from ringroad.train.data import TrainingData
from ringroad.train.fit import TrainConfig, fit
from ringroad.workflow.bench import SilentTracker

WIDTH, HEIGHT, FRAMES = 128, 96, 6
RECORDINGS = ("a", "b", "c")
BOX = (32.0, 24.0, 48.0, 32.0)
LANE = [[10, 96], [60, 50], [128, 20]]


def name(recording: str, number: int) -> str:
    return f"{recording}/{number:03d}.jpg"


def pixels_of(recording: str, number: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64([ord(recording), number]))
    found = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    found[:] = rng.integers(40, 200, 3)
    x, y, w, h = (int(side) for side in BOX)
    found[y : y + h, x : x + w] = (230, 40, 40)
    return found


def labels() -> list[dict[str, Any]]:
    x, y, w, h = BOX
    lane = {"vertices": LANE, "types": "LLL", "closed": False}
    return [
        {
            "name": name(recording, number),
            "labels": [
                {"category": "car", "box2d": {"x1": x, "y1": y, "x2": x + w, "y2": y + h}},
                {"category": "lane", "poly2d": [lane]},
            ],
        }
        for recording in RECORDINGS
        for number in range(FRAMES)
    ]


class Shop(Terminal):
    """A workspace with one dataset version."""

    def pack(self, folder: Path, *options: str, status: int = 0) -> dict[str, Any]:
        output = self.run(
            "datasets", "pack", "tiny", str(folder), *options, "--json", status=status
        )
        return {} if status else json.loads(output)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    root = tmp_path_factory.mktemp("shop")
    for recording in RECORDINGS:
        for number in range(FRAMES):
            path = root / "pictures" / name(recording, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_jpeg(pixels_of(recording, number), quality=95))
    (root / "labels.json").write_text(json.dumps(labels()))
    made = Shop(root / "workspace")
    made.run("ingest", str(root / "pictures"), "--describe", "1")
    made.run("labels", "import", str(root / "labels.json"), "--format", "bdd100k")
    made.run("datasets", "create", "tiny", "--from", "all", "--test-fraction", "0.34")
    return made


def test_a_version_becomes_batches(shop: Shop, tmp_path: Path):
    told = shop.pack(tmp_path / "pack", "--proxy", "half")
    pack = open_pack(tmp_path / "pack")
    assert (told["frames"], told["size"], told["digest"]) == (12, [WIDTH, HEIGHT], pack.digest)
    assert set(pack.frames["split"].to_pylist()) == {"train"}
    assert pack.header.dataset == told["dataset"]
    with Loader(pack, LoaderConfig(batch=12)) as loader:
        batch = next(iter(loader))
        for place, row in enumerate(batch.rows.tolist()):
            recording, number = pack.frame_id(row).split("/")[-3], int(pack.frame_id(row)[-6:])
            away = np.abs(batch.frames[place] - pixels_of(recording[-1], number).astype(float))
            assert away.mean() < 3
            np.testing.assert_allclose(batch.boxes_of(place), [BOX])
            np.testing.assert_allclose(batch.lines_of(place)[0], LANE)
        names = [pack.header.categories[at] for at in batch.categories.tolist()]
        assert set(names) == {"car"}
        assert {pack.header.categories[at] for at in batch.line_categories.tolist()} == {"lane"}
    assert pack.half is not None


def test_packing_again_gives_the_same_pack(shop: Shop, tmp_path: Path):
    digests = {shop.pack(tmp_path / at, "--width", "64", "--height", "48")["digest"] for at in "ab"}
    assert len(digests) == 1
    pack = open_pack(tmp_path / "a")
    np.testing.assert_allclose(pack.marks(0).boxes, [[side / 2 for side in BOX]])
    np.testing.assert_allclose(pack.marks(0).lines[0], np.array(LANE) / 2)


@pytest.mark.skipif(encoder_here() != X264, reason="no encoder of H.264 in PyAV")
def test_a_pack_of_video_shows_the_same_frames(shop: Shop, tmp_path: Path):
    shop.pack(tmp_path / "jpeg")
    shop.pack(tmp_path / "video", "--form", "video")
    frames = []
    for form in ("jpeg", "video"):
        pack = open_pack(tmp_path / form)
        with Loader(pack, LoaderConfig(batch=12, window=0)) as loader:
            frames.append(next(iter(loader)).frames.copy())
    assert np.abs(frames[0].astype(float) - frames[1]).mean() < 5
    assert (open_pack(tmp_path / "video").start != np.arange(12)).any()


def test_packing_test_rows_is_a_look(shop: Shop, tmp_path: Path):
    before = json.loads(shop.run("datasets", "looks", "tiny", "--json"))["looks"]
    shop.pack(tmp_path / "train")
    told = shop.pack(tmp_path / "all", "--splits", "train,test")
    after = json.loads(shop.run("datasets", "looks", "tiny", "--json"))["looks"]
    assert told["frames"] == 18
    assert len(after) == len(before) + 1
    assert any(str(tmp_path / "all") in look["why"] for look in after)


def test_what_cannot_be_packed_is_told(shop: Shop, tmp_path: Path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    assert "thesis.txt" in shop.run("datasets", "pack", "tiny", str(tmp_path / "full"), status=1)
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"
    told = shop.run("datasets", "pack", "tiny", str(tmp_path / "x"), "--splits", "val", status=1)
    assert "no frames in val" in told
    shop.run("datasets", "pack", "tiny", str(tmp_path / "x"), "--splits", "vale", status=2)
    shop.run("datasets", "pack", "tiny", str(tmp_path / "x"), "--width", "64", status=2)
    shop.run(
        "datasets", "pack", "tiny", str(tmp_path / "x"), "--form", "video", "--proxy", "half",
        status=2,
    )  # fmt: skip
    assert not (tmp_path / "x").exists()


def test_batches_fit_a_network(shop: Shop, tmp_path: Path):
    """The trainer takes arrays: those of the loader too."""
    shop.pack(tmp_path / "pack", "--width", "64", "--height", "48")
    pack = open_pack(tmp_path / "pack")
    with Loader(pack, LoaderConfig(batch=12, split="train")) as loader:
        batch = next(iter(loader))
        car = pack.header.categories.index("car")
        count = len(batch)
        data = TrainingData(
            frames=batch.frames,
            boxes=[batch.boxes_of(place) for place in range(count)],
            categories=[np.zeros(1, np.int64)] * count,
            states=[np.full(1, -1)] * count,
            annotated=np.ones((count, 1), np.float32),
            states_annotated=np.zeros(count, np.float32),
            weights=batch.weights,
        )
        assert (batch.categories == car).all()
        network = NetworkConfig(width=64, height=48, channels=8, stride=8, categories=("car",))
        config = TrainConfig(epochs=6, batch=4, learning_rate=0.01)
        result = fit(network, config, data, seed=0, tracker=SilentTracker())
    assert result.curve[-1]["loss"] < 0.8 * result.curve[0]["loss"]
