"""Packs as torch sees them: tensors without copies, and PyTorch's own DataLoader."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.frames import Frames
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.pack import Pack
from ringroad.domain.errors import UnreadableSource
from ringroad.train.loading import TorchFrames, pinned, to_torch, together, torch_batches

sys.path.append(str(Path(__file__).parents[1] / "datasets" / "loader"))
import small_pack


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack.write(tmp_path_factory.mktemp("torch") / "pack", 23)


def test_batches_are_tensors_over_the_loaders_memory(pack):
    with Loader(pack, LoaderConfig(batch=8, window=0)) as loader:
        batch = next(iter(loader))
        tensors = to_torch(batch)
        assert tensors.frames.data_ptr() == batch.frames.__array_interface__["data"][0]
        assert tensors.frames.shape == (8, small_pack.HEIGHT, small_pack.WIDTH, 3)
        kept, copy = tensors.frames, tensors.frames.clone()
        del batch, tensors
        for _ in range(3):
            for _ in loader:
                pass
        assert torch.equal(kept, copy)  # a tensor keeps its memory too


def test_marks_are_padded(pack):
    with Loader(pack, LoaderConfig(batch=8, window=0)) as loader:
        tensors = next(torch_batches(loader))
    assert tensors.counts.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    for frame in range(8):
        wanted, count = small_pack.marks(frame), int(tensors.counts[frame])
        np.testing.assert_array_equal(tensors.boxes[frame, :count], wanted.boxes)
        assert tensors.states[frame, :count].tolist() == wanted.states.tolist()
        assert (tensors.categories[frame, count:] == -1).all()


def test_an_epoch_of_tensors_is_an_epoch(pack):
    with Loader(pack, LoaderConfig(batch=5)) as loader:
        rows = [row for batch in torch_batches(loader) for row in batch.rows.tolist()]
    assert sorted(rows) == list(range(23))


def test_a_dataset_of_frames_by_number(pack):
    data = TorchFrames(Frames(pack, split="test"))
    assert len(data) == 4
    sample = data[1]
    assert int(sample["number"]) == 1
    np.testing.assert_array_equal(sample["boxes"], small_pack.marks(9).boxes)
    with Loader(pack, LoaderConfig(batch=4, window=0, split="test")) as loader:
        np.testing.assert_array_equal(next(iter(loader)).frames[1], sample["frame"])


def test_several_frames_are_decoded_side_by_side(pack):
    data = TorchFrames(Frames(pack))
    samples = data.__getitems__([3, 0, 22])
    batch = together(samples)
    assert batch["frame"].data_ptr() == samples[0]["frame"].data_ptr()
    assert batch["number"].tolist() == [3, 0, 22]
    mixed = together([data[3], data[0], data[22]])
    assert torch.equal(mixed["frame"], batch["frame"])
    assert [len(boxes) for boxes in batch["boxes"]] == [3, 0, 2]


@pytest.mark.parametrize("workers", [0, 1])
def test_pytorchs_own_loader_works_over_it(pack, workers):
    data = pickle.loads(pickle.dumps(TorchFrames(Frames(pack, scale=2))))  # noqa: S301 (our own)
    loader = torch.utils.data.DataLoader(
        data,
        batch_size=4,
        collate_fn=together,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
    )
    batches = list(loader)
    assert [int(row) for batch in batches for row in batch["number"]] == list(range(23))
    assert batches[0]["frame"].shape == (4, small_pack.HEIGHT // 2, small_pack.WIDTH // 2, 3)


def test_a_damaged_frame_is_named(tmp_path):
    pack = small_pack.write(tmp_path / "pack", 3)
    path = pack.shard_path(0)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(Exception, match="car-1/drive/front/000001") as told:
        TorchFrames(Frames(pack))[1]
    assert not isinstance(told.value, UnreadableSource)  # rot is told before decoding


@pytest.mark.gpu
def test_page_locked_batches_reach_the_device_whole(pack):
    with Loader(pack, LoaderConfig(batch=8, slots=2)) as loader:
        wanted = {row: f.copy() for b in loader for row, f in zip(b.rows, b.frames, strict=True)}
    with Loader(pack, LoaderConfig(batch=8, slots=2), allocate=pinned) as loader:
        for _ in range(20):
            shown = [(batch.rows, batch.frames) for batch in torch_batches(loader, "cuda")]
            for rows, frames in shown:
                for row, frame in zip(rows.tolist(), frames.cpu().numpy(), strict=True):
                    np.testing.assert_array_equal(frame, wanted[row])
